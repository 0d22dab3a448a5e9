"""A sweep: a plan, its tasks run, one `xarray.Dataset`, one file."""

import contextlib
import pathlib
from collections.abc import Generator, Sequence
from typing import Any, Literal

import xarray as xr

from wd_jax import files
from wd_jax.data import Dataset
from wd_jax.inputs import checks
from wd_jax.measurement import Probes
from wd_jax.results import netcdf
from wd_jax.results.not_written import TakenError
from wd_jax.setup import Method, Setup
from wd_jax.sweeps import assemble, cluster_run, dask_engine, room, sinks, threads
from wd_jax.sweeps.plan import Plan, make_plan
from wd_jax.sweeps.store import generations, reading
from wd_jax.sweeps.store.generations import RunStore
from wd_jax.sweeps.work_queue import Batch

Engine = Literal["threads", "dask"]
ENGINES = ("threads", "dask")


ROUNDS = 3
"""Times that tasks are trained whose files are damaged: more would not mend a disk."""


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
    engine: Engine = "threads",
    address: str | None = None,
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
        A folder that keeps the run: each finished task is in it at once. The same call goes on with a run that was
        killed, and one of more seeds or values trains only what is new; another sweep is refused before anything runs,
        unless `overwrite`. A name that ends in ``.nc`` is one NetCDF file, written at the end;
        a file that appears there meanwhile is never replaced.
    overwrite : bool
        Whether a run or a file that is there may be replaced: a run stays until the new one is whole.
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
    engine : {"threads", "dask"}
        Who runs the tasks: threads of this process, or a Dask cluster, which needs `out` to be a folder that all its
        workers see; the bits are the same.
    address : str, optional
        Of the cluster's scheduler, such as ``tcp://node:8786``, or the file that it wrote; by default a cluster is made
        of this machine's cores.
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
        If `out` holds something else and `overwrite` is not set.
    IncompleteError
        If tasks of a run in a folder failed: what finished is kept, and `wd_jax.open` reads it.
    OSError
        If a file cannot be written. Where that shows only at the end (a disk that has filled up, a folder that is
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
    check_engine(engine, address, out)
    plan = make_plan(setup, data, axes, **options, stacklevel=3)
    return run(plan, out=out, overwrite=overwrite, progress=progress, engine=engine, address=address)


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
    plan: Plan,
    *,
    out: str | pathlib.Path | None = None,
    overwrite: bool = False,
    progress: bool | str = True,
    made_by: str = "",
    engine: Engine = "threads",
    address: str | None = None,
) -> xr.Dataset:
    """Run a plan.

    Parameters
    ----------
    plan : Plan
        From `dry_run`.
    out, overwrite, progress, engine, address
        As for `sweep`.
    made_by : str
        The command that asked for it, kept with the run for a reader.
    """
    check_engine(engine, address, out)
    if out is not None and not is_file(out):
        folder = pathlib.Path(out)
        options = {"overwrite": overwrite, "progress": progress, "made_by": made_by}
        (runs,) = run_all([plan], [folder], **options, engine=engine, address=address)
        return runs
    target = files.claim_file(out, overwrite) if out is not None else None
    if target is not None:
        room.check(plan, target.path)
    (runs,) = run_all([plan], progress=progress)
    if target is not None:
        netcdf.write(runs, target)
    return runs


def is_file(out: str | pathlib.Path) -> bool:
    """Whether `out` names one NetCDF file, and not the folder of a run.

    Examples
    --------
    >>> is_file("runs/decay.nc"), is_file("runs/decay")
    (True, False)
    """
    return files.path_of(out) == pathlib.Path(out)


def run_all(
    plans: Sequence[Plan],
    outs: Sequence[pathlib.Path] | None = None,
    *,
    overwrite: bool = False,
    progress: bool | str = True,
    made_by: str = "",
    engine: Engine = "threads",
    address: str | None = None,
) -> Generator[xr.Dataset, None, None]:
    """Run several plans, and give each one's result as soon as it is there, in their order.

    The next plans run on while the caller uses a result: no core waits for an analysis.

    Parameters
    ----------
    plans : sequence of Plan
        All of the same devices.
    outs : sequence of Path, optional
        Folder of each one's run; in memory by default.
    overwrite, progress, made_by, engine, address
        As for `run`, of all plans together.

    Raises
    ------
    IncompleteError
        When the result of a run in a folder is asked for of which tasks failed.

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
    if outs is None:
        with contextlib.closing(threads.run(_in_memory(plans), plans[0].workers, progress=progress)) as found:
            for plan, batch in zip(plans, found, strict=True):
                yield assemble.assemble(plan, batch.sink.taken())  # pyrefly: ignore
        return
    if engine == "dask":
        for plan in plans:
            cluster_run.check_portable(plan.tasks)
    for out in outs:
        generations.check(out, overwrite)
    begun = [generations.begin(out, plan, overwrite, made_by) for out, plan in zip(outs, plans, strict=True)]
    if engine == "dask":
        for store, plan in begun:
            kinds = [str(device.device_kind) for device in plan.workers]
            members = [chunk.members for chunk in plan.chunks]
            cluster_run.run(store, plan.tasks, members, plan.data, kinds, address=address, progress=progress)
            yield _whole(store, plan, progress)
        return
    with contextlib.closing(threads.run(_in_stores(begun), plans[0].workers, progress=progress)) as found:
        for (store, plan), _ in zip(begun, found, strict=True):
            yield _whole(store, plan, progress)


def _whole(store: RunStore, plan: Plan, progress: bool | str) -> xr.Dataset:
    """Read a run that has ended; tasks whose files turn out to be damaged, and are put aside, are trained anew.

    There are few of them, so that this process does it, whatever the engine.
    """
    for _ in range(ROUNDS):
        failed = store.chunks.failures()
        if all(store.plan.keys[task] in failed for task in store.missing()):
            generations.settle(store)
            runs = reading.whole(store)
            if not store.missing():
                if not store.current:
                    reason = "another process replaced the run meanwhile, and its result stands"
                    raise TakenError(store.root, reason, runs.load())
                return runs
        for _ in threads.run(_in_stores([(store, plan)]), plan.workers, progress=progress):
            pass
    raise OSError(f"{store.root}: files of tasks are damaged as soon as they are written; check the disk")


def check_engine(engine: str, address: str | None, out: str | pathlib.Path | None) -> None:
    """Refuse, before anything is planned, an engine that is none, is not installed, or has no folder to work in.

    Raises
    ------
    ValueError
        Naming the argument and the remedy.
    ImportError
        With the command that installs what is missing.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine={checks.shown(engine)}: give one of {', '.join(map(repr, ENGINES))}")
    if engine == "threads":
        if address is not None:
            raise ValueError(f"address={checks.shown(address)}: threads have none; give engine='dask' too")
        return
    if address is not None and (not isinstance(address, str) or not address.strip()):
        raise ValueError(f"address={checks.shown(address)}: give a scheduler's, such as 'tcp://node:8786'")
    if out is None or is_file(out):
        what = "is missing" if out is None else f"{checks.shown(str(out))} is one file"
        raise ValueError(f"engine='dask': out {what}: give a folder that all workers see, such as out='runs/decay'")
    dask_engine.check_installed()


def _in_memory(plans: Sequence[Plan]) -> list[Batch]:
    return [Batch(plan.tasks, plan.data, [chunk.members for chunk in plan.chunks], sinks.Memory()) for plan in plans]


def _in_stores(begun: Sequence[tuple[RunStore, Plan]]) -> list[Batch]:
    return [
        Batch(
            plan.tasks,
            plan.data,
            [chunk.members for chunk in plan.chunks],
            sinks.Stored(store, plan.tasks, "threads", [str(device.device_kind) for device in plan.workers]),
        )
        for store, plan in begun
    ]


def _check_progress(progress: Any) -> None:
    """Refuse what is neither True, False nor a label; a word that answers yes or no would be taken for a label."""
    answers = ("", "yes", "no", "y", "n", "on", "off", "true", "false", "none", "0", "1")
    if not isinstance(progress, str):
        checks.flag("progress", progress)
    elif progress.strip().lower() in answers:
        raise ValueError(f"progress={progress!r}: give True or False, or a label for the line of progress")
