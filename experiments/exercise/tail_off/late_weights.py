"""Where decay has tailed off, in every cell of a sweep: how large the weights are late in the run, and what holds them.

All cells are averaged over the same window, fixed beforehand, so that no cell's number depends on where a search for a
plateau happened to stop. A layer counts only if it hardly moves there; what an approach that goes on would still add is
told with its interval, and is no part of the number.
"""

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.exercise import tolerances
from wd_jax.results import divergence
from wd_jax.stats.estimates import remainders
from wd_jax.stats.plateau import NETWORK, agree, changes, third_of_window

TO_GO = ("to_go", "to_go_low", "to_go_high")
MOVES_LESS = tolerances.MOVES_LESS.value


def window(epoch: xr.DataArray) -> tuple[float, float, int]:
    """First and last epoch of the window, and how many epochs each of its thirds has."""
    values = epoch.values
    third = third_of_window(len(values))
    return float(values[-3 * third]) if third else float(values[-1]), float(values[-1]), third


def measure(runs: xr.Dataset) -> xr.Dataset:
    """Average a sweep over the end of its run, per layer and for the whole network.

    Parameters
    ----------
    runs : xarray.Dataset
        One swept axis besides `seed`; budget and full-batch gradient measured.

    Returns
    -------
    xarray.Dataset
        Over (axis, seed, part), part being "layer 1", "layer 2", ... and "network": ``weight_rms``, ``n_w``, ``n_in``,
        ``Q`` (the gradient's side of the norm balance), ``drift_share`` (of drift in Q), ``batch_gradient_rms``,
        ``weight_dot_gradient`` (full batch); ``reg_over_cost`` over (axis, seed); ``moved``, the largest change between
        thirds of the window, and ``to_go``, the relative change still to come, with the ends of its interval
        ``to_go_low`` and ``to_go_high``, over (axis, part): the network's is the mean of the layers' by squared norm.
        NaN where the thirds are not shown to agree within `MOVES_LESS` (95 % intervals over seeds), and for a seed that
        diverged at any time; the coordinate ``diverged_at`` says which did. ``first`` and ``last`` are the ends of the
        window, epochs.
    """
    runs = divergence.carried(runs)
    (axis,) = (dim for dim in runs.weight_rms.dims if dim not in ("seed", "layer", "epoch"))
    cells = [_cell(runs.sel({axis: value})) for value in runs[axis].values]
    found = xr.concat(cells, xr.DataArray(runs[axis].values, dims=axis, name=axis))
    facts = [name for name in ("diverged_at", "eta", "lmbda", "n", "per_step_factor") if name in runs.coords]
    ends = dict(zip(("first", "last"), window(runs.epoch)[:2], strict=True))
    return found.assign_coords({name: runs[name].reset_coords(drop=True) for name in facts} | ends)


def supply(runs: xr.Dataset, lmbda: float) -> float | None:
    """Give the whole network's Q at one lmbda of a sweep over lmbda, in four digits; None where it is not known.

    Parameters
    ----------
    runs : xarray.Dataset
        Over lmbda and seed.
    lmbda : float
        One of its values.
    """
    chosen = runs.lmbda.values[np.isclose(runs.lmbda.values, lmbda)]
    if not chosen.size:
        return None
    found = float(measure(runs.sel(lmbda=chosen[:1])).Q.sel(part=NETWORK).mean())
    return float(f"{found:.4g}") if np.isfinite(found) and found > 0 else None


def _cell(runs: xr.Dataset) -> xr.Dataset:
    """One cell: each layer, and the network where all of its layers hardly move."""
    layers = [_layer(runs.sel(layer=k)) for k in runs.layer.values]
    whole = sum(part.norm2.mean() for part in layers)
    to_go = {name: sum(part[name] * part.norm2.mean() for part in layers) / whole for name in TO_GO}
    moved = max((part.moved for part in layers), key=lambda one: np.nan_to_num(abs(float(one)), nan=np.inf))
    network = sum(layers[1:], layers[0]).assign(n_in=layers[0].n_in, moved=moved).assign(to_go)
    names = [f"layer {layer}" for layer in runs.layer.values] + [NETWORK]
    part = xr.concat([*layers, network], xr.DataArray(names, dims="part", name="part"))
    Q = wd.theory.evaluate("tail_off", "Q_from_budget", runs, drift=part.drift, noise=part.noise)
    late_runs = _late(runs)
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
            "moved": part.moved,
            **{name: part[name] for name in TO_GO},
            "n_w": part.n_w,
            "n_in": part.n_in,
        }
    ).reset_coords(drop=True)


def _layer(runs: xr.Dataset) -> xr.Dataset:
    """Averages of one layer over the window; NaN where it is not shown to hardly move."""
    late, (_, _, third) = _late(runs), window(runs.epoch)
    rms = runs.weight_rms.where(~divergence.lost(runs.isel(epoch=-1))).transpose("seed", "epoch").values
    still, moved = _still(rms, third)
    names = {"norm2": "weight_norm2", "drift": "budget_drift", "noise": "budget_noise"}
    means = {name: late[variable].mean("epoch").where(still) for name, variable in names.items()}
    means |= {"weight_dot_gradient": late.weight_dot_gradient.mean("epoch").where(still)}
    facts = {"n_w": float(runs.n_w), "n_in": float(runs.n_in), "moved": moved}
    to_go = remainders(rms, runs.epoch.values, third) if third >= 2 else None
    facts |= {name: float(end) for name, end in zip(TO_GO, to_go[:3] if to_go else [np.nan] * 3, strict=True)}
    return xr.Dataset(means).reset_coords(drop=True).assign(facts)


def _still(rms: np.ndarray, third: int) -> tuple[bool, float]:
    """Whether the thirds of [seed, epoch] are shown to agree, and their largest mean change, of a logarithm."""
    if third < 2:
        return False, np.nan
    pairs = changes(rms, third)
    return bool(agree(pairs, MOVES_LESS)), float(max((one.value for one in pairs), key=abs))


def _late(runs: xr.Dataset) -> xr.Dataset:
    """Select the window; NaN for a seed that diverged: no mean is of all of its epochs."""
    first, _, _ = window(runs.epoch)
    return runs.sel(epoch=slice(first, None)).where(~divergence.lost(runs.isel(epoch=-1)))
