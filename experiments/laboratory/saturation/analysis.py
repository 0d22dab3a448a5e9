"""Judge the start of sigmoid networks: saturation, gradients, and the lmbda that dominates before anything is learned."""

from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.saturation import averages
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
from wd_jax.data import Dataset
from wd_jax.stats.comparison import judged
from wd_jax.stats.estimates import Estimate, t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Kind, Verdict

TITLE = "The start at N(0, 1): saturation, gradients, and what λ would dominate"
PARTS: dict[str, str] = {
    "preactivation_ms": "weighted input (rms)",
    "slope": "mean slope E σ′",
    "slope_ms": "squared slope E σ′² (rms)",
    "saturated": "saturated units",
    "delta_ms": "error dC/dz (rms)",
    "example_ms": "gradient of an example (rms)",
    "batch_ms": "gradient of a minibatch (rms)",
    "mean_ms": "gradient of the training set (rms)",
    "drift": "drift ⟨W, g⟩",
}
"""What is compared, and its name; those that end in _ms by their root."""
SENSES = {
    "noise": "budget, noise alone",
    "budget": "budget, drift and noise",
    "force": "force of the mean gradient",
    "displacement": "displacement of one step",
}
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
    tables = (
        _parts_table(preset, runs, law, plain),
        _threshold_table(preset, data, runs, law, found, said),
        _constant_table(),
    )
    return Outcome(
        NAME,
        TITLE,
        _answer(preset, data, verdicts, found),
        verdicts,
        tables,
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


def over(measured: xr.DataArray, law: xr.DataArray, root: bool, cells: int = 1) -> Estimate:
    """Give measured/predicted of one cell with its interval; by roots where mean squares are compared as such."""
    found = t_interval((measured / law).values, cells)
    if not root:
        return found
    value, low, high = np.sqrt(np.maximum([found.value, found.low, found.high], 0))
    return Estimate(float(value), float(low), float(high), found.n, found.left_out)


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
        why=f"measured over predicted{', root mean squares over seeds' if root else ''}, the worst of {len(sizes)} widths",
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
        abs(float(averages.c_of(at) - series(at))) for at, series in ((0.02, averages.c_small), (200.0, averages.c_large))
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
            statement="c(s) rises from 8/π to π²/3 and stays between them",
            scope=where,
            why="the largest fall from point to point, or step outside",
        ),
        exact.verdict(
            ends,
            C_WITHIN.value,
            claim=NAME,
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
        cases += [(found[sense], pair, f"λ that dominates, {SENSES[sense]}, is {{:g}}") for sense, pair in SAID_MNIST.items()]
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
    ends = {
        layer: " to ".join(f"{value:.3g}" for value in sorted(float(at[s].sel(layer=layer)) for s in SENSES)[:: len(SENSES) - 1])
        for layer in LAYERS
    }
    below = [
        f"the {layer} layer in the sense of {SENSES[sense]}"
        for layer in LAYERS
        for sense in SENSES
        if float(at[sense].sel(layer=layer)) < preset.lmbda
    ]
    reached = f"λ = {preset.lmbda:g} is above it for {'; '.join(below)}" if below else f"λ = {preset.lmbda:g} is below all"
    return (
        f"{kept} of {len(asked)} predictions of the start hold. With {width} hidden units decay dominates above λ = "
        f"{ends['hidden']} in the hidden layer and {ends['output']} in the output layer, from sense to sense: {reached}. "
        "Gradients of one-hot targets have a mean, which no minibatch averages away and which the law has to count."
    )


def _number(found: Estimate) -> str:
    return found.with_digits(".3g", ".1g")


def _parts_table(preset: Settings, runs: xr.Dataset, law: xr.Dataset, plain: xr.Dataset) -> Table:
    rows = []
    for hidden in preset.hidden:
        for layer in LAYERS:
            for name, words in PARTS.items():
                one, theory, mean = (of[name].sel(hidden=hidden, layer=layer) for of in (runs, law, plain))
                root = name.endswith("_ms")
                shown = np.sqrt if root else np.asarray
                rows.append(
                    (
                        hidden,
                        layer,
                        words,
                        f"{float(shown(one.mean())):.4g}",
                        f"{float(shown(theory)):.4g}",
                        over(one, theory, root).with_digits(".3f", ".3f"),
                        f"{float(shown(mean)):.4g}",
                    )
                )
    columns = ("hidden units", "layer", "what", "measured", "law", "measured / law", "law at the mean |x|²")
    note = "Mean over seeds; rms: root of the mean square over weights or units, examples and seeds."
    return Table("What networks start with", columns, tuple(rows), note)


def _threshold_table(
    preset: Settings, data: Dataset, runs: xr.Dataset, law: xr.Dataset, found: xr.Dataset, said: xr.Dataset
) -> Table:
    rows = []
    for hidden in preset.hidden:
        for layer in LAYERS:
            one, theory = (of.sel(hidden=hidden, layer=layer) for of in (found, said))
            rows += [
                (
                    hidden,
                    layer,
                    words,
                    _number(t_interval(one[sense].values)),
                    f"{float(theory[sense]):.3g}",
                    f"{float(theory.zero_mean):.3g}" if sense == "noise" else "",
                    f"{preset.lmbda / float(one[sense].mean()):.2g}",
                )
                for sense, words in SENSES.items()
            ]
    columns = ("hidden units", "layer", "sense", "λ measured", "law", "without a mean", f"λ = {preset.lmbda:g} over it")
    note = (
        f"η = {preset.eta:g}, m = {preset.m}, n = {data.n}; mean over seeds with 95 % interval. Budget: of the first step, "
        "drift being that of the mean gradient. Force: λ|w|/n against the gradient of the training set. Over a whole epoch "
        "gradients change: that is claim 1's measurement."
    )
    return Table("The λ above which decay dominates at the start", columns, tuple(rows), note)


def _constant_table() -> Table:
    s = np.array([0.05, 0.5, 1.0, 2.0, 3.83, 9.4, 22.4, 40.0])
    rows = tuple(
        (f"{w:g}", f"{c:.6f}", f"{slope:.6f}", f"{(_closed_slope(w) / slope - 1) * 100:+.2f} %", f"{share:.3f}")
        for w, c, slope, share in zip(s, averages.c_of(s), averages.mean_slope(s), averages.saturated(s), strict=True)
    )
    columns = ("s", "c(s)", "E σ′", "1.702² in place of c", "saturated")
    return Table("The mean slope 1/√(2π(s² + c(s)))", columns, rows, "By quadrature; no network.")


def _closed_slope(s: float) -> float:
    """Return the closed mean slope, with a constant in place of c(s)."""
    return float(1 / np.sqrt(2 * np.pi * (s**2 + averages.PROBIT)))


def _draw(
    preset: Settings, data: Dataset, runs: xr.Dataset, law: xr.Dataset, found: xr.Dataset, said: xr.Dataset
) -> Any:
    from experiments.laboratory.saturation import figure

    return figure.figure(preset, data, runs, law, found, said)
