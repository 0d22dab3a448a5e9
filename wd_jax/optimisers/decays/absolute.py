r"""Absolute decay, as in the paper of Loshchilov and Hutter: :math:`w' = w - (\frac\lambda n w + u)`, without eta."""

from collections.abc import Mapping
from typing import Any

from wd_jax.conventions import from_nielsen
from wd_jax.optimisers.decays import decoupled
from wd_jax.optimisers.decays.decay import Decay


def per_step(hyper: Mapping[str, Any]) -> Any:
    """Give lmbda/n, the decay per step.

    Examples
    --------
    >>> per_step({"eta": 0.1, "lmbda": 5.0, "n": 50_000})
    0.0001
    """
    return from_nielsen(hyper["lmbda"], hyper["n"])


DECAY = Decay(
    "absolute",
    decoupled.beside(per_step),
    update="w <- (1 - lmbda/n) w - u",
    share=per_step,
    idle=per_step,
    symbol="lmbda/n",
    words="whatever eta is",
)
