"""The best decay over batch size, epochs, width and examples: made-up optima, and words that can change."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from experiments.laboratory.best_decay import EXPERIMENT, analysis, measure
from experiments.laboratory.best_decay.analysis import SPECTRUM
from experiments.laboratory.best_decay.settings import NAME
from wd_jax.figures import style

pytestmark = pytest.mark.statistical
QUICK = EXPERIMENT.preset("digits", "quick")
TINY = dataclasses.replace(
    QUICK,
    **{"learned": (60,), "watched": 40, "batch_size": (10, 20), "epochs": (2,), "hidden": (3, 4)},
    **{"lmbda": (8.0, 32.0, 128.0), "seeds": 2, "noise_width": (3,), "noise_tall": 3, "noise_burn_in": 20},
    **{"noise_steps": 60, "noise_seeds": 2},
)
LAW = {"batch_size": 1.0, "epochs": 0.0, "hidden": 1.0, "learned": 0.0}
"""Exponents that keep the timescale."""


@pytest.fixture(scope="module")
def tiny() -> dict[str, xr.Dataset]:
    return {name: one(TINY, wd.data.digits()) for name, one in EXPERIMENT.measurements.items()}


def made(powers: dict[str, float], noise: float = 0.03) -> dict[str, xr.Dataset]:
    """Runs whose best lmbda goes as given powers, and matrices that obey the law of a finite edge."""
    random = np.random.default_rng(0)
    places = [(axis, value) for axis in measure.AXES for value in getattr(QUICK, axis)]
    grid, shape = np.log(QUICK.lmbda), (len(places), len(QUICK.lmbda), 2, QUICK.seeds)
    best = [np.log(60) + powers[axis] * np.log(value / QUICK.middle(axis)) for axis, value in places]
    best = np.asarray(best)[:, None] + noise * random.normal(size=(len(places), QUICK.seeds))
    cost = 0.2 * np.exp(0.1 * (grid[None, :, None, None] - best[:, None, None, :]) ** 2) + np.zeros(shape)
    runs = xr.Dataset(
        {
            "cost": (("place", "lmbda", "split", "seed"), cost),
            "accuracy": (("place", "lmbda", "split", "seed"), 1 - cost),
            "diverged_at": (("place", "lmbda", "seed"), np.full(shape[:2] + shape[3:], -1)),
            "axis": ("place", [axis for axis, _ in places]),
            "value": ("place", [value for _, value in places]),
            "eta": ("place", [QUICK.eta] * len(places)),
        },
        {"lmbda": list(QUICK.lmbda), "split": ["validation", "test"], "seed": range(QUICK.seeds)},
    )
    rows, columns = np.array([30, 50, 80, 120]), np.array([30, 50, 80, 60])
    largest = 0.1 * analysis.johnstone(rows, columns)[:, None] * (1 + 1e-3 * random.normal(size=(4, 8)))
    spectrum = xr.Dataset(
        {"largest": (("shape", "seed"), largest), "rows": ("shape", rows), "columns": ("shape", columns)},
        {"seed": range(8)},
    )
    return {NAME: runs, SPECTRUM: spectrum.assign(floor=("shape", np.full(4, 0.1)))}


def words(stored: dict[str, xr.Dataset]) -> dict[str, str]:
    return {one.statement: one.verdict for one in analysis.analyse(QUICK, None, stored).verdicts}


def of(given: dict[str, str], part: str) -> set[str]:
    return {word for statement, word in given.items() if part in statement}


def test_a_tiny_run_has_every_verdict_and_is_drawn(tiny) -> None:
    assert tiny[NAME].cost.shape == (6, 3, 2, 2) and tiny[NAME].cost.notnull().all()
    found = analysis.analyse(TINY, None, tiny)
    assert len(found.verdicts) == 12 and len(found.tables) == 3
    after = {one.name: one.words for one in EXPERIMENT.tolerances(TINY) if one.chosen == "after"}
    asked = {name: sum(part in one.statement for one in found.verdicts) for name, part in after.items()}
    assert asked == {"EXPONENT (batch size)": 2, "EXPONENT (examples)": 2, "SINGULAR": 1}
    known = {value for one in EXPERIMENT.tolerances(TINY) for value in one.values}
    assert {one.tolerance for one in found.verdicts} <= known
    for width in ("two", "one"):
        with style.style(width):
            assert len(found.draw().axes) == 6


def test_the_middle_is_one_training_and_the_rate_falls_with_width(tiny) -> None:
    runs = tiny[NAME]
    middles = [place for place in range(6) if runs.value[place] == TINY.middle(str(runs.axis[place].item()))]
    assert len(middles) == 4
    for place in middles[1:]:
        np.testing.assert_array_equal(runs.cost[place], runs.cost[middles[0]])
    of_width = runs.eta.values[analysis.along(runs, "hidden")]
    np.testing.assert_allclose(of_width * TINY.hidden, TINY.eta * 4, rtol=1e-12)


def test_optima_that_keep_the_timescale_are_said_to() -> None:
    given = words(made(LAW))
    assert (
        of(given, "keeps tau: it goes as m")
        == of(given, "keeps tau in epochs")
        == of(given, "it goes as d")
        == {"holds"}
    )
    assert (
        of(given, "does not depend on m") == of(given, "share of the run") == of(given, "lmbda goes as n") == {"fails"}
    )
    assert "keeps the timescale" in analysis.analyse(QUICK, None, made(LAW)).answer


@pytest.mark.parametrize("axis", LAW)
def test_one_exponent_that_is_not_the_laws_changes_its_word(axis: str) -> None:
    found = analysis.analyse(QUICK, None, made(LAW | {axis: LAW[axis] + 0.4}))
    kept = {
        one.statement: one.verdict
        for one in found.verdicts
        if "keeps tau" in one.statement and one.kind == "prediction"
    }
    assert sorted(kept.values()) == ["fails", "holds", "holds", "holds"]
    assert "does not keep the timescale" in found.answer


def test_an_optimum_at_the_edge_is_said_and_undecided() -> None:
    stored = made(LAW)
    runs = stored[NAME].copy(deep=True)
    runs.cost[0, :, 0, 1] = runs.lmbda
    found = analysis.analyse(QUICK, None, stored | {NAME: runs})
    (one,) = (one for one in found.verdicts if "it goes as m" in one.statement)
    assert one.verdict == "undecided" and "1 of 24 optima at the edge of the grid" in one.why
    assert "1 at the low end" in {row[5] for row in found.tables[0].rows}


def test_a_diverged_run_is_counted() -> None:
    stored = made(LAW)
    runs = stored[NAME].copy(deep=True)
    runs.diverged_at[0, -1, 2] = 4
    runs.cost[0, -1, :, 2] = np.nan
    found = analysis.analyse(QUICK, None, stored | {NAME: runs})
    (one,) = (one for one in found.verdicts if "it goes as m" in one.statement)
    assert one.verdict == "diverged" and "1 of 672 runs diverged" in found.answer


def test_the_singular_value_is_held_against_both_edges() -> None:
    stored = made(LAW)
    given = words(stored)
    assert of(given, "many rows and columns") == {"fails"} and of(given, "Johnstone") == {"holds"}
    assert of(given, "power 0.5") == {"holds"} and of(given, "power 0.75") == {"fails"}
    spectrum = stored[SPECTRUM]
    wide = analysis.many(spectrum.rows.values, spectrum["columns"].values)
    large = spectrum.assign(largest=spectrum.largest * xr.DataArray(wide / wide[0], dims="shape"))
    changed = words(stored | {SPECTRUM: large})
    assert of(changed, "Johnstone") == of(changed, "power 0.5") == {"fails"}


def test_johnstones_edge_against_drawn_matrices() -> None:
    random = np.random.default_rng(4)
    for rows, columns in ((40, 40), (80, 20)):
        drawn = np.linalg.norm(random.normal(size=(600, rows, columns)), 2, axis=(1, 2)).mean()
        assert analysis.johnstone(np.array(rows), np.array(columns)) == pytest.approx(drawn, rel=6e-3)
        assert analysis.many(np.array(rows), np.array(columns)) > 1.015 * drawn
