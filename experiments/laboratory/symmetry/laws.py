"""What the laws say of a measurement."""

import numpy as np
import xarray as xr

from experiments.laboratory.symmetry.settings import MOMENTUM, RUNS

PATHS = {"momentum": ("momentum", "weight"), "nesterov": ("momentum", "nesterov_weight")}
"""Derivation and formula of the rules with decay in the gradient; the others decay by themselves."""


def left(runs: xr.Dataset, name: str) -> xr.DataArray:
    """Give what is left, by the law, of a weight or a sum of weights that no gradient reaches.

    Parameters
    ----------
    runs : xarray.Dataset
        From `simulation.protected`.
    name : str
        Of the run, among `settings.RUNS`.

    Returns
    -------
    xarray.DataArray [epoch]
        Over the start.
    """
    from derivations import derive

    rule = RUNS[name][0]
    derivation, formula = PATHS.get(rule, ("symmetry", "decayed"))
    one = runs.sel(run=name)
    numbers = {"w_0": 1.0, "eta": float(one.eta), "lmbda": float(one.lmbda), "n": float(runs.n)}
    numbers |= {"momentum": MOMENTUM} if rule in PATHS else {}
    found = derive(derivation).formulas[formula].to_numpy()(step=runs.step.values.astype(float), **numbers)
    return xr.DataArray(np.asarray(found), {"epoch": runs.epoch}, ("epoch",))


def imbalance(runs: xr.Dataset) -> xr.DataArray:
    """Give the imbalance of neighbouring layers step by step, from its start and the squared gradients of the run.

    Parameters
    ----------
    runs : xarray.Dataset
        From `simulation.rescaling`.

    Returns
    -------
    xarray.DataArray [dtype, seed, layer, step]
        Squared norm of the next layer less that of this one, for all layers but the last.
    """
    from derivations import derive

    step = derive("symmetry").formulas["imbalance_next"].to_numpy()
    settings = {name: float(runs[name]) for name in ("eta", "lmbda", "n")}
    gap = _next_less_this(runs.noise).transpose("step", ...) / settings["eta"] ** 2
    law = gap.copy(data=np.full(gap.shape, np.nan))
    law[0] = _next_less_this(runs.weight_norm2).isel(step=0).transpose(*law.dims[1:])
    for k in range(1, law.sizes["step"]):
        law[k] = step(imbalance_0=law.values[k - 1], gradient_gap=gap.values[k], **settings)
    return law.transpose("dtype", "seed", "layer", "step")


def measured_imbalance(runs: xr.Dataset) -> xr.DataArray:
    """Give the imbalance of neighbouring layers as it was recorded: next layer less this one."""
    return _next_less_this(runs.weight_norm2)


def held(runs: xr.Dataset) -> xr.DataArray:
    """Give the squared norms that an imbalance is the difference of, added up: its rounding is theirs."""
    below = runs.weight_norm2.isel(layer=slice(None, -1))
    return below + runs.weight_norm2.isel(layer=slice(1, None)).assign_coords(layer=below.layer)


def decay_alone(runs: xr.Dataset) -> xr.DataArray:
    """Give what is left of an imbalance where squared gradients do not matter, as in gradient flow: [step]."""
    epsilon = runs.eta * runs.lmbda / runs.n
    return (1 - epsilon) ** (2 * runs.step)


def limit(runs: xr.Dataset, gap: xr.DataArray) -> xr.DataArray:
    """Give the imbalance in the long run from the mean difference of the squared gradients, [seed]."""
    from derivations import derive

    formula = derive("symmetry").formulas["imbalance_limit"].to_numpy()
    settings = {name: float(runs[name]) for name in ("eta", "lmbda", "n")}
    return gap.copy(data=formula(gradient_gap=gap.values, **settings))


def _next_less_this(of_layers: xr.DataArray) -> xr.DataArray:
    below = of_layers.isel(layer=slice(None, -1))
    return of_layers.isel(layer=slice(1, None)).assign_coords(layer=below.layer) - below
