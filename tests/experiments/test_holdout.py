"""The hold-out is held out: nothing else uses its seeds or its data set; and the right verdicts are judged on it."""

import ast
import dataclasses
from pathlib import Path

import numpy as np
import pytest

import wd_jax as wd
from benchmarks import holdout as program
from experiments.exercise import holdout
from experiments.exercise.preset import PRESETS, preset
from wd_jax.stats.outcome import Outcome

pytestmark = pytest.mark.numeric
ROOT = Path(holdout.__file__).parents[2]
CODE = [path for part in ("experiments", "benchmarks", "docs") for path in sorted((ROOT / part).rglob("*.py"))]
OURS = [ROOT / "experiments" / "exercise" / "holdout.py"]
TINY = {
    "seeds": 2, "hidden": 12, "batch_size": 40, "eta": 1.0, "lmbda": 15.0, "epochs": 12, "epochs_of_starts": 12,
    "lmbda_cells": 3, "lmbda_range": (0.01, 100.0), "widths": (3, 6, 12), "width_seeds": 2, "factor_seeds": 2,
    "lmbdas": (10.0, 15.0, 25.0), "lmbdas_of_slider": (40.0,), "seeds_of_slider": 2,
    "epochs_of_slider": 8,
}  # fmt: skip


def uses(source: str) -> list[str]:
    """Whole numbers in the reserved block, and the data set's loader."""
    tree = ast.walk(ast.parse(source))
    return [
        ast.unparse(node)
        for node in tree
        if (isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value in holdout.SEEDS)
        or (isinstance(node, ast.alias) and node.name == f"load_{holdout.NAME}")
    ]


@pytest.mark.parametrize("path", [path for path in CODE if path not in OURS], ids=lambda path: path.stem)
def test_nothing_else_uses_the_reserved_seeds_or_data(path: Path) -> None:
    assert uses(path.read_text(encoding="utf-8")) == []


def test_the_rule_sees_them() -> None:
    assert all(uses(path.read_text(encoding="utf-8")) for path in OURS)
    assert uses("wd.sweep(setup, data, seeds=[1_000_003])") == ["1000003"]


def test_presets_stay_below_the_reserved_block() -> None:
    for one in PRESETS.values():
        counts = (one.seeds, one.width_seeds, one.factor_seeds)
        assert one.first_seed + max(counts) <= holdout.SEEDS.start and one.dataset != holdout.NAME
        other = holdout.on_other_seeds(one)
        assert (other.seeds, other.width_seeds, other.factor_seeds) == counts
        assert all(set(other.seeds_of(count)) <= set(holdout.SEEDS) for count in counts)


def test_the_data_set_is_standardised_by_its_training_split_alone() -> None:
    data = holdout.data()
    splits = (data.train, data.validation, data.test)
    assert tuple(len(split.inputs) for split in splits) == holdout.SIZES and data.name == holdout.NAME
    np.testing.assert_allclose(data.train.inputs.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(data.train.inputs.std(axis=0), 1, rtol=1e-6)
    assert abs(data.test.inputs.mean(axis=0)).max() > 1e-3  # it has a mean of its own
    assert data.train.targets.sum(axis=1).tolist() == [1.0] * data.n


def test_what_depends_on_a_number_chosen_after_looking(outcomes: dict[str, Outcome]) -> None:
    small = preset("digits", "quick")
    verdicts = [v for outcome in outcomes.values() for v in outcome.verdicts]
    chosen = [v for v in verdicts if holdout.depends(v, small)]
    assert chosen == verdicts  # all depend on numbers of seeds that were chosen by how often words were the same
    assert len({holdout.key(v) for v in chosen}) == len(chosen)


# E1-E3 ask for a preactivation of 2 or more; some examples of this data set are a little smaller.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:saturation.[a-z_]+. used outside its condition:RuntimeWarning")
def test_the_claims_are_judged_on_the_reserved_data_with_the_reserved_seeds(monkeypatch) -> None:
    seen = []

    def planned(*args, **kwargs):
        plan = original(*args, **kwargs)
        seen.append((plan.data.name, list(plan.grid.seeds)))
        return plan

    original = wd.dry_run
    monkeypatch.setattr(wd, "dry_run", planned)
    tiny = dataclasses.replace(holdout.on_other_seeds(preset("digits", "quick", **TINY)), dataset=holdout.NAME)
    found = holdout.verdicts(tiny, holdout.data(), progress=False)
    assert seen == [(holdout.NAME, [1_000_000, 1_000_001])] * 6  # claim 3 has three sweeps
    assert {claim for claim, _, _ in found} == {1, 2, 3, 4}
    shown = holdout.table({"published": found, "again": found, "nothing": {}})
    same = f"The same word as published, of {len(found)}: again {len(found)}, nothing 0"
    assert shown.note == f"{same}; the opposite: again 0, nothing 0."
    assert all(row[2] == row[3] and row[4] == holdout.ABSENT for row in shown.rows)
    text = program.text(shown, preset("digits", "quick", **TINY))
    assert text.startswith("2 seeds (claim 3: 2), 12 epochs (claim 4: 12)") and shown.note in text


def test_the_page_has_a_place_for_the_table() -> None:
    filled = program.filled(program.PAGE, "holdout", "a | b")
    assert "<!-- holdout -->\na | b\n<!-- /holdout -->" in filled
