"""Put a theory on a measurement's cells: by label where both have labels, else by place; refuse other cells."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from wd_jax.inputs import checks
from wd_jax.optimisers import rules

CELL = (
    *("epoch", "layer", "split", "seed", *rules.NAMES),
    *("batch_size", "hidden", "depth"),
)
ROUNDING = 1e-9
ROUNDING_FLOAT32 = 1e-6
_NAMED = 3


def aligned(theory: xr.DataArray | np.ndarray | float, measured: xr.DataArray) -> xr.DataArray:
    """Give the theory of the cells that were measured, in their order.

    Parameters
    ----------
    theory : xarray.DataArray, array or float
        A dimension at one value of which the measurement was selected is selected there too. Numbers without names go
        by place: one for all, one per cell, or one per cell and seed.
    measured : xarray.DataArray [..., seed]
        Labels are compared up to rounding (relative 1e-9; 1e-6 where either is float32), and NaN equals NaN.

    Returns
    -------
    xarray.DataArray
        To be broadcast against `measured`; dimensions that were matched carry no labels of their own.

    Raises
    ------
    ValueError
        For a theory of other cells.

    Examples
    --------
    >>> runs = xr.DataArray([[1.0], [2.0]], {"lmbda": [0.1, 0.1 + 0.2]}, ("lmbda", "seed"))
    >>> aligned(xr.DataArray([20.0, 10.0], {"lmbda": [0.3, 0.1]}, ("lmbda",)), runs).values.tolist()
    [10.0, 20.0]
    """
    if not isinstance(theory, xr.DataArray):
        return _by_place(_numbers(theory), measured)
    _numbers(theory)
    theory = _same_cell(theory, measured)
    for dim in theory.dims:
        if dim in theory.coords and dim in measured.coords:
            theory = _in_order(theory, measured, str(dim))
    return theory


def _numbers(theory: object) -> np.ndarray:
    """Refuse a theory that is not made of real numbers."""
    array = np.asarray(theory)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"the theory is {checks.shown(theory)}: give a number, an array of them, or a formula's value")
    return array


def _by_place(numbers: np.ndarray, measured: xr.DataArray) -> xr.DataArray:
    cells = [dim for dim in measured.dims if dim != "seed"]
    for dims in ([], cells, list(measured.dims)):
        if numbers.shape == tuple(measured.sizes[dim] for dim in dims):
            return xr.DataArray(numbers, dims=dims)
    shape = ", ".join(f"{dim} {measured.sizes[dim]}" for dim in cells) or "no cells but one"
    raise ValueError(
        f"the theory is an array of shape {numbers.shape}, the measurement has {shape}: "
        "give a number for each cell, or an xarray.DataArray with named dimensions"
    )


def _same_cell(theory: xr.DataArray, measured: xr.DataArray) -> xr.DataArray:
    """Select the cell the measurement was selected at: xarray would broadcast and mix epochs."""
    for dim in [dim for dim in theory.dims if dim not in measured.dims]:
        if dim not in measured.coords or measured[dim].ndim or dim not in theory.coords:
            raise ValueError(f"the theory has a dimension {dim!r} that the measurement lacks: select one value of it")
        here = _same(measured[dim].values.reshape(1), theory[dim].values)[0]
        if not here.any():
            place, others = measured[dim].item(), _named(theory[dim].values.tolist())
            raise ValueError(f"{dim}: measured at {place!r}, predicted only at {others}: predict it there")
        theory = theory.isel({dim: int(np.argmax(here))})
    for name in set(CELL) & set(theory.coords) & set(measured.coords):
        here, there = measured[name], theory[name]
        if there.ndim == 0 and name in measured.dims and not _same(here.values, there.values.reshape(1)).all():
            raise ValueError(
                f"{name}: measured at {_named(here.values.tolist())}, predicted at {there.item()!r} alone: select that "
                f"of both, or, where it is meant for all of them, theory.drop_vars({name!r})"
            )
        if here.ndim == there.ndim == 0 and not _same(here.values.reshape(1), there.values.reshape(1)).all():
            raise ValueError(
                f"{name}: measured at {here.item()!r}, predicted at {there.item()!r}: select the same value of both, "
                f"or, where another is meant, theory.drop_vars({name!r})"
            )
    return theory


def _in_order(theory: xr.DataArray, measured: xr.DataArray, dim: str) -> xr.DataArray:
    """Refuse a theory for other labels: xarray would judge only those that both have."""
    if measured.indexes[dim].equals(theory.indexes[dim]):
        return theory
    here, there = measured[dim].values, theory[dim].values
    if len(here) == len(there) and all(_same(here[i : i + 1], there[i : i + 1])[0, 0] for i in range(len(here))):
        return theory.drop_vars(dim)
    same = _same(here, there)
    missing, extra = here[~same.any(axis=1)], there[~same.any(axis=0)]
    if len(missing) or len(extra):
        only = [
            f"only {verb} at {_named(labels.tolist())}"
            for verb, labels in (("measured", missing), ("predicted", extra))
            if len(labels)
        ]
        raise ValueError(f"{dim}: {', '.join(only)}: select the same values of both")
    if (same.sum(axis=0) > 1).any() or (same.sum(axis=1) > 1).any():
        raise ValueError(f"{dim}: some labels occur more than once, in another order: give both in the same order")
    return theory.isel({dim: np.argmax(same, axis=1)}).drop_vars(dim)


def _same(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Which labels are the same, [here, there]: numbers up to rounding, all else exactly."""
    if any(labels.dtype.kind not in "iuf" for labels in (here, there)):
        return np.array([[a == b for b in there.tolist()] for a in here.tolist()]).reshape(len(here), len(there))
    single = any(labels.dtype.kind == "f" and labels.dtype.itemsize < 8 for labels in (here, there))
    a, b = here.astype(np.float64)[:, None], there.astype(np.float64)[None]
    return np.isclose(a, b, rtol=ROUNDING_FLOAT32 if single else ROUNDING, atol=0, equal_nan=True)


def _named(labels: Sequence) -> str:
    shown = ", ".join(map(repr, labels[:_NAMED]))
    return shown + (f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else "")
