"""Hold what a symmetry protects against decay alone, step by step, and the layers' norms against each other."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.symmetry import laws
from experiments.laboratory.symmetry.settings import (
    BALANCE,
    DESCENT,
    DOUBLE,
    FITTED,
    FLOW,
    MOVED,
    NAME,
    RESCALING,
    REST,
    RUNS,
    SINGLE,
    SPECTRAL,
    Settings,
)
from wd_jax.results import divergence
from wd_jax.stats.comparison import undecided
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Symmetry: weights, sums and differences that only decay"
SUMS, DEAD = "class_sums", "dead_input_rms"
WHAT = {SUMS: "the class sums of the last layer", DEAD: "the weights on dead inputs"}


def analyse(preset: Settings, data: object, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge every law of the derivation that a network can show, and what is held up beside it."""
    runs, rescaled, rested, descended = (stored[name] for name in (NAME, RESCALING, REST, DESCENT))
    runs, rested = divergence.carried(runs), divergence.carried(rested)
    verdicts = (
        *_protected(runs),
        *_rescaling(rescaled),
        _at_rest(preset, rested),
        *_descent(descended),
    )
    tables = (_errors(runs), _imbalances(rescaled, descended))
    answer = _answer(verdicts, runs)
    return Outcome(NAME, TITLE, answer, verdicts, tables, lambda: _draw(runs, rescaled, descended))


def error(runs: xr.Dataset, name: str, what: str) -> xr.DataArray:
    """Give the relative error of the law, [seed, epoch]."""
    measured = runs[what].sel(run=name, drop=True)
    return abs(measured / measured.isel(epoch=0) / laws.left(runs, name) - 1)


def _worst(values: xr.DataArray) -> float:
    """Give the largest, or NaN if any is."""
    return float(values.max(skipna=False)) if values.size else float("nan")


def _scope(runs: xr.Dataset) -> str:
    seeds, steps = runs.sizes["seed"], int(runs.step.max())
    return f"a network with biases, softmax outputs, {steps} steps of minibatches, {seeds} seeds"


def _protected(runs: xr.Dataset) -> tuple[Verdict, ...]:
    """Judge class sums and dead inputs under every rule."""
    found = []
    for name, (rule, dtype, *_) in RUNS.items():
        law = "the closed form of decay with momentum" if rule in laws.PATHS else "(1 - ε)^t"
        for what, words in WHAT.items():
            spectral = rule == "muon" and what == SUMS
            most = SPECTRAL if spectral else DOUBLE if dtype == "float64" else SINGLE
            elementwise = rule == "adamw" and what == SUMS
            found.append(
                exact.verdict(
                    _worst(error(runs, name, what)),
                    most.value,
                    claim=NAME,
                    statement=f"{name.split(',')[0]}, {dtype}: {words} follow {law}",
                    scope=_scope(runs),
                    kind="rival" if elementwise else "prediction",
                    why=divergence.said(divergence.lost(runs.sel(run=name)).any("epoch"), runs.sel(run=name)),
                )
            )
    return tuple(found)


def _rescaling(runs: xr.Dataset) -> tuple[Verdict, ...]:
    """Judge what a step does to the difference of neighbouring layers' squared norms."""
    scope = (
        f"rectified units without biases, {runs.sizes['layer']} layers, {runs.sizes['step'] - 1} steps, "
        f"{runs.sizes['seed']} seeds"
    )
    words = {"claim": NAME, "scope": scope}
    off = abs(laws.imbalance(runs) - laws.measured_imbalance(runs)) / laws.held(runs)
    drift = runs.drift.isel(step=slice(1, None)).sel(dtype="float64")
    uneven = (drift.max("layer") - drift.min("layer")) / abs(drift).max(("layer", "step"))
    return (
        *(
            exact.verdict(
                _worst(off.sel(dtype=dtype)),
                most.value,
                **words,
                kind="identity",
                statement=f"{dtype}: the imbalance of two layers is (1 - ε)² of the last plus η² times the difference "
                "of the run's squared gradients, over the sum of both squared norms",
            )
            for dtype, most in (("float64", DOUBLE), ("float32", SINGLE))
        ),
        exact.verdict(
            _worst(uneven),
            DOUBLE.value,
            **words,
            kind="identity",
            statement="float64: <W, g> is the same for all layers in every step, over its largest value",
        ),
        exact.verdict(
            _worst(_flow(runs.sel(dtype="float64"))),
            FLOW.value,
            **words,
            kind="rival",
            statement="the imbalance of two layers shrinks by decay alone, as in gradient flow (its logarithm)",
        ),
    )


def _flow(runs: xr.Dataset) -> xr.DataArray:
    """Say how far the logarithm of an imbalance's size, over its start, is from that of decay alone, at the end."""
    found = laws.measured_imbalance(runs)
    relative = abs(found.isel(step=-1) / found.isel(step=0))
    return abs(xr.ufuncs.log(relative) / np.log(float(laws.decay_alone(runs).isel(step=-1))) - 1)


def _at_rest(preset: Settings, runs: xr.Dataset) -> Verdict:
    """Predict the imbalance in the long run of half of the seeds from the gradients of the other half."""
    late = runs.sel(epoch=runs.epoch > preset.burn_in).mean("epoch", skipna=False)
    half = runs.sizes["seed"] // 2
    law = laws.limit(runs, late.gradient_gap.isel(seed=slice(None, half)))
    sign = float(np.sign(law.mean()))  # which layer is larger is the data's: a prediction is compared as it is positive
    return wd.compare(
        sign * late.imbalance.isel(seed=slice(half, None)),
        sign * law,
        FITTED.value,
        fitted=True,
        claim=NAME,
        statement="the size of the imbalance in the long run is that of η (|g'|² - |g|²)/(L(2 - ηL)), with squared "
        "gradients of other seeds",
        scope=f"rectified units without biases, one hidden layer, epochs {preset.burn_in + 1} to {preset.rest_epochs}",
    )


def _descent(runs: xr.Dataset) -> tuple[Verdict, ...]:
    """Judge whether the layers come to rest at one squared norm, and how fast their differences vanish."""
    scope = (
        f"full-batch descent, {int(runs.step.max())} steps, rectified units without biases, {runs.sizes['seed']} seeds"
    )
    words = {"claim": NAME, "scope": scope}
    last = runs.weight_norm2.isel(step=-1)
    apart = (last.max("layer") - last.min("layer")) / last.mean("layer")
    statement = "at rest all layers have the same squared norm"
    moved = _worst(abs(last / runs.weight_norm2.isel(step=-2) - 1))
    still = f"squared norms changed by up to {moved:.1%} between the last two records: they had not come to rest"
    return (
        undecided(still, **words, statement=statement, tolerance=BALANCE.value)
        if moved > MOVED.value
        else exact.verdict(_worst(apart), BALANCE.value, **words, statement=statement),
        exact.verdict(
            _worst(_flow(runs)),
            FLOW.value,
            **words,
            kind="rival",
            statement="the imbalance of two layers shrinks by decay alone, as in gradient flow (its logarithm)",
        ),
    )


def _errors(runs: xr.Dataset) -> Table:
    rows = []
    for name in RUNS:
        law = float(laws.left(runs, name).isel(epoch=-1))
        rows.append((name, f"{law:.6g}", *(f"{_worst(error(runs, name, what)):.2g}" for what in WHAT)))
    note = "The largest relative error over seeds and epochs. Dead inputs: no gradient reaches them under any rule."
    columns = ("rule", "left at the end, by the law", "error of class sums", "error of dead inputs")
    return Table("What no gradient reaches", columns, tuple(rows), note)


def _imbalances(rescaled: xr.Dataset, descended: xr.Dataset) -> Table:
    rows = []
    law = laws.imbalance(rescaled).sel(dtype="float64").isel(seed=0, step=-1)
    found = laws.measured_imbalance(rescaled).sel(dtype="float64").isel(seed=0)
    alone = float(laws.decay_alone(rescaled).isel(step=-1))
    for layer in found.layer.values:
        start, end = (float(found.sel(layer=layer).isel(step=k)) for k in (0, -1))
        rows.append(
            ("minibatches", f"{layer}, {layer + 1}", *_shown(start, end, float(law.sel(layer=layer)), start * alone))
        )
    found = laws.measured_imbalance(descended).isel(seed=0)
    alone = float(laws.decay_alone(descended).isel(step=-1))
    for layer in found.layer.values:
        start, end = (float(found.sel(layer=layer).isel(step=k)) for k in (0, -1))
        rows.append(("full batch", f"{layer}, {layer + 1}", *_shown(start, end, None, start * alone)))
    columns = ("gradients", "layers", "at the start", "at the end", "exact law", "decay alone")
    note = "Squared norm of the next layer less that of this one, first seed, float64."
    return Table("Imbalance of neighbouring layers", columns, tuple(rows), note)


def _shown(*numbers: float | None) -> tuple[str, ...]:
    """Write numbers with nine digits, as the law is exact to more."""
    return tuple("" if one is None else f"{one:.9g}" for one in numbers)


def _answer(verdicts: tuple[Verdict, ...], runs: xr.Dataset) -> str:
    judged = [one for one in verdicts if one.kind != "rival"]
    held = sum(one.verdict == "holds" for one in judged)
    sums, dead = (_worst(error(runs, "SGD", what)) for what in (SUMS, DEAD))
    none_dead = bool(np.isnan(runs[DEAD]).all())
    both = f"class sums are what decay alone leaves to {sums:.0e}, and no input of this data set is always zero"
    if not none_dead:
        both = f"class sums and weights on dead inputs are what decay alone leaves to {max(sums, dead):.0e}"
    ends = runs[SUMS].sel(run="AdamW").isel(epoch=-1) / runs[SUMS].sel(run="AdamW").isel(epoch=0)
    apart = float((ends / laws.left(runs, "AdamW").isel(epoch=-1)).max())
    spectral = _worst(error(runs, "Muon", SUMS))
    return (
        f"{held} of {len(judged)} laws hold. Under SGD, after {int(runs.step.max())} steps of real training in "
        f"float64, {both}. AdamW steps every "
        f"weight by itself and breaks the class sums: at the end they are up to {apart:.0f} times what decay leaves. "
        f"Muon, which steps a matrix as a whole, keeps them to {spectral:.0e}. Differences of the layers' norms do not "
        "decay alone: the squared gradients feed them, exactly as the law says."
    )


def _draw(runs: xr.Dataset, rescaled: xr.Dataset, descended: xr.Dataset) -> "Figure":
    from experiments.laboratory.symmetry import figure

    return figure.figure(runs, rescaled, descended)
