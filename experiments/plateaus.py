"""The plateau of every cell of a sweep: where it starts, how large the weights are there, and what holds them there."""

import numpy as np
import xarray as xr

import wd_jax as wd
from wd_jax.estimates import find_plateau

NETWORK = "network"


def measure(runs: xr.Dataset) -> xr.Dataset:
    """Average a sweep over its stationary windows, per layer and for the whole network.

    Parameters
    ----------
    runs : xarray.Dataset
        One swept axis besides `seed`; budget and full-batch gradient measured.

    Returns
    -------
    xarray.Dataset
        Over (axis, seed, part), part being "layer 1", "layer 2", ... and "network": ``weight_rms``, ``n_w``, ``n_in``,
        ``Q`` (the gradient's side of the norm balance), ``drift_share`` (of drift in Q), ``batch_gradient_rms``,
        ``weight_dot_gradient`` (full batch); ``reg_over_cost`` over (axis, seed); ``first`` epoch of the window over
        (axis, part). NaN where a layer is not stationary by the last epoch.
    """
    (axis,) = (dim for dim in runs.weight_rms.dims if dim not in ("seed", "layer", "epoch"))
    cells = [_cell(runs.sel({axis: value})) for value in runs[axis].values]
    return xr.concat(cells, xr.DataArray(runs[axis].values, dims=axis, name=axis))


def _cell(runs: xr.Dataset) -> xr.Dataset:
    """One cell: its layers, and the network as their sum, on which `first` is the latest layer's."""
    layers = [_layer(runs.sel(layer=layer)) for layer in runs.layer.values]
    network = sum(layers[1:], layers[0]).assign(first=np.max([layer["first"] for layer in layers]), n_in=layers[0].n_in)
    names = [f"layer {layer}" for layer in runs.layer.values] + [NETWORK]
    part = xr.concat([*layers, network], xr.DataArray(names, dims="part", name="part"))
    Q = wd.theory.evaluate("tail_off", "Q_from_budget", runs, drift=part.drift, noise=part.noise)
    late = runs.where(runs.epoch >= network["first"])  # nowhere, if a layer has no plateau
    cost = late.cost.sel(split="train").mean("epoch")
    steps = float(runs.steps_per_epoch)
    return xr.Dataset(
        {
            "weight_rms": np.sqrt(part.norm2 / part.n_w),
            "Q": Q,
            "drift_share": part.drift / (part.drift + part.noise),
            "batch_gradient_rms": np.sqrt(part.noise / (steps * part.n_w)) / float(runs.eta),
            "weight_dot_gradient": part.weight_dot_gradient,
            "cost": cost,
            "reg_over_cost": late.penalty.mean("epoch") / cost,
            "first": part["first"],
            "n_w": part.n_w,
            "n_in": part.n_in,
        }
    ).reset_coords(drop=True)


def _layer(runs: xr.Dataset) -> xr.Dataset:
    """Averages of one layer over its stationary window; NaN if it has none."""
    plateau = find_plateau(runs.weight_rms)
    late = runs.sel(epoch=plateau.window()) if plateau.reached else runs.where(runs.epoch < 0)
    names = {"norm2": "weight_norm2", "drift": "budget_drift", "noise": "budget_noise"}
    means = {name: late[variable].mean("epoch") for name, variable in names.items()}
    means |= {"weight_dot_gradient": late.weight_dot_gradient.mean("epoch")}
    facts = {
        "n_w": float(runs.n_w),
        "n_in": float(runs.n_in),
        "first": np.nan if plateau.first is None else plateau.first,
    }
    return xr.Dataset(means).reset_coords(drop=True).assign(facts)
