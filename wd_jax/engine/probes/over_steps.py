"""Averages over the steps of a record, layer by layer: a sum, and how many steps had a number to add."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import jax

    from wd_jax.models.mlp import Params
    from wd_jax.program import Program


class State(NamedTuple):
    """Sum over the steps since the record's start, and how many they were, each [layer]."""

    total: jax.Array
    count: jax.Array

    def plus(self, values: jax.Array, there: jax.Array) -> State:
        """Add a step.

        Parameters
        ----------
        values : jax.Array [layer]
            Its numbers.
        there : jax.Array [layer] bool
            Where it has one: another step is left out of the average.
        """
        import jax.numpy as jnp

        return State(self.total + jnp.where(there, values, 0), self.count + there.astype(self.count.dtype))

    @property
    def mean(self) -> jax.Array:
        """Return the mean over the steps that had a number, NaN if none had."""
        return self.total / self.count

    @property
    def rms(self) -> jax.Array:
        """Return the root of the mean, where squares were added."""
        import jax.numpy as jnp

        return jnp.sqrt(self.mean)


def nothing_yet(program: Program, params: Params) -> State:
    """Return the state at the start of a record."""
    import jax.numpy as jnp

    none = jnp.zeros(program.model.layers, program.dtype)
    return State(none, none)
