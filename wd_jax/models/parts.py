"""What the library's larger models share: how leaves are drawn, gains that change nothing, words that are checked."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.inputs import checks, foreign_values

Leaves = dict[str, jax.Array]
NORMS = ("rms", "layer")


def normals(key: jax.Array, shapes: Sequence[tuple[int, ...]]) -> list[jax.Array]:
    """Draw an array N(0, 1) of each shape, float32, all at once: each separate draw takes long to compile.

    Parameters
    ----------
    key : jax.Array
        Typed key.
    shapes : sequence of tuple of int
        Of the arrays, in the order in which they are drawn.

    Examples
    --------
    >>> [array.shape for array in normals(jax.random.key(0), [(3, 2), (4,)])]
    [(3, 2), (4,)]
    """
    sizes = [math.prod(shape) for shape in shapes]
    drawn = jnp.split(jax.random.normal(key, (sum(sizes),), jnp.float32), np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(drawn, shapes, strict=True)]


def scaled(w: jax.Array) -> jax.Array:
    """Scale N(0, 1) to N(0, 1/n_in), n_in all axes but the last."""
    return w / math.sqrt(math.prod(w.shape[:-1]))


def gains(norm: str, width: int) -> Leaves:
    """Give the gains that change nothing, and the offsets of a "layer" norm (`wd_jax.models.normalise`)."""
    gain = {"gain": jnp.ones(width, jnp.float32)}
    return gain if norm == "rms" else {**gain, "offset": jnp.zeros(width, jnp.float32)}


def choice(field: str, value: Any, choices: tuple[str, ...]) -> None:
    """Refuse a word that is no choice of a field.

    Raises
    ------
    ValueError
        With the choices, and ours for a word that is known elsewhere.
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{field}={checks.shown(value)}: {foreign_values.remedy(field, value, choices)}")


class Described:
    """What a model of the library says of itself; it is a frozen dataclass of its numbers."""

    @property
    def name(self) -> str:
        """As a result names it."""
        return type(self).__name__.lower()

    @property
    def row_by_row(self) -> bool:
        """Whether the outputs of an example depend on no other of its batch."""
        return True

    def settings(self) -> dict[str, Any]:
        """Give what it is, JSON-ready."""
        return dataclasses.asdict(self)  # pyrefly: ignore
