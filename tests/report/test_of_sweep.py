"""Any sweep is judged: every law is asked or says why not, and its word is the worst of its cells'."""

import json
from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.optimisers.rules import LIBRARY
from wd_jax.report.of_sweep.judging import SEVERITY
from wd_jax.report.of_sweep.laws import LAWS
from wd_jax.report.of_sweep.parts import parts, whole
from wd_jax.stats.verdict import HOLDS, UNDECIDED

pytestmark = pytest.mark.numeric
QUICK = {"epochs": 3, "progress": False}
SMALL = wd.Setup(widths=(6, 5, 3), batch_size=5)
RULES = [name for name in LIBRARY if not name.startswith("muon")]
SLOW = ("every rule", "words", "schedules", "depth")


def own() -> wd.Setup:
    """A model of the user's own: one matrix."""

    def init(key):
        import jax

        return {"head": jax.random.normal(key, (6, 3))}

    return wd.Setup(model=wd.model(init, lambda params, x: x @ params["head"], name="mine"), loss="softmax")


SWEEPS: dict[str, Callable[..., xr.Dataset]] = {
    "lmbda": lambda data: wd.sweep(SMALL, data, lmbda=[0.5, 2.0], eta=0.3, seeds=3, **QUICK),
    "one member": lambda data: wd.sweep(SMALL, data, lmbda=1.0, eta=0.3, **QUICK),
    "eta and hidden": lambda data: wd.sweep(SMALL, data, lmbda=1.0, eta=[0.1, 0.3], hidden=[3, 5], seeds=2, **QUICK),
    "depth": lambda data: wd.sweep(SMALL, data, lmbda=1.0, depth=[0, 1, 2], seeds=2, **QUICK),
    "batch size": lambda data: wd.sweep(SMALL, data, lmbda=1.0, batch_size=[1, 7], seeds=2, **QUICK),
    "no decay": lambda data: wd.sweep(SMALL, data, lmbda=0.0, seeds=2, **QUICK),
    "momentum": lambda data: wd.sweep(
        SMALL, data, lmbda=1.0, optimiser=["momentum", "nesterov"], momentum=[0.0, 0.9], eta=0.1, seeds=2, **QUICK
    ),
    "every rule": lambda data: wd.sweep(SMALL, data, lmbda=1.0, eta=0.01, optimiser=RULES, seeds=2, **QUICK),
    "muon": lambda data: wd.sweep(SMALL, data, lmbda=1.0, eta=0.01, optimiser="muon", seeds=2, **QUICK),
    "schedules": lambda data: wd.sweep(
        SMALL,
        data,
        lmbda=1.0,
        eta_schedule=["constant", "cosine"],
        lmbda_schedule=["constant", "linear"],
        seeds=2,
        **QUICK,
    ),
    "words": lambda data: wd.sweep(
        SMALL, data, lmbda=1.0, init=["gaussian", "fan_in"], activation=["sigmoid", "relu"], seeds=2, **QUICK
    ),
    "probes off": lambda data: wd.sweep(
        SMALL, data, lmbda=1.0, seeds=2, probes=wd.Probes(budget=False, moved=False, splits=()), **QUICK
    ),
    "every probe": lambda data: wd.sweep(
        SMALL,
        data,
        lmbda=[1.0, 20.0],
        seeds=3,
        loss="softmax",
        epochs=12,
        progress=False,
        probes=wd.Probes(full_gradient=True, rotation=True, column_sums=True, evaluate_every=4),
    ),
    "records": lambda data: wd.sweep(
        SMALL, data, lmbda=1.0, seeds=2, probes=wd.Probes(records_per_epoch=5), epochs=4, progress=False
    ),
    "normalised": lambda data: wd.sweep(
        wd.Setup(model=wd.mlp((6, 5, 3), norm="layer"), batch_size=5), data, lmbda=1.0, seeds=2, **QUICK
    ),
    "own model": lambda data: wd.sweep(own(), data, lmbda=1.0, seeds=2, **QUICK),
    "coarse": lambda data: wd.sweep(SMALL, data, lmbda=1.0, dtype=["float32", "bfloat16"], seeds=2, **QUICK),
    "diverged": lambda data: wd.sweep(SMALL, data, lmbda=[1.0, 1e6], eta=1.0, seeds=2, **QUICK),
    "shared order": lambda data: wd.sweep(
        wd.Setup(widths=(6, 5, 3), batch_size=5, order="shared"), data, lmbda=1.0, seeds=2, **QUICK
    ),
    "laboratory": lambda _: wd.lab("adamw", steps=1500, burn_in=500, shape=3000, eta=0.05, lmbda=[1.0, 2.0]),
    "laboratory, brief": lambda _: wd.lab("lion", steps=20, shape=50, eta=0.001, lmbda=1.0, seeds=1),
    "laboratory, no gradient": lambda _: wd.lab("sgd", "none", steps=30, shape=20, eta=0.1, lmbda=0.1, records=3),
    "laboratory, across": lambda _: wd.lab(
        "sgd", "scale_invariant", steps=600, burn_in=300, shape=300, eta=0.1, lmbda=[0.1, 0.2]
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in SWEEPS])
def test_every_law_is_asked_or_says_why_not(name: str, tiny) -> None:
    runs = SWEEPS[name](tiny)
    judged = wd.report.judge(runs)
    labels = [part.label for part in parts(whole(runs))]
    asked = [(one.law.name, one.part) for one in judged.found]
    silent = [(one.law.name, one.part) for one in judged.not_asked]
    assert sorted(asked + silent) == sorted((law.name, label) for law in LAWS for label in labels)
    assert all(one.silent.why for one in judged.not_asked) and all(one.cells for one in judged.found)
    for one in judged.found:
        assert one.verdict.verdict == min((cell.word for cell in one.cells), key=SEVERITY.index), one.law.name
    assert json.loads(json.dumps(judged.record(), allow_nan=False))["answer"] == judged.answer
    assert judged.title in repr(judged) and judged._repr_html_()


def words(runs: xr.Dataset) -> dict[str, str]:
    """The word of every law that was asked of a sweep."""
    return {line.law: line.word for line in wd.report.judge(runs).laws}


def test_weights_without_gradient_are_judged_by_their_number(tiny) -> None:
    runs = SWEEPS["lmbda"](tiny)
    assert words(runs)["decay alone"] == words(SWEEPS["one member"](tiny))["decay alone"] == HOLDS
    last = runs.epoch == runs.epoch[-1]
    kept = np.log(runs.dead_input_rms / runs.dead_input_rms.isel(epoch=0))
    for off, word in ((1.005, "holds"), (1.02, "fails"), (0.98, "fails")):
        moved = runs.dead_input_rms * np.exp(kept * (off - 1))
        one = (runs.lmbda == 2.0) & (runs.seed == 1)  # a single member is enough
        altered = runs.assign(dead_input_rms=runs.dead_input_rms.where(~(last & one), moved))
        assert words(altered)["decay alone"] == word, off


def test_a_size_off_in_the_laboratory_fails_and_says_where() -> None:
    runs = SWEEPS["laboratory"](None)
    assert words(runs)["adamw.weight_rms"] == HOLDS
    off = runs.assign(weight_rms_mean=runs.weight_rms_mean * xr.where(runs.lmbda == 2.0, 1.2, 1.0))
    (line,) = [one for one in wd.report.judge(off).laws if one.law == "adamw.weight_rms"]
    assert line.word == "fails" and "at λ 2, layer 1" in line.text and "1.2 times" in line.text
    assert wd.report.judge(off).answer.startswith("In part. ")


def test_a_record_that_begins_too_early_is_not_judged() -> None:
    runs = wd.lab("adamw", steps=40, burn_in=20, shape=50, eta=0.02, lmbda=1.0)
    (silent,) = [one.silent for one in wd.report.judge(runs).not_asked if one.law.name == "adamw.weight_rms"]
    assert "before weights are at rest" in silent.why and "burn_in=" in silent.remedy
    steps = int(silent.remedy.split("burn_in=")[1].split()[0])
    longer = wd.lab("adamw", steps=steps + 20, burn_in=steps, shape=50, eta=0.02, lmbda=1.0)
    assert "adamw.weight_rms" in words(longer)


def test_a_missing_probe_is_named_as_an_option(tiny) -> None:
    judged = wd.report.judge(SWEEPS["lmbda"](tiny))
    (virial,) = [one.silent for one in judged.not_asked if one.law.name == "virial"]
    assert virial.remedy == "run the sweep again with --full-gradient, in Python wd.Probes(full_gradient=True)"


def test_a_decay_as_asked_and_another_one_differ(tiny) -> None:
    runs = SWEEPS["lmbda"](tiny)
    doubled = runs.assign_coords(lmbda=runs.lmbda * 1.05)  # what was asked for is not what was done
    assert words(doubled)["decay alone"] == "fails"


def test_what_diverged_is_counted_and_judged_by_nothing(tiny) -> None:
    with pytest.warns(UserWarning):
        runs = SWEEPS["diverged"](tiny)
    judged = wd.report.judge(runs)
    record = judged.record()
    assert (record["members"], record["diverged"], record["missing"]) == (4, 2, 0)
    assert any("2 of 4 runs diverged" in text for text in judged.warnings)
    for one in judged.found:
        assert not any(cell.word == HOLDS and dict(cell.where)["lmbda"] == 1e6 for cell in one.cells)


def lost(runs: xr.Dataset, gone: xr.DataArray) -> xr.Dataset:
    """A run of which some members are not there yet, as `wd.open` gives it."""
    variables = {name: runs[name].where(~gone) for name in runs.data_vars}
    status = xr.where(gone, "missing", runs.status).broadcast_like(runs.status)
    at = runs.diverged_at.astype(float).where(~gone)
    return runs.assign(variables).assign_coords(status=status, diverged_at=at)


def test_cells_that_are_not_there_yet_are_left_out_and_said(tiny) -> None:
    runs = SWEEPS["lmbda"](tiny)
    half = lost(runs, (runs.lmbda == 2.0) & (runs.seed >= 0))
    judged = wd.report.judge(half)
    assert judged.record()["missing"] == 3 and any("3 of 6 members are missing" in text for text in judged.warnings)
    (found,) = [one for one in judged.found if one.law.name == "decay alone"]
    assert found.verdict.verdict == HOLDS and [dict(cell.where)["lmbda"] for cell in found.cells] == [0.5]
    one_seed = wd.report.judge(lost(runs, (runs.lmbda == 2.0) & (runs.seed == 1)))
    (found,) = [one for one in one_seed.found if one.law.name == "decay alone"]
    assert found.verdict.verdict == UNDECIDED  # a value that is missing might have said anything
    with pytest.raises(ValueError, match="no member of this sweep has been trained yet"):
        wd.report.judge(lost(runs, runs.seed >= 0))


def test_a_selection_without_the_dimension_of_seeds_is_judged(tiny) -> None:
    runs = SWEEPS["lmbda"](tiny)
    one = wd.report.judge(runs.isel(seed=0))
    both = wd.report.judge(runs.isel(seed=[0]))
    assert [str(verdict) for verdict in one.verdicts] == [str(verdict) for verdict in both.verdicts]
    layer = wd.report.judge(runs.isel(layer=1))
    assert {dict(cell.where)["layer"] for f in layer.found for cell in f.cells if "layer" in dict(cell.where)} == {2}
    with pytest.raises(ValueError, match="no dimension epoch"):
        wd.report.judge(runs.isel(epoch=-1))


@pytest.mark.parametrize("given", ["runs/decay.nc", None, 3])
def test_what_is_no_result_is_one_line(given) -> None:
    with pytest.raises(TypeError, match=r"runs is a \w+: give the whole result of sweep"):
        wd.report.judge(given)


def test_no_law_at_all_is_an_answer(tiny) -> None:
    runs = wd.sweep(SMALL, tiny, lmbda=1.0, optimiser="adam_l2", eta=0.01, **QUICK)
    judged = wd.report.judge(runs)
    assert not judged.found and judged.answer.startswith("It cannot be said: none of the library's laws")


def test_the_answer_names_parts_that_no_law_speaks_of(tiny) -> None:
    runs = wd.sweep(SMALL, tiny, lmbda=1.0, optimiser=["sgd", "adam_l2"], eta=0.01, seeds=2, **QUICK)
    said = wd.report.judge(runs).answer
    assert said.startswith(
        "Yes. Weights without gradient: the law holds in every cell. No law predicts a number that was"
    )
    assert "measured for optimiser adam_l2." in said


def test_sums_that_rounding_keeps_from_shrinking_are_judged_where_they_shrink(tiny) -> None:
    probes = wd.Probes(column_sums=True, splits=(), records_per_epoch=5)
    strong = {"lmbda": 60.0, "eta": 0.1, "seeds": 2, "epochs": 24, "progress": False, "probes": probes}
    runs = wd.sweep(wd.Setup(widths=(6, 5, 3), batch_size=5, loss="softmax"), tiny, **strong)
    sums = runs.sums_over_outputs.isel(layer=-1)
    step = np.log1p(-0.1 * 60 / 23)
    assert float(np.log(sums.isel(epoch=-1) / sums.isel(epoch=0)).min()) > 80 * step  # but for rounding 120
    assert words(runs)["column sums"] == HOLDS
    off = runs.assign(sums_over_outputs=runs.sums_over_outputs * np.exp(0.05 * step * 5 * runs.epoch))
    assert words(off)["column sums"] == "fails"
