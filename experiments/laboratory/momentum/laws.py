"""What the laws say of a measurement: the path of a weight, its roots, and the approximations beside them."""

import numpy as np
import xarray as xr

PATHS = {"momentum": "weight", "nesterov": "nesterov_weight", "sgdw": "sgdw_weight"}


def path(runs: xr.Dataset, rule: str) -> xr.DataArray:
    """Give the weight after every recorded step, over its start, by the derivation's closed form.

    Beyond the critical decay the two roots are complex, and so are the numbers that the formula is given; what it gives
    is real but for rounding.

    Parameters
    ----------
    runs : xarray.Dataset
        From `simulation.simulated`.
    rule : str
        Which.

    Returns
    -------
    xarray.DataArray [momentum, share, record]
    """
    from derivations import derive

    formula = derive("momentum").formulas[PATHS[rule]].to_numpy()
    one = runs.sel(rule=rule, drop=True)

    def value(steps: np.ndarray, lmbda: np.ndarray, n: np.ndarray, momentum: np.ndarray) -> np.ndarray:
        numbers = {"w_0": 1.0, "step": steps.astype(float), "eta": float(runs.eta), "lmbda": lmbda + 0j, "n": n}
        return np.real(formula(**numbers, **({} if rule == "sgdw" else {"momentum": momentum})))

    return xr.apply_ufunc(value, one.steps, one.lmbda, one.n, one.momentum).transpose("momentum", "share", "record")


def envelope(runs: xr.Dataset, rule: str) -> xr.DataArray:
    """Give what an oscillating weight shrinks by per step: the modulus of its roots.

    The square root of mu for heavy ball (derivation momentum, step modulus), of mu (1 - epsilon) for Nesterov
    (nesterov_modulus).
    """
    product = runs.momentum * (1 - runs.epsilon.sel(rule=rule, drop=True) * (rule == "nesterov"))
    return xr.ufuncs.sqrt(product)


def rate(runs: xr.Dataset, rule: str) -> xr.DataArray:
    """Give the rate of decay per step in the long run: -ln of the slow root, or of the modulus beyond the critical one.

    Returns
    -------
    xarray.DataArray [momentum, share]
    """
    from derivations import derive

    one = runs.sel(rule=rule, drop=True)
    formula = derive("momentum").formulas["nesterov_slow_root" if rule == "nesterov" else "slow_root"].to_numpy()
    slow = xr.apply_ufunc(
        lambda lmbda, n, momentum: formula(eta=float(runs.eta), lmbda=lmbda + 0j, n=n, momentum=momentum),
        one.lmbda,
        one.n,
        one.momentum,
    )
    return (-xr.ufuncs.log(abs(slow))).transpose("momentum", "share")


def naive_rate(epsilon: xr.DataArray, momentum: xr.DataArray | float) -> xr.DataArray:
    """Give epsilon/(1 - mu): the rate where decay is slow (factor_leading)."""
    return epsilon / (1 - momentum)


def oscillator_rate(epsilon: xr.DataArray, momentum: xr.DataArray) -> xr.DataArray:
    r"""Give the rate per step of a damped oscillator in continuous time.

    Kunin et al., arXiv 2012.04728, have it for translation symmetry (from their code, ``metrics/translation.py``):
    :math:`\ddot x + 2\gamma\dot x + \omega^2 x = 0` with :math:`\gamma = (1-\mu)/(\eta(1+\mu))`,
    :math:`\omega^2 = 2L/(\eta(1+\mu))` and time eta times steps; so its roots are, per step,
    :math:`-a \pm \sqrt{a^2 - 2\epsilon/(1+\mu)}`, a = (1 - mu)/(1 + mu).
    """
    return -_roots(epsilon, momentum)[0].real


def _roots(epsilon: xr.DataArray, momentum: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Roots per step of the oscillator, the slow one first."""
    damping = (1 - momentum) / (1 + momentum)
    gap = xr.ufuncs.sqrt(damping**2 - 2 * epsilon / (1 + momentum) + 0j)
    return gap - damping, -gap - damping


def oscillator_path(epsilon: xr.DataArray, momentum: xr.DataArray, steps: xr.DataArray) -> xr.DataArray:
    """Give the oscillator's weight after so many steps, over its start, from rest."""
    slow, fast = _roots(epsilon, momentum)
    return ((fast * xr.ufuncs.exp(slow * steps) - slow * xr.ufuncs.exp(fast * steps)) / (fast - slow)).real


def oscillator_critical(momentum: float) -> float:
    """Give the decay per step at which the oscillator's roots meet.

    Examples
    --------
    >>> round(oscillator_critical(0.9), 6)
    0.002632
    """
    return (1 - momentum) ** 2 / (2 * (1 + momentum))
