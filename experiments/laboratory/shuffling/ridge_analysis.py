"""Hold the simulated ridge regression against all orders at once, and against what leaves out its curvature."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.shuffling import ridge
from experiments.laboratory.shuffling.settings import NAME, WITHIN
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Table
from wd_jax.stats.verdict import Kind, Verdict

SMALL_ETA = 1e-3
"""From which, and half of it, the mean is extrapolated to small learning rates."""


@dataclass(frozen=True)
class RidgeLaws:
    """What the laws say of the ends of epochs.

    Parameters
    ----------
    square : xarray.DataArray [eta]
        Mean square distance from the optimum, over all orders.
    mean : xarray.DataArray [eta, weight]
        Mean distance, over all orders.
    additive : xarray.DataArray [eta]
        Mean square distance where gradients' noise does not depend on the weights: the law of shuffled epochs, for
        each eigenvector of the mean curvature.
    first_order : array [weight]
        Mean distance over eta, for small eta.
    """

    square: xr.DataArray
    mean: xr.DataArray
    additive: xr.DataArray
    first_order: np.ndarray


def laws_of(runs: xr.Dataset, eta: np.ndarray | None = None) -> RidgeLaws:
    """Evaluate the laws on the examples of a measurement.

    Parameters
    ----------
    runs : xarray.Dataset
        From `settings.measure_ridge`.
    eta : array, optional
        Learning rates; those of the measurement by default.
    """
    given = problem_of(runs)
    rates = runs.eta.values if eta is None else eta
    found = [ridge.at_epoch_end(given, float(rate)) for rate in rates]
    coords = {"eta": rates}
    return RidgeLaws(
        square=xr.DataArray([np.trace(square) for _, square in found], coords, ("eta",)),
        mean=xr.DataArray([mean for mean, _ in found], coords, ("eta", "weight")),
        additive=xr.DataArray([_additive(given, float(rate)) for rate in rates], coords, ("eta",)),
        first_order=ridge.bias_per_eta(given),
    )


def problem_of(runs: xr.Dataset) -> ridge.Problem:
    """Give the regression that was simulated."""
    return ridge.Problem(runs.inputs.values, runs.residuals.values, float(runs.decay))


def _additive(given: ridge.Problem, eta: float) -> float:
    """Add up the variances of both modes by the law of shuffled epochs, lmbda + n h in the place of lmbda."""
    from derivations import derive

    formula = derive("shuffling").formulas["variance_at_epoch_end"]
    n = len(given.inputs)
    curvature, modes = np.linalg.eigh(given.curvatures.mean(0))
    noise = ((given.residuals @ modes) ** 2).mean(0)
    settings = {"eta": eta, "n": n, "steps_per_epoch": n}
    return sum(formula(batch_noise=v, lmbda=h * n, **settings) for h, v in zip(curvature, noise, strict=True))


def along(vectors: xr.DataArray, laws: RidgeLaws) -> xr.DataArray:
    """Give the part of mean distances along the direction that the law of all orders gives them."""
    direction = laws.mean / xr.ufuncs.sqrt((laws.mean**2).sum("weight"))
    return (vectors * direction).sum("weight", skipna=False)


def verdicts(runs: xr.Dataset, laws: RidgeLaws) -> tuple[Verdict, ...]:
    """Judge all orders at once, the bias to first order, and the rivals."""
    given = problem_of(runs)
    scope = f"ridge regression, {len(given.inputs)} examples, {given.inputs.shape[1]} weights, one example a step"
    common: dict[str, Any] = {"claim": NAME, "scope": scope}
    mean, whole = along(runs["mean"], laws), along(laws.mean, laws)
    first = along(laws.mean.eta * xr.DataArray(laws.first_order, dims="weight"), laws)
    extrapolated = ridge.bias_extrapolated(given, SMALL_ETA)
    error = np.linalg.norm(extrapolated - laws.first_order) / np.linalg.norm(laws.first_order)

    def judge(measured: xr.DataArray, theory: xr.DataArray, statement: str, rival: bool = False) -> Verdict:
        kind: Kind = "rival" if rival else "prediction"
        return wd.compare(measured, theory, WITHIN.value, **common, kind=kind, statement=statement)

    return (
        judge(runs.square, laws.square, "the mean square distance from the optimum is that of all orders at once"),
        judge(mean, whole, "the mean distance from the optimum is that of all orders at once"),
        exact.verdict(
            float(error),
            WITHIN.value,
            **common,
            kind="identity",
            statement="for small η the mean distance of all orders at once is -η/2 H⁻¹ mean(Aᵢbᵢ)",
            why="error of one formula against the other, extrapolated to η = 0: nothing is measured",
        ),
        judge(runs.square, laws.additive, "noise that does not depend on the weights would do", True),
        judge(mean, first, "the mean distance to first order in η would do", True),
    )


def table(runs: xr.Dataset, laws: RidgeLaws) -> Table:
    """Lay out both moments: measured, over all orders, and by the approximations."""
    rows = []
    first = along(laws.mean.eta * xr.DataArray(laws.first_order, dims="weight"), laws) / laws.mean.eta
    measured, whole = along(runs["mean"], laws) / runs.eta, along(laws.mean, laws) / laws.mean.eta
    for rate in runs.eta.values:
        square = [f"{float(one.sel(eta=rate)):.4g}" for one in (laws.square, laws.additive)]
        mean = [f"{float(one.sel(eta=rate)):.4g}" for one in (whole, first)]
        found = [str(t_interval(one.sel(eta=rate).values)) for one in (runs.square, measured)]
        rows.append((float(rate), found[0], *square, found[1], *mean))
    columns = (
        "η",
        "mean square measured",
        "all orders",
        "noise alone",
        "mean / η measured",
        "all orders",
        "first order",
    )
    note = "Distance from the optimum at the end of an epoch; the mean is taken along its own direction."
    return Table("Ridge regression: mean and mean square", columns, tuple(rows), note)
