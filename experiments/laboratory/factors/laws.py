"""What the derivation says of products of factors, as arrays beside what was measured."""

import numpy as np
import xarray as xr


def law(name: str, **values: xr.DataArray | float) -> xr.DataArray:
    """Evaluate a formula of the derivation `factors`, its arguments broadcast by their dimensions.

    Parameters
    ----------
    name : str
        Of the formula.
    **values
        Its arguments.

    Examples
    --------
    >>> float(law("fold_product", target_singular=1.0, factors=3.0))
    0.25
    """
    import derivations

    formula = derivations.derive("factors").formulas[name]
    function = formula.to_numpy()

    def call(*arrays: np.ndarray) -> np.ndarray:
        return np.asarray(function(**dict(zip(formula.parameters, arrays, strict=True))))

    return xr.DataArray(xr.apply_ufunc(call, *(values[parameter] for parameter in formula.parameters)))


def at_rest(measured: xr.Dataset, n: int) -> xr.DataArray:
    """Give the singular values of the best product of two factors, max(s - lmbda/n, 0).

    Parameters
    ----------
    measured : xarray.Dataset
        With the coordinates `lmbda` and `target_singular`.
    n : int
        What lmbda is divided by.
    """
    left = law("singular_value", target_singular=measured.target_singular, lmbda=measured.lmbda, n=float(n))
    return left.clip(min=0.0)


def branch(s: xr.DataArray, factors: xr.DataArray, lmbda: xr.DataArray, n: int, *, lower: bool = False) -> xr.DataArray:
    """Solve (s - p) p^((N-2)/N) = lmbda/n for the product p, by bisection; 0 above the fold.

    Parameters
    ----------
    s, factors, lmbda : xarray.DataArray
        Target, N and lmbda, broadcast.
    n : int
        What lmbda is divided by.
    lower : bool
        Whether the smaller product is wanted, which is no minimum, instead of the larger one.

    Returns
    -------
    xarray.DataArray

    Examples
    --------
    >>> one = xr.DataArray(1.0)
    >>> round(float(branch(one, 3 * one, 0.2 * one, 1)), 4), round(float(branch(one, 3 * one, 0.5 * one, 1)), 4)
    (0.783, 0.0)
    """
    fold = law("fold_product", target_singular=s, factors=factors)
    s, factors, lmbda, fold = xr.broadcast(s, factors, lmbda, fold)
    zero = xr.zeros_like(fold)
    low, high = (zero, fold) if lower else (fold, s + zero)
    for _ in range(64):
        middle = (low + high) / 2
        too_much = law("lmbda_at_product", target_singular=s, product=middle, n=float(n), factors=factors) > lmbda
        up = ~too_much if lower else too_much
        low, high = low.where(~up, middle), high.where(up, middle)
    there = lmbda < law("fold_lmbda", target_singular=s, n=float(n), factors=factors)
    return ((low + high) / 2).where(there, 0.0)
