"""Claim 2: if eta*lmbda << n, weights shrink by exp(-eta*lmbda/m) per epoch."""

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.exercise import tolerances
from experiments.exercise.epoch_decay.in_short import Followed, in_short
from experiments.exercise.preset import Preset
from wd_jax.data import Dataset
from wd_jax.display import formatted
from wd_jax.results import divergence
from wd_jax.stats.comparison import compare
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import InShort, Outcome, Table
from wd_jax.stats.verdict import Kind, Verdict
from wd_jax.sweeps.plan import Plan

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "claim_2_epoch_decay"
TITLE = "Claim 2: a factor exp(-ηλ/m) per epoch"
WITHIN = tolerances.RATE_WITHIN.value
IDENTITY_WITHIN = tolerances.RATE_IDENTITY_WITHIN.value
SPANS = tolerances.SPANS.values


def plans(preset: Preset, data: Dataset) -> dict[str, Plan]:
    """Train as the book does, in float64.

    float64, because the exact factor differs from its limit by about (eta lmbda)^2/(2 n m): 1e-5 or less.
    """
    setup = dataclasses.replace(preset.setup(data), dtype="float64")
    plan = wd.dry_run(
        setup,
        data,
        lmbda=preset.lmbda,
        eta=preset.eta,
        seeds=preset.seeds_of(preset.factor_seeds),
        epochs=preset.epochs_of_book,
        probes=wd.Probes(splits=(), moved=False),
    )
    return {NAME: plan}


def analyse(preset: Preset, data: Dataset, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge the factor per epoch of dead inputs and of both layers, against the exact factor and its limit."""
    runs = divergence.carried(stored[NAME])
    exact: xr.DataArray = xr.ufuncs.log(wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs))
    with np.errstate(divide="ignore"):  # a strong decay leaves a factor of 0: no prediction of its logarithm
        limit: xr.DataArray = xr.ufuncs.log(wd.theory.evaluate("epoch_decay", "per_epoch_factor_limit", runs))
    dead = _log_factor(runs.dead_input_rms)
    total = xr.ufuncs.log(runs.weight_rms / runs.weight_rms.sel(epoch=0, drop=True)).isel(epoch=slice(1, None))
    mean_factor = total / total.epoch
    book = preset.epochs_of_book
    cases: list[tuple[Any, Any, float, Kind, str, str]] = [
        (dead, exact, IDENTITY_WITHIN, "identity", "dead inputs: exact factor per epoch", f"every epoch to {book}"),
        (dead, limit, WITHIN, "prediction", "dead inputs: factor exp(-ηλ/m) per epoch", f"every epoch to {book}"),
    ]
    for layer in runs.layer.values:
        label = f"layer {layer} ({'output' if layer == runs.layer.values[-1] else 'hidden'})"
        one, whole = mean_factor.sel(layer=layer, epoch=1), mean_factor.sel(layer=layer, epoch=book)
        cases.append(
            (one, limit, WITHIN, "prediction", "all weights: factor exp(-ηλ/m) per epoch", f"{label}, epoch 1")
        )
        cases.append(
            (
                whole,
                limit,
                WITHIN,
                "prediction",
                "all weights: factor exp(-ηλ/m) per epoch",
                f"{label}, epochs 1 to {book}",
            )
        )
    verdicts = tuple(
        compare(
            measured,
            theory,
            within,
            claim=2,
            kind=kind,
            statement=f"{statement} (its logarithm)",
            scope=scope,
            rests_on="the exact factor, by arithmetic" if measured is dead and kind == "prediction" else "",
        )
        for measured, theory, within, kind, statement, scope in cases
        if measured is not dead or _has_dead_inputs(runs)
    )
    followed = _followed(runs, limit)
    tables = (_factors(runs, exact, limit), followed)
    answer = _answer(runs, exact, limit, followed)
    return Outcome(NAME, TITLE, answer, verdicts, tables, lambda: _draw(runs), _in_short(runs, limit, verdicts, book))


def _in_short(runs: xr.Dataset, limit: xr.DataArray, verdicts: tuple[Verdict, ...], epochs: int) -> InShort:
    """Say it in plain words; the last verdicts are the layers', two each, the one before them that of dead inputs."""
    words = [verdict.verdict for verdict in verdicts]
    last = len(runs.layer)
    of_layers = words[-2 * last :]
    layers = {
        "output" if k == last - 1 else "hidden": Followed(of_layers[2 * k], of_layers[2 * k + 1]) for k in range(last)
    }
    alone = words[-2 * last - 1] if _has_dead_inputs(runs) else None
    return in_short(alone, layers, float(np.exp(limit.item())), epochs, float(np.ravel(runs.lmbda.values)[0]))


def _has_dead_inputs(runs: xr.Dataset) -> bool:
    """Whether there are weights that only decay; a run that diverges has them at its start all the same."""
    return bool(runs.dead_input_rms.isel(epoch=0).notnull().any())


def _control(runs: xr.Dataset, exact: xr.DataArray, limit: xr.DataArray) -> str:
    """Say what weights that only decay do, or that this data set has none."""
    factor = f"{np.exp(exact.item()):.6f} per epoch, which differs from exp(-ηλ/m) by {_off(exact, limit):.1e}"
    if _has_dead_inputs(runs):
        return f"Weights on inputs that are always zero shrink by the exact factor {factor}"
    return (
        "No input of this data set is always zero: there are no weights that only decay, and the control is absent "
        f"(by the law they would shrink by {factor})"
    )


def _off(exact: xr.DataArray, limit: xr.DataArray) -> float:
    return float(np.expm1(exact.item() - limit.item()))


def _answer(runs: xr.Dataset, exact: xr.DataArray, limit: xr.DataArray, followed: Table) -> str:
    if not float(runs.lmbda):
        return "Without decay (λ = 0) nothing shrinks by itself: the factor is 1, and there is no claim to follow."
    gone = divergence.counted(runs)
    ending = f" {gone}." if gone else ""
    if not np.isfinite(runs.weight_rms.sel(epoch=1)).any():
        return f"No factor was measured: {gone}." if gone else "No factor was measured."
    if not np.isfinite(exact):
        each = float(1 - runs.eta * runs.lmbda / runs.n)
        return f"A step multiplies a weight by {each:.4g}, and no factor per epoch follows.{ending}"
    spans = [
        f"those of layer {row[0]} {_followed_for(row[2], row[4])}" for row in followed.rows if row[1] == "each epoch"
    ]
    own = f"the logarithms of the layers' own factors follow: {', '.join(spans)}"
    return f"{_control(runs, exact, limit)}; {own}.{ending}"


def _followed_for(one: int, twenty: int) -> str:
    if not twenty:
        return "not within 20 % for a single epoch"
    return f"within 1 % for {_epochs(one)} and within 20 % for {_epochs(twenty)}"


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count or 'no'} epochs"


def _log_factor(rms: xr.DataArray) -> xr.DataArray:
    """ln(w_e / w_(e-1)) at each epoch after the start."""
    return xr.ufuncs.log(rms / rms.shift(epoch=1)).isel(epoch=slice(1, None))


def _factors(runs: xr.Dataset, exact: xr.DataArray, limit: xr.DataArray) -> Table:
    leading = wd.theory.evaluate("epoch_decay", "relative_error_leading", runs)
    dead = np.exp(_log_factor(runs.dead_input_rms).mean().item())
    rows = [("exact", formatted(np.exp(exact.item()), ".9f"))]
    rows += [("limit exp(-ηλ/m)", formatted(np.exp(limit.item()), ".9f"))]
    rows += [("measured on dead inputs", formatted(dead, ".9f") if _has_dead_inputs(runs) else "no input is dead")]
    if _has_dead_inputs(runs):
        off = np.expm1(limit.item() - np.log(dead)) * -1
        rows += [("relative error of the limit, measured", formatted(off, ".4e"))]
    rows += [("relative error of the limit, leading order", formatted(leading.item(), ".4e"))]
    for layer in runs.layer.values:
        first = np.exp(_log_factor(runs.weight_rms.sel(layer=layer)).sel(epoch=1))
        rows.append((f"measured on layer {layer}, epoch 1", str(t_interval(first))))
    return Table("Factor per epoch", ("", "factor"), tuple(rows))


def _followed(runs: xr.Dataset, limit: xr.DataArray) -> Table:
    """For how many epochs each layer's factor has its interval inside the claim ± 1, 5 and 20 %."""
    rows = []
    for layer in runs.layer.values:
        rms = runs.weight_rms.sel(layer=layer)
        since_start = xr.ufuncs.log(rms / rms.sel(epoch=0, drop=True)).isel(epoch=slice(1, None))
        for how, measured in (("each epoch", _log_factor(rms)), ("since the start", since_start / since_start.epoch)):
            found = [t_interval(row) for row in (measured / limit).transpose("epoch", "seed").values]
            spans = [_leading_true([abs(e.low - 1) <= w and abs(e.high - 1) <= w for e in found]) for w in SPANS]
            rows.append((int(layer), how, *spans, str(found[0]), str(found[-1])))
    columns = ("layer", "factor of", *(f"within {w:.0%}" for w in SPANS), "ratio, epoch 1", "ratio, last epoch")
    note = "Epochs from the start for which the 95 % interval of ln(factor)/(-κ) lies inside 1 ± 1, 5, 20 %."
    return Table("How long the layers follow", columns, tuple(rows), note)


def _leading_true(flags: list[bool]) -> int:
    return flags.index(False) if False in flags else len(flags)


def _draw(runs: xr.Dataset) -> "Figure":
    from experiments.exercise.epoch_decay import figure
    from wd_jax.figures import needs, style

    if nothing := needs.nothing_left(runs, 1):
        return style.instead(TITLE, nothing)
    exact = wd.theory.evaluate("epoch_decay", "weight_rms", runs, weight_rms_0=1.0)
    return figure.figure(runs, exact)
