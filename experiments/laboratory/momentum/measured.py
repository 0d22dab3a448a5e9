"""What the recorded weights show of the two roots, with no formula of them: size, angle, and where they meet."""

import numpy as np
import xarray as xr


def last_factor(runs: xr.Dataset, rule: str) -> xr.DataArray:
    """Give the factor of the last epoch, in which the fast mode has died out.

    Parameters
    ----------
    runs : xarray.Dataset
        From `simulation.simulated`, of epochs.
    rule : str
        Which.

    Returns
    -------
    xarray.DataArray [momentum, share, seed]
        For the shares below 1: of no use where the weight oscillates.
    """
    weight = runs.weight.sel(rule=rule, share=runs.share < 1).reset_coords(drop=True)
    return weight.isel(record=-1, drop=True) / weight.isel(record=-2, drop=True)


def recurrence(runs: xr.Dataset, rule: str) -> tuple[xr.DataArray, xr.DataArray]:
    """Solve w'' = T w' - P w for T and P from four epochs' ends in a row: of two modes, T is the sum of their factors.

    Of all such fours the one with the largest determinant, for its size, is taken: the others know it less well. It is
    done where weights oscillate: of two real modes the fast one is soon gone.

    Parameters
    ----------
    runs : xarray.Dataset
        From `simulation.simulated`, of epochs.
    rule : str
        Which.

    Returns
    -------
    T, P : xarray.DataArray [momentum, share, seed]
        Sum and product of the two factors per epoch, for the shares above 1.
    """
    weight = runs.weight.sel(rule=rule, share=runs.share > 1).reset_coords(drop=True)
    weight = weight.transpose("momentum", "share", "seed", "record")
    a, b, c, d = (weight.values[..., k : weight.sizes["record"] - 3 + k] for k in range(4))
    determinant = b * b - a * c
    with np.errstate(all="ignore"):  # a weight that came to 0 knows nothing: its fours are not taken
        known = np.nan_to_num(abs(determinant) / (b * b + abs(a * c)))
        best = np.argmax(known, axis=-1, keepdims=True)
        total, product = (b * c - a * d) / determinant, (c * c - b * d) / determinant
    like = weight.isel(record=0, drop=True)
    return (
        like.copy(data=np.take_along_axis(total, best, -1)[..., 0]),
        like.copy(data=np.take_along_axis(product, best, -1)[..., 0]),
    )


def modulus(runs: xr.Dataset, rule: str) -> xr.DataArray:
    """Give the factor per step by which oscillating weights shrink: the root of the product, per step."""
    return xr.ufuncs.exp(xr.ufuncs.log(recurrence(runs, rule)[1]) / (2 * runs.n.reset_coords(drop=True)))


def squared_gap(runs: xr.Dataset, rule: str) -> xr.DataArray:
    r"""Give the squared difference of the two roots of a step, negative where a weight oscillates.

    Of an epoch of M steps it knows :math:`T = 2\rho^M\cos M\varphi`, :math:`P = \rho^{2M}`; M phi is below half a turn
    here, so that phi follows, and :math:`-4\rho^2\sin^2\varphi` is the square.
    """
    total, product = recurrence(runs, rule)
    angle = xr.ufuncs.arccos(total / (2 * xr.ufuncs.sqrt(product))) / runs.n.reset_coords(drop=True)
    return -4 * modulus(runs, rule) ** 2 * xr.ufuncs.sin(angle) ** 2


def meeting(runs: xr.Dataset, rule: str) -> xr.DataArray:
    """Give the decay per step at which the roots meet: where the squared gap, a parabola in it, comes to 0.

    Parameters
    ----------
    runs : xarray.Dataset
        From `simulation.simulated`, of epochs, three or more shares of which are above 1.
    rule : str
        Which.

    Returns
    -------
    xarray.DataArray [momentum, seed]
    """
    above = runs.share[runs.share > 1].values[:3]
    gap = squared_gap(runs, rule).sel(share=above).transpose("momentum", "seed", "share")
    epsilon = runs.epsilon.sel(rule=rule, share=above).transpose("momentum", "share")
    found = np.array([
        [_root_near(decay, one) for one in of_seeds]
        for decay, of_seeds in zip(epsilon.values, gap.values, strict=True)
    ])  # fmt: skip
    return xr.DataArray(found, {"momentum": runs.momentum, "seed": runs.seed}, ("momentum", "seed"))


def _root_near(x: np.ndarray, y: np.ndarray) -> float:
    """Root, nearest to x, of the parabola through three points; NaN where there is none."""
    scaled = x / x[0]
    inverse = np.linalg.solve(np.vander(scaled, 3), y) if np.isfinite(y).all() else np.full(3, np.nan)
    if not np.isfinite(inverse).all():
        return float("nan")
    a, b, c = inverse
    under = b * b - 4 * a * c
    if under < 0:
        return float("nan")
    half = -(b + np.copysign(np.sqrt(under), b)) / 2
    roots = [root for root in (half / a if a else np.inf, c / half if half else np.inf) if np.isfinite(root)]
    return float(min(roots, key=lambda root: abs(root - 1)) * x[0]) if roots else float("nan")
