"""Whether a plan's result can be one NetCDF file in a folder: known from the plan, so asked before anything runs."""

import math
import shutil
from pathlib import Path

from wd_jax.engine.probes import registry
from wd_jax.inputs.limits import in_words
from wd_jax.results import netcdf
from wd_jax.sweeps.plan import Plan

HEADER_BYTES = 2**16
"""Names, attributes and coordinates without a number for each member: less than this."""


def stored_sizes(plan: Plan) -> dict[str, int]:
    """Count the bytes of the large variables of a plan's result, as a file will hold them: at least so many.

    Parameters
    ----------
    plan : Plan
        From `wd_jax.dry_run`.

    Returns
    -------
    dict of str to int
        By name, the final weights under one name. The library's probes are stored as float64.
    """
    members = len(plan.grid.seeds) * math.prod(len(axis.values) for axis in plan.axes)
    records = plan.epochs * plan.probes.records_per_epoch + 1
    setups = [group.setup for group in plan.groups]
    itemsize = min(4 if setup.dtype == "float32" else 8 for setup in setups)
    lengths = {"layer": max(setup.layers for setup in setups), "split": len(plan.probes.splits)}
    sizes = {
        name: (4 if probe in plan.probes.extra else 8)
        * members
        * records
        * math.prod(lengths[dim] for dim in variable.dims)
        for probe in registry.asked(plan.probes)
        for name, variable in zip(probe.names, probe.variables, strict=True)
    }
    if plan.probes.keep_weights:
        sizes["weights of the largest layer"] = itemsize * members * max(max(setup.n_w) for setup in setups)
    return sizes


def check(plan: Plan, path: Path) -> None:
    """Refuse a file that cannot be written, before anything is computed for it.

    Parameters
    ----------
    plan : Plan
        Of the result.
    path : Path
        The file; its folder is there.

    Raises
    ------
    ValueError
        If a variable is larger than a NetCDF 3 file can hold.
    OSError
        If the disk has not the room.
    """
    sizes = stored_sizes(plan)
    try:
        netcdf.check_sizes(sizes)
    except ValueError as error:
        raise ValueError(f"out={str(path)!r}: {error}") from error
    needed = sum(sizes.values()) + HEADER_BYTES
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        raise OSError(
            f"{path}: needs about {in_words(needed)}, and {in_words(free)} are free there; name a file on a larger disk"
        )
