"""Train the networks: softmax classifiers with biases, and networks of rectified units without."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.symmetry.settings import MOMENTUM, RUNS, Settings

if TYPE_CHECKING:
    from wd_jax.data import Dataset


def protected(preset: Settings, data: "Dataset") -> xr.Dataset:
    """Train a softmax classifier under every rule, and record what the symmetries protect.

    Parameters
    ----------
    preset : Settings
        What is trained.
    data : Dataset
        On what.

    Returns
    -------
    xarray.Dataset
        ``class_sums``, the norm of the last layer's weights summed over the classes, and ``dead_input_rms`` [run, seed,
        epoch]; ``eta`` and ``lmbda`` [run], ``step`` [epoch], ``n``.
    """
    probes = wd.Probes(budget=False, moved=False, splits=(), column_sums=True)
    found, steps = [], 0
    for rule, dtype, faster, decay in RUNS.values():
        eta = preset.eta * faster
        lmbda = preset.epsilon * decay * data.n / eta
        kind: dict[str, Any] = {"optimiser": rule, "dtype": dtype, "widths": (data.n_in, preset.hidden, data.n_out)}
        setup = wd.Setup(init="fan_in", loss="softmax", batch_size=preset.batch_size, **kind)
        settings: dict[str, Any] = {"lmbda": lmbda, "eta": eta, "epochs": preset.epochs}
        settings |= {"momentum": MOMENTUM} if rule in ("momentum", "nesterov") else {}
        runs = wd.sweep(setup, data, **settings, seeds=preset.seeds_of(preset.seeds), probes=probes, progress=False)
        kept = {
            "class_sums": runs.sums_over_outputs.isel(layer=-1),
            "dead_input_rms": runs.dead_input_rms,
            "diverged_at": runs.diverged_at,
        }
        found.append(_plain(kept).assign_coords(eta=eta, lmbda=lmbda))
        steps = int(runs.steps_per_epoch)
    both = xr.concat(found, "run", coords="different", compat="equals").assign_coords(run=list(RUNS), n=data.n)
    both = both.assign_coords(step=("epoch", (both.epoch.values * steps).astype(np.int32)))
    return both.transpose("run", "seed", "epoch")


def _plain(found: dict[str, xr.DataArray]) -> xr.Dataset:
    """Put variables together without the coordinates of the sweep that are no dimensions."""
    return xr.Dataset({name: one.reset_coords(drop=True) for name, one in found.items()})


def _relu(preset: Settings, data: "Dataset", widths: tuple[int, ...], batch_size: int, dtype: Any) -> wd.Setup:
    """Describe a network of rectified units without biases."""
    model = wd.mlp((data.n_in, *widths, data.n_out), "relu", biases=False)
    return wd.Setup(model=model, init="fan_in", loss="softmax", batch_size=batch_size, dtype=dtype)


def rescaling(preset: Settings, data: "Dataset") -> xr.Dataset:
    """Train a network without biases, and record every step's squared norms and the parts of their change.

    Returns
    -------
    xarray.Dataset
        ``weight_norm2`` [dtype, seed, layer, step], and what the step added to it by its gradient along the weights
        (``drift``) and squared (``noise``); NaN at step 0.
    """
    steps = -(-data.n // preset.batch_size)
    probes = wd.Probes(moved=False, splits=(), records_per_epoch=steps)
    found, settings = [], {"lmbda": preset.epsilon * data.n / preset.eta, "eta": preset.eta}
    for dtype in ("float64", "float32"):
        setup = _relu(preset, data, (preset.hidden, preset.second), preset.batch_size, dtype)
        asked: dict[str, Any] = settings | {"seeds": preset.seeds_of(preset.seeds), "epochs": preset.epochs}
        runs = wd.sweep(setup, data, **asked, probes=probes, progress=False)
        names = {"weight_norm2": "weight_norm2", "budget_drift": "drift", "budget_noise": "noise"}
        kept = runs[list(names)].rename(names).reset_coords(drop=True).astype(np.float64).rename(epoch="step")
        found.append(kept.assign_coords(step=np.arange(kept.sizes["step"])))
    joined = xr.concat(found, "dtype").assign_coords(dtype=["float64", "float32"], **settings, n=data.n)
    return joined.transpose("dtype", "seed", "layer", "step")


def rest(preset: Settings, data: "Dataset") -> xr.Dataset:
    """Train networks of one hidden layer, without biases, until their norms have come to rest.

    Returns
    -------
    xarray.Dataset
        ``imbalance`` [seed, epoch], squared norm of the output layer less that of the hidden one, at the end of an
        epoch; ``gradient_gap``, the same of the minibatch gradients, on average over its steps.
    """
    setup = _relu(preset, data, (preset.hidden,), preset.batch_size, "float64")
    probes = wd.Probes(moved=False, splits=(), norm_difference=True)
    lmbda = preset.epsilon * data.n / preset.eta
    seeds = preset.seeds_of(preset.rest_seeds)
    settings: dict[str, Any] = {"lmbda": lmbda, "eta": preset.eta, "seeds": seeds, "epochs": preset.rest_epochs}
    runs = wd.sweep(setup, data, **settings, probes=probes, progress=False)
    noise = runs.budget_noise / (preset.eta**2 * int(runs.steps_per_epoch))
    found = {"imbalance": -runs.norm_difference.sel(layer=1), "gradient_gap": noise.sel(layer=2) - noise.sel(layer=1)}
    found |= {"diverged_at": runs.diverged_at}
    return _plain(found).assign_coords(lmbda=lmbda, eta=preset.eta, n=data.n).transpose("seed", "epoch")


def descent(preset: Settings, data: "Dataset") -> xr.Dataset:
    """Train a network without biases by full-batch gradient descent.

    Returns
    -------
    xarray.Dataset
        ``weight_norm2`` [seed, layer, step], every 50 steps.
    """
    setup = _relu(preset, data, (preset.hidden, preset.second), data.n, "float64")
    probes = wd.Probes(budget=False, moved=False, splits=())
    lmbda = preset.descent_epsilon * data.n / preset.descent_eta
    seeds = preset.seeds_of(preset.descent_seeds)
    settings: dict[str, Any] = {"lmbda": lmbda, "eta": preset.descent_eta}
    settings |= {"seeds": seeds, "epochs": preset.descent_steps}
    runs = wd.sweep(setup, data, **settings, probes=probes, progress=False)
    kept = runs[["weight_norm2"]].reset_coords(drop=True).rename(epoch="step").isel(step=slice(None, None, 50))
    whole = kept.assign_coords(step=kept.step.astype(np.int32), lmbda=lmbda, eta=preset.descent_eta, n=data.n)
    return whole.transpose("seed", "layer", "step")
