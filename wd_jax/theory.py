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
    KeyError
        Naming a symbol that is neither given nor in `runs`, or an unknown formula.

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

    formulas = derivations.derive(derivation).formulas
    if formula not in formulas:
        raise KeyError(f"{derivation} has no formula {formula!r}: choose among {', '.join(formulas)}")
    law = formulas[formula]
    values = {name: bind(name, runs, given) for name in law.parameters}
    for condition in law.violations(**_present(values)):
        warnings.warn(f"{derivation}.{formula}: used outside its condition {condition}", RuntimeWarning, stacklevel=2)
    function = law.to_numpy()

    def call(*arrays: Any) -> Any:
        return function(**dict(zip(values, arrays, strict=True)))

    with np.errstate(divide="ignore", invalid="ignore"):  # the warning above names the condition instead
        result = xr.apply_ufunc(call, *values.values())
    result = result if isinstance(result, xr.DataArray) else xr.DataArray(result)
    return result.assign_attrs(units=law.unit, long_name=law.meaning)


def _present(values: dict[str, Any]) -> dict[str, np.ndarray]:
    """Broadcast the values and leave out cells without a number: a diverged member violates no condition."""
    arrays = xr.broadcast(
        *(value if isinstance(value, xr.DataArray) else xr.DataArray(value) for value in values.values())
    )
    flat = np.stack([np.asarray(array.transpose(*arrays[0].dims), np.float64).ravel() for array in arrays])
    return dict(zip(values, flat[:, np.isfinite(flat).all(axis=0)], strict=True))


def bind(name: str, runs: xr.Dataset, given: dict[str, Any]) -> Any:
    """Find the value of one symbol (see `evaluate`)."""
    if name in given:
        return given[name]
    if name == "m" and "m" in runs.variables:
        return xr.apply_ufunc(np.vectorize(effective_batch_size), runs.n, runs.m)
    if name in runs.variables:
        return runs[name].astype(np.float64)
    if name.endswith("_0") and name[:-2] in runs.variables:
        return runs[name[:-2]].sel(epoch=0, drop=True)
    raise KeyError(f"symbol {name!r} is not in the result: pass {name}=... to evaluate")
