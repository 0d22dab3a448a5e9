"""A sweep: a plan, its tasks run, one `xarray.Dataset`, one file."""

import contextlib
import pathlib
from collections.abc import Generator, Sequence
from typing import Any

import xarray as xr

from wd_jax import files
from wd_jax.data import Dataset
from wd_jax.inputs import checks
from wd_jax.measurement import Probes
from wd_jax.results import netcdf
from wd_jax.setup import Method, Setup
from wd_jax.sweeps import assemble, room, threads
from wd_jax.sweeps.plan import Plan, make_plan
from wd_jax.sweeps.work_queue import Batch


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
    method: Method = "auto",
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
        A NetCDF file to write the result to; refused before anything runs if it exists, unless `overwrite`. A file that
        appears there while the sweep runs is never replaced.
    probes : Probes
        What is measured, and how often.
    progress : bool or str
        Show on standard error how far it is, the time left and how many members have diverged: a live line on a
        terminal, a line a minute elsewhere. A text labels it.
    devices : sequence of jax.Device, optional
        Where tasks run, one at a time each. By default all local devices; a CPU that nobody has configured runs a task
        on each core. How many there are changes no bit; another kind of device rounds otherwise.
    method : {"auto", "blocked", "generic"}
        How members are trained (`wd_jax.engine.method`): the result is the same up to rounding, the speed is not.
    **axes
        `eta`, `lmbda`, `init_scale`, `momentum`, `beta1`, `beta2`, or another number that the update rule reads (a
        `wd_jax.rules.Coefficient` of your own rule), any field of `Setup` but widths, `hidden`, `depth`: a scalar, or
        a list that becomes a dimension of that name.

    Returns
    -------
    xarray.Dataset
        What was measured, over the swept axes, `seed`, and layer or split, and epoch. README lists it under "What a
        result holds"; each variable's attributes `long_name`, `units` and `description` say what it is.

    Raises
    ------
    ValueError
        For an argument that cannot be meant, a decay that the dtype cannot represent, or a size that is more than a
        limit (`wd_jax.inputs.limits`) or the machine's memory.
    TypeError
        For a setup, a data set, probes or devices that are none.
    FileExistsError
        If `out` exists and `overwrite` is not set.
    OSError
        If the file cannot be written. Where that shows only at the end (a disk that has filled up, a folder that is
        gone, a file that has appeared), the error's attribute `runs` is the result.

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
    options = {"seeds": seeds, "epochs": epochs, "probes": probes, "method": method, "devices": devices}
    plan = make_plan(setup, data, axes, **options, stacklevel=3)
    return run(plan, out=out, overwrite=overwrite, progress=progress)


def dry_run(
    setup: Setup,
    data: Dataset,
    *,
    seeds: int | Sequence[int] = 1,
    epochs: int,
    probes: Probes = Probes(),
    devices: Sequence[Any] | None = None,
    method: Method = "auto",
    **axes: Any,
) -> Plan:
    """Say what `wd_jax.sweep` of the same arguments would run, and run nothing.

    Parameters
    ----------
    setup, data, seeds, epochs, probes, devices, method, **axes
        As for `wd_jax.sweep`.

    Returns
    -------
    Plan
        Members, tasks, bytes and a guess of the seconds.

    Raises
    ------
    ValueError
        As `wd_jax.sweep`.

    Examples
    --------
    >>> import wd_jax as wd
    >>> plan = wd.dry_run(wd.Setup(widths=(16, 8, 4)), wd.data.null(), lmbda=[1.0, 10.0], seeds=2, epochs=3)
    >>> plan.members, plan.member_steps
    (4, 240)
    """
    options = {"seeds": seeds, "epochs": epochs, "probes": probes, "method": method, "devices": devices}
    return make_plan(setup, data, axes, **options, stacklevel=3)


def run(
    plan: Plan, *, out: str | pathlib.Path | None = None, overwrite: bool = False, progress: bool | str = True
) -> xr.Dataset:
    """Run a plan.

    Parameters
    ----------
    plan : Plan
        From `dry_run`.
    out, overwrite, progress
        As for `sweep`.
    """
    target = files.claim_file(out, overwrite) if out is not None else None
    if target is not None:
        room.check(plan, target.path)
    (runs,) = run_all([plan], progress=progress)
    if target is not None:
        netcdf.write(runs, target)
    return runs


def run_all(plans: Sequence[Plan], *, progress: bool | str = True) -> Generator[xr.Dataset, None, None]:
    """Run several plans, and give each one's result as soon as it is there, in their order.

    The next plans run on while the caller uses a result: no core waits for an analysis.

    Parameters
    ----------
    plans : sequence of Plan
        All of the same devices.
    progress : bool or str
        As for `sweep`, of all plans together.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup, data = wd.Setup(widths=(16, 8, 4)), wd.data.null()
    >>> plans = [wd.dry_run(setup, data, lmbda=lmbda, epochs=1) for lmbda in (1.0, 5.0)]
    >>> [float(runs.lmbda) for runs in run_all(plans, progress=False)]
    [1.0, 5.0]
    """
    if not plans:
        return
    batches = [Batch(plan.tasks, plan.data, [chunk.members for chunk in plan.chunks]) for plan in plans]
    steps = sum(plan.member_steps for plan in plans)
    running = threads.run(batches, plans[0].workers, progress=progress, member_steps=steps)
    with contextlib.closing(running) as found:
        for plan, records in zip(plans, found, strict=True):
            yield assemble.assemble(plan, records)


def _check_progress(progress: Any) -> None:
    """Refuse what is neither True, False nor a label; a word that answers yes or no would be taken for a label."""
    answers = ("", "yes", "no", "y", "n", "on", "off", "true", "false", "none", "0", "1")
    if not isinstance(progress, str):
        checks.flag("progress", progress)
    elif progress.strip().lower() in answers:
        raise ValueError(f"progress={progress!r}: give True or False, or a label for the line of progress")
