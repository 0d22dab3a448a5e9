"""From measured arrays to a labelled `xarray.Dataset`."""

import dataclasses
import hashlib
import importlib.metadata
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import wd_jax
from wd_jax import conventions, display
from wd_jax.data import Dataset
from wd_jax.data.targets import ACCURACY
from wd_jax.engine import method
from wd_jax.engine.probes import registry
from wd_jax.optimisers.updates import CONVENTION, update_rule
from wd_jax.results import divergence
from wd_jax.results.validity import FORMAT
from wd_jax.results.variables import described, table
from wd_jax.setup import COEFFICIENTS, Hyper, Method
from wd_jax.sweeps.decay_check import kept_by_cell
from wd_jax.sweeps.plan import Group, Plan


def assemble(
    plan: Plan, data: Dataset, measured: list[dict[str, np.ndarray]], devices: Sequence[Any], path: Method = "auto"
) -> xr.Dataset:
    """Label the arrays of all groups and join them.

    Whatever another sweep could have otherwise is a coordinate, so that `xarray.concat` joins it too; the attributes
    are true of every result.

    Parameters
    ----------
    plan : Plan
        What was run.
    data : Dataset
        Its size, name and hash make coordinates.
    measured : list of dict
        Per group of the plan, arrays [cells, seeds, records, ...].
    devices : sequence of jax.Device
        Where it ran.
    path : {"auto", "blocked", "generic"}
        As it was asked for.

    Returns
    -------
    xarray.Dataset
        Dimensions: the swept axes in the order given, seed, layer or split, epoch. From the epoch at which a member
        diverged its values are NaN, and the coordinate ``diverged_at`` says when.
    """
    platform = devices[0].platform
    parts = zip(plan.groups, measured, kept_by_cell(plan, data.n), strict=True)
    datasets = [
        _label(plan, group, data, arrays, kept, _paths(plan, group, data.n, path, platform))
        for group, arrays, kept in parts
    ]
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
    variables = table(plan.probes)
    for name in variables:
        if name in runs:
            runs[name] = runs[name].where(~diverged).transpose(*runs[name].dims)
    runs = runs.assign_coords(_provenance(plan, data, devices))
    for name in runs.variables:
        runs[name].attrs = described(str(name), variables)
    return runs.assign_attrs(format=FORMAT, convention=CONVENTION)


def _label(
    plan: Plan, group: Group, data: Dataset, arrays: dict[str, np.ndarray], kept: np.ndarray, taken: list[str]
) -> xr.Dataset:
    """Label one group's arrays, with every coordinate that could differ in another group."""
    axes = plan.traced_axes
    names, sizes = tuple(axis.name for axis in axes), tuple(len(axis.values) for axis in axes)
    setup = group.setup
    for probe in registry.asked(plan.probes):
        arrays = arrays | probe.derived(arrays, setup)
    known, variables = table(plan.probes), {}
    for name, array in arrays.items():
        shaped = array.reshape(*sizes, *array.shape[1:])
        if name in known:
            dims = (*names, "seed", "epoch", *known[name].dims)
        elif name == "diverged_at":
            dims = (*names, "seed")
        else:
            dims = (*names, "seed", *(f"{name}_{i}" for i in range(array.ndim - 2)))
        variables[name] = (dims, shaped)
    cells = np.asarray([_per_step_factor(cell, data.n, setup.dtype) for cell in plan.cells]).reshape(sizes)
    records = plan.probes.records_per_epoch
    epoch = np.arange(plan.epochs * records + 1)
    inner = setup.widths[1:-1]
    one_width = len(set(inner)) == 1
    coordinates = {
        **{axis.name: list(axis.values) for axis in axes},
        **{name: value if _reads(group, name) else np.nan for name, value in plan.scalars if plan.reads(name)},
        "init": setup.init,
        "activation": setup.activation,
        "loss": setup.loss,
        "optimiser": setup.optimiser,
        "update_rule": update_rule(setup.optimiser),
        "sampling": setup.sampling,
        "dtype": setup.dtype,
        "path": (names, np.asarray(taken).reshape(sizes)),
        "depth": len(inner),
        "hidden": inner[0] if one_width else np.nan if inner else 0,
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


def _reads(group: Group, name: str) -> bool:
    return name in ("eta", "lmbda", "init_scale", *COEFFICIENTS[group.setup.optimiser])


def _paths(plan: Plan, group: Group, n: int, path: Method, platform: str) -> list[str]:
    """Name the way in which each cell of a group was trained, with the steps per block."""
    found = [""] * len(plan.cells)
    for part in method.parts(group, plan.cells, len(plan.seeds), n, path, platform, plan.probes):
        for cell in part.chunk.cells:
            found[cell] = f"blocked, {part.steps_per_block} steps" if part.steps_per_block else part.method
    return found


def _provenance(plan: Plan, data: Dataset, devices: Sequence[Any]) -> dict[str, Any]:
    """Make the coordinates that say which sweep it was, of what data and on what.

    The sweep's settings name its seeds, so they go along with `seed`: joined by xarray, each member keeps its own.
    """
    text = configuration(plan, data)
    versions = {name: importlib.metadata.version(name) for name in ("jax", "jaxlib", "optax", "numpy", "xarray")}
    environment = {
        "devices": sorted({str(device.device_kind) for device in devices}),
        "matmul_precision": "highest",
        "versions": {"wd_jax": wd_jax.__version__, **versions},
    }
    return {
        "dataset": data.name,
        "dataset_sha256": data.sha256,
        "target_kind": data.target_kind,
        "accuracy_means": ACCURACY[data.target_kind],
        "environment": json.dumps(environment, sort_keys=True),
        "config": ("seed", np.full(len(plan.seeds), text, object)),
        "config_hash": ("seed", np.full(len(plan.seeds), config_hash(text), object)),
    }


def configuration(plan: Plan, data: Dataset) -> str:
    """Write what a sweep was asked for as JSON: what its setups share, axes, other numbers, seeds, probes, data."""
    setups = [dataclasses.asdict(group.setup) for group in plan.groups]
    asked = {
        "setup": {field: value for field, value in setups[0].items() if all(s[field] == value for s in setups)},
        "axes": {axis.name: list(axis.values) for axis in plan.axes},
        "scalars": {name: value for name, value in plan.scalars if plan.reads(name)},
        "seeds": display.ranges(plan.seeds),
        "epochs": plan.epochs,
        "probes": plan.probes.record(),
        "dataset": data.sha256,
    }
    return json.dumps(asked, sort_keys=True)


def config_hash(text: str) -> str:
    """Hash a configuration: the same settings, the same 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
