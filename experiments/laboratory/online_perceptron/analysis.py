"""Judge the on-line perceptron: its equations of motion, and the decay that dominates a wide start."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.online_perceptron import equations, tables
from experiments.laboratory.online_perceptron.settings import (
    DIGITS,
    EXPONENT,
    MEAN,
    NAME,
    Q_GIVEN,
    REST,
    ROOT,
    ROUNDING,
    SINGLE,
    WHOLE,
    WIDE,
    Settings,
)
from wd_jax.stats.comparison import judged
from wd_jax.stats.estimates import exponent, root_in_log, t_interval
from wd_jax.stats.outcome import Outcome
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    from wd_jax.data import Dataset

TITLE = "The on-line perceptron: claim 1 as a theorem"
SENSES = {
    "traffic": "decay is half of the traffic (mean drift and noise)",
    "net": "decay outweighs the net of drift and noise",
    "steps": "decay is half of the traffic (absolute drift of every step)",
}


def analyse(preset: Settings, data: "Dataset | None", stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge way, thresholds and rest.

    Parameters
    ----------
    preset : Settings
        With which it was measured.
    data : None
        Nothing is needed.
    stored : dict of str to xarray.Dataset
        What `measure` returned, by name.

    Returns
    -------
    Outcome
    """
    law = ways(preset, stored[NAME])
    found = roots(preset, stored[WIDE])
    verdicts = (
        *_way(preset, stored, law),
        *_fluctuations(preset, stored[NAME], law),
        *_thresholds(preset, found),
        *_rest(preset, stored[REST]),
    )
    shown = (
        tables.way(preset, stored[WHOLE], stored[NAME], law, _places(preset, law.alpha)),
        tables.sizes({size: deviations(stored[NAME], law, size) for size in preset.sizes}),
        tables.roots(preset, found, SENSES),
    )
    return Outcome(
        NAME, TITLE, _answer(preset, verdicts, found), verdicts, shown, lambda: _draw(preset, stored, law, found)
    )


def ways(preset: Settings, runs: xr.Dataset) -> xr.Dataset:
    """Integrate the equations from every start: `Q`, `R` [start, record]."""
    solved = [equations.way(start, preset.eta, preset.gamma, runs.alpha.values) for start in preset.starts]
    dims = ("start", "record")
    return xr.Dataset(
        {"Q": (dims, np.array([q for q, _ in solved])), "R": (dims, np.array([r for _, r in solved]))},
        {"start": list(preset.starts), "alpha": ("record", runs.alpha.values)},
    )


def roots(preset: Settings, sums: xr.Dataset) -> xr.DataArray:
    """Find, seed by seed, the decay at which it weighs as much as the gradient: [sense, start, seed].

    NaN where the decays tried do not bracket it once.
    """
    drift, decay = np.abs(sums.drift), np.abs(sums.decay)
    against = {
        "traffic": drift + sums.noise,
        "net": np.abs(drift - sums.noise),
        "steps": sums.drift_traffic + sums.noise,
    }
    rows = [
        [
            [
                np.exp(root_in_log(sums.gamma.sel(start=start), excess.sel(start=start).isel(seed=j)))
                for j in range(sums.sizes["seed"])
            ]
            for start in sums.start.values
        ]
        for excess in (xr.ufuncs.log(decay / other).transpose("seed", "start", "factor") for other in against.values())
    ]
    labels = {"sense": list(against), "start": sums.start.values, "seed": sums.seed.values}
    return xr.DataArray(np.array(rows), labels, ("sense", "start", "seed"))


def deviations(runs: xr.Dataset, law: xr.Dataset, size: int) -> xr.DataArray:
    """Give the root mean square, over records and a seed's runs, of Q/Q(equations) - 1: [start, seed]."""
    off = runs.Q.sel(size=size) / law.Q - 1
    return np.sqrt((off**2).mean(("run", "record"))).transpose("start", "seed")


def _places(preset: Settings, alpha: xr.DataArray) -> list[int]:
    return [int(np.abs(alpha.values - one).argmin()) for one in preset.alphas]


def _way(preset: Settings, stored: dict[str, xr.Dataset], law: xr.Dataset) -> tuple[Verdict, ...]:
    full, chain = stored[WHOLE], stored[NAME].sel(size=preset.n_in)
    places = _places(preset, full.alpha)
    where = (
        f"N {preset.n_in}, η {preset.eta:g}, γ {preset.gamma:g}, Q(0) {_said(preset.starts)}, α {_said(preset.alphas)}"
    )
    off = np.abs(full.Q / law.Q - 1).isel(record=places)
    cells = off.sizes["start"] * off.sizes["record"]
    worst = max(
        (
            t_interval(off.sel(start=start).isel(record=k).values, cells)
            for start in preset.starts
            for k in range(len(places))
        ),
        key=lambda one: one.high,
    )
    mean = chain.Q.isel(record=places).mean("run").swap_dims(record="alpha")
    predicted = law.Q.isel(record=places).swap_dims(record="alpha")
    early = _places(preset, full.alpha)[0]
    alpha = float(full.alpha[early])
    start = preset.starts[0]
    one = chain.Q.sel(start=start, drop=True).isel(record=early, drop=True).mean("run")
    alone = start * np.exp(-2 * preset.gamma * alpha)
    apart = float(np.abs(full.chain_Q / full.Q - 1).max())
    return (
        exact.verdict(
            apart,
            ROUNDING.value,
            claim=NAME,
            kind="identity",
            statement="adding up its three parts gives |J|² of the whole weight vector",
            scope=f"N {preset.n_in}, every run, to α {max(preset.alphas):g}",
        ),
        judged(
            worst,
            0.0,
            SINGLE.value,
            predicted=0.0,
            tolerance=SINGLE.value,
            why="mean over runs of |Q / that of the equations − 1|, in the worst of the cells",
            claim=NAME,
            statement="a single run with its whole weight vector follows the equations",
            kind="prediction",
            scope=where,
            seeds=preset.whole_seeds,
            cells=cells,
        ),
        wd.compare(
            mean,
            predicted,
            MEAN.value,
            claim=NAME,
            statement="Q, average over runs, is that of the equations",
            scope=where,
        ),
        wd.compare(
            one,
            alone,
            MEAN.value,
            claim=NAME,
            kind="rival",
            statement="Q, average over runs, is that of decay alone, Q(0) exp(−2γα)",
            scope=f"N {preset.n_in}, Q(0) {start:g}, α {alpha:g}",
        ),
    )


def _fluctuations(preset: Settings, runs: xr.Dataset, law: xr.Dataset) -> tuple[Verdict, ...]:
    return tuple(
        _exponent(
            preset.sizes,
            np.array([deviations(runs, law, size).sel(start=start).values for size in preset.sizes]),
            -0.5,
            statement="the deviation from the equations falls as 1/√N (its exponent)",
            scope=f"Q(0) {start:g}, N {preset.sizes[0]} to {preset.sizes[-1]}, root mean square on the way",
        )
        for start in preset.starts
    )


def _exponent(x: Any, y: np.ndarray, said: float, **fields: Any) -> Verdict:
    return judged(
        exponent(x, y),
        said - EXPONENT.value,
        said + EXPONENT.value,
        predicted=said,
        tolerance=EXPONENT.value,
        why="slope of the straight line in logarithms, seed by seed",
        claim=NAME,
        kind="prediction",
        seeds=y.shape[1],
        **fields,
    )


def _thresholds(preset: Settings, found: xr.DataArray) -> tuple[Verdict, ...]:
    starts, verdicts = found.start.values, []
    where = f"N {preset.n_in}, η {preset.eta:g}, R = 0, Q {_said(starts)}"
    for sense, words in SENSES.items():
        own = found.sel(sense=sense, drop=True)
        predicted = xr.DataArray(equations.threshold(sense, preset.eta, starts), {"start": starts}, ("start",))
        verdicts += [
            wd.compare(own, predicted, ROOT.value, claim=NAME, statement=f"threshold in γ: {words}", scope=where),
            _exponent(
                starts,
                own.values,
                -1.5,
                statement=f"the threshold falls as Q^(−3/2) (its exponent): {words}",
                scope=where,
            ),
        ]
    return tuple(verdicts)


def _rest(preset: Settings, rest: xr.Dataset) -> tuple[Verdict, ...]:
    Q, R = equations.at_rest(preset.eta, preset.gamma)
    where = f"N {preset.n_in}, η {preset.eta:g}, γ {preset.gamma:g}"
    return (
        exact.verdict(
            abs(equations.at_rest(1.0, 0.2)[0] - Q_GIVEN),
            DIGITS.value,
            claim=NAME,
            kind="identity",
            statement=f"the equations' own rest is Q = {Q_GIVEN} (distance from it)",
            scope="η 1, γ 0.2",
        ),
        wd.compare(
            rest.Q,
            Q,
            MEAN.value,
            claim=NAME,
            statement="Q at rest, average over runs, is that of the equations",
            scope=where,
        ),
        wd.compare(
            rest.R,
            R,
            MEAN.value,
            claim=NAME,
            statement="R at rest, average over runs, is that of the equations",
            scope=where,
        ),
    )


def _said(values: Any) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _answer(preset: Settings, verdicts: tuple[Verdict, ...], found: xr.DataArray) -> str:
    asked = [one for one in verdicts if one.kind == "prediction"]
    kept = sum(one.verdict == "holds" for one in asked)
    first, last = (float(start) for start in found.start.values[[0, -1]])
    low, high = (t_interval(found.sel(sense="traffic", start=start).values) for start in (first, last))
    power = exponent(found.start.values, found.sel(sense="traffic").values)
    return (
        f"{kept} of {len(asked)} predictions hold. Before anything is learned decay is half of the traffic of Q above "
        f"γ = {low.with_digits('.3g', '.1g')} at Q = {first:g}, and above {high.with_digits('.3g', '.1g')} at "
        f"Q = {last:g}: the threshold falls with the exponent {power.with_digits('.3f', '.3f')}, so that any decay "
        "dominates a start that is wide enough. How long it does, and where it ends, the equations say."
    )


def _draw(preset: Settings, stored: dict[str, xr.Dataset], law: xr.Dataset, found: xr.DataArray) -> Any:
    from experiments.laboratory.online_perceptron import figure

    return figure.figure(preset, stored[WHOLE], law, found)
