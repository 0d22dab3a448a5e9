"""Claim 4: large weights with decay imitate starting from N(0, 1/n_in)."""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments import plateaus, tolerances
from experiments.preset import Preset
from experiments.published import NIELSEN_30, published_verdicts
from wd_jax import divergence
from wd_jax.comparison import compare, judged, undecided
from wd_jax.data import Dataset
from wd_jax.estimates import Estimate, limit_ratio, t_interval
from wd_jax.outcome import Outcome, Table
from wd_jax.verdicts import DIVERGED, FAILS, HOLDS, UNDECIDED, Kind, Verdict, judge, with_gaps
from wd_jax.views import formatted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "claim_4_initialisation"
TITLE = "Claim 4: the decay imitates starting from N(0, 1/n_in)"
WITHIN = tolerances.STARTS_WITHIN.value
MOVES_LESS = tolerances.STARTS_MOVE_LESS.value
LATE = tolerances.LATE.value
SAME_PLATEAU = "both starts end at the same weight_rms"


def sweep(preset: Preset, data: Dataset, progress: bool = True) -> dict[str, xr.Dataset]:
    """Run both starts side by side: same seeds, same draws up to the scale, same minibatches."""
    runs = wd.sweep(
        preset.setup(data),
        data,
        init=["gaussian", "fan_in"],
        lmbda=preset.lmbda,
        eta=preset.eta,
        seeds=preset.seeds,
        epochs=preset.epochs_of_starts,
        probes=wd.Probes(splits=("validation",), moved=False),
        progress=progress and "claim 4",
    )
    return {NAME: runs}


def analyse(preset: Preset, data: Dataset, stored: dict[str, xr.Dataset]) -> Outcome:
    """Compare plateaus and accuracies, time the descent to 1/sqrt(n_in), hold MNIST against the book's figure."""
    runs = divergence.carried(stored[NAME])
    verdicts = [_plateau(runs, layer) for layer in runs.layer.values]
    verdicts.append(_accuracy(runs))
    verdicts += _reaches_fan_in(runs)
    tables = [_agreement(runs, preset.epochs_of_book)]
    if preset.dataset == "mnist" and preset.hidden == 30:
        judgements, table = published_verdicts(runs)
        verdicts += judgements
        tables.append(table)
    return Outcome(NAME, TITLE, _answer(runs, verdicts), tuple(verdicts), tuple(tables), lambda: _draw(runs, preset))


def _answer(runs: xr.Dataset, verdicts: list[Verdict]) -> str:
    gone = divergence.counted(runs)
    end = runs.isel(epoch=-1).mean("seed")
    sizes, right = end.weight_rms, end.accuracy.sel(split="validation") * 100
    if not np.isfinite(sizes).any():
        return f"Nothing is left of either start to compare: {gone or 'no run has a number at its end'}."
    layers = [
        f"layer {layer} at "
        + " and ".join(formatted(sizes.sel(layer=layer, init=init).item(), ".3g") for init in ("gaussian", "fan_in"))
        for layer in runs.layer.values
    ]
    accuracy = [formatted(right.sel(init=init).item(), ".2f") + " %" for init in ("gaussian", "fan_in")]
    alike = {v.verdict for v in verdicts if v.statement == SAME_PLATEAU}
    how = "alike" if alike == {HOLDS} else "not alike" if FAILS in alike else "perhaps not alike"
    hidden = runs.weight_rms.sel(init="gaussian", layer=1)
    lowest = formatted(hidden.min("epoch", skipna=False).mean().item(), ".3g")
    return (
        f"From N(0,1) and N(0,1/n_in) the weights end {how} (at epoch {float(end.epoch):g}: {', '.join(layers)}; "
        f"accuracy {' and '.join(accuracy)}); from N(0,1) the smallest rms weight of the hidden layer is {lowest}, "
        f"and the other start's 1/√n_in is {float(runs.n_in.sel(layer=1)) ** -0.5:.3g}." + (f" {gone}." if gone else "")
    )


def _plateau(runs: xr.Dataset, layer: int) -> Verdict:
    """Plateaus of both starts, paired by seed, over the window in which both are stationary."""
    rms = runs.weight_rms.sel(layer=layer)
    found = {init: plateaus.find(rms.sel(init=init), MOVES_LESS) for init in runs.init.values}
    last = runs.epoch.values[-1]
    statement = SAME_PLATEAU
    moving = [name for name, plateau in found.items() if not plateau.reached]
    if moving:
        return undecided(
            f"not stationary by epoch {last:g} from init {' and '.join(moving)}",
            claim=4,
            statement=statement,
            scope=f"layer {layer}",
            tolerance=WITHIN,
            diverged=divergence.said(divergence.lost(rms.isel(epoch=-1)), runs),
        )
    first = max(plateau.first for plateau in found.values() if plateau.first is not None)
    mean = rms.sel(epoch=slice(first, None)).mean("epoch", skipna=False)
    scope = f"layer {layer}, epochs {first:g} to {last:g}"
    verdict = compare(
        mean.sel(init="gaussian"), mean.sel(init="fan_in"), WITHIN, claim=4, statement=statement, scope=scope
    )
    large, small = (rms.sel(init=init).transpose("seed", "epoch").values for init in ("gaussian", "fan_in"))
    return _with_what_is_to_come(verdict, limit_ratio(large, small, runs.epoch.values, first))


def _with_what_is_to_come(verdict: Verdict, limits: Estimate) -> Verdict:
    """Judge the ratio of the limits that both starts approach, where that over the window was compared.

    What is still to come is an estimate, with an error of its own: the interval is that of `limit_ratio`. An approach
    that does not slow down has no bound, and neither has the ratio then: undecided.
    """
    if not all(map(np.isfinite, limits.ci95)):
        why = f"{verdict.why}; no bound on what is still to come: the approach seen does not slow down"
        word, no_bound = with_gaps(UNDECIDED, verdict.verdict == DIVERGED, False), (float("nan"), float("nan"))
        return dataclasses.replace(verdict, ci95=no_bound, verdict=word, why=why, seeds=None)
    word = with_gaps(judge(limits.ci95, 1 - WITHIN, 1 + WITHIN), verdict.verdict == DIVERGED, _lacks_values(verdict))
    level = verdict.predicted
    why = f"{verdict.why}; judged is the ratio of limits, {limits.value:.5g} in [{limits.low:.5g}, {limits.high:.5g}]: "
    why += "what exponential approaches still add, with its error"
    ends = (limits.low * level, limits.high * level)
    return dataclasses.replace(verdict, measured=limits.value * level, ci95=ends, verdict=word, why=why, seeds=None)


def _lacks_values(verdict: Verdict) -> bool:
    """Whether a comparison was left undecided by values that are missing, and not by its interval."""
    assert verdict.asked is not None
    return verdict.verdict == UNDECIDED and judge(verdict.ci95, *verdict.asked) != UNDECIDED


def _accuracy(runs: xr.Dataset) -> Verdict:
    last = runs.epoch.values[-1]
    late = runs.accuracy.sel(split="validation", epoch=slice(last * LATE, None)).mean("epoch", skipna=False)
    return compare(
        late.sel(init="gaussian"),
        late.sel(init="fan_in"),
        WITHIN,
        claim=4,
        statement="both starts end at the same validation accuracy",
        scope=f"epochs {last * LATE:g} to {last:g}",
    )


def _reaches_fan_in(runs: xr.Dataset) -> list[Verdict]:
    """When weights from N(0,1) come down to 1/sqrt(n_in), for weights that only decay and for the hidden layer."""
    large = runs.sel(init="gaussian")
    n_in = float(runs.n_in.sel(layer=1))
    predicted = float(wd.theory.evaluate("initialisation", "epochs_to_fan_in", large, n_in=n_in))
    verdicts = []
    cases: list[tuple[str, xr.DataArray, Kind]] = [
        # Without a gradient the crossing is arithmetic: it checks the program.
        ("weights on dead inputs", large.dead_input_rms, "identity"),
        ("hidden layer", large.weight_rms.sel(layer=1), "prediction"),
    ]
    for what, rms, kind in cases:
        if not bool(rms.sel(epoch=0).notnull().any()):
            continue  # a data set without dead inputs
        crossing = xr.apply_ufunc(
            _first_below,
            rms / rms.sel(epoch=0),
            input_core_dims=[["epoch"]],
            vectorize=True,
            kwargs={"epochs": runs.epoch.values, "level": n_in**-0.5},
        )
        gone = divergence.lost(rms.isel(epoch=-1))
        if (np.isfinite(crossing) | gone).all():
            statement = "weights from N(0,1) reach 1/√n_in at t* (epochs)"
            verdicts.append(compare(crossing, predicted, WITHIN, claim=4, kind=kind, statement=statement, scope=what))
            continue
        lowest = t_interval(rms.isel(epoch=slice(1, None)).min("epoch", skipna=False))
        verdicts.append(
            judged(
                lowest,
                0,
                n_in**-0.5,
                predicted=n_in**-0.5,
                tolerance=0.0,
                claim=4,
                kind="prediction",
                statement="weights from N(0,1) come down to 1/√n_in (smallest rms)",
                scope=f"{what}, epochs 1 to {runs.epoch.values[-1]:g}",
                why=f"t* would be epoch {predicted:.1f}",
                diverged=divergence.said(gone, large),
                seeds=lowest.n,
                cells=1,
            )
        )
    return verdicts


def _first_below(series: np.ndarray, epochs: np.ndarray, level: float) -> float:
    """Epoch at which a falling series crosses `level`, interpolated in its logarithm; NaN if it never does."""
    below = np.flatnonzero(series <= level)
    if not below.size or below[0] == 0:
        return float("nan")
    i = below[0]
    high, low = np.log(series[i - 1]), np.log(series[i])
    return float(epochs[i - 1] + (epochs[i] - epochs[i - 1]) * (high - np.log(level)) / (high - low))


def _agreement(runs: xr.Dataset, epochs_of_book: int) -> Table:
    """From which epoch on the two starts' means differ by less than the seeds' spread."""
    large, small = runs.sel(init="gaussian"), runs.sel(init="fan_in")
    cases = [(f"weight_rms, layer {k}", "weight_rms", {"layer": k}) for k in runs.layer.values]
    cases += [
        ("saturated, layer 1", "saturated", {"layer": 1}),
        ("validation accuracy", "accuracy", {"split": "validation"}),
    ]
    rows = []
    for label, name, where in cases:
        a, b = large[name].sel(where), small[name].sel(where)
        spread = np.sqrt((a.var("seed", ddof=1) + b.var("seed", ddof=1)) / 2)
        apart = np.flatnonzero(~(abs(a.mean("seed") - b.mean("seed")) <= spread).values)  # nor does NaN agree
        last = runs.epoch.values[-1]
        first = apart[-1] + 1 if apart.size else 0
        agree = f"{runs.epoch.values[first]:g}" if first < len(runs.epoch) else f"after {last:g}"
        when = (0, min(epochs_of_book, last), last)
        at = [formatted(x.sel(epoch=e).mean().item(), ".4g") for e in when for x in (a, b)]
        rows.append((label, agree, *at))
    times = ("start", f"epoch {epochs_of_book}", "end")
    columns = (
        "",
        "within one seed's spread from epoch",
        *(f"{init}, {time}" for time in times for init in ("N(0,1)", "N(0,1/n_in)")),
    )
    note = "The means over seeds differ by less than one seed's standard deviation, from there to the end."
    return Table("Both starts", columns, tuple(rows), note)


def _draw(runs: xr.Dataset, preset: Preset) -> "Figure":
    from wd_jax.figures import needs, style, two_starts

    if nothing := needs.nothing_left(runs, 1):
        return style.instead(TITLE, nothing)
    published = NIELSEN_30 if preset.dataset == "mnist" and preset.hidden == 30 else None
    return two_starts.figure(runs, published)
