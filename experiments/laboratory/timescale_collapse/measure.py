"""What is trained: every (eta, lmbda), watched at several numbers of epochs of the same run."""

import warnings

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.few_examples import few
from experiments.laboratory.timescale_collapse.settings import Settings


def measure(preset: Settings, data: wd.data.Dataset | None) -> xr.Dataset:
    """Train with AdamW at a constant rate, so that a run of few epochs is the beginning of one of many.

    Returns
    -------
    xarray.Dataset
        ``accuracy`` and ``cost`` [split, eta, lmbda, epochs, seed], and ``diverged_at`` [eta, lmbda, seed].
    """
    assert data is not None, "its presets name a data set"
    less = few(data, preset.learned, preset.watched)
    setup = wd.Setup(
        widths=(less.n_in, preset.hidden, less.n_out),
        init="fan_in",
        activation="relu",
        loss="softmax",
        optimiser="adamw",
        batch_size=preset.batch_size,
    )
    every = int(np.gcd.reduce(preset.epochs))
    probes = wd.Probes(budget=False, moved=False, splits=("validation", "test"), evaluate_every=every)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*float32 distorts.*")  # a slow decay, where it plays no part
        runs = wd.sweep(
            setup,
            less,
            eta=list(preset.eta),
            lmbda=list(preset.lmbda),
            seeds=list(preset.seeds_of(preset.seeds)),
            epochs=max(preset.epochs),
            probes=probes,
            progress=False,
        )
    kept = runs[["accuracy", "cost"]].sel(epoch=list(preset.epochs)).rename(epoch="epochs").reset_coords(drop=True)
    kept = kept.assign(diverged_at=runs.diverged_at.reset_coords(drop=True)).drop_attrs()
    kept = kept.assign_coords(epochs=np.asarray(preset.epochs, np.int32), seed=kept.seed.astype(np.int32))
    return kept.transpose("split", "eta", "lmbda", "epochs", "seed")
