"""What is trained in the laboratory, as a value: one tensor of weights, a layer without a network around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jax


@dataclass(frozen=True)
class Tensor:
    """One layer of weights.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns, [n_in, n_out].

    Examples
    --------
    >>> Tensor((20, 10)).n_w
    (200,)
    """

    shape: tuple[int, int]

    @property
    def layers(self) -> int:
        """Number of weight matrices."""
        return 1

    @property
    def size(self) -> int:
        """Number of weights."""
        return math.prod(self.shape)

    @property
    def n_w(self) -> tuple[int, ...]:
        """Number of weights in each layer."""
        return (self.size,)

    def init(self, key: jax.Array) -> Any:
        """Draw the weights from N(0, 1), in float32; a tuple of one layer, as a network's parameters."""
        import jax
        import jax.numpy as jnp

        return ({"w": jax.random.normal(key, self.shape, jnp.float32)},)
