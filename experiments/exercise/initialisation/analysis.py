"""Claim 4: large weights with decay imitate starting from N(0, 1/n_in)."""

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.exercise import tolerances
from experiments.exercise.initialisation.in_short import Found, in_short
from experiments.exercise.initialisation.published import NIELSEN_30, is_of, published_verdicts
from experiments.exercise.preset import Preset
from wd_jax.data import Dataset
from wd_jax.display import formatted
from wd_jax.results import divergence
from wd_jax.stats import replication
from wd_jax.stats.comparison import compare, judged
from wd_jax.stats.estimates import limit_of, t_interval
from wd_jax.stats.outcome import InShort, Outcome, Table
from wd_jax.stats.plateau import limits_of
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Kind, Verdict, Word, judge
from wd_jax.sweeps.plan import Plan

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "claim_4_initialisation"
TITLE = "Claim 4: the decay imitates starting from N(0, 1/n_in)"
WITHIN = tolerances.STARTS_WITHIN.value
ERRORS_FACTOR = tolerances.ERRORS_FACTOR.value
LATE = tolerances.LATE.value
RESAMPLES = 200
SAME_SIZE = "both starts have the same weight_rms late in the run"
SAME_ERRORS = "both starts make the same share of errors on validation, within a factor of 1.1"
ARRIVES = "weights from N(0,1) reach 1/√n_in at t* (epochs)"
SMALLEST = "weights from N(0,1) come down to 1/√n_in (smallest rms)"
HIDDEN = "hidden layer"
SAME_LIMIT = "both starts approach the same weight_rms (ratio of limits)"


def plans(preset: Preset, data: Dataset) -> dict[str, Plan]:
    """Run both starts side by side: same seeds, same draws up to the scale, same minibatches."""
    plan = wd.dry_run(
        preset.setup(data),
        data,
        init=["gaussian", "fan_in"],
        lmbda=preset.lmbda,
        eta=preset.eta,
        seeds=preset.seeds_of(preset.seeds),
        epochs=preset.epochs_of_starts,
        probes=wd.Probes(splits=("validation",), moved=False),
    )
    return {NAME: plan}


def analyse(preset: Preset, data: Dataset, stored: dict[str, xr.Dataset]) -> Outcome:
    """Compare sizes and errors, time the descent to 1/sqrt(n_in), hold MNIST against the book's figure."""
    runs = divergence.carried(stored[NAME])
    verdicts = [one for layer in runs.layer.values for one in _sizes(runs, layer)]
    verdicts.append(_errors(runs))
    verdicts += _reaches_fan_in(runs)
    tables = [_agreement(runs, preset.epochs_of_book)]
    if is_of(preset.dataset, preset.hidden):
        judgements, table = published_verdicts(runs)
        verdicts += judgements
        tables.append(table)
    answer, short = _answer(runs, verdicts), _in_short(runs, verdicts)
    return Outcome(NAME, TITLE, answer, tuple(verdicts), tuple(tables), lambda: _draw(runs, preset), short)


def _in_short(runs: xr.Dataset, verdicts: list[Verdict]) -> InShort:
    """Say it in plain words, from the verdicts on sizes and errors at the end and on the way down."""
    last = runs.layer.values[-1]
    sizes = [one.verdict for one in verdicts if one.statement == SAME_SIZE]
    (errors,) = (one.verdict for one in verdicts if one.statement == SAME_ERRORS)
    down = next((one for one in verdicts if one.scope.startswith(HIDDEN) and one.statement in (ARRIVES, SMALLEST)), None)
    hidden = runs.weight_rms.sel(init="gaussian", layer=1).isel(epoch=slice(1, None))
    return in_short(
        Found(
            sizes={
                "output" if layer == last else "hidden": word
                for layer, word in zip(runs.layer.values, sizes, strict=True)
            },
            errors=errors,
            down=UNDECIDED if down is None else _came_down(down),
            lowest=hidden.min("epoch", skipna=False).mean().item(),
            level=float(runs.n_in.sel(layer=1)) ** -0.5,
            within=WITHIN,
            factor=ERRORS_FACTOR,
        )
    )


def _came_down(down: Verdict) -> Word:
    """Give the word on coming down at all: where the time of it was judged, all runs came down."""
    return HOLDS if down.statement == ARRIVES and math.isfinite(down.measured) else down.verdict


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
    alike = {v.verdict for v in verdicts if v.statement == SAME_SIZE}
    how = "alike within 1 %" if alike == {HOLDS} else "not alike" if FAILS in alike else "perhaps not alike"
    hidden = runs.weight_rms.sel(init="gaussian", layer=1)
    lowest = formatted(hidden.min("epoch", skipna=False).mean().item(), ".3g")
    return (
        f"From N(0,1) and N(0,1/n_in) the weights end {how} (at epoch {float(end.epoch):g}: {', '.join(layers)}; "
        f"accuracy {' and '.join(accuracy)}); from N(0,1) the smallest rms weight of the hidden layer is {lowest}, "
        f"and the other start's 1/√n_in is {float(runs.n_in.sel(layer=1)) ** -0.5:.3g}." + (f" {gone}." if gone else "")
    )


def _sizes(runs: xr.Dataset, layer: int) -> list[Verdict]:
    """Weights of both starts, paired by seed: late in the run, and in the limit that their ratio approaches."""
    rms = runs.weight_rms.sel(layer=layer)
    large, small = (rms.sel(init=init) for init in ("gaussian", "fan_in"))
    first, last = _late(runs)
    late = slice(first, None)
    scope = f"layer {layer}, epochs {first:g} to {last:g}"
    ratio = (large / small).transpose("seed", "epoch").values
    limits = limit_of(ratio, runs.epoch.values)
    why = (
        "limit of the ratio of both, for an exponential approach no slower than five runs, or a sum of such of one sign"
    )
    no_bound = "; no bound on what is still to come: the ratio turned round, or gained speed"
    gone = divergence.said(divergence.lost(rms.isel(epoch=-1)), runs)
    limit = judged(
        limits,
        1 - WITHIN,
        1 + WITHIN,
        predicted=1.0,
        tolerance=WITHIN,
        claim=4,
        kind="prediction",
        statement=SAME_LIMIT,
        scope=f"layer {layer}, in the limit",
        why=why if all(map(np.isfinite, limits.ci95)) else why + no_bound,
        diverged=gone,
    )
    again = (
        float("nan")
        if gone
        else replication.by_resampling(limit.verdict, _words_of_resamples(ratio, runs.epoch.values))
    )
    return [
        compare(
            large.sel(epoch=late).mean("epoch", skipna=False),
            small.sel(epoch=late).mean("epoch", skipna=False),
            WITHIN,
            claim=4,
            statement=SAME_SIZE,
            scope=scope,
        ),
        dataclasses.replace(limit, again=again),
    ]


def _words_of_resamples(ratio: np.ndarray, epoch: np.ndarray) -> list[Word]:
    """Words of the limit in samples drawn twice with replacement from the seeds: it is no mean of Student's."""
    seeds = len(ratio)
    random = np.random.default_rng(0)
    once = random.integers(seeds, size=(RESAMPLES, seeds))  # what the truth may be, and what another run then finds
    drawn = np.take_along_axis(once, random.integers(seeds, size=(RESAMPLES, seeds)), axis=1)
    found = limits_of(ratio[drawn], epoch)
    return [judge((low, high), 1 - WITHIN, 1 + WITHIN) for low, high in zip(found.low, found.high, strict=True)]


def _late(runs: xr.Dataset) -> tuple[float, float]:
    """First and last epoch of the last fifth of the run."""
    last = float(runs.epoch.values[-1])
    return last * (1 - LATE), last


def _errors(runs: xr.Dataset) -> Verdict:
    """Share of wrong answers of both starts: of an accuracy of 96 %, 1 % is a quarter of what is wrong."""
    first, last = _late(runs)
    late = 1 - runs.accuracy.sel(split="validation", epoch=slice(first, None)).mean("epoch", skipna=False)
    return compare(
        late.sel(init="gaussian"),
        late.sel(init="fan_in"),
        ERRORS_FACTOR,
        factor=True,
        claim=4,
        statement=SAME_ERRORS,
        scope=f"epochs {first:g} to {last:g}",
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
        (HIDDEN, large.weight_rms.sel(layer=1), "prediction"),
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
            verdicts.append(compare(crossing, predicted, WITHIN, claim=4, kind=kind, statement=ARRIVES, scope=what))
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
                statement=SMALLEST,
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
    from wd_jax.figures import needs, style
    from wd_jax.figures.plots import two_starts

    if nothing := needs.nothing_left(runs, 1):
        return style.instead(TITLE, nothing)
    published = NIELSEN_30 if is_of(preset.dataset, preset.hidden) else None
    return two_starts.sketch(runs, published).figure()
