r"""Powers of the 2x2 matrix of a step with momentum, and their sums, for each member (`blocked_momentum`)."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.optimisers.recursion import Recursion


class Powers(NamedTuple):
    """Tables by the number of steps j, each [K+1, M].

    Attributes
    ----------
    lost, from_velocity, pull, memory : jax.Array
        1 - P, Q, R, T: what j steps without gradient take off a weight, and what they make of a velocity in the weight,
        of a weight in the velocity, of a velocity in itself. ``lost`` is added up by itself: beside 1 a small decay
        would be rounded.
    response, velocity_response : jax.Array
        What a gradient takes off weight and velocity j steps after its own.
    of_weight, of_velocity, of_response : jax.Array
        Sums of P, Q and response over 0 to j - 1: what the steps' weights add up to.
    """

    lost: jax.Array
    from_velocity: jax.Array
    pull: jax.Array
    memory: jax.Array
    response: jax.Array
    velocity_response: jax.Array
    of_weight: jax.Array
    of_velocity: jax.Array
    of_response: jax.Array


def powers(step: Recursion, most: int) -> Powers:
    """Compute the powers up to the K-th.

    Parameters
    ----------
    step : Recursion
        Arrays [M].
    most : int
        K.

    Examples
    --------
    >>> two = powers(Recursion(*(jnp.asarray([a]) for a in (0.5, 0.25, 1.0, 2.0, 0.75))), 2)
    >>> [round(float(table[2, 0]), 4) for table in (two.lost, two.from_velocity, two.pull, two.memory)]
    [1.25, -0.3125, 2.5, 0.0625]
    """
    share, by_velocity, by_gradient, pull, memory = step

    def onward(now: Powers, _: None) -> tuple[Powers, Powers]:
        after = Powers(
            lost=now.lost + (share * (1 - now.lost) + by_velocity * now.pull),
            from_velocity=now.from_velocity - (share * now.from_velocity + by_velocity * now.memory),
            pull=pull * (1 - now.lost) + memory * now.pull,
            memory=pull * now.from_velocity + memory * now.memory,
            response=now.response,
            velocity_response=now.velocity_response,
            of_weight=now.of_weight + (1 - now.lost),
            of_velocity=now.of_velocity + now.from_velocity,
            of_response=now.of_response + now.response,
        )
        return _responding(after, by_gradient), now

    zero, one = jnp.zeros_like(share), jnp.ones_like(share)
    none = _responding(Powers(zero, zero, zero, one, zero, zero, zero, zero, zero), by_gradient)
    _, tables = jax.lax.scan(onward, none, None, length=most + 1)
    return tables


def _responding(powers: Powers, by_gradient: jax.Array) -> Powers:
    """Add the responses: a gradient takes b off the weight and gives 1 to the velocity, which go on as any."""
    return powers._replace(
        response=(1 - powers.lost) * by_gradient - powers.from_velocity,
        velocity_response=powers.pull * by_gradient - powers.memory,
    )
