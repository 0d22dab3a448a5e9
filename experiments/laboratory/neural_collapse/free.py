"""Last layer and free features under decay, by gradient descent in float64."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import xarray as xr

from experiments.laboratory import singular
from experiments.preset import Preset

if TYPE_CHECKING:
    import jax
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Settings(Preset):
    """Free features: classes, examples of each, dimension, decays as shares of those at which all is lost.

    Of the network: examples of each class, units of the hidden layers (the linear one first), one decay on all layers.

    Parameters
    ----------
    seeds : int
        Starts; for the network, draws of its examples too.
    classes, class_size, features : int
        Of the free features: classes, examples of each, and dimension.
    shares, ratios : tuple of float
        Decays as shares of those at which all is lost, and ratios of the decay of weights to that of features.
    eta, steps : float, int
        Of gradient descent on the free features.
    network_size : int
        Examples of each class that the network learns.
    hidden : tuple of int
        Its units: of the linear hidden layer, and of the first.
    network_decay : tuple of float
        Its decays, on all layers alike.
    network_eta, network_steps : float, int
        Its learning rate, and its steps.
    """

    seeds: int = 8
    classes: int = 4
    class_size: int = 10
    features: int = 6
    shares: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3)
    ratios: tuple[float, ...] = (0.25, 1.0, 4.0)
    eta: float = 0.7
    steps: int = 8000

    network_size: int = 8
    hidden: tuple[int, ...] = (24, 48)
    network_decay: tuple[float, ...] = (0.004, 0.01)
    network_eta: float = 0.05
    network_steps: int = 15_000

    SEEDS: ClassVar = {"seeds": ""}

    @property
    def n(self) -> int:
        """Size of the training set."""
        return self.classes * self.class_size


def measure(preset: Settings, data: object) -> xr.Dataset:
    """Train last layer and features by gradient descent from random starts.

    Returns
    -------
    xarray.Dataset
        `value` [share, ratio, seed, class]: singular values of the outputs, the smallest first; `weight_norm2`,
        `feature_norm2` [share, ratio, seed]; `spread` the same way: variance of features within classes over their
        mean square; `angle`: the largest cosine of the weights of two classes. Coordinates `decay_w`, `decay_h`.
    """
    import jax

    seeds = list(preset.seeds_of(preset.seeds))
    root = np.array(preset.shares) * np.sqrt(preset.class_size) / preset.n  # sqrt(L_W L_H)
    ratio = np.sqrt(np.array(preset.ratios))
    decay_w, decay_h = root[:, None] * ratio, root[:, None] / ratio
    with jax.enable_x64(True):
        starts = [_start(preset, seed) for seed in seeds]
        W, H = (np.stack(part) for part in zip(*starts, strict=True))
        run = jax.vmap(descend, (0, 0, None, None, None, None, None))  # seeds
        run = jax.vmap(jax.vmap(run, (None, None, None, 0, 0, None, None)), (None, None, None, 0, 0, None, None))
        W, H = map(np.asarray, run(W, H, targets(preset), decay_w, decay_h, preset.eta, preset.steps))
    grouped = H.reshape(*H.shape[:-1], preset.classes, preset.class_size)
    within = ((grouped - grouped.mean(-1, keepdims=True)) ** 2).sum((-3, -2, -1))
    overlap = W @ np.swapaxes(W, -1, -2)
    size = np.sqrt(np.einsum("...kk->...k", overlap))
    with np.errstate(divide="ignore", invalid="ignore"):  # where all is lost there is no angle and no spread
        cosine = abs(overlap / (size[..., :, None] * size[..., None, :]) - np.eye(preset.classes)).max((-2, -1))
        spread = within / (H**2).sum((-2, -1))
    cell = ("share", "ratio", "seed")
    return xr.Dataset(
        {
            "value": ((*cell, "class"), singular.values(W @ H)[..., ::-1]),
            "weight_norm2": (cell, (W**2).sum((-2, -1))),
            "feature_norm2": (cell, (H**2).sum((-2, -1))),
            "spread": (cell, spread),
            "angle": (cell, cosine),
        },
        {
            "share": list(preset.shares),
            "ratio": list(preset.ratios),
            "seed": seeds,
            "class": np.arange(preset.classes),
            "decay_w": (cell[:2], decay_w),
            "decay_h": (cell[:2], decay_h),
            "n": preset.n,
            "class_size": preset.class_size,
        },
    )


def targets(preset: Settings) -> np.ndarray:
    """Give one-hot targets, [classes, n], the examples of a class side by side.

    Examples
    --------
    >>> targets(Settings("none", classes=2, class_size=2)).astype(int).tolist()
    [[1, 1, 0, 0], [0, 0, 1, 1]]
    """
    return np.repeat(np.eye(preset.classes), preset.class_size, axis=1)


def _start(preset: Settings, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw weights [classes, features] and features [features, n]."""
    generator = np.random.default_rng([seed, 6])
    shapes = (preset.classes, preset.features), (preset.features, preset.n)
    return 0.5 * generator.normal(size=shapes[0]), 0.5 * generator.normal(size=shapes[1])


def descend(
    W: "ArrayLike", H: "ArrayLike", Y: "ArrayLike", decay_w: float, decay_h: float, eta: float, steps: int
) -> "tuple[jax.Array, jax.Array]":
    """Make steps of gradient descent on |W H - Y|^2/(2n) + decay_w/2 |W|^2 + decay_h/2 |H|^2.

    Parameters
    ----------
    W, H, Y : arrays [classes, features], [features, n], [classes, n]
        Last layer, features, targets.
    decay_w, decay_h, eta : number
        Decays and learning rate; may be traced.
    steps : int
        How many.

    Returns
    -------
    W, H
    """
    import jax
    import jax.numpy as jnp

    target = jnp.asarray(Y)

    def step(_: jax.Array, now: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        W, H = now
        off = (W @ H - target) / target.shape[1]
        return W - eta * (off @ H.T + decay_w * W), H - eta * (W.T @ off + decay_h * H)

    return jax.lax.fori_loop(0, steps, step, (jnp.asarray(W), jnp.asarray(H)))
