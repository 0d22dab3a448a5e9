"""What became of each member of a run in a folder: the coordinate `status`."""

import numpy as np
import xarray as xr

STATUS = "status"
OK, MISSING, FAILED, DIVERGED = "ok", "missing", "failed", "diverged"
ATTRIBUTES = {
    "long_name": "what became of the member",
    "units": "1",
    "description": "ok; missing: not run yet; failed: its task raised an error; diverged: see diverged_at",
}


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
