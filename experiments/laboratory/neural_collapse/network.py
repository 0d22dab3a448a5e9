"""A real network that ends in two linear layers, trained long on a few digits of each class, with one decay on all."""

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory import singular
from experiments.laboratory.neural_collapse.free import Settings

if TYPE_CHECKING:
    import jax
    from numpy.typing import ArrayLike

    from wd_jax.data import Dataset


def measure_network(preset: Settings, data: "Dataset | None") -> xr.Dataset:
    """Train the network on as many examples of each class, and look at its last layer and what it is given.

    Returns
    -------
    xarray.Dataset
        `value` [decay, seed, class]: singular values of the outputs, the smallest first; `last_norm2`, `before_norm2`,
        `feature_norm2` [decay, seed]: squared norms of the last two layers and of the last layer's inputs; `spread`:
        their variance within classes over their mean square; `angle`: the largest cosine of two class means; `right`:
        share of training examples. Coordinate `n`.
    """
    import jax

    if data is None:
        raise ValueError("data=None: the network is trained on examples: give a data set, as wd.data.digits()")
    seeds, wide = list(preset.seeds_of(preset.seeds)), preset.hidden[::-1]
    drawn = [examples(data, preset.network_size, seed) for seed in seeds]
    x, y = (np.stack(one) for one in zip(*drawn, strict=True))
    starts = [start((data.n_in, *wide, data.n_out), seed) for seed in seeds]
    layers = tuple(np.stack(one) for one in zip(*starts, strict=True))
    with jax.enable_x64(True):
        of_seed = jax.vmap(train, (0, 0, 0, None, None, None))
        run = jax.vmap(of_seed, (None, None, None, 0, None, None))
        ended = run(layers, x, y, np.array(preset.network_decay), preset.network_eta, preset.network_steps)
        given = np.asarray(jax.vmap(jax.vmap(features), (0, None))(ended, x))
    last, before = np.asarray(ended[-1]), np.asarray(ended[-2])
    outputs = given @ last
    grouped = given.reshape(*given.shape[:2], data.n_out, preset.network_size, -1)
    means = grouped.mean(-2)
    overlap = means @ np.swapaxes(means, -1, -2)
    size = np.sqrt(np.einsum("...kk->...k", overlap))
    within = ((grouped - means[..., None, :]) ** 2).sum((-3, -2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):  # what is all 0 has no angle and no spread
        cosine = abs(overlap / (size[..., :, None] * size[..., None, :]) - np.eye(data.n_out)).max((-2, -1))
        spread = within / (given**2).sum((-2, -1))
    cell = ("decay", "seed")
    return xr.Dataset(
        {
            "value": ((*cell, "class"), singular.values(outputs)[..., ::-1]),
            "last_norm2": (cell, (last**2).sum((-2, -1))),
            "before_norm2": (cell, (before**2).sum((-2, -1))),
            "feature_norm2": (cell, (given**2).sum((-2, -1))),
            "spread": (cell, spread),
            "angle": (cell, cosine),
            "right": (cell, (outputs.argmax(-1) == y.argmax(-1)).mean(-1)),
        },
        {
            "decay": list(preset.network_decay),
            "seed": seeds,
            "class": np.arange(data.n_out),
            "n": preset.network_size * data.n_out,
            "class_size": preset.network_size,
        },
    )


def examples(data: "Dataset", size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw as many training examples of each class, side by side.

    Returns
    -------
    inputs [classes size, n_in], targets [classes size, classes]
    """
    generator = np.random.default_rng([seed, 7])
    of_class = np.asarray(data.train.targets).argmax(1)
    rows = [generator.choice(np.flatnonzero(of_class == k), size, replace=False) for k in range(data.n_out)]
    chosen = np.concatenate(rows)
    return np.asarray(data.train.inputs, np.float64)[chosen], np.asarray(data.train.targets, np.float64)[chosen]


def start(widths: tuple[int, ...], seed: int) -> tuple[np.ndarray, ...]:
    """Draw weights from N(0, 2/n_in), no biases."""
    generator = np.random.default_rng([seed, 8])
    return tuple(generator.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in) for n_in, n_out in pairwise(widths))


def features(layers: "tuple[jax.Array, ...]", x: "ArrayLike") -> "jax.Array":
    """Give what the last layer is given: rectified units, then a linear layer."""
    import jax
    import jax.numpy as jnp

    hidden = jnp.asarray(x)
    for layer in layers[:-2]:
        hidden = jax.nn.relu(hidden @ layer)
    return hidden @ layers[-2]


def train(
    layers: "tuple[ArrayLike, ...]", x: "ArrayLike", y: "ArrayLike", decay: "ArrayLike", eta: float, steps: int
) -> "tuple[jax.Array, ...]":
    """Make steps of gradient descent on |outputs - y|^2/(2n) + decay/2 (squared norms of all layers).

    Parameters
    ----------
    layers : tuple of arrays
        From `start`.
    x, y : arrays [n, n_in], [n, classes]
        Examples.
    decay, eta : number
        May be traced.
    steps : int
        How many.

    Returns
    -------
    tuple of arrays
    """
    import jax
    import jax.numpy as jnp

    slope = jax.grad(partial(cost, x=jnp.asarray(x), y=jnp.asarray(y), decay=decay))

    def step(_: jax.Array, now: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        return jax.tree.map(lambda weights, gradient: weights - eta * gradient, now, slope(now))

    return jax.lax.fori_loop(0, steps, step, tuple(map(jnp.asarray, layers)))


def cost(layers: "tuple[jax.Array, ...]", x: "jax.Array", y: "jax.Array", decay: "ArrayLike") -> "jax.Array":
    """Give the cost that `train` follows."""
    import jax.numpy as jnp

    off = features(layers, x) @ layers[-1] - y
    penalty = sum((layer**2).sum() for layer in layers)
    return (off**2).sum() / (2 * len(x)) + jnp.asarray(decay) / 2 * penalty
