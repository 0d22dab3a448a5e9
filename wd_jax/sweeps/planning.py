"""A run that is planned and not run: what a job array, or any other workers, find in its folder."""

from pathlib import Path

from wd_jax.sweeps import cluster_run, worker_data
from wd_jax.sweeps.plan import Plan
from wd_jax.sweeps.store import generations


def begin(plan: Plan, out: Path, *, overwrite: bool = False, made_by: str = "") -> tuple[int, int]:
    """Write a plan into the folder of a run, with the data set if no name leads to it, and run nothing.

    Parameters
    ----------
    plan : Plan
        From `wd_jax.dry_run`.
    out, overwrite, made_by
        As for `wd_jax.sweeps.sweep.run`.

    Returns
    -------
    int, int
        Tasks in all, and those that are not published.

    Raises
    ------
    ValueError
        For a model, a rule, a schedule or a probe of the user's own: no other process has its function.
    OSError
        As `wd_jax.sweep`.
    """
    cluster_run.check_portable(plan.tasks)
    generations.check(out, overwrite)
    store, plan = generations.begin(out, plan, overwrite, made_by)
    missing = store.missing()
    worker_data.keep(store.generation, plan.data, store.plan.dataset)
    return len(plan.tasks), len(missing)
