"""The coordinates of a result: all that is known before anything has run."""

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
from wd_jax.hyper import Hyper
from wd_jax.models.model import MLP
from wd_jax.optimisers.decays.mask import LAYERS
from wd_jax.optimisers.rule import Rule
from wd_jax.optimisers.updates import CONVENTION
from wd_jax.results.validity import FORMAT
from wd_jax.results.variables import described, table
from wd_jax.setup import Setup
from wd_jax.sweeps import decay_measured, rates_kept
from wd_jax.sweeps.axes import Group
from wd_jax.sweeps.plan import Plan


def frame(plan: Plan) -> xr.Dataset:
    """Label the members, layers, splits and epochs of a plan, and say of each what it is.

    Whatever another sweep could have otherwise is a coordinate, so that `xarray.concat` joins it too; the attributes
    are true of every result.

    Parameters
    ----------
    plan : Plan
        What will run.

    Returns
    -------
    xarray.Dataset
        Coordinates alone, over the swept axes in the order given, seed, layer and epoch; split too.
    """
    measured = decay_measured.of_grid(plan.grid, plan.workers[0], stacklevel=2)
    datasets = []
    for number, group in enumerate(plan.groups):
        shares = {"decay_kept": plan.decay_kept[number], "decay_measured": measured[number]}
        datasets.append(xr.Dataset(coords=_of_group(plan, group, _methods(plan, number), shares)))
    for axis in reversed(plan.static_axes):
        size = len(axis.values)
        datasets = [
            xr.concat(
                datasets[i : i + size], axis.name, data_vars="all", coords="different", compat="equals", join="outer"
            )
            for i in range(0, len(datasets), size)
        ]
    found = datasets[0]
    if "layer_name" in found.coords:  # a model may have fewer layers than another
        found = found.assign_coords(layer_name=found.layer_name.fillna(""))
    found = found.assign_coords(_provenance(plan))
    found = found.transpose(*(axis.name for axis in plan.axes), "seed", ..., "epoch", missing_dims="ignore")
    for name in found.variables:
        found[name].attrs = described(str(name), table(plan.probes), plan.grid.coefficients)
    for name in ("eta", "lmbda"):
        if f"{name}_schedule" in found:
            found[name].attrs["description"] = (
                f"the largest of the run: see {name}_schedule, {name}_mean and {name}_last"
            )
    return found.assign_attrs(format=FORMAT, convention=CONVENTION)


def _methods(plan: Plan, group: int) -> list[str]:
    """Say how each cell of a group is trained: all its seeds alike, but for those added later."""
    said: list[dict[str, None]] = [{} for _ in plan.grid.cells]
    for chunk in plan.chunks:
        if chunk.group == group:
            words = f"blocked, {chunk.steps_per_block} steps" if chunk.steps_per_block else "generic"
            for cell in chunk.cells:
                said[cell][words] = None
    return ["; ".join(words) for words in said]


def _of_group(plan: Plan, group: Group, methods: list[str], shares: dict[str, np.ndarray]) -> dict[str, Any]:
    """Give one group's coordinates, every one that could differ in another group among them."""
    axes = plan.traced_axes
    names, sizes = tuple(axis.name for axis in axes), tuple(len(axis.values) for axis in axes)
    setup, data = group.setup, plan.data
    factors = [per_step_factor(setup.rule, cell, data.n, setup.arithmetic) for cell in plan.grid.cells]
    cells = np.where(setup.decay_changes, np.nan, factors).reshape(sizes)
    records = plan.probes.records_per_epoch
    epoch = np.arange(plan.epochs * records + 1)
    read = {one.name for one in plan.grid.coefficients}
    return {
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
