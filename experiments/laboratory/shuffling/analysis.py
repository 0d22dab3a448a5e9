"""Hold the simulated variances against the exact law, its limits, and the floor of independent draws."""

import dataclasses
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.shuffling import ridge_analysis
from experiments.laboratory.shuffling.settings import NAME, RIDGE, SHORT, WITHIN, Settings
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Shuffled epochs: a lower floor than independent draws"
END, MIDDLE, AVERAGE, QUARTERS = "end of the epoch", "middle of the epoch", "average over the epoch", "each quarter"
SMALL = {END: ("κ²/12", lambda kappa: kappa**2 / 12), MIDDLE: ("κ/2", lambda kappa: kappa / 2)}
SMALL |= {AVERAGE: ("κ/3", lambda kappa: kappa / 3)}
"""What is left of the floor of independent draws where kappa is small and an epoch has many steps."""


@dataclasses.dataclass(frozen=True)
class Laws:
    """What the derivations say of one measurement.

    Parameters
    ----------
    inside : xarray.DataArray [kappa, step]
        Variance after each step of a shuffled epoch, exactly.
    floor : xarray.DataArray [kappa]
        Variance that independent minibatches of the same variance as a shuffled one's leave.
    independent : xarray.DataArray [kappa]
        Variance that independent draws leave, whose minibatches vary a little more.
    end_limit, average_limit : xarray.DataArray [kappa]
        The first two where an epoch has many steps, over `floor`.
    """

    inside: xr.DataArray
    floor: xr.DataArray
    independent: xr.DataArray
    end_limit: xr.DataArray
    average_limit: xr.DataArray


def laws_of(runs: xr.Dataset) -> Laws:
    """Evaluate the laws on a measurement's own settings, those of many steps also where an epoch is short."""
    noise = wd.theory.evaluate("shuffling", "batch_variance", runs)
    share = runs.step / runs.steps_per_epoch
    independent = wd.theory.evaluate("stationary_variance", "stationary_variance", runs)
    inside = wd.theory.evaluate("shuffling", "variance_inside", runs, batch_noise=noise, epoch_share=share)
    with warnings.catch_warnings(action="ignore"):  # outside their conditions of use: how far off is what is asked
        end_limit = wd.theory.evaluate("shuffling", "end_ratio", runs)
        average_limit = wd.theory.evaluate("shuffling", "average_ratio", runs)
    return Laws(inside, independent * noise * runs.m, independent, end_limit, average_limit)


def phases(inside: xr.DataArray) -> dict[str, xr.DataArray]:
    """Give the variance at the end and in the middle of an epoch, and on average over its steps."""
    steps = inside.sizes["step"]
    end, middle = (inside.isel(step=place - 1, drop=True) for place in (steps, steps // 2))
    return {END: end, MIDDLE: middle, AVERAGE: inside.mean("step")}


def analyse(preset: Settings, data: object, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge each phase of the epoch by the exact law, and the formulas held up beside it."""
    runs = {steps: stored[name] for name, steps in ((SHORT, preset.short_epoch), (NAME, preset.steps_per_epoch))}
    laws = {steps: laws_of(one) for steps, one in runs.items()}
    shuffled = {steps: one.weight_ms.sel(sampling_of="shuffled", drop=True) for steps, one in runs.items()}
    drawn = {steps: one.weight_ms.sel(sampling_of="independent", drop=True) for steps, one in runs.items()}
    regression = stored[RIDGE]
    of_ridge = ridge_analysis.laws_of(regression)
    verdicts = (
        *_exact(shuffled, drawn, laws),
        *_beside(shuffled, laws),
        *ridge_analysis.verdicts(regression, of_ridge),
    )
    tables = (_table(runs, laws), ridge_analysis.table(regression, of_ridge))
    answer = _answer(verdicts, runs, laws, of_ridge)
    return Outcome(NAME, TITLE, answer, verdicts, tables, lambda: _draw(runs, laws, regression))


def _joined(parts: dict[int, xr.DataArray]) -> xr.DataArray:
    """Put epochs of different lengths side by side."""
    steps = xr.DataArray(list(parts), dims="steps_per_epoch", name="steps_per_epoch")
    plain = [part.reset_coords(drop=True) for part in parts.values()]
    return xr.concat(plain, steps.assign_coords(steps_per_epoch=list(parts)), coords="minimal", compat="override")


def _exact(shuffled: dict, drawn: dict, laws: dict[int, Laws]) -> tuple[Verdict, ...]:
    """Judge the laws that are exact: every phase, independent draws, and how far apart the two are."""

    def judge(measured: xr.DataArray, theory: xr.DataArray, statement: str, **words: Any) -> Verdict:
        return wd.compare(measured, theory, WITHIN.value, claim=NAME, statement=statement, **words)

    found = []
    for phase in (END, MIDDLE, AVERAGE):
        measured = _joined({steps: phases(one)[phase] for steps, one in shuffled.items()})
        theory = _joined({steps: phases(law.inside)[phase] for steps, law in laws.items()})
        found.append(judge(measured, theory, f"shuffled, {phase}: the variance of a weight is that of the exact law"))
    last = max(shuffled)
    quarter = {"step": [last // 4, last // 2, 3 * last // 4, last]}
    statement = f"shuffled, {QUARTERS} of the epoch: the variance of a weight is that of the exact law"
    found.append(judge(shuffled[last].sel(quarter), laws[last].inside.sel(quarter), statement))
    level = _joined({steps: one.mean("step") for steps, one in drawn.items()})
    floor = _joined({steps: law.independent for steps, law in laws.items()})
    found.append(judge(level, floor, "independent draws: the variance of a weight is that of the floor"))
    least = {"kappa": [float(shuffled[last].kappa.min())]}
    gain = (drawn[last].mean("step") / phases(shuffled[last])[END]).sel(least)
    law = (laws[last].independent / phases(laws[last].inside)[END]).sel(least)
    statement = "independent draws over shuffled, end of the epoch: the variances are this many times apart"
    found.append(judge(gain, law, statement, rests_on="the laws of both, above"))
    return tuple(found)


def _beside(shuffled: dict, laws: dict[int, Laws]) -> tuple[Verdict, ...]:
    """Judge what is held up beside the exact law: the usual floor, the limit of many steps, small kappa."""

    def judge(measured: xr.DataArray, theory: xr.DataArray, statement: str) -> Verdict:
        return wd.compare(measured, theory, WITHIN.value, claim=NAME, kind="rival", statement=statement)

    ends = _joined({steps: phases(one)[END] for steps, one in shuffled.items()})
    usual = _joined({steps: law.independent for steps, law in laws.items()})
    many = _joined({steps: law.floor * law.end_limit for steps, law in laws.items()})
    found = [
        judge(ends, usual, f"shuffled, {END}: the floor of independent draws would do"),
        judge(ends, many, f"shuffled, {END}: the limit of many steps, 1 - (2/κ) tanh(κ/2), would do"),
    ]
    last = max(shuffled)
    for phase, (formula, small) in SMALL.items():
        measured = phases(shuffled[last])[phase].isel(kappa=[0])
        theory = (laws[last].floor * small(laws[last].floor.kappa)).isel(kappa=[0])
        found.append(judge(measured, theory, f"shuffled, {phase}: for small κ and many steps {formula} would do"))
    return tuple(found)


def _table(runs: dict[int, xr.Dataset], laws: dict[int, Laws]) -> Table:
    """Lay out every phase: measured, exact and in the limits, over the floor of independent minibatches."""
    rows = []
    for steps, one in runs.items():
        law = laws[steps]
        for phase, measured in phases(one.weight_ms.sel(sampling_of="shuffled", drop=True)).items():
            for kappa in one.kappa.values:
                floor = float(law.floor.sel(kappa=kappa))
                estimate = t_interval((measured.sel(kappa=kappa) / floor).values)
                exactly = float(phases(law.inside)[phase].sel(kappa=kappa)) / floor
                limit = {END: law.end_limit, AVERAGE: law.average_limit}.get(phase)
                many = "" if limit is None else f"{float(limit.sel(kappa=kappa)):.4g}"
                small = f"{SMALL[phase][1](kappa):.4g}"
                rows.append((steps, float(kappa), phase, str(estimate), f"{exactly:.4g}", many, small))
    columns = ("steps an epoch", "κ", "phase", "measured", "exact", "many steps", "small κ too")
    note = (
        "Variance of a weight in shuffled epochs over that of independent minibatches of the same variance. "
        "Small κ too: κ²/12 at the end, κ/2 in the middle, κ/3 on average."
    )
    return Table("What shuffling leaves of the noise", columns, tuple(rows), note)


def _answer(
    verdicts: tuple[Verdict, ...],
    runs: dict[int, xr.Dataset],
    laws: dict[int, Laws],
    of_ridge: ridge_analysis.RidgeLaws,
) -> str:
    gain = next(one for one in verdicts if "times apart" in one.statement)
    exact = [one for one in verdicts if one.kind == "prediction"]
    held = sum(one.verdict == "holds" for one in exact)
    last = max(runs)
    kappa = float(runs[last].kappa.min())
    least, most = gain.ci95
    return (
        f"At κ = {kappa:g} and {last} steps an epoch the variance of a weight at the end of a shuffled epoch is "
        f"{gain.measured:.0f} times ({least:.0f} to {most:.0f}) below that of independent draws; the exact law says "
        f"{gain.predicted:.0f}. {held} of {len(exact)} predictions hold within {WITHIN.value:.0%}, through all "
        f"phases of the epoch. The limits of many steps do need many: at {min(runs)} steps an epoch the one for its "
        f"end is up to {_limit_off(laws[min(runs)]):.0%} off. Where gradients depend on the weights, as in a ridge "
        "regression, shuffling moves the mean as well: noise alone makes up only "
        f"{float((of_ridge.additive / of_ridge.square).min()):.0%} to "
        f"{float((of_ridge.additive / of_ridge.square).max()):.0%} of the mean square distance from the optimum."
    )


def _limit_off(law: Laws) -> float:
    """Say how far the limit of many steps is off at the end of an epoch, at the worst kappa."""
    ratio = law.floor * law.end_limit / phases(law.inside)[END]
    return float(abs(ratio - 1).max())


def _draw(runs: dict[int, xr.Dataset], laws: dict[int, Laws], regression: xr.Dataset) -> "Figure":
    from experiments.laboratory.shuffling import figure

    last = max(runs)
    return figure.figure(runs[last], laws[last], np.geomspace(0.01, min(10.0, last / 2), 80), regression)
