"""What is trained: a grid of lmbda for each batch size, width and number of epochs; and a matrix on noise."""

import warnings

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.best_decay.settings import Settings
from experiments.laboratory.few_examples import few

AXES = ("batch_size", "epochs", "hidden", "learned")
RECORDS = 20
KINDS = {"axis": "U10", "value": np.int32, "eta": np.float64}


def trained(preset: Settings, data: wd.data.Dataset | None) -> xr.Dataset:
    """Train every lmbda at every place of the four axes, with AdamW under a cosine.

    Returns
    -------
    xarray.Dataset
        ``cost`` and ``accuracy`` at the end [place, lmbda, split, seed], ``diverged_at`` [place, lmbda, seed]; of each
        place the ``axis``, its ``value``, and ``eta``. The middle is a place of each axis.
    """
    assert data is not None, "its presets name a data set"
    places = [(axis, value) for axis in AXES for value in getattr(preset, axis)]
    done: dict[tuple[int, ...], xr.Dataset] = {}
    found = []
    for axis, value in places:
        numbers = {name: value if name == axis else preset.middle(name) for name in AXES}
        key = tuple(numbers.values())
        if key not in done:
            done[key] = _runs(preset, data, **numbers)
        found.append(done[key])
    joined = xr.concat(found, "place")
    of_place = {
        "axis": [axis for axis, _ in places],
        "value": [value for _, value in places],
        "eta": [rate(preset, value if axis == "hidden" else preset.middle("hidden")) for axis, value in places],
    }
    return joined.assign({name: ("place", np.asarray(values, KINDS[name])) for name, values in of_place.items()})


def rate(preset: Settings, hidden: int) -> float:
    """Give the learning rate of a width: in proportion to 1/width, as the maximal-update rule has it for matrices.

    Examples
    --------
    >>> rate(Settings("digits"), 72) == Settings("digits").eta / 2
    True
    """
    return preset.eta * preset.middle("hidden") / hidden


def _runs(
    preset: Settings, data: wd.data.Dataset, batch_size: int, epochs: int, hidden: int, learned: int
) -> xr.Dataset:
    less = few(data, learned, preset.watched, max(preset.learned))
    setup = wd.Setup(
        widths=(less.n_in, hidden, less.n_out),
        init="fan_in",
        activation="relu",
        loss="softmax",
        optimiser="adamw",
        batch_size=batch_size,
        eta_schedule="cosine",
    )
    probes = wd.Probes(budget=False, moved=False, splits=("validation", "test"), evaluate_every=epochs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*float32 distorts.*")  # a slow decay, where it plays no part
        runs = wd.sweep(
            setup,
            less,
            eta=rate(preset, hidden),
            lmbda=list(preset.lmbda),
            seeds=list(preset.seeds_of(preset.seeds)),
            epochs=epochs,
            probes=probes,
            progress=False,
        )
    kept = runs[["cost", "accuracy"]].isel(epoch=-1).reset_coords(drop=True)
    kept = kept.assign(diverged_at=runs.diverged_at.reset_coords(drop=True)).drop_attrs()
    return kept.assign_coords(seed=kept.seed.astype(np.int32)).transpose("lmbda", "split", "seed")


def on_noise(preset: Settings, data: wd.data.Dataset | None) -> xr.Dataset:
    """Step matrices on noise to rest, and take their largest singular value.

    Returns
    -------
    xarray.Dataset
        ``largest`` [shape, seed], the mean over the records; ``rows`` and ``columns`` [shape]; ``floor`` [shape], the
        root mean square of the weights by the law of AdamW.
    """
    shapes = [(width, width) for width in preset.noise_width]
    shapes.append((2 * preset.noise_tall, preset.noise_tall))
    found, floors = [], []
    for shape in shapes:
        runs = wd.lab(
            "adamw",
            "independent",
            shape=shape,
            steps=preset.noise_steps,
            burn_in=preset.noise_burn_in,
            records=RECORDS,
            seeds=list(preset.seeds_of(preset.noise_seeds)),
            eta=preset.noise_eta,
            lmbda=preset.noise_lmbda,
            init_scale=(preset.noise_eta / (2 * preset.noise_lmbda)) ** 0.5,
            probes=wd.Probes(budget=False, moved=False, splits=(), spectrum=True),
        )
        found.append(runs.spectral_norm.isel(layer=0, epoch=slice(-RECORDS, None)).mean("epoch").values)
        floors.append(float(wd.theory.evaluate("adamw", "weight_rms", runs).isel(layer=0, missing_dims="ignore")))
    rows, columns = np.asarray(shapes, np.int32).T
    seeds = np.asarray(list(preset.seeds_of(preset.noise_seeds)), np.int32)
    return xr.Dataset(
        {
            "largest": (("shape", "seed"), np.asarray(found)),
            "rows": ("shape", rows),
            "columns": ("shape", columns),
            "floor": ("shape", np.asarray(floors)),
        },
        {"seed": seeds},
    )
