"""Spectra of the first layer, of what steps have added to it, and how far it is from low rank."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import xarray as xr

from experiments.laboratory import singular
from experiments.preset import Preset

if TYPE_CHECKING:
    from wd_jax.data import Dataset


@dataclass(frozen=True)
class Settings(Preset):
    """Networks of one hidden layer of sigmoid units, for each batch size and lmbda.

    Parameters
    ----------
    seeds : int
        Starts and orders of the examples.
    hidden, eta : int, float
        Hidden units, and learning rate.
    lmbda, batch_size : tuple of float, tuple of int
        Every pair of them is trained.
    steps : int
        Of each training.
    looks_back : tuple of int
        Over so many of the last steps is taken what they added.
    """

    seeds: int = 8
    hidden: int = 80
    eta: float = 0.5
    lmbda: tuple[float, ...] = (0.5, 5.0, 50.0, 120.0, 250.0)
    batch_size: tuple[int, ...] = (1, 4, 16)
    steps: int = 2400
    looks_back: tuple[int, ...] = (1, 2, 3, 8, 15, 40)

    SEEDS: ClassVar = {"seeds": ""}


def spectra(preset: Settings, data: "Dataset | None") -> xr.Dataset:
    """Train every network and take singular values.

    Returns
    -------
    xarray.Dataset
        `added` [batch_size, lmbda, seed, back, value]: singular values of W_T - q^k W_(T-k) over the largest of W_T;
        `spectrum` [batch_size, lmbda, seed, value]: those of W_T; `norm` [batch_size, lmbda, seed, ago]: Frobenius
        norm of W so many steps before the end; `accuracy` [batch_size, lmbda, seed], on the validation split.
    """
    import jax

    from experiments.laboratory.low_rank_memory import simulation

    if data is None:
        raise ValueError("data=None: low_rank_memory trains on examples: give a data set, as wd.data.digits()")
    seeds = list(preset.seeds_of(preset.seeds))
    decays = np.array(preset.lmbda) / data.n
    side = min(data.n_in, preset.hidden)
    cells = (len(preset.batch_size), len(decays), len(seeds))
    added = np.empty((*cells, len(preset.looks_back), side))
    spectrum, norm = np.empty((*cells, side)), np.empty((*cells, preset.steps + 1))
    right = np.empty(cells)
    with jax.enable_x64(True):
        x, y, seen, wanted = (
            np.asarray(one, np.float64)
            for one in (data.train.inputs, data.train.targets, data.validation.inputs, data.validation.targets)
        )
        starts = [
            np.stack(one)
            for one in zip(*(simulation.start(data.n_in, preset.hidden, data.n_out, k) for k in seeds), strict=True)
        ]
        of_seed = jax.vmap(simulation.train, (0, None, None, 0, None, None, None))
        of_cell = jax.vmap(of_seed, (None, None, None, None, None, 0, None))
        for i, m in enumerate(preset.batch_size):
            rows = np.stack([simulation.orders(data.n, m, preset.steps, k) for k in seeds])
            params, old, norms = of_cell(tuple(starts), x, y, rows, preset.eta, decays, preset.looks_back)
            last = np.asarray(params[0])
            spectrum[i] = singular.values(last)
            kept = (1 - preset.eta * decays)[:, None] ** np.array(preset.looks_back)
            left = last[:, :, None] - kept[:, None, :, None, None] * np.asarray(old)
            added[i] = singular.values(left) / spectrum[i][..., None, :1]
            norm[i] = np.asarray(norms)[..., ::-1]
            right[i] = np.asarray(
                jax.vmap(jax.vmap(simulation.accuracy, (0, None, None)), (0, None, None))(params, seen, wanted)
            )
    cell = ("batch_size", "lmbda", "seed")
    return xr.Dataset(
        {
            "added": ((*cell, "back", "value"), added),
            "spectrum": ((*cell, "value"), spectrum),
            "norm": ((*cell, "ago"), norm),
            "accuracy": (cell, right),
        },
        {
            "batch_size": list(preset.batch_size),
            "lmbda": list(preset.lmbda),
            "seed": seeds,
            "back": list(preset.looks_back),
            "value": np.arange(1, side + 1),
            "ago": np.arange(preset.steps + 1),
        },
    )
