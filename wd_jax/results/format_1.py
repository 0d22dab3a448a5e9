"""Results of format 1, as version 0.1.0 wrote them: what their attributes say of one sweep becomes coordinates."""

import json
from typing import Any

import numpy as np
import xarray as xr

from wd_jax.display import ranges
from wd_jax.optimisers.rules import RULES
from wd_jax.optimisers.updates import CONVENTION
from wd_jax.results.validity import FORMAT, settings
from wd_jax.results.variables import described

ATTRIBUTES = (
    *("config", "config_hash", "convention", "dataset", "dataset_sha256"),
    *("dtype", "device", "matmul_precision", "versions", "path"),
)


def current(runs: xr.Dataset) -> xr.Dataset:
    """Give a result in the format of today; one that has it already as it is.

    Parameters
    ----------
    runs : xarray.Dataset
        As it was stored.

    Returns
    -------
    xarray.Dataset
        Without the attributes of format 1. If the file was joined of several sweeps, its attributes are of the first
        alone: the settings they name are kept, and `wd_jax.results.validity.doubts` says where labels contradict them.

    Raises
    ------
    ValueError
        If the configuration is no JSON.
    """
    if "path" in runs.coords:  # as the method was called before version 0.2.0
        if "method" in runs.coords:  # an old result joined with a new one
            runs = runs.assign_coords(path=runs.method.where(runs.method.notnull(), runs.path)).drop_vars("method")
        runs = runs.rename(path="method")
        runs.method.attrs = described("method")
    if "config_hash" not in runs.attrs or runs.attrs.get("format") == FORMAT:
        # Attributes are the same in all results, in those that were stored with other words too: joining demands it.
        return runs.assign_attrs(convention=CONVENTION) if "convention" in runs.attrs else runs
    old = {name: runs.attrs[name] for name in ATTRIBUTES if name in runs.attrs}
    config = json.loads(old.get("config", "null"))
    if not isinstance(config, dict) or not isinstance(config.get("seeds"), list):
        raise ValueError("its attribute config does not hold the settings of a sweep")
    text = json.dumps(config | {"seeds": ranges([int(seed) for seed in config["seeds"]])}, sort_keys=True)
    setup: dict[str, Any] = settings(text).get("setup", {})
    found = {name: setup[name] for name in ("activation", "loss", "sampling", "dtype") if name in setup}
    found |= {name: str(old[name]) for name in ("dataset", "dataset_sha256") if name in old}
    found |= {"method": str(old["path"])} if "path" in old else {}
    environment = {"devices": [str(old.get("device"))], "matmul_precision": old.get("matmul_precision")}
    versions = json.loads(old.get("versions", "{}"))
    found["environment"] = json.dumps(environment | {"versions": versions}, sort_keys=True)
    if "optimiser" in runs.coords and set(np.ravel(runs.optimiser).tolist()) <= set(RULES):
        rules = [RULES[name].update_rule for name in np.ravel(runs.optimiser).tolist()]
        found["update_rule"] = (runs.optimiser.dims, np.reshape(rules, runs.optimiser.shape))
    seeds = runs.sizes.get("seed", 0)
    if seeds:
        found["config"] = ("seed", np.full(seeds, text, object))
        found["config_hash"] = ("seed", np.full(seeds, str(old["config_hash"]), object))
    runs = runs.drop_attrs(deep=False).assign_coords({n: v for n, v in found.items() if n not in runs.variables})
    for name in found:
        runs[name].attrs = described(name)
    return runs.assign_attrs(format=FORMAT, convention=CONVENTION)
