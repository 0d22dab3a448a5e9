"""`wd_jax.concat`: join results that differ in one thing, each member with the plan that it was run by."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from wd_jax import display
from wd_jax.results import concat_checks, concat_plans
from wd_jax.results.divergence import carried
from wd_jax.results.format_1 import current
from wd_jax.results.run_settings import seeds_in_words
from wd_jax.results.variables import described

OF_A_CELL = ("per_step_factor", "decay_kept", "decay_measured", "method")
"""Coordinates that have every axis of numbers in the result of one sweep, also where they are the same everywhere."""
MEASURED = ("seed", "layer", "split", "epoch")


def concat(results: Sequence[xr.Dataset], dim: str | None = None) -> xr.Dataset:
    """Join results along the one thing in which they differ: seeds, or a setting.

    What comes back is like the result of one sweep, and its variables have the same bits; but each member keeps the
    settings of its own run, ``config`` and ``config_hash``. Results that differ in anything else are not joined; what
    functions of your own compute is compared by a hash of their traces.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Two or more of `wd_jax.sweep`, or of `wd_jax.lab`, perhaps read with `wd_jax.open`.
    dim : str, optional
        ``"seed"``, a swept axis, or a setting that was one number or word in each result and becomes a dimension. It is
        found where it is left out.

    Returns
    -------
    xarray.Dataset
        Over `dim`, in the order of the results, and their other dimensions.

    Raises
    ------
    ValueError
        In one line, where results cannot be joined: the first difference beside `dim`, or what they share along it, and
        the remedy.
    TypeError
        For what is no sequence of results.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup, data = wd.Setup(widths=(16, 8, 4)), wd.data.null()
    >>> runs = [wd.sweep(setup, data, lmbda=lmbda, epochs=2, progress=False) for lmbda in (1.0, 5.0)]
    >>> both = concat(runs)
    >>> both.weight_rms.dims, both.lmbda.values.tolist(), len(set(both.config_hash.values.ravel()))
    (('lmbda', 'seed', 'layer', 'epoch'), [1.0, 5.0], 2)
    """
    given = concat_checks.whole_results(results)
    parts = [carried(current(runs)) for runs in given]
    concat_checks.same_kind(parts)
    chosen = concat_checks.dimension(parts, dim)
    parts = concat_plans.with_rates(parts)
    said = {"batch_size": described("batch_size")}
    said |= {str(name): array.attrs for runs in reversed(parts) for name, array in runs.variables.items()}
    of_schedules = [(name, runs) for runs in reversed(parts) for name in ("eta", "lmbda")]
    said |= {name: runs[name].attrs for name, runs in of_schedules if f"{name}_schedule" in runs.coords}  # the largest
    parts = [_with_dimension(runs, chosen) for runs in parts]
    _refuse_overlap(parts, chosen)
    concat_checks.same_labels(parts, chosen)
    concat_plans.same_plans(parts, chosen)
    parts = _with_all_coordinates(parts)
    outer = chosen in ("depth", "hidden")  # a network with fewer layers has gaps, as in a sweep of depth
    runs = xr.concat(
        parts, chosen, data_vars="all", coords="different", compat="equals", join="outer" if outer else "exact"
    )
    axes = dict.fromkeys((*(dim for dim in _axes(runs) if dim == chosen), *_axes(parts[0])))
    runs = runs.transpose(*axes, "seed", ..., "epoch", missing_dims="ignore")
    for name in runs.variables:
        runs[name].attrs = dict(said[str(name)])
    return runs


def _axes(runs: xr.Dataset) -> list[str]:
    return [str(dim) for dim in runs.weight_rms.dims if dim not in MEASURED]


def _with_dimension(runs: xr.Dataset, dim: str) -> xr.Dataset:
    """Make a scalar coordinate a dimension, and give it to all that belongs to a cell."""
    if dim == "batch_size" and dim not in runs.coords:
        runs = runs.assign_coords(batch_size=int(runs.m))
    if dim in concat_checks.USUAL and dim not in runs.coords:
        runs = runs.assign_coords({dim: concat_checks.USUAL[dim]})
    if dim not in runs.dims:
        runs = runs.expand_dims(dim)
    if dim == "seed":
        return runs
    own = ("diverged_at", "status", *(OF_A_CELL if dim in concat_checks.numbers([runs]) else ()))
    lacking = [name for name in own if name in runs.coords and dim not in runs[name].dims]
    return runs.assign_coords({name: runs[name].expand_dims({dim: runs[dim]}) for name in lacking})


def _refuse_overlap(parts: Sequence[xr.Dataset], dim: str) -> None:
    """Refuse labels that two results share: the same members twice."""
    for number, runs in enumerate(parts):
        for other in range(number):
            both = [value for value in runs[dim].values.tolist() if value in parts[other][dim].values.tolist()]
            if not both:
                continue
            words = seeds_in_words(both).rpartition(" (")[0] if dim == "seed" else display.listed(both, between=", ")
            rest = [value for value in runs[dim].values.tolist() if value not in both]
            remedy = f"results[{number}].sel({dim}={rest})" if rest else f"leave results[{number}] out"
            if not _same(runs, parts[other], dim, both):
                remedy += "; but their numbers differ: something was changed that no coordinate tells, see config"
            where = f"in results[{other}] and in results[{number}]"
            raise ValueError(f"{dim}={words}: {where}, the same members twice: {remedy}")


def _same(one: xr.Dataset, other: xr.Dataset, dim: str, labels: list[Any]) -> bool:
    """Whether members of the same labels have the same numbers, but for the rounding of another method."""
    chosen = [runs.sel({dim: labels}) for runs in (one, other)]
    common = [name for name in one.data_vars if name in other.data_vars]
    shapes = [{name: runs[name].shape for name in common} for runs in chosen]
    if shapes[0] != shapes[1]:
        return False
    return all(np.allclose(*(runs[name] for runs in chosen), rtol=1e-3, equal_nan=True) for name in common)


def _with_all_coordinates(parts: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """Fill what one result does not say: a number that its rule does not read, or what an older version left out."""
    kinds = {str(name): array.dtype.kind for runs in parts for name, array in runs.coords.items()}
    gaps: dict[str, Any] = {name: np.nan if kind in "iufb" else concat_checks.UNKNOWN for name, kind in kinds.items()}
    gaps |= {name: usual for name, usual in concat_checks.USUAL.items() if name in kinds}
    return [runs.assign_coords({name: gap for name, gap in gaps.items() if name not in runs.coords}) for runs in parts]
