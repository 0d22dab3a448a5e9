"""From the laboratory's arrays to a labelled `xarray.Dataset`, of the same kind as a sweep's."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from wd_jax import precision
from wd_jax.engine.probes.probe import Variable
from wd_jax.laboratory import time_mean
from wd_jax.laboratory.plan import LabPlan
from wd_jax.optimisers.updates import CONVENTION
from wd_jax.results import divergence, status
from wd_jax.results.validity import FORMAT
from wd_jax.results.variables import described, table
from wd_jax.sweeps.frame import origin, per_step_factor
from wd_jax.sweeps.run_task import HostRecords


def assemble(plan: LabPlan, arrays: HostRecords, workers: Sequence[Any]) -> xr.Dataset:
    """Label the arrays of a plan.

    Parameters
    ----------
    plan : LabPlan
        What was run.
    arrays : dict
        From `wd_jax.laboratory.run.run`.
    workers : sequence of jax.Device
        Where it was run.

    Returns
    -------
    xarray.Dataset
        Dimensions: the swept axes in the order given, seed, layer (one), epoch.
    """
    known = table(plan.asked) | {one.name: one for one in time_mean.PROBE.variables}
    names = tuple(axis.name for axis in plan.axes)
    sizes = tuple(len(axis.values) for axis in plan.axes)
    variables = {
        name: ((*names, "seed", *known[name].dims, "epoch"), _in_the_grid(array, known[name], sizes))
        for name, array in arrays.items()
        if name in known
    }
    lost = np.moveaxis(arrays["diverged_at"], 0, -1).reshape(*sizes, -1)
    runs = xr.Dataset(variables, _coordinates(plan, names, sizes))
    runs = runs.assign_coords(origin(workers, plan.configuration, len(plan.seeds)))
    steps = plan.what.sizes.steps_per_epoch
    at = np.where(lost < 0, -1, lost if steps == 1 else lost / steps)
    runs = status.added(divergence.carried(runs.assign(diverged_at=((*names, "seed"), at))))
    diverged = divergence.lost(runs)
    for name in variables:
        runs[name] = runs[name].where(~diverged).transpose(*runs[name].dims)
    for name in runs.variables:
        runs[name].attrs = described(str(name), known, plan.coefficients)
    return runs.assign_attrs(format=FORMAT, convention=CONVENTION)


def _in_the_grid(array: np.ndarray, variable: Variable, sizes: tuple[int, ...]) -> np.ndarray:
    """Put [seed, record, cell, ...] in the order of the dimensions, cells over the axes."""
    seeds, records, _, *rest = array.shape
    moved = np.moveaxis(array, (0, 1), (1, -1))  # [cell, seed, ..., record]
    return moved.reshape(*sizes, seeds, *rest, records)


def _coordinates(plan: LabPlan, names: tuple[str, ...], sizes: tuple[int, ...]) -> dict[str, Any]:
    """Give everything that could differ in another run."""
    what, cells, examples = plan.what, plan.cells, plan.what.sizes
    rule, tensor = what.rule, what.tensor

    def of_cells(values: Sequence[float]) -> tuple[tuple[str, ...], np.ndarray]:
        return names, np.asarray(values, np.float64).reshape(sizes)

    decays = [rule.decay_per_step(cell, examples.n) for cell in cells]
    kept = [
        math.nan if math.isnan(decay) else precision.decay_kept(max(decay, 0.0), what.dtype, plan.steps)
        for decay in decays
    ]
    swept = {axis.name: list(axis.values) for axis in plan.axes}
    noise = _noise(plan)
    ends, steps = plan.ends, examples.steps_per_epoch
    return {
        **swept,
        **{name: value for name, value in cells[0].items() if name not in swept},
        **{name: of_cells(values) for name, values in noise.items()},
        "init": "gaussian",
        "optimiser": rule.name,
        "update_rule": rule.update_rule,
        "gradients": what.gradients.name,
        "sampling": what.gradients.sampling,
        "dtype": what.dtype,
        "depth": 0,
        "seed": list(plan.seeds),
        "layer": [1],
        "epoch": ends if steps == 1 else ends / steps,
        "step": ("epoch", ends),
        "n": examples.n,
        "m": examples.m,
        "steps_per_epoch": steps,
        "n_w": ("layer", [tensor.size]),
        "n_in": ("layer", [tensor.shape[0]]),
        "per_step_factor": of_cells([per_step_factor(rule, cell, examples.n, what.dtype) for cell in cells]),
        "decay_kept": of_cells(kept),
        "independent_seeds": True,
        **({"no_budget": plan.no_budget} if plan.no_budget else {}),
    }


def _noise(plan: LabPlan) -> dict[str, list[float]]:
    """Give, of each cell, the variance of a minibatch's gradient and its root mean square, where they are constant."""
    if "gradient_std" not in plan.cells[0]:
        return {}
    n, m = plan.what.sizes.n, plan.what.sizes.m
    without = (n - m) / (n - 1) if plan.what.gradients.sampling == "reshuffle" else 1.0
    variances = [cell.gradient_std**2 / m * without for cell in plan.cells]
    found = {"batch_noise": variances}
    if all(cell.get("mean_gradient", 0) == cell.get("curvature", 0) == 0 for cell in plan.cells):
        found["batch_gradient_rms"] = [math.sqrt(variance) for variance in variances]
    return found
