"""Evaluate a derivation's formula on a result's own coordinates and measured inputs: theory and run read one record."""

import warnings
from typing import Any

import numpy as np
import xarray as xr

from wd_jax import siblings
from wd_jax.conventions import effective_batch_size
from wd_jax.law_scope import demand_own, demand_scope
from wd_jax.results.validity import doubts

OTHERWISE_MEASURED = {
    "gradient_norm2": "the result's is that of the full batch: pass the mean of |gbar|^2 over minibatches",
}
"""Symbols of the laws that mean something else than the variable of that name in a result."""
PER_EPOCH = ("moved_by_gradient",)
"""Symbols that are measured over one epoch; a result has them over each of its records."""


def evaluate(derivation: str, formula: str, runs: xr.Dataset, **given: Any) -> xr.DataArray:
    """Evaluate a formula, its symbols bound by name.

    A symbol is looked up in `given`, then among the variables and coordinates of `runs`. ``x_0`` means ``x`` at
    epoch 0. ``m`` is n / steps_per_epoch, so that n/m is the number of steps an epoch really has.

    A law is for certain update rules, ways of sampling and networks (`derivations.Scope`; ``wd-jax derive`` prints
    it): another run is refused. What it assumes of the gradients only a result of `wd_jax.lab` can say, and is held to;
    the attribute ``gradients`` names it.

    Parameters
    ----------
    derivation, formula : str
        Names, as ``wd-jax derive`` lists them.
    runs : xarray.Dataset
        From `wd_jax.sweep` or `wd_jax.lab`.
    **given
        Numbers or arrays for symbols that are not in `runs`, or, of measured ones, instead of those that are. A list or
        a plain array gets a dimension of the symbol's name.

    Returns
    -------
    xarray.DataArray
        Over the dimensions of the symbols it uses, in the formula's unit (attribute ``units``); ``law`` names it, and
        ``scope`` and ``gradients`` say what it is for. Infinite where it says *never*, NaN where it has no value
        without decay.

    Raises
    ------
    derivations.UnknownNameError
        A `KeyError`, for a derivation, a formula or a given symbol that there is not, and for a symbol that is neither
        given nor in `runs`.
    ValueError
        If the law is not for this run, or a given setting contradicts the run's own.
    TypeError
        If `runs` is a part of a result, or what is given is no number.

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
    siblings.check("derivations")
    import derivations

    if not isinstance(runs, xr.Dataset):
        raise TypeError(f"runs is a {type(runs).__name__}: give the whole xarray.Dataset that sweep or open returned")
    for doubt in doubts(runs):
        warnings.warn(doubt, stacklevel=2)
    formulas = derivations.derive(derivation).formulas
    law = formulas[formula]
    known = {name for other in formulas.values() for name in other.parameters}
    for name in given:
        if name not in known:
            raise derivations.UnknownNameError(
                f"{derivation} has no symbol {name!r}: {formula} takes {', '.join(law.parameters)}"
            )
    demand_scope(derivation, law, runs, given)
    meanings = law.describe()
    values = {name: bind(name, runs, given, meanings[name]) for name in law.parameters}
    present = _present(values)
    for condition in law.violations(**present):
        warnings.warn(f"{derivation}.{formula}: used outside its condition {condition}", RuntimeWarning, stacklevel=2)
    function = law.to_numpy()

    def call(*arrays: Any) -> Any:
        result = function(**dict(zip(values, arrays, strict=True)))
        if "lmbda" in values and not law.may_be_zero(frozenset({"lmbda"})):
            zero = np.asarray(arrays[list(values).index("lmbda")]) == 0
            result = np.where(zero, np.nan, result) if zero.any() else result
        # What only the conditions of use ask for is in no result of the function, and its dimension would be missing.
        shape = np.broadcast_shapes(*(np.shape(one) for one in arrays))
        return result if np.shape(result) == shape else np.broadcast_to(result, shape).copy()

    with np.errstate(all="ignore"):  # the warning above names the condition instead
        result = xr.apply_ufunc(call, *values.values())
    result = result if isinstance(result, xr.DataArray) else xr.DataArray(result)
    if all(bool(np.isfinite(value).all()) for value in values.values()):  # no run's number is missing: no fate matters
        result = result.drop_vars("diverged_at", errors="ignore")
    scope = law.scope or derivations.Scope()
    result.attrs = {  # and none of those of what it was made from
        "units": law.unit,
        "long_name": law.meaning,
        "law": f"{derivation}.{formula}",
        "scope": scope.line(),
        "gradients": derivations.GRADIENTS[scope.gradients],
    }
    return result.rename(formula)


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
        value = _labelled(name, given[name])
        demand_own(name, value, runs)
        if name != "m" or "m" not in runs.variables or not np.array_equal(value, runs.m):
            return value
    if name == "m" and "m" in runs.variables:
        return xr.apply_ufunc(np.vectorize(effective_batch_size), runs.n, runs.m)
    missing = f"pass {name}=... to evaluate"
    if name in runs.variables:
        missing = OTHERWISE_MEASURED.get(name, missing)
        fractions = "epoch" in runs.coords and bool((runs.epoch % 1 != 0).any())
        if name in PER_EPOCH and fractions:
            missing = f"the result has it over each record, not over an epoch: {missing}"
        elif name not in OTHERWISE_MEASURED:
            return runs[name].astype(np.float64)
    elif name.endswith("_0") and name[:-2] in runs.variables:
        return at_start(runs, name)
    raise UnknownNameError(f"symbol {name!r} ({meaning}) is not in the result: {missing}")


def _labelled(name: str, value: Any) -> Any:
    """Give a plain array a dimension of the symbol's name: arrays never meet by place."""
    from derivations.output.arguments import numbers

    if isinstance(value, xr.DataArray):
        return value.copy(data=numbers(name, value.values))
    array = numbers(name, value)
    if array.ndim > 1:
        raise TypeError(
            f"{name} is a plain array of {array.ndim} dimensions: give an xarray.DataArray with their names"
        )
    return xr.DataArray(array, {name: array}, (name,)) if array.ndim else float(array)


def at_start(runs: xr.Dataset, name: str) -> xr.DataArray:
    """Give ``x_0``, the value of ``x`` before training; a selection of later epochs has lost it."""
    if "epoch" not in runs.dims or not (runs.epoch == 0).any():
        raise ValueError(f"{name} is {name[:-2]} at epoch 0, which this selection lacks: give the whole result")
    return runs[name[:-2]].sel(epoch=0, drop=True)
