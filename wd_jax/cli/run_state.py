"""What is to be said in a line of the run in a folder."""

import shlex
from pathlib import Path


def kept(folder: Path) -> str:
    """Say how much of an interrupted run is kept, and how to go on.

    Parameters
    ----------
    folder : Path
        Of the run.
    """
    from wd_jax.sweeps.store import generations

    if not generations.is_run(folder):
        return "nothing had finished; run the same command again"
    store = generations.open_store(folder)
    tasks, missing = len(store.plan.keys), len(store.missing())
    there = f"{folder}: {tasks - missing} of {tasks} tasks had finished and are kept"
    return f"{there}; run the same command again, which goes on; `wd-jax info {shlex.quote(str(folder))}` says more"
