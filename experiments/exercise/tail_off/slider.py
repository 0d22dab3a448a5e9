"""The slider of a page's first figure: claim 3's sweep over lmbda, and more values of it that are trained shortly."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from experiments.exercise.preset import Preset
from experiments.exercise.tail_off.late_weights import measure
from wd_jax.report.moving import of_runs
from wd_jax.stats.plateau import NETWORK

PARTS = {"hidden": 0, "output": -2, NETWORK: -1}
"""Which of the parts that `measure` gives the figure draws, the network being the last."""


def lmbdas(preset: Preset) -> tuple[float, ...]:
    """Values of lmbda that the slider has besides claim 3's: none of those again, and 0, where nothing decays.

    Parameters
    ----------
    preset : Preset
        Settings of claim 3.

    Returns
    -------
    tuple of float
        Rising, dimensionless.

    Examples
    --------
    >>> lmbdas(Preset("digits", lmbdas=(5.0, 14.0), lmbdas_of_slider=(7.0, 14.0)))
    (0.0, 7.0)
    """
    return (0.0, *(one for one in preset.lmbdas_of_slider if not np.isclose(one, preset.lmbdas, atol=0).any()))


def moving(stored: Sequence[xr.Dataset], preset: Preset) -> dict[str, Any]:
    """Give the figure both sweeps, over the seeds that both have, and where the parts come to rest.

    Parameters
    ----------
    stored : sequence of xarray.Dataset
        Claim 3's sweep over lmbda, and the slider's where it is there.
    preset : Preset
        Their settings.

    Returns
    -------
    dict
        As `wd_jax.report.moving.of_runs` gives it.
    """
    late = [measure(runs)[["weight_rms", "Q"]].mean("seed") for runs in stored]
    found = xr.concat(late, "lmbda", coords="minimal", compat="override").sortby("lmbda")
    rest = {name: found.weight_rms.isel(part=k).values.tolist() for name, k in PARTS.items()}
    seeds = min((runs.seed.values for runs in stored), key=len)
    both = [runs[["weight_rms"]].sel(seed=seeds).drop_vars("diverged_at", errors="ignore") for runs in stored]
    runs = xr.concat(both, "lmbda", join="outer", coords="minimal", compat="override").sortby("lmbda")
    ends = {float(lmbda): float(one.epoch.max()) for one in stored for lmbda in one.lmbda.values}
    supply = found.Q.sel(part=NETWORK).values.tolist()
    return of_runs(
        runs, preset.dataset, rest, supply, opens_at=preset.lmbda, ends=[ends[float(lmbda)] for lmbda in runs.lmbda]
    )
