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
    done = tasks - missing
    there = (
        f"{folder}: {done} of {tasks} tasks had finished and are kept" if done else f"{folder}: no task had finished"
    )
    there += f", and {begun} in work as of their last checkpoint" if (begun := store.checkpointed()) else ""
    return f"{there}; run the same command again, which goes on; `wd-jax info {shlex.quote(str(folder))}` says more"
