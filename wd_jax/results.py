"""From measured arrays to a labelled `xarray.Dataset`."""

import dataclasses
import hashlib
import importlib.metadata
import json

import jax
import numpy as np
import xarray as xr

from wd_jax import conventions, divergence
from wd_jax.config import COEFFICIENTS, Hyper
from wd_jax.data import Dataset
from wd_jax.data.targets import ACCURACY
from wd_jax.decay_check import kept_by_cell
from wd_jax.plan import Group, Plan
from wd_jax.variables import VARIABLES, described


def assemble(plan: Plan, data: Dataset, measured: list[dict[str, np.ndarray]]) -> xr.Dataset:
    """Label the arrays of all groups and join them.

    Parameters
    ----------
    plan : Plan
        What was run.
    data : Dataset
        Its size makes coordinates, its hash an attribute.
    measured : list of dict
        Per group of the plan, arrays [cells, seeds, records, ...].

    Returns
    -------
    xarray.Dataset
        Dimensions: the swept axes in the order given, seed, layer or split, epoch. From the epoch at which a member
        diverged its values are NaN, and the coordinate ``diverged_at`` says when.
    """
    attributes = _attributes(plan, data)
    parts = zip(plan.groups, measured, kept_by_cell(plan, data.n), strict=True)
    datasets = [_label(plan, group, data, arrays, kept) for group, arrays, kept in parts]
    for axis in reversed(plan.static_axes):
        size = len(axis.values)
        datasets = [
            xr.concat(
                datasets[i : i + size], axis.name, data_vars="all", coords="different", compat="equals", join="outer"
            )
            for i in range(0, len(datasets), size)
        ]
    runs = datasets[0].transpose(*(axis.name for axis in plan.axes), "seed", ..., "epoch", missing_dims="ignore")
    runs = divergence.carried(runs)  # after the groups were joined: a coordinate that they share would not be
    diverged = divergence.lost(runs)
    for name in VARIABLES:
        if name in runs:
            runs[name] = runs[name].where(~diverged).transpose(*runs[name].dims)
    for name in runs.variables:
        runs[name].attrs = described(str(name))
    if "accuracy" in runs:
        runs.accuracy.attrs["description"] = ACCURACY[data.target_kind]
    return runs.assign_attrs(attributes)


def _label(plan: Plan, group: Group, data: Dataset, arrays: dict[str, np.ndarray], kept: np.ndarray) -> xr.Dataset:
    """Label one group's arrays, with every coordinate that could differ in another group."""
    axes = plan.traced_axes
    names, sizes = tuple(axis.name for axis in axes), tuple(len(axis.values) for axis in axes)
    setup = group.setup
    arrays = arrays | {"weight_rms": np.sqrt(arrays["weight_norm2"] / np.asarray(setup.n_w))}
    variables = {}
    for name, array in arrays.items():
        shaped = array.reshape(*sizes, *array.shape[1:])
        if name in VARIABLES:
            dims = (*names, "seed", "epoch", *VARIABLES[name][0])
        elif name == "diverged_at":
            dims = (*names, "seed")
        else:
            dims = (*names, "seed", *(f"{name}_{i}" for i in range(array.ndim - 2)))
        variables[name] = (dims, shaped)
    cells = np.asarray([_per_step_factor(cell, data.n, setup.dtype) for cell in plan.cells]).reshape(sizes)
    records = plan.probes.records_per_epoch
    epoch = np.arange(plan.epochs * records + 1)
    used = ("eta", "lmbda", "init_scale", *COEFFICIENTS[setup.optimiser])
    inner = setup.widths[1:-1]
    coordinates = {
        **{axis.name: list(axis.values) for axis in axes},
        **{name: value for name, value in plan.scalars if name in used},
        "init": setup.init,
        "optimiser": setup.optimiser,
        "depth": len(inner),
        "hidden": inner[0] if inner and len(set(inner)) == 1 else 0,
        **dict(group.labels),
        "seed": list(plan.seeds),
        "layer": np.arange(1, setup.layers + 1),
        "split": list(plan.probes.splits),
        "epoch": epoch if records == 1 else epoch / records,
        "n": data.n,
        "m": setup.batch_size,
        "steps_per_epoch": conventions.steps_per_epoch(data.n, setup.batch_size),
        "n_w": ("layer", np.asarray(setup.n_w)),
        "n_in": ("layer", np.asarray(setup.widths[:-1])),
        "per_step_factor": (names, cells),
        "decay_kept": (names, kept.reshape(sizes)),
        "independent_seeds": setup.order == "seed",
    }
    return xr.Dataset(variables, coordinates)


def _per_step_factor(cell: Hyper, n: int, dtype: str) -> float:
    """Return the factor that was asked for: epsilon as the dtype rounds it, subtracted from 1 in float64."""
    kind = np.dtype(dtype).type
    return 1.0 - float(kind(cell.eta) * kind(cell.lmbda) / kind(n))


def _attributes(plan: Plan, data: Dataset) -> dict[str, str | int]:
    """Collect the run-wide facts: equal for all members of a sweep."""
    setups = [dataclasses.asdict(group.setup) for group in plan.groups]
    configuration = {
        "setup": {field: value for field, value in setups[0].items() if all(s[field] == value for s in setups)},
        "axes": {axis.name: list(axis.values) for axis in plan.axes},
        "scalars": dict(plan.scalars),
        "seeds": list(plan.seeds),
        "epochs": plan.epochs,
        "probes": dataclasses.asdict(plan.probes),
        "dataset": data.sha256,
    }
    text = json.dumps(configuration, sort_keys=True)
    versions = {name: importlib.metadata.version(name) for name in ("jax", "jaxlib", "optax", "numpy", "xarray")}
    return {
        "config": text,
        "config_hash": hashlib.sha256(text.encode()).hexdigest()[:16],
        "convention": "nielsen: w <- (1 - eta*lmbda/n) w - (eta/m) sum of gradients; biases not decayed",
        "dataset": data.name,
        "dataset_sha256": data.sha256,
        "target_kind": data.target_kind,
        "accuracy_means": ACCURACY[data.target_kind],
        "dtype": ", ".join(sorted({group.setup.dtype for group in plan.groups})),
        "device": jax.devices()[0].device_kind,
        "matmul_precision": "highest",
        "versions": json.dumps(versions, sort_keys=True),
    }
