"""The plateau of every cell of a sweep: where it starts, how large the weights are there, and what holds them there."""

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments import tolerances
from wd_jax import divergence
from wd_jax.estimates import Estimate, Plateau, find_plateau

NETWORK = "network"
TO_GO = ("to_go", "to_go_low", "to_go_high")
MOVES_LESS = tolerances.MOVES_LESS.value
SHORTEST = tolerances.SHORTEST.value
REMAINING = tolerances.REMAINING.value


def find(series: xr.DataArray, moves_less: float) -> Plateau:
    """Find the plateau of one cell and layer by the registered numbers: `wd_jax.estimates.find_plateau`.

    Parameters
    ----------
    series : xarray.DataArray [seed, epoch]
        Positive.
    moves_less : float
        Largest relative change between the thirds of the window.

    Examples
    --------
    >>> still = xr.DataArray(np.ones((2, 101)), {"epoch": np.arange(101.0)}, ("seed", "epoch"))
    >>> find(still, MOVES_LESS).first
    20.0
    """
    return find_plateau(series, moves_less, SHORTEST, REMAINING * moves_less)


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
        ``weight_dot_gradient`` (full batch); ``reg_over_cost`` over (axis, seed); ``first`` epoch of the window and
        ``to_go``, the relative change still to come, with the ends of its interval ``to_go_low`` and ``to_go_high``,
        over (axis, part): the network's is the mean of the layers' by squared norm. NaN where a layer is not stationary
        by the last epoch, and for a seed that diverged at any time; the coordinate ``diverged_at`` says which did.
    """
    runs = divergence.carried(runs)
    (axis,) = (dim for dim in runs.weight_rms.dims if dim not in ("seed", "layer", "epoch"))
    cells = [_cell(runs.sel({axis: value})) for value in runs[axis].values]
    found = xr.concat(cells, xr.DataArray(runs[axis].values, dims=axis, name=axis))
    facts = [name for name in ("diverged_at", "eta", "lmbda", "n", "per_step_factor") if name in runs.coords]
    return found.assign_coords({name: runs[name].reset_coords(drop=True) for name in facts})


def _cell(runs: xr.Dataset) -> xr.Dataset:
    """One cell: each layer over its own window, and the network over the latest of them."""
    found = [find(runs.weight_rms.sel(layer=layer), MOVES_LESS) for layer in runs.layer.values]
    common = None if any(plateau.first is None for plateau in found) else max(p.first or 0.0 for p in found)
    layers = [_layer(runs.sel(layer=k), p.first, p.to_go) for k, p in zip(runs.layer.values, found, strict=True)]
    late = [_layer(runs.sel(layer=k), common, p.to_go) for k, p in zip(runs.layer.values, found, strict=True)]
    whole = sum(part.norm2.mean() for part in late)
    to_go = {name: sum(part[name] * part.norm2.mean() for part in late) / whole for name in TO_GO}
    network = sum(late[1:], late[0]).assign(first=late[0]["first"], n_in=late[0].n_in).assign(to_go)
    names = [f"layer {layer}" for layer in runs.layer.values] + [NETWORK]
    part = xr.concat([*layers, network], xr.DataArray(names, dims="part", name="part"))
    Q = wd.theory.evaluate("tail_off", "Q_from_budget", runs, drift=part.drift, noise=part.noise)
    late_runs = _late(runs, common)
    cost = late_runs.cost.sel(split="train").mean("epoch")
    steps = float(runs.steps_per_epoch)
    return xr.Dataset(
        {
            "weight_rms": np.sqrt(part.norm2 / part.n_w),
            "Q": Q,
            "drift_share": part.drift / (part.drift + part.noise),
            "batch_gradient_rms": np.sqrt(part.noise / (steps * part.n_w)) / float(runs.eta),
            "weight_dot_gradient": part.weight_dot_gradient,
            "cost": cost,
            "reg_over_cost": late_runs.penalty.mean("epoch") / cost,
            "first": part["first"],
            **{name: part[name] for name in TO_GO},
            "n_w": part.n_w,
            "n_in": part.n_in,
        }
    ).reset_coords(drop=True)


def _layer(runs: xr.Dataset, first: float | None, to_go: Estimate) -> xr.Dataset:
    """Averages of one layer from an epoch on; NaN if there is none."""
    late = _late(runs, first)
    names = {"norm2": "weight_norm2", "drift": "budget_drift", "noise": "budget_noise"}
    means = {name: late[variable].mean("epoch") for name, variable in names.items()}
    means |= {"weight_dot_gradient": late.weight_dot_gradient.mean("epoch")}
    facts = {"n_w": float(runs.n_w), "n_in": float(runs.n_in)}
    facts |= {"first": np.nan if first is None else first}
    facts |= dict(zip(TO_GO, (to_go.value, *to_go.ci95), strict=True))
    return xr.Dataset(means).reset_coords(drop=True).assign(facts)


def _late(runs: xr.Dataset, first: float | None) -> xr.Dataset:
    """Select the epochs from one on; NaN if there is none, and for a seed that diverged: no mean is of all of them."""
    if first is None:
        return runs.where(runs.epoch < 0)
    return runs.sel(epoch=slice(first, None)).where(~divergence.lost(runs.isel(epoch=-1)))
