"""A log of norms from a training loop of JAX: optax, Flax, Equinox or your own."""

import os
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from wd_jax.audit.logs.hooks.csv_log import CsvLog


def weight_log(path: str | os.PathLike[str], every: int = 1) -> Callable[..., None]:
    """Make a function that writes the norm, size and turn of each array of a tree of parameters.

    Norms and cosines are summed in float64 by NumPy, whether or not JAX may use float64. A record brings the parameters
    to the CPU, which holds a copy of them until the next: on a GPU make one every ten steps or more. Call it outside of
    jit.

    Parameters
    ----------
    path : str or path
        CSV file; one of the same columns is gone on with.
    every : int
        Records are made at steps that it divides.

    Returns
    -------
    callable
        ``record(step, params, grads=None, lr=None, weight_decay=None)``: `params` and `grads` trees of arrays, `lr` and
        `weight_decay` the numbers that are in force at this step (of a schedule: ``schedule(step)``).

    Examples
    --------
    >>> import pathlib, tempfile, jax.numpy as jnp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record = weight_log(f"{folder}/weights.csv")
    ...     record(1, {"w": jnp.array([3.0, 4.0])}, lr=0.1)
    ...     print(pathlib.Path(folder, "weights.csv").read_text())
    step,lr,weight_decay,weight_norm/w,weight_size/w,weight_axes/w,weight_cosine/w
    1,0.1,,5.0,2,1,
    <BLANKLINE>
    """
    log = CsvLog(path)
    before: dict[str, np.ndarray] = {}

    def record(step: int, params: Any, grads: Any = None, lr: Any = None, weight_decay: Any = None) -> None:
        if int(step) % every:
            return
        shaped = _arrays(params)
        now = {name: values.ravel() for name, values in shaped.items()}
        slopes = {} if grads is None else {name: values.ravel() for name, values in _arrays(grads).items()}
        row: dict[str, float | int | None] = {
            "step": int(step),
            "lr": _number(lr),
            "weight_decay": _number(weight_decay),
        }
        for name, values in now.items():
            wide = values.astype(np.float64)
            norm = float(np.sqrt(wide @ wide))
            row |= {f"weight_norm/{name}": norm, f"weight_size/{name}": len(wide)}
            row[f"weight_axes/{name}"] = shaped[name].ndim
            row[f"weight_cosine/{name}"] = _cosine(wide, norm, before.get(name))
            if name in slopes:
                slope = slopes[name].astype(np.float64)
                row[f"gradient_norm/{name}"] = float(np.sqrt(slope @ slope))
        before.clear()
        before.update(now)
        log.write(row)

    return record


def _arrays(tree: Any) -> dict[str, np.ndarray]:
    """Give the arrays of floats of a tree by their path in it; copies, since JAX may give their memory away."""
    found = {}
    for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]:
        if hasattr(leaf, "dtype") and jax.numpy.issubdtype(leaf.dtype, jax.numpy.floating):
            name = "/".join(str(getattr(key, "key", getattr(key, "name", getattr(key, "idx", key)))) for key in path)
            found[name or "params"] = np.array(leaf)
    return found


def _cosine(wide: np.ndarray, norm: float, before: np.ndarray | None) -> float | None:
    """Give the cosine with the weights before; None where there are none."""
    if before is None:
        return None
    then = before.astype(np.float64)
    both = norm * float(np.sqrt(then @ then))
    return max(-1.0, min(1.0, float(wide @ then) / both)) if both > 0 else None


def _number(value: Any) -> float | None:
    """Give the number of a rate."""
    return None if value is None else float(value)
