"""Data sets made from a seed: one that can be learned (`teacher`), one that teaches nothing (`null`)."""

import dataclasses
from typing import Any

import numpy as np

from wd_jax.data.arrays import cut, one_hot
from wd_jax.data.dataset import Dataset, adopt
from wd_jax.inputs import limits
from wd_jax.inputs.checks import shown, whole

_SMALLER = "give smaller sizes"


def teacher(
    key: Any,
    *,
    n: int = 1000,
    n_validation: int = 200,
    n_test: int = 200,
    n_in: int = 16,
    n_hidden: int = 16,
    n_out: int = 4,
) -> Dataset:
    """Draw Gaussian inputs and label each with the strongest output of a random tanh network.

    Parameters
    ----------
    key : int or JAX key
        The same key gives the same data.
    n, n_validation, n_test : int
        Examples in each split.
    n_in, n_hidden, n_out : int
        Widths of the random network.

    Returns
    -------
    Dataset
        Inputs N(0, 1), one-hot targets; each output is centred first, so that no class is rare. With one output the
        label is whether it is positive, one column of 0 and 1.

    Examples
    --------
    >>> teacher(0, n=50).n
    50
    """
    _check_sizes("teacher", n=n, n_validation=n_validation, n_test=n_test, n_in=n_in, n_hidden=n_hidden, n_out=n_out)
    random = _generator(key)
    hidden = random.standard_normal((n_in, n_hidden)) / np.sqrt(n_in)
    output = random.standard_normal((n_hidden, n_out)) / np.sqrt(n_hidden)
    inputs = random.standard_normal((n + n_validation + n_test, n_in))
    scores = np.tanh(inputs @ hidden) @ output
    centred = scores - scores.mean(axis=0)
    targets = one_hot(centred.argmax(axis=1), n_out) if n_out > 1 else centred > 0
    return cut("teacher", inputs, targets, (n, n_validation, n_test))


def null(
    like: Dataset | None = None,
    *,
    key: Any = 0,
    n: int = 200,
    n_validation: int = 20,
    n_test: int = 20,
    n_in: int = 16,
    n_out: int = 4,
    dead: int = 2,
) -> Dataset:
    """Give every example the loss weight 0: each gradient is then exactly zero and only decay is left.

    Parameters
    ----------
    like : Dataset, optional
        Silence this one, arrays and sizes unchanged; the other arguments are then unused.
    key : int or JAX key
        Seed of the random inputs and labels.
    n, n_validation, n_test : int
        Examples in each split.
    n_in, n_out : int
        Inputs and outputs.
    dead : int
        How many of the first inputs are zero throughout.

    Returns
    -------
    Dataset
        The control for every other run: weights follow (1 - eta*lmbda/n)**steps to rounding.

    Examples
    --------
    >>> float(null().train.loss_weights.max())
    0.0
    """
    if like is not None and not isinstance(like, Dataset):
        raise TypeError(f"like={shown(like)}: give a Dataset, such as wd.data.digits(); sizes are n=, n_in=, n_out=")
    if like is None:
        _check_sizes("null", n=n, n_validation=n_validation, n_test=n_test, n_in=n_in, n_out=n_out)
        if not whole(dead) or not 0 <= dead <= n_in:
            raise ValueError(f"dead={shown(dead)}: give a whole number of inputs, from 0 to n_in={n_in}")
        random = _generator(key)
        total = n + n_validation + n_test
        inputs = random.standard_normal((total, n_in))
        inputs[:, :dead] = 0
        labels = random.integers(max(2, n_out), size=total)
        targets = one_hot(labels, n_out) if n_out > 1 else labels[:, None]
        like = cut("random", inputs, targets, (n, n_validation, n_test))
    silenced = {
        split: adopt(part.inputs, part.targets, np.zeros(len(part), np.float32), part.declared)
        for split in ("train", "validation", "test")
        for part in [getattr(like, split)]
    }
    return dataclasses.replace(like, name="null" if like.name == "random" else f"null({like.name})", **silenced)


def _check_sizes(name: str, **sizes: int) -> None:
    """Refuse sizes that cannot be meant, and those that need more memory than there is."""
    for field, size in sizes.items():
        limits.counted(field, size, limits.WIDTH if field in ("n_in", "n_hidden", "n_out") else limits.EXAMPLES)
    rows = sizes["n"] + sizes["n_validation"] + sizes["n_test"]
    width, hidden = sizes["n_in"] + sizes["n_out"], sizes.get("n_hidden", 0)
    # Inputs are drawn in float64 and kept in float32; a teacher's hidden units and scores are float64.
    parts = {"examples": 12 * rows * width + 8 * rows * hidden, "the network": 8 * width * hidden}
    limits.check_memory(f"{name}({', '.join(f'{field}={size}' for field, size in sizes.items())})", parts, _SMALLER)


def _generator(key: Any) -> np.random.Generator:
    """Make a NumPy generator from an int or a JAX key; JAX is loaded only if the key is one of its own."""
    if isinstance(key, int | np.integer) and not isinstance(key, bool) and key >= 0:
        return np.random.default_rng(int(key))
    if not hasattr(key, "dtype") or isinstance(key, np.integer):
        raise ValueError(f"key={shown(key)}: give a whole number of at least 0, or a JAX key")
    import jax

    bits = jax.random.key_data(key) if jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key) else key
    return np.random.default_rng(np.asarray(bits).ravel().tolist())
