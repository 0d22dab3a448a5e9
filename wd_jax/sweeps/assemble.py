"""From measured arrays to a labelled `xarray.Dataset`."""

import hashlib
import importlib.metadata
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import wd_jax
from wd_jax import display
from wd_jax.data.targets import ACCURACY
from wd_jax.engine import fingerprint
from wd_jax.engine.probes.probe import Variable
from wd_jax.hyper import Hyper
from wd_jax.models.model import MLP
from wd_jax.optimisers.decays.mask import LAYERS
from wd_jax.optimisers.rule import Rule
from wd_jax.optimisers.updates import CONVENTION
from wd_jax.results import divergence
from wd_jax.results.validity import FORMAT
from wd_jax.results.variables import described, table
from wd_jax.setup import Setup
from wd_jax.sweeps import decay_measured, rates_kept
from wd_jax.sweeps.axes import Group
from wd_jax.sweeps.plan import Plan
from wd_jax.sweeps.run_task import HostRecords


def assemble(plan: Plan, found: Sequence[HostRecords]) -> xr.Dataset:
    """Label the arrays of all tasks and join them.

    Whatever another sweep could have otherwise is a coordinate, so that `xarray.concat` joins it too; the attributes
    are true of every result.

    Parameters
    ----------
    plan : Plan
        What was run.
    found : sequence of dict
        What each of its tasks gave, arrays [members, records, ...].

    Returns
    -------
    xarray.Dataset
        Dimensions: the swept axes in the order given, seed, layer or split, epoch. From the epoch at which a member
        diverged its values are NaN, and the coordinate ``diverged_at`` says when.
    """
    known = table(plan.probes)
    measured = decay_measured.of_grid(plan.grid, plan.workers[0], stacklevel=2)
    datasets = []
    for number, group in enumerate(plan.groups):
        arrays, methods = _in_the_grid(plan, number, found)
        kept = {"decay_kept": plan.decay_kept[number], "decay_measured": measured[number]}
        datasets.append(_label(plan, group, arrays, methods, kept, known))
    for axis in reversed(plan.static_axes):
        size = len(axis.values)
        datasets = [
            xr.concat(
                datasets[i : i + size], axis.name, data_vars="all", coords="different", compat="equals", join="outer"
            )
            for i in range(0, len(datasets), size)
        ]
    if "layer_name" in datasets[0].coords:  # a model may have fewer layers than another
        datasets[0] = datasets[0].assign_coords(layer_name=datasets[0].layer_name.fillna(""))
    runs = datasets[0].transpose(*(axis.name for axis in plan.axes), "seed", ..., "epoch", missing_dims="ignore")
    runs = divergence.carried(runs)  # after the groups were joined: a coordinate that they share would not be
    diverged = divergence.lost(runs)
    for name in known:
        if name in runs:
            runs[name] = runs[name].where(~diverged).transpose(*runs[name].dims)
    runs = runs.assign_coords(_provenance(plan))
    for name in runs.variables:
        runs[name].attrs = described(str(name), known, plan.grid.coefficients)
    for name in ("eta", "lmbda"):
        if f"{name}_schedule" in runs:
            runs[name].attrs["description"] = (
                f"the largest of the run: see {name}_schedule, {name}_mean and {name}_last"
            )
    return runs.assign_attrs(format=FORMAT, convention=CONVENTION)


def _in_the_grid(plan: Plan, group: int, found: Sequence[HostRecords]) -> tuple[HostRecords, list[str]]:
    """Put the members of a group where they belong, [cells, seeds, ...], and name each cell's method."""
    sizes = (len(plan.grid.cells), len(plan.grid.seeds))
    placed: HostRecords = {}
    methods = [""] * sizes[0]
    for chunk, task, records in zip(plan.chunks, plan.tasks, found, strict=True):
        if chunk.group != group:
            continue
        for name, array in records.items():
            whole = placed.setdefault(name, np.empty((*sizes, *array.shape[1:]), array.dtype))
            whole[list(chunk.cells), list(chunk.seeds)] = array
        for cell in chunk.cells:
            methods[cell] = f"blocked, {chunk.steps_per_block} steps" if chunk.steps_per_block else task.method
    return placed, methods


def _label(
    plan: Plan,
    group: Group,
    arrays: HostRecords,
    methods: list[str],
    shares: dict[str, np.ndarray],
    known: dict[str, Variable],
) -> xr.Dataset:
    """Label one group's arrays, with every coordinate that could differ in another group."""
    axes = plan.traced_axes
    names, sizes = tuple(axis.name for axis in axes), tuple(len(axis.values) for axis in axes)
    setup, data = group.setup, plan.data
    variables = {}
    for name, array in arrays.items():
        shaped = array.reshape(*sizes, *array.shape[1:])
        if name in known:
            dims = (*names, "seed", "epoch", *known[name].dims)
        elif name == "diverged_at":
            dims = (*names, "seed")
        else:
            dims = (*names, "seed", *(f"{name}_{i}" for i in range(array.ndim - 2)))
        variables[name] = (dims, shaped)
    factors = [per_step_factor(setup.rule, cell, data.n, setup.arithmetic) for cell in plan.grid.cells]
    cells = np.where(setup.decay_changes, np.nan, factors).reshape(sizes)
    records = plan.probes.records_per_epoch
    epoch = np.arange(plan.epochs * records + 1)
    read = {one.name for one in plan.grid.coefficients}
    coordinates = {
        **{axis.name: list(axis.values) for axis in axes},
        **{name: value if name in setup.rule.names else np.nan for name, value in plan.grid.scalars if name in read},
        "init": setup.init,
        **({"activation": setup.activation} if setup.widths else {}),
        "loss": setup.loss,
        "optimiser": setup.rule.name,
        "update_rule": setup.rule.update_rule,
        "sampling": setup.sampling,
        "dtype": setup.dtype,
        "method": (names, np.asarray(methods).reshape(sizes)),
        **_of_model(setup),
        **({} if setup.decays == LAYERS else {"decays": setup.decays.record()}),
        **({} if setup.rounding == "nearest" else {"rounding": setup.rounding}),
        **rates_kept.of_group(plan.grid, group, records),
        **dict(group.labels),
        "seed": list(plan.grid.seeds),
        "layer": np.arange(1, setup.layers + 1),
        "split": list(plan.probes.splits),
        "epoch": epoch if records == 1 else epoch / records,
        "n": data.n,
        "m": setup.batch_size,
        "steps_per_epoch": group.steps_per_epoch,
        "n_w": ("layer", np.asarray(setup.n_w)),
        "n_in": ("layer", np.asarray(setup.model.n_in)),
        "per_step_factor": (names, cells),
        **{name: (names, share.reshape(sizes)) for name, share in shares.items()},
        "independent_seeds": setup.order == "seed",
        **({"no_budget": plan.no_budget} if plan.no_budget else {}),
    }
    return xr.Dataset(variables, coordinates)


def _of_model(setup: Setup) -> dict[str, Any]:
    """Make the coordinates that describe the model; of a multilayer perceptron what is not usual only where it is."""
    model = setup.model
    if not isinstance(model, MLP):
        return {"model": model.name, "layer_name": ("layer", np.asarray(model.layer_names, object))}
    inner = model.widths[1:-1]
    hidden = inner[0] if len(set(inner)) == 1 else np.nan if inner else 0
    return {"depth": len(inner), "hidden": hidden, **model.record()}


def per_step_factor(rule: Rule, cell: Hyper, n: int, dtype: str) -> float:
    """Return the factor that was asked for: the decay as the dtype rounds it, subtracted from 1 in float64.

    NaN where a weight without gradient has not the same factor in every step: a decay that goes through the rule.
    """
    if rule.decay.idle is None or not rule.decay.symbol:
        return np.nan
    kind = np.dtype(dtype).type
    return 1.0 - float(rule.decay.idle({"eta": kind(cell.eta), "lmbda": kind(cell.lmbda), "n": kind(n)}))


def _provenance(plan: Plan) -> dict[str, Any]:
    """Make the coordinates that say which sweep it was, of what data and on what.

    The sweep's settings name its seeds, so they go along with `seed`: joined by xarray, each member keeps its own.
    """
    data, text = plan.data, configuration(plan)
    return {
        "dataset": data.name,
        "dataset_sha256": data.sha256,
        "target_kind": data.target_kind,
        "accuracy_means": ACCURACY[data.target_kind],
        **origin(plan.workers, text, len(plan.grid.seeds)),
    }


def origin(workers: Sequence[Any], text: str, seeds: int) -> dict[str, Any]:
    """Make the coordinates that say by what settings a result was made, and on what.

    Parameters
    ----------
    workers : sequence of jax.Device
        Where it was computed.
    text : str
        Its settings as JSON.
    seeds : int
        How many there are.
    """
    versions = {name: importlib.metadata.version(name) for name in ("jax", "jaxlib", "optax", "numpy", "xarray")}
    environment = {
        "devices": sorted({str(device.device_kind) for device in workers}),
        "matmul_precision": "highest",
        "versions": {"wd_jax": wd_jax.__version__, **versions},
    }
    return {
        "environment": json.dumps(environment, sort_keys=True),
        "config": ("seed", np.full(seeds, text, object)),
        "config_hash": ("seed", np.full(seeds, config_hash(text), object)),
    }


def configuration(plan: Plan) -> str:
    """Write what a sweep was asked for as JSON: what its setups share, axes, other numbers, seeds, probes, data."""
    setups = [group.setup.record() for group in plan.groups]
    asked = {
        "setup": {field: value for field, value in setups[0].items() if all(s.get(field) == value for s in setups)},
        "axes": {axis.name: list(axis.values) for axis in plan.axes},
        "scalars": dict(plan.grid.scalars),
        "seeds": display.ranges(plan.grid.seeds),
        "epochs": plan.epochs,
        "probes": plan.probes.record(),
        "dataset": plan.data.sha256,
    }
    own = sorted({hashed for task in plan.tasks for hashed in task.own_schedules.values()})
    asked |= {"own_schedules": own} if own else {}
    functions: dict[str, str] = {}
    for group in plan.groups:
        functions |= fingerprint.of_setup(group.setup, plan.data.n_in)
    asked |= {"own_functions": functions} if functions else {}
    return json.dumps(asked, sort_keys=True)


def config_hash(text: str) -> str:
    """Hash a configuration: the same settings, the same 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
