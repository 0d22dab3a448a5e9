"""The benchmarks' own arithmetic, and that their subjects train at all; no time is asserted here."""

import dataclasses
import math

import numpy as np
import pytest

from benchmarks import proofs, replication, rounds, rules, throughput
from benchmarks.cases import MFLOP_PER_STEP, Case
from benchmarks.rounds import Timing
from benchmarks.worker import SUBJECTS
from derivations import derive
from experiments.exercise.preset import preset
from wd_jax.data import load
from wd_jax.stats.verdict import Verdict

TINY = Case(hidden=3, m=4, cells=2, n=8)


@pytest.mark.numeric
def test_work_is_counted_as_the_issue_counts_it() -> None:
    case = Case(hidden=30, m=10, cells=64, n=50_000)
    assert case.steps == 5000
    assert case.gigaflop == pytest.approx(MFLOP_PER_STEP * 5000 * 64 / 1e3, rel=1e-12)  # one product of three numbers
    assert dataclasses.replace(case, hidden=60, m=20, n=100_000).gigaflop == pytest.approx(4 * case.gigaflop, rel=1e-12)


@pytest.mark.numeric
@pytest.mark.parametrize("case", [Case(), Case(cells=1), Case(hidden=300, m=128, cells=1024)])
def test_a_repeat_is_about_as_much_work_as_asked(case) -> None:
    sized = case.sized(20.0)
    assert sized.n % sized.m == 0
    once = dataclasses.replace(sized, epochs=1).gigaflop
    assert abs(sized.gigaflop - 20.0) <= 4.5 * once or sized.epochs == 1
    assert sized.epochs < 8 or sized.epochs % 8 == 0


@pytest.mark.numeric
def test_batches_hold_every_example_once() -> None:
    batches = Case(n=30, m=10).batches()
    assert sorted(batches.ravel()) == list(range(30))


@pytest.mark.slow
@pytest.mark.numeric
@pytest.mark.parametrize("subject", ["engine", "numpy_loop", "jax_vmap"])
def test_subjects_run_in_a_process_of_their_own(subject) -> None:
    case = TINY if subject != "numpy_loop" else dataclasses.replace(TINY, cells=1)
    (timing,) = rounds.times([(subject, case)], repeats=2)
    assert timing.error is None
    assert len(timing.seconds) == 2
    assert all(second > 0 for second in timing.seconds)


@pytest.mark.numeric
def test_a_subject_that_fails_says_why_and_the_others_go_on() -> None:
    broken, whole = rounds.times(
        [("numpy_loop", dataclasses.replace(TINY, cells=0)), ("numpy_loop", dataclasses.replace(TINY, cells=1))], 1
    )
    assert broken.error is not None
    assert "IndexError" in broken.error
    assert math.isnan(broken.median)
    assert whole.error is None


@pytest.mark.numeric
def test_medians_and_ratios_of_the_table() -> None:
    rows = [
        throughput._row(subject, case, Timing(seconds), 100.0) | {"name": name}
        for name, subject, case, seconds in (
            (f"{throughput.SHAPES[0][0]}, auto", "engine", Case(), [1.0, 9.0, 2.0]),
            (throughput.NAMES["jax_vmap"], "jax_vmap", Case(cells=8), [2.0]),
            (throughput.NAMES["jax_vmap"], "jax_vmap", Case(cells=4), [0.5]),
        )
    ]
    text = throughput.table(rows)
    best = np.array([case.members * case.steps / s for case, s in ((Case(cells=8), 2.0), (Case(cells=4), 0.5))]).max()
    ratio = Case().members * Case().steps / 2.0 / best
    assert f"| {ratio:.2f} |" in text
    assert text.count("plain jax.vmap") == 1


@pytest.mark.numeric
def test_every_subject_can_be_found() -> None:
    assert set(throughput.REPEAT_GIGAFLOP) <= set(SUBJECTS)


@pytest.mark.symbolic
def test_proofs_are_counted_with_their_corruptions() -> None:
    row = proofs.measure("tail_off")
    assert row.steps == len(derive("tail_off").steps) and row.corrupted_steps > 20 * row.steps
    assert row.corrupted_formulas > 0 and row.check > 0 and row.refute > 0


@pytest.mark.slow
@pytest.mark.numeric
def test_fresh_groups_are_whole_runs_of_seeds_of_their_own(tmp_path) -> None:
    """Two groups in one sweep give the verdicts of each alone; what is stored is not run again."""
    data = load("digits")
    setting = preset("digits", "quick", hidden=4, batch_size=100, factor_seeds=3, epochs_of_book=3)
    name = "claim_2_epoch_decay"
    both = list(replication.groups(name, setting, data, 70, 2, tmp_path / "both", 2))
    (second,) = replication.groups(name, setting, data, 73, 1, tmp_path / "second", 1)
    assert [one.verdict for one in both[1]] == [one.verdict for one in second]
    assert both[1][2].measured == pytest.approx(second[2].measured, rel=1e-12)
    assert both[0][2].measured != pytest.approx(second[2].measured, rel=1e-6)
    (block,) = (tmp_path / "both").iterdir()
    again = next(replication.groups(name, setting, data, 70, 2, tmp_path / "both", 2))
    assert [one.measured for one in again] == [one.measured for one in both[0]]
    assert block.name == f"{name}-70-3x2"


@pytest.mark.numeric
def test_the_table_counts_the_groups_with_the_published_word() -> None:
    published = Verdict(
        2, "prediction", "factor", "layer 1", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds", again=0.914
    )
    row = replication.Row(published, ("holds", "holds", "undecided", "holds"))
    assert row.same == 0.75 and "| holds | 75% | 1 undecided | 91 % |" in replication.table([row])


@pytest.mark.slow
@pytest.mark.numeric
@pytest.mark.parametrize("rule", ["adamw", "muon"])
def test_a_rule_and_its_peer_train_in_a_process_of_their_own(rule) -> None:
    case = dataclasses.replace(TINY, rule=rule)
    timings = rounds.times([("engine", case), ("optax_vmap", case)], repeats=1)
    assert [timing.error for timing in timings] == [None, None]


@pytest.mark.numeric
def test_the_line_of_a_rule_compares_with_the_faster_peer_at_its_best() -> None:
    case, few = Case(rule="adamw", probes="none"), Case(rule="adamw", cells=4)
    timed = [("engine", case, 2.0), ("engine", case, 1.0), ("engine", case, 4.0), ("engine", case, 0.25)]
    timed += [("optax_vmap", case, 4.0), ("optax_vmap", few, 1.0), ("torch_rules", case, 3.0)]
    rows = [throughput._row(subject, one, Timing([seconds]), 100.0) for subject, one, seconds in timed]
    name, bare, budget, _, peer, torch, of_peer, with_budget, of_sgd = (
        cell.strip() for cell in rules.line("adamw", rows).strip("|").split("|")
    )
    work = case.members * case.steps / 1e3
    assert (name, bare, budget) == ("adamw", f"{work:.1f}", f"{work / 2:.1f}")
    assert (peer, torch) == (f"{work / 4:.1f} (64)", f"{work / 3:.1f} (64)")
    assert (of_peer, with_budget, of_sgd) == ("3.00", "1.50", "0.25")
