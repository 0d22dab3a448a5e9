"""Judge the start of sigmoid networks: saturation, gradients, and the lmbda that dominates the first step."""

from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.saturation import averages, tables
from experiments.laboratory.saturation.measure import looked_at
from experiments.laboratory.saturation.settings import (
    C_WITHIN,
    HIDDEN,
    LAYERS,
    NAME,
    REST,
    SAID_MNIST,
    SAID_RATIOS,
    Settings,
)
from experiments.laboratory.saturation.start import Start, batch_ms, predict
from experiments.laboratory.saturation.tables import PARTS, SENSES, over
from wd_jax.data import Dataset
from wd_jax.stats.comparison import judged
from wd_jax.stats.estimates import Estimate
from wd_jax.stats.outcome import Outcome
from wd_jax.stats.verdict import Kind, Verdict

TITLE = "The start at N(0, 1): saturation, gradients, and what λ would dominate"
FROM = "the gradients and the drift of the start"


def analyse(preset: Settings, data: Dataset, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge what networks start with.

    Parameters
    ----------
    preset : Settings
        With which it was measured.
    data : Dataset
        The same.
    stored : dict of str to xarray.Dataset
        What `measure` returned, by name.

    Returns
    -------
    Outcome
    """
    runs = stored[NAME]
    law = predicted(preset, data)
    plain = predicted(preset, data, average=False)
    found, said = thresholds(preset, data, runs), thresholds(preset, data, law)
    verdicts = (
        *_constant(),
        *_hidden(preset, runs, law, plain),
        *_rest(preset, runs, law),
        *_thresholds(preset, data, runs, law, found, said),
    )
    shown = (
        tables.parts(preset, runs, law, plain),
        tables.thresholds(preset, data.n, found, said),
        tables.constant(),
    )
    return Outcome(
        NAME,
        TITLE,
        _answer(preset, data, verdicts, found),
        verdicts,
        shown,
        lambda: _draw(preset, data, runs, law, found, said),
    )


def predicted(preset: Settings, data: Dataset, average: bool = True) -> xr.Dataset:
    """Lay out the predictions [hidden, layer], under the names of what is measured.

    Parameters
    ----------
    preset, data
        As of `analyse`.
    average : bool
        Whether averages are over the examples' own |x|^2, or taken at its mean.
    """
    inputs, targets = looked_at(preset, data)
    starts = [predict(inputs, targets, hidden, preset.pairs, average) for hidden in preset.hidden]
    names = (*Start.__dataclass_fields__,)
    dims = ("hidden", "layer")
    variables: dict[str, Any] = {name: (dims, np.array([getattr(one, name) for one in starts])) for name in names}
    batches = [batch_ms(one.example_ms, one.mean_ms, len(inputs), preset.m) for one in starts]
    variables["batch_ms"] = (dims, np.array(batches))
    variables["weight_ms"] = (dims, np.ones((len(starts), 2)))
    return xr.Dataset(variables, {"hidden": np.array(preset.hidden, np.int32), "layer": list(LAYERS)})


def thresholds(preset: Settings, data: Dataset, of: xr.Dataset) -> xr.Dataset:
    """Give the lmbda above which decay dominates at the start, in every sense of `SENSES`, and `zero_mean`.

    `zero_mean` is `noise` with gradients that have no mean. All are to leading order in the step.

    Parameters
    ----------
    preset, data
        As of `analyse`.
    of : xarray.Dataset
        Measured or predicted; mean squares of gradients, `weight_ms` and `drift`.
    """
    half = preset.eta * data.n / 2
    weight = of.weight_ms
    return xr.Dataset(
        {
            "noise": half * of.batch_ms / weight,
            "budget": (data.n * np.abs(of.drift) + half * of.batch_ms) / weight,
            "force": data.n * np.sqrt(of.mean_ms / weight),
            "displacement": data.n * np.sqrt(of.batch_ms / weight),
            "zero_mean": half * of.example_ms / preset.m / weight,
        }
    )


def _ratio(
    measured: xr.DataArray,
    law: xr.DataArray,
    root: bool,
    statement: str,
    scope: str,
    kind: Kind = "prediction",
    rests_on: str = "",
) -> Verdict:
    """Judge measured/predicted in cells [hidden]: the worst of them, its interval for all together."""
    sizes = measured.hidden.values.tolist()
    found = {h: over(measured.sel(hidden=h), law.sel(hidden=h), root, len(sizes)) for h in sizes}
    worst = max(sizes, key=lambda h: _off(found[h]))
    within = REST.value
    return judged(
        found[worst],
        1 - within,
        1 + within,
        predicted=1.0,
        tolerance=within,
        why=f"measured over predicted{', rms over seeds' if root else ''}, the worst of {len(sizes)} widths",
        claim=NAME,
        kind=kind,
        statement=statement,
        scope=f"{scope} (at {worst} hidden units)",
        rests_on=rests_on,
    )


def _off(found: Estimate) -> float:
    return max(abs(np.log(max(found.low, 1e-300))), abs(np.log(max(found.high, 1e-300))))


def _constant() -> tuple[Verdict, ...]:
    s = np.geomspace(0.05, 40, 120)
    c = averages.c_of(s)
    rises = float(np.maximum(-np.diff(c), 0).max())
    outside = float(max(averages.SMALL - c.min(), c.max() - averages.LARGE, 0.0))
    ends = max(
        abs(float(averages.c_of(at) - series(at)))
        for at, series in ((0.02, averages.c_small), (200.0, averages.c_large))
    )
    where = "0.05 ≤ s ≤ 40"
    return (
        exact.verdict(
            float(np.abs(c - averages.c_other(s)).max()),
            C_WITHIN.value,
            claim=NAME,
            kind="identity",
            statement="two quadratures give the same c(s)",
            scope=where,
        ),
        exact.verdict(
            max(rises, outside),
            C_WITHIN.value,
            claim=NAME,
            kind="identity",
            statement="c(s) rises from 8/π to π²/3 and stays between them",
            scope=where,
            why="the largest fall from point to point, or step outside",
        ),
        exact.verdict(
            ends,
            C_WITHIN.value,
            claim=NAME,
            kind="identity",
            statement="c(s) begins as 8/π + (4/π − 1) s² and ends as π²/3 − π⁴/(30 s²)",
            scope="s = 0.02 and s = 200",
        ),
    )


def _hidden(preset: Settings, runs: xr.Dataset, law: xr.Dataset, plain: xr.Dataset) -> tuple[Verdict, ...]:
    where = f"{_said(preset.hidden)} hidden units"
    cases: list[tuple[xr.Dataset, Kind, str]] = [
        (law, "prediction", "averaged over the examples' |x|²"),
        (plain, "rival", "at the mean |x|²"),
    ]
    return tuple(
        wd.compare(
            runs[name].sel(layer="hidden", drop=True),
            one[name].sel(layer="hidden", drop=True),
            HIDDEN.value,
            claim=NAME,
            kind=kind,
            statement=f"hidden layer: {PARTS[name].removesuffix(' (rms)')}, {words}",
            scope=where,
        )
        for name in ("preactivation_ms", "slope", "slope_ms", "saturated")
        for one, kind, words in cases
        if kind == "prediction" or name != "preactivation_ms"
    )


def _rest(preset: Settings, runs: xr.Dataset, law: xr.Dataset) -> tuple[Verdict, ...]:
    asked = [("output", name) for name in ("preactivation_ms", "slope", "saturated", "delta_ms")]
    asked += [("hidden", "delta_ms")]
    asked += [(layer, name) for layer in LAYERS for name in ("example_ms", "mean_ms", "drift")]
    return tuple(
        _ratio(
            runs[name].sel(layer=layer, drop=True),
            law[name].sel(layer=layer, drop=True),
            name.endswith("_ms"),
            f"start: {PARTS[name]}",
            f"{layer} layer",
        )
        for layer, name in asked
    )


def _thresholds(
    preset: Settings, data: Dataset, runs: xr.Dataset, law: xr.Dataset, found: xr.Dataset, said: xr.Dataset
) -> tuple[Verdict, ...]:
    verdicts: list[Verdict] = []
    for layer in LAYERS:
        own, theory = found.sel(layer=layer, drop=True), said.sel(layer=layer, drop=True)
        for sense, words in SENSES.items():
            statement = f"start: λ that dominates, {words}"
            root = sense in ("force", "displacement")
            squares = (own[sense] ** 2, theory[sense] ** 2) if root else (own[sense], theory[sense])
            verdicts.append(_ratio(*squares, root, statement, f"{layer} layer", rests_on=FROM))
        statement = "start: λ that dominates, budget, noise alone, of gradients without a mean"
        verdicts.append(_ratio(own.noise, theory.zero_mean, False, statement, f"{layer} layer", "rival"))
    grown, expected = (one.batch_ms * preset.m / one.example_ms for one in (runs, law))
    verdicts += [
        _ratio(
            grown.sel(layer=layer, drop=True),
            expected.sel(layer=layer, drop=True),
            False,
            "start: how many times the mean gradient raises a minibatch's mean square",
            f"{layer} layer",
            rests_on=FROM,
        )
        for layer in LAYERS
    ]
    return (*verdicts, *_said_before(preset, data, grown, found))


def _said_before(preset: Settings, data: Dataset, grown: xr.DataArray, found: xr.Dataset) -> tuple[Verdict, ...]:
    """Judge the numbers that were named beforehand, where this run has their setting."""
    if 30 not in preset.hidden:
        return ()
    cases = [(grown, SAID_RATIOS, "the mean gradient raises a minibatch's mean square {:g} times")]
    if data.name == "mnist":
        cases += [
            (found[sense], pair, f"λ that dominates, {SENSES[sense]}, is {{:g}}") for sense, pair in SAID_MNIST.items()
        ]
    return tuple(
        wd.compare(
            values.sel(layer=layer, hidden=30, drop=True),
            number,
            REST.value,
            claim=NAME,
            kind="rival",
            statement=f"start: said beforehand: {words.format(number)}",
            scope=f"{layer} layer, 30 hidden units",
        )
        for values, pair, words in cases
        for layer, number in zip(LAYERS, pair, strict=True)
    )


def _said(values: Any) -> str:
    return " and ".join(f"{value:g}" for value in values)


def _answer(preset: Settings, data: Dataset, verdicts: tuple[Verdict, ...], found: xr.Dataset) -> str:
    asked = [one for one in verdicts if one.kind == "prediction" and not one.rests_on]
    kept = sum(one.verdict == "holds" for one in asked)
    width = preset.hidden[0] if 30 not in preset.hidden else 30
    at = found.sel(hidden=width).mean("seed")
    levels = {layer: sorted(float(at[sense].sel(layer=layer)) for sense in SENSES) for layer in LAYERS}
    ends = {layer: f"{found[0]:.3g} to {found[-1]:.3g}" for layer, found in levels.items()}
    below = [
        f"{layer} layer, {SENSES[sense]}"
        for layer in LAYERS
        for sense in SENSES
        if float(at[sense].sel(layer=layer)) < preset.lmbda
    ]
    reached = f"λ = {preset.lmbda:g} is above it in {len(below)} of {2 * len(SENSES)} cases"
    reached += f" ({'; '.join(below)})" if below else ""
    return (
        f"{kept} of {len(asked)} predictions of the start hold. With {width} hidden units decay dominates above λ = "
        f"{ends['hidden']} in the hidden layer and {ends['output']} in the output layer, from sense to sense; "
        f"{reached}. Gradients of one-hot targets have a mean, which no minibatch averages away, and the law counts it."
    )


def _draw(
    preset: Settings, data: Dataset, runs: xr.Dataset, law: xr.Dataset, found: xr.Dataset, said: xr.Dataset
) -> Any:
    from experiments.laboratory.saturation import figure

    return figure.figure(preset, data, runs, law, found, said)
