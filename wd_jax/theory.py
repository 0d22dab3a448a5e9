"""Evaluate a derivation's formula on a result's own coordinates and measured inputs: theory and run read one record."""

import warnings
from typing import Any

import numpy as np
import xarray as xr

from wd_jax.conventions import effective_batch_size


def evaluate(derivation: str, formula: str, runs: xr.Dataset, **given: Any) -> xr.DataArray:
    """Evaluate a formula, its symbols bound by name.

    A symbol is looked up in `given`, then among the variables and coordinates of `runs`. ``x_0`` means ``x`` at
    epoch 0. ``m`` is n / steps_per_epoch, so that n/m is the number of steps an epoch really has.

    Parameters
    ----------
    derivation, formula : str
        Names, as ``wd-jax derive`` lists them.
    runs : xarray.Dataset
        From `wd_jax.sweep`.
    **given
        Numbers or arrays for symbols that are not in `runs`, or instead of those that are.

    Returns
    -------
    xarray.DataArray
        Over the dimensions of the symbols it uses, in the formula's unit (attribute ``units``).

    Raises
    ------
    derivations.UnknownNameError
        A `KeyError`, for a derivation, a formula or a given symbol that there is not, and for a symbol that is neither
        given nor in `runs`.
    TypeError
        If `runs` is a part of a result.

    Warns
    -----
    RuntimeWarning
        Where a value lies outside the formula's conditions of use, naming the condition.

    Examples
    --------
    >>> import wd_jax as wd
    >>> runs = wd.sweep(wd.Setup(widths=(16, 8, 4)), wd.data.null(), lmbda=1.0, seeds=2, epochs=3, progress=False)
    >>> theory = evaluate("epoch_decay", "weight_rms", runs)
    >>> bool(abs(runs.weight_rms / theory - 1).max() < 1e-5)
    True
    """
    import derivations

    if not isinstance(runs, xr.Dataset):
        raise TypeError(f"runs is a {type(runs).__name__}: give the whole xarray.Dataset that sweep or open returned")
    formulas = derivations.derive(derivation).formulas
    law = formulas[formula]
    known = {name for other in formulas.values() for name in other.parameters}
    for name in given:
        if name not in known:
            raise derivations.UnknownNameError(
                f"{derivation} has no symbol {name!r}: {formula} takes {', '.join(law.parameters)}"
            )
    meanings = law.describe()
    values = {name: bind(name, runs, given, meanings[name]) for name in law.parameters}
    for condition in law.violations(**_present(values)):
        warnings.warn(f"{derivation}.{formula}: used outside its condition {condition}", RuntimeWarning, stacklevel=2)
    function = law.to_numpy()

    def call(*arrays: Any) -> Any:
        return function(**dict(zip(values, arrays, strict=True)))

    with np.errstate(divide="ignore", invalid="ignore"):  # the warning above names the condition instead
        result = xr.apply_ufunc(call, *values.values())
    result = result if isinstance(result, xr.DataArray) else xr.DataArray(result)
    if all(bool(np.isfinite(value).all()) for value in values.values()):
        result = result.drop_vars("diverged_at", errors="ignore")  # no run's number is missing
    return result.assign_attrs(units=law.unit, long_name=law.meaning)


def _present(values: dict[str, Any]) -> dict[str, np.ndarray]:
    """Broadcast the values and leave out cells without a number: a diverged member violates no condition."""
    arrays = xr.broadcast(
        *(value if isinstance(value, xr.DataArray) else xr.DataArray(value) for value in values.values())
    )
    flat = np.stack([np.asarray(array.transpose(*arrays[0].dims), np.float64).ravel() for array in arrays])
    return dict(zip(values, flat[:, np.isfinite(flat).all(axis=0)], strict=True))


def bind(name: str, runs: xr.Dataset, given: dict[str, Any], meaning: str) -> Any:
    """Find the value of one symbol (see `evaluate`)."""
    from derivations import UnknownNameError

    if name in given:
        return given[name]
    if name == "m" and "m" in runs.variables:
        return xr.apply_ufunc(np.vectorize(effective_batch_size), runs.n, runs.m)
    if name in runs.variables:
        return runs[name].astype(np.float64)
    if name.endswith("_0") and name[:-2] in runs.variables:
        return runs[name[:-2]].sel(epoch=0, drop=True)
    raise UnknownNameError(f"symbol {name!r} ({meaning}) is not in the result: pass {name}=... to evaluate")
