"""What is left of a run that was interrupted, in a line."""

import os
import shlex
from pathlib import Path

from experiments import registry, run_data, run_folder, run_sweeps, stored_settings
from experiments.run_files import REPLACEMENT, SETTINGS, replaced


def left_of(out: Path, data_dir: Path | None = None, dataset: str = "") -> str:
    """Say what of a run is kept, and how to go on; this process has just been interrupted.

    Parameters
    ----------
    out : Path
        Folder of the run.
    data_dir : Path or None
        As the command was given it.
    dataset : str
        The same; the report of a run needs it where no name loads it.
    """
    again = "run the same command again"
    if not (out / SETTINGS).is_file():
        return f"nothing was written; {again}"
    if replaced(out):
        return f"{out}: the new run is whole, and was being put in its place; {again}, which ends that"
    if _worked_here(out / REPLACEMENT):
        done, tasks, _ = _counted(out / REPLACEMENT)
        kept = f"{done} of {tasks} tasks of the run that is to replace it are kept"
        return f"{out}: the run there is as it was, and {kept}; {again}, which goes on"
    if run_folder.finished(out):
        ended = _worked_here(out)
        return f"{out}: the run had finished, and everything is written" if ended else f"{out}: is as it was; {again}"
    done, tasks, whole = _counted(out)
    kept = f"{out}: {done} of {tasks} tasks had finished and are kept; {again}, which goes on"
    if not done and not whole:
        return f"{out}: none of {tasks} tasks had finished; {again}, which begins anew" if tasks else kept
    if not whole:
        return kept
    named = ["--dataset", dataset] if dataset and not run_data.has_name(dataset) else []
    place = ["--data-dir", str(data_dir)] if data_dir else []
    report = shlex.join(["wd-jax", "report", str(out), *named, *place])
    return f"{kept}; `{report}` judges {', '.join(whole)}"


def _counted(folder: Path) -> tuple[int, int, list[str]]:
    """Count the tasks that are kept, and all of the sweeps that were begun; name the experiments that are whole."""
    names = stored_settings.names(folder / SETTINGS)
    found = {name: run_sweeps.extents(folder, registry.load(name)) for name in names}
    each = [one for own in found.values() for one in own]
    whole = [name for name, own in found.items() if all(one.whole for one in own)]
    return sum(one.done for one in each), sum(one.tasks for one in each), whole


def _worked_here(folder: Path) -> bool:
    """Whether this process has run tasks of a run."""
    from wd_jax.sweeps.store import aside, drivers, generations

    if not (folder / SETTINGS).is_file():
        return False
    here = (aside.host(), os.getpid())
    for name in stored_settings.names(folder / SETTINGS):
        for stored in registry.load(name).sweeps:
            if generations.is_run(folder / stored):
                store = generations.open_store(folder / stored)
                if any((one.host, one.pid) == here for one in drivers.listed(store.generation)):
                    return True
    return False
