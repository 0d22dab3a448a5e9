"""A sweep: a plan, its execution, one `xarray.Dataset`, one file."""

import pathlib
import warnings
from collections.abc import Sequence
from typing import Any

import jax
import xarray as xr

from wd_jax import conventions, files
from wd_jax.data import Dataset
from wd_jax.engine import method
from wd_jax.inputs import checks
from wd_jax.results import netcdf
from wd_jax.results.divergence import UNSTABLE
from wd_jax.setup import Method, Probes, Setup
from wd_jax.sweeps import assemble, decay_check, threads
from wd_jax.sweeps.cost import footprint
from wd_jax.sweeps.plan import Plan, make_plan


def sweep(
    setup: Setup,
    data: Dataset,
    *,
    seeds: int | Sequence[int] = 1,
    epochs: int,
    out: str | pathlib.Path | None = None,
    overwrite: bool = False,
    probes: Probes = Probes(),
    progress: bool | str = True,
    devices: Sequence[Any] | None = None,
    path: Method = "auto",
    **axes: Any,
) -> xr.Dataset:
    """Train every combination of the axes and seeds, and measure it.

    Parameters
    ----------
    setup : Setup
        Static description; a list given for one of its fields in `axes` becomes a dimension.
    data : wd_jax.data.Dataset
        What is learned.
    seeds : int or sequence of int
        A number of seeds (0, 1, ...), or the seeds.
    epochs : int
        Passes over the training set.
    out : path, optional
        A NetCDF file to write the result to; refused before anything runs if it exists, unless `overwrite`.
    probes : Probes
        What is measured, and how often.
    progress : bool or str
        Show on standard error how far it is, the time left and how many members have diverged: a live line on a
        terminal, a line a minute elsewhere. A text labels it.
    devices : sequence of jax.Device, optional
        Where chunks run, one at a time each; all local devices by default. Numbers do not depend on it.
    path : {"auto", "blocked", "generic"}
        How members are trained (`wd_jax.engine.method`): the result is the same up to rounding, the speed is not.
    **axes
        `eta`, `lmbda`, `init_scale`, `momentum`, `beta1`, `beta2`, any field of `Setup`, `hidden`, `depth`:
        a scalar, or a list that becomes a dimension of that name.

    Returns
    -------
    xarray.Dataset
        DESIGN's variables over the swept axes, `seed`, and layer or split, and epoch.

    Raises
    ------
    ValueError
        For an argument that cannot be meant, a decay that the dtype cannot represent, or a size that is more than a
        limit (`wd_jax.inputs.limits`) or the machine's memory.
    TypeError
        For a setup, a data set, probes or devices that are none.
    FileExistsError
        If `out` exists and `overwrite` is not set.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup = wd.Setup(widths=(16, 8, 4))
    >>> runs = wd.sweep(setup, wd.data.null(), lmbda=[1.0, 10.0], seeds=2, epochs=3, progress=False)
    >>> runs.weight_rms.dims
    ('lmbda', 'seed', 'layer', 'epoch')
    """
    checks.flag("overwrite", overwrite)
    _check_progress(progress)
    plan = make_plan(setup, data, axes, seeds, epochs, probes)
    check_plan(plan, data.n, path)
    where = chosen_devices(devices)
    size = footprint(plan, data, path=path, cores=len(where), platform=where[0].platform)
    size.check(min(len(where), size.parts))
    target = files.claim_file(out, overwrite) if out is not None else None
    measured = threads.run(plan, data, progress=progress, devices=where, path=path)
    runs = assemble.assemble(plan, data, measured, where, path)
    if target is not None:
        netcdf.write(runs, target)
    return runs


def _check_progress(progress: Any) -> None:
    """Refuse what is neither True, False nor a label; a word that answers yes or no would be taken for a label."""
    answers = ("", "yes", "no", "y", "n", "on", "off", "true", "false", "none", "0", "1")
    if not isinstance(progress, str):
        checks.flag("progress", progress)
    elif progress.strip().lower() in answers:
        raise ValueError(f"progress={progress!r}: give True or False, or a label for the line of progress")


def chosen_devices(devices: Sequence[Any] | None) -> tuple[Any, ...]:
    """Give the devices to run on, all local ones by default; refuse what is none.

    Raises
    ------
    TypeError
        Naming what was given and how to list devices.
    """
    if devices is None:
        return tuple(jax.local_devices())
    given = tuple(devices) if isinstance(devices, Sequence) and not isinstance(devices, str) else ()
    if not given or not all(hasattr(device, "platform") for device in given):
        raise TypeError(f"devices={checks.shown(devices)}: give a list of JAX devices, such as jax.devices()[:1]")
    return given


def check_plan(plan: Plan, n: int, path: Method) -> None:
    """Refuse before anything runs what a path or the dtype cannot do."""
    for group in plan.groups:
        method.check(group.setup, plan.cells, n, path, plan.probes)
    check_decay(plan, n)
    check_stability(plan, n)


def check_stability(plan: Plan, n: int) -> None:
    """Warn, once for all cells, of a decay per step of 1 or more: it turns weights' signs, and from 2 on they grow."""
    cells = {(cell.eta, cell.lmbda): conventions.per_step_decay(cell.eta, cell.lmbda, n) for cell in plan.cells}
    over = {cell: decay for cell, decay in cells.items() if decay >= 1}
    if not over:
        return
    worst = max(over, key=lambda cell: over[cell])
    eta, lmbda = worst
    decay = over[worst]
    if decay >= UNSTABLE:
        effect = f"weights change sign and grow by the factor {decay - 1:.3g} a step, and diverge"
    elif decay > 1:
        effect = f"weights change sign every step, their factor being {1 - decay:.3g}"
    else:
        effect = "a step wipes the weights out"
    growing = sum(value >= UNSTABLE for value in over.values())
    many = f" ({len(over)} of {len(cells)} settings of eta and lmbda reach 1, {growing} of them 2)" * (len(cells) > 1)
    warnings.warn(
        f"eta={eta:g}, lmbda={lmbda:g}, n={n}: eta*lmbda/n = {decay:.3g}, so that {effect}{many}: "
        "lower eta or lmbda until it is below 1",
        stacklevel=4,
    )


def check_decay(plan: Plan, n: int) -> None:
    """Refuse decays that the dtype loses, and warn once of those that it distorts (`decay_check.check`)."""
    decay_check.check_plan_decay(plan, n, stacklevel=4)
