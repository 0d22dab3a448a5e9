"""Claim 1: if lmbda is not too small, the first epochs are dominated by weight decay."""

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.exercise import tolerances
from experiments.exercise.dominance.in_short import in_short
from experiments.exercise.preset import Preset
from wd_jax.data import Dataset
from wd_jax.display import formatted
from wd_jax.results import divergence
from wd_jax.stats.comparison import compare, judged
from wd_jax.stats.estimates import Estimate, exp, root_in_log, t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict, Word
from wd_jax.sweeps.plan import Plan

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "claim_1_dominance"
TITLE = "Claim 1: the first epochs are dominated by decay"
START_WITHIN = tolerances.START_WITHIN.value
THRESHOLD_FACTOR = tolerances.THRESHOLD_FACTOR.value

NET = "norm budget, net of the epoch"
LATER = "force, after one epoch"

Found = dict[tuple[str, int], Estimate]
"""Threshold by sense and layer."""

SENSES = {
    "norm budget": "decay is over half of the traffic in ‖W‖², step by step",
    "displacement": "decay moves the weights farther than the gradient does",
    "force": "decay pulls harder than the full-batch gradient",
}


def plans(preset: Preset, data: Dataset) -> dict[str, Plan]:
    """Train for one epoch over a grid in lmbda, in float64: float32 loses the smallest decays."""
    plan = wd.dry_run(
        dataclasses.replace(preset.setup(data), dtype="float64"),
        data,
        lmbda=preset.lmbda_grid(),
        eta=preset.eta,
        seeds=preset.seeds_of(preset.seeds),
        epochs=1,
        probes=wd.Probes(splits=("train",), full_gradient=True),
    )
    return {NAME: plan}


def analyse(preset: Preset, data: Dataset, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge the threshold in each sense and layer, and E1-E3's prediction of the start."""
    runs = divergence.carried(stored[NAME])
    gone = divergence.counted(runs)
    excess = excesses(runs)
    found = {
        (sense, layer): threshold(excess[sense].sel(layer=layer)) for sense in SENSES for layer in runs.layer.values
    }
    # At the start the pull is proportional to lmbda: no grid is needed.
    force = xr.ufuncs.log(initial_force(runs))
    found |= {("force", layer): exp(t_interval(force.sel(layer=layer))) for layer in runs.layer.values}
    start = initial_theory(runs, data)
    verdicts = [
        _verdict(sense, layer, estimate, preset, excess[sense].sel(layer=layer), gone)
        for (sense, layer), estimate in found.items()
    ]
    measured = np.sqrt(runs.sample_gradient_norm2.isel(lmbda=0).sel(epoch=0))
    for layer in runs.layer.values:
        verdicts.append(
            compare(
                measured.sel(layer=layer),
                np.sqrt(start["sample_gradient_norm2"].sel(layer=layer)),
                START_WITHIN,
                claim=1,
                statement="norm of one example's gradient, from E1-E3",
                scope=f"layer {layer}, epoch 0",
            )
        )
        verdicts.append(
            compare(
                noise_threshold(runs).sel(layer=layer),
                start["lmbda_noise"].sel(layer=layer),
                THRESHOLD_FACTOR,
                factor=True,
                claim=1,
                statement="lmbda_crit of decay against noise at the start, from E1-E3, within a factor of 2",
                scope=f"layer {layer}, epoch 0",
                rests_on="the gradients of one example and of the full batch at the start, both judged here",
            )
        )
    tables = (_thresholds_table(found, excess, runs), _start_table(runs, start))
    answer = _answer(found, gone)
    short = in_short(_words(found, verdicts), preset.lmbda)
    return Outcome(NAME, TITLE, answer, tuple(verdicts), tables, lambda: _draw(runs, found, start, preset), short)


def _words(found: Found, verdicts: list[Verdict]) -> dict[str, dict[str, Word]]:
    """Give the words by sense and layer; the first verdicts are those of the thresholds, in their order."""
    words: dict[str, dict[str, Word]] = {sense: {} for sense in SENSES}
    last = max(layer for _, layer in found)
    for (sense, layer), verdict in zip(found, verdicts, strict=False):
        words[sense]["output" if layer == last else "hidden"] = verdict.verdict
    return words


def excesses(runs: xr.Dataset) -> dict[str, xr.DataArray]:
    """ln(decay/rest) in each sense, over (lmbda, seed, layer): positive where decay dominates.

    The budget's traffic is summed step by step. What it is net of the epoch, where drift outwards and drift
    inwards cancel, depends on how often it is recorded: it is told, and not judged.
    """
    first = runs.sel(epoch=1)
    pull = runs.lmbda / runs.n * np.sqrt(runs.weight_norm2 / runs.gradient_norm2)
    return {
        "norm budget": np.log(abs(first.budget_decay) / (first.budget_drift_traffic + first.budget_noise)),
        NET: np.log(abs(first.budget_decay) / (abs(first.budget_drift) + first.budget_noise)),
        "displacement": np.log(first.moved_by_decay / first.moved_by_gradient),
        "force": np.log(pull.sel(epoch=0)),
        LATER: np.log(pull.sel(epoch=1)),
    }


def threshold(excess: xr.DataArray) -> Estimate:
    """Find the lmbda at which decay and the rest are equal: the root per seed, averaged as a logarithm.

    No number if a seed has no root on the grid: leaving that seed out would shift the mean.
    """
    roots = np.array([root_in_log(excess.lmbda, one) for one in excess.transpose("seed", "lmbda").values])
    return exp(t_interval(roots if np.isfinite(roots).all() else np.full_like(roots, np.nan)))


def initial_force(runs: xr.Dataset) -> xr.DataArray:
    """Return lmbda at which decay pulls as hard as the full-batch gradient at the start, n |grad C0| / |W|."""
    first = runs.isel(lmbda=0).sel(epoch=0)
    return first.n * np.sqrt(first.gradient_norm2 / first.weight_norm2)


def noise_threshold(runs: xr.Dataset) -> xr.DataArray:
    """Return lmbda at which decay equals the noise part of the budget at the start, from measured moments.

    E gbar^2 of a batch drawn without replacement: the full gradient's square and the finite-population variance.
    """
    first = runs.isel(lmbda=0).sel(epoch=0)
    full = first.gradient_norm2
    batch = full + (first.sample_gradient_norm2 - full) / first.m * (first.n - first.m) / (first.n - 1)
    return float(first.eta) * first.n / 2 * batch / first.weight_norm2


def initial_theory(runs: xr.Dataset, data: Dataset) -> xr.Dataset:
    """E1-E3 from the inputs' norms alone: squared gradient norms at the start, and the thresholds that follow.

    Averages over the empirical distribution of ||x||^2 instead of using its mean.
    """
    x2 = xr.DataArray(np.square(data.train.inputs, dtype=np.float64).sum(axis=1), dims="example")
    x2 = x2[:: max(1, data.n // 2000)]
    n_hidden, n_out = int(runs.n_in.sel(layer=2)), data.n_out

    def law(name: str, **given: Any) -> xr.DataArray:
        with np.errstate(all="ignore"):
            return wd.theory.evaluate("saturation", name, runs, **given)

    hidden = law("preactivation_rms_first", input_norm2=x2)
    output = law("preactivation_rms_next", n_in=n_hidden, preactivation_rms=hidden)
    delta_out = law("output_delta_ms", preactivation_rms=output)
    delta_hidden = law("hidden_delta_ms", preactivation_rms=hidden, n_out=n_out, delta_ms=delta_out)
    norm2 = [
        (x2 * n_hidden * delta_hidden).mean("example"),
        (n_hidden * law("activation_ms", preactivation_rms=hidden) * n_out * delta_out).mean("example"),
    ]
    norm2 = xr.concat(norm2, xr.DataArray([1, 2], dims="layer", name="layer"))
    common = {"eta": runs.eta, "n": runs.n, "weight_ms": 1.0}
    noise = wd.theory.evaluate("dominance", "critical_lmbda", runs, gradient_ms=norm2 / runs.n_w / runs.m, **common)
    return xr.Dataset({"sample_gradient_norm2": norm2, "lmbda_noise": noise}).reset_coords(drop=True)


def _verdict(sense: str, layer: int, estimate: Estimate, preset: Preset, excess: xr.DataArray, gone: str) -> Verdict:
    """Judge a threshold; runs that diverged at higher lmbda shorten the grid, and say so."""
    at_start = sense == "force"
    whole = excess.notnull().all("seed")
    short = not at_start and gone and bool(whole.any()) and not bool(whole.all())
    why = "lmbda_crit per seed, mean of its logarithm"
    found = bool(np.isfinite(estimate.value))
    return judged(
        estimate,
        0.0,
        preset.lmbda,
        predicted=preset.lmbda,
        tolerance=0.0,
        claim=1,
        kind="prediction",
        statement=f"{SENSES[sense]}: lmbda_crit < {preset.lmbda:g}",
        scope=f"layer {layer}, {'epoch 0' if at_start else 'epoch 1'}"
        + (f", lmbda to {excess.lmbda.values[whole.values].max():g}" if short else ""),
        why=f"{why}; {gone}" if short and found else why,
        of_logarithm=True,
        diverged="" if at_start or found else gone,
        seeds=estimate.n,
        cells=1,
    )


def _answer(found: Found, gone: str) -> str:
    parts = []
    for sense, phrase in (("norm budget", "norm budget"), ("displacement", "displacement"), ("force", "initial force")):
        values = [estimate.value for (name, _), estimate in found.items() if name == sense]
        said = [formatted(float(f"{value:.2g}"), "g", "a value that was not found") for value in values]
        if np.isfinite(values).any():
            parts.append(f"in the sense of the {phrase} λ must exceed {' and '.join(said)}")
        else:
            parts.append(f"in the sense of the {phrase} no λ was found that is a threshold for every seed")
    answer = f"It depends on the sense and the layer: {', '.join(parts)} (hidden and output layer)."
    return f"{answer} {gone}." if gone else answer


def _thresholds_table(found: Found, excess: dict[str, xr.DataArray], runs: xr.Dataset) -> Table:
    none = "runs diverged" if divergence.who(runs).any() else "no threshold for every seed"
    rows = [(sense, int(layer), _number(estimate, none)) for (sense, layer), estimate in found.items()]
    for sense in (NET, LATER):
        told = {layer: threshold(excess[sense].sel(layer=layer)) for layer in runs.layer.values}
        rows += [(sense, int(layer), _number(estimate, none)) for layer, estimate in told.items()]
    note = (
        "Geometric mean over seeds with its 95 % interval; Nielsen's examples have lmbda = 5. The norm budget sums "
        "what every step adds and takes away; net of the epoch, drift outwards and drift inwards cancel first."
    )
    return Table("lmbda_crit by sense and layer", ("sense", "layer", "lmbda_crit [95 %]"), tuple(rows), note)


def _start_table(runs: xr.Dataset, start: xr.Dataset) -> Table:
    """Gradient and force ratios at the start, E1-E3 beside the measurement."""
    first = runs.isel(lmbda=0).sel(epoch=0)
    rows = []
    for layer in runs.layer.values:
        here, theory = first.sel(layer=layer), start.sel(layer=layer)
        per_weight = np.sqrt(here.sample_gradient_norm2 / here.n_w)
        predicted = float(np.sqrt(theory.sample_gradient_norm2 / here.n_w))
        full, noise = here.gradient_norm2, noise_threshold(runs).sel(layer=layer)
        force = here.n * np.sqrt(here.sample_gradient_norm2 / here.weight_norm2)
        rows += [
            (int(layer), "rms gradient of one example per weight", f"{predicted:.4g}", str(t_interval(per_weight))),
            (int(layer), "lmbda: force of one example", f"{float(here.n) * predicted:.4g}", str(t_interval(force))),
            (
                int(layer),
                "lmbda: force of the full batch",
                "",
                str(t_interval(here.n * np.sqrt(full / here.weight_norm2))),
            ),
            (
                int(layer),
                "lmbda: noise part of the norm budget",
                f"{float(theory.lmbda_noise):.4g}",
                str(t_interval(noise)),
            ),
        ]
    note = (
        "E1-E3 know only the inputs' norms, and their gradient norm is itself only known within 20 %; the noise part "
        "leaves out the mean gradient, so it is usually too small. Measured are arithmetic means over seeds with their "
        "95 % intervals; the geometric means of the table above are smaller."
    )
    return Table(
        "At the start: E1-E3 beside the measurement", ("layer", "", "predicted", "measured"), tuple(rows), note
    )


def _number(estimate: Estimate, none: str) -> str:
    if not np.isfinite(estimate.value):
        return none
    return f"{estimate.value:.4g} [{estimate.low:.4g}, {estimate.high:.4g}]"


def _draw(runs: xr.Dataset, found: Found, start: xr.Dataset, preset: Preset) -> "Figure":
    from experiments.exercise.dominance import figure

    return figure.figure(runs, excesses(runs), found, start.lmbda_noise, preset.lmbda)
