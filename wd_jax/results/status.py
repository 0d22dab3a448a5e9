"""What became of each member: the coordinate `status`."""

import numpy as np
import xarray as xr

from wd_jax.results.variables import described

STATUS = "status"
OK, MISSING, FAILED, DIVERGED = "ok", "missing", "failed", "diverged"


def added(runs: xr.Dataset) -> xr.Dataset:
    """Give a result the coordinate, by who diverged; one that has it, or does not say who diverged, as it is.

    Examples
    --------
    >>> added(xr.Dataset(coords={"diverged_at": ("seed", [-1.0, 4.0, np.nan])})).status.values.tolist()
    ['ok', 'diverged', 'missing']
    """
    if STATUS in runs.variables or "diverged_at" not in runs.variables:
        return runs
    at = runs["diverged_at"]
    words = np.where(np.isnan(at.values), MISSING, np.where(at.values >= 0, DIVERGED, OK))
    return runs.assign_coords({STATUS: (at.dims, words, described(STATUS))})


def said(runs: xr.Dataset) -> str:
    """Say how many members of a run are not there; nothing if all are, or if that is not known.

    Examples
    --------
    >>> said(xr.Dataset(coords={"status": ("seed", ["ok", "missing"])}))
    '1 of 2 members are missing, and NaN: run the same sweep again, which trains only these'
    """
    if STATUS not in runs.coords:
        return ""
    status = np.asarray(runs[STATUS].values)
    counts = [(int((status == word).sum()), word) for word in (MISSING, FAILED)]
    parts = [f"{count} of {status.size} members are {word}" for count, word in counts if count]
    return f"{' and '.join(parts)}, and NaN: run the same sweep again, which trains only these" if parts else ""
