"""The law of Muon's norm, cosine and angle, given how its updates are correlated: what the brackets are bounds of."""

import numpy as np
import xarray as xr

LAGS = 4096


def correlation(rho: np.ndarray, drawn_at: np.ndarray, phi: np.ndarray, linear_share: float) -> np.ndarray:
    r"""Interpolate the correlation of updates between those that were drawn.

    What is interpolated is the weight h of the bracket's upper end,
    :math:`\varphi = \varphi'(0)\rho + (1-\varphi'(0))\rho^3 h(\rho)`: it lies between 0 and 1 and grows with rho.

    Parameters
    ----------
    rho : array [lag]
        Correlation of the mixtures.
    drawn_at, phi : array [drawn]
        Correlations of the pairs that were drawn, rising, and what was measured.
    linear_share : float
        phi'(0).

    Returns
    -------
    array [lag]

    Examples
    --------
    >>> correlation(np.array([0.5]), np.array([0.5, 0.9]), np.array([0.3625, 0.8]), 0.7).round(6).tolist()
    [0.3625]
    """
    rest = 1 - linear_share
    weight = (phi - linear_share * drawn_at) / (rest * drawn_at**3)
    return linear_share * rho + rest * rho**3 * np.interp(rho, drawn_at, weight)


def at_rest(runs: xr.Dataset, of: xr.DataArray | None = None) -> dict[str, xr.DataArray]:
    """Give norm, cosine and angle of a step at rest, for the correlations measured on drawn pairs.

    Parameters
    ----------
    runs : xarray.Dataset
        From `experiments.laboratory.muon_as_it_is_run.simulation`.
    of : xarray.DataArray, optional
        phi over ``rho`` instead of that in `runs`.

    Returns
    -------
    dict of str to DataArray
        ``weight_norm``, ``cosine`` and ``rotation``, over the cells.
    """
    import derivations

    first = derivations.derive("muon").formulas["nesterov_correlation"]
    phi = (runs.phi if of is None else of).values
    share = float(runs.linear_share)

    def summed(beta1: float, decay: float) -> float:
        lags = np.arange(LAGS)
        rho = first(beta1=beta1, step=0) * beta1**lags
        if rho[0] > runs.rho.values[-1]:
            raise ValueError(
                f"rho={runs.rho.values[-1]:g}: two averages at beta1={beta1:g} are correlated by {rho[0]:.3g}; "
                "draw pairs of a larger correlation too"
            )
        return float(((1 - decay) ** lags * correlation(rho, runs.rho.values, phi, share)).sum())

    decay = runs.eta * runs.lmbda / runs.n
    total = xr.apply_ufunc(np.vectorize(summed), runs.beta1.astype(float), decay)
    return by_sum(total, decay, runs.eta, runs.update_norm)


def first_rest(runs: xr.Dataset) -> xr.DataArray:
    """Give what the correlation of updates one step apart exceeds its linear part by, over beta1, from drawn pairs.

    Parameters
    ----------
    runs : xarray.Dataset
        From `experiments.laboratory.muon_as_it_is_run.simulation`.
    """
    import derivations

    first = derivations.derive("muon").formulas["nesterov_correlation"]
    rho = xr.apply_ufunc(np.vectorize(lambda beta1: first(beta1=beta1, step=0)), runs.beta1.astype(float))
    share = float(runs.linear_share)
    return rho.copy(data=correlation(rho.values, runs.rho.values, runs.phi.values, share)) - share * rho


def by_sum(
    total: xr.DataArray, decay: xr.DataArray, eta: xr.DataArray, update_norm: xr.DataArray
) -> dict[str, xr.DataArray]:
    r"""Give norm, cosine and angle for :math:`t=\sum_{k\ge1}(1-\epsilon)^{k-1}\varphi(\rho_k)`.

    .. math:: |W|^2 = \frac{\eta^2U^2(1+2(1-\epsilon)t)}{\epsilon(2-\epsilon)}, \qquad
        \cos = \frac{\eta U t}{|W|}, \qquad \sin\theta = \frac{\eta U\sqrt{1-\cos^2}}{|W|}

    Parameters
    ----------
    total, decay, eta, update_norm : xarray.DataArray
        t, epsilon, the learning rate, and U.

    Returns
    -------
    dict of str to DataArray
        ``weight_norm``, ``cosine`` and ``rotation``.
    """
    norm = eta * update_norm * ((1 + 2 * (1 - decay) * total) / (decay * (2 - decay))) ** 0.5
    cosine = eta * update_norm * total / norm
    angle = xr.ufuncs.arcsin(eta * update_norm * (1 - cosine**2) ** 0.5 / norm)
    return {"weight_norm": norm, "cosine": cosine, "rotation": angle}
