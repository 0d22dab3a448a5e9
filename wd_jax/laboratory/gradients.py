r"""The gradients that there are in the laboratory: what each reads, how it is drawn, and what is true of it.

A gradient is made of two things: what is drawn for a step, the same for all members of a seed, and what it makes of a
member's own weights and numbers. Drawn numbers are float32 and then cast, so that float32 and float64 are the same run.

Importing this loads no JAX: the laws' scopes read it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wd_jax.optimisers.coefficient import Coefficient

if TYPE_CHECKING:
    import jax

    from wd_jax.hyper import Hyper
    from wd_jax.laboratory.tensor import Tensor

NOISE_STREAM, EXAMPLES_STREAM = 2, 3
"""Uses of a seed's randomness beside those of `wd_jax.engine.minibatches`."""

STD = Coefficient(
    "gradient_std",
    1.0,
    "standard deviation of one example's gradient",
    description="of each weight; the mean of a minibatch of m independent ones has 1/sqrt(m) of it",
)
MEAN = Coefficient(
    "mean_gradient", 0.0, "mean gradient", description="the same for all weights and at all times; it pushes them down"
)
CURVATURE = Coefficient(
    "curvature", 0.0, "curvature of the mean cost", description="the mean gradient has curvature times w besides"
)
SCALE = Coefficient(
    "gradient_scale",
    1.0,
    "norm of the gradient at unit weight norm",
    description="|g| |W|, the same in every step",
    above=True,
)


@dataclass(frozen=True)
class Sizes:
    """What the gradients of a run are drawn with, besides the tensor: n examples, m of them in a minibatch."""

    n: int
    m: int

    @property
    def steps_per_epoch(self) -> int:
        """Minibatches of an epoch; m divides n."""
        return self.n // self.m


@dataclass(frozen=True)
class Gradients:
    """A kind of gradients.

    Attributes
    ----------
    name : str
        As ``wd.lab(gradients=...)`` takes it and a result's coordinate ``gradients`` names it.
    words : str
        What it is, in a line.
    coefficients : tuple of Coefficient
        Numbers that it reads; each can be swept.
    laws : tuple of str
        What laws may assume of it: keywords of ``derivations.GRADIENTS``.
    start : callable
        (key, Tensor, Sizes) -> state, what is drawn once for a seed.
    draw : callable
        (key, Tensor, Sizes, state, number of the step) -> (drawn, state), in float32.
    of_weights : callable
        (drawn, weights, numbers, Sizes) -> the gradient, of the weights' shape and dtype.
    sampling : str
        How its examples come into minibatches, as in a sweep: "iid" or "reshuffle".
    scale_invariant : bool
        Whether it is at right angles to the weights and falls as 1 over their norm.
    """

    name: str
    words: str
    coefficients: tuple[Coefficient, ...]
    laws: tuple[str, ...]
    start: Callable[[Any, Tensor, Sizes], Any]
    draw: Callable[[Any, Tensor, Sizes, Any, Any], tuple[Any, Any]]
    of_weights: Callable[[Any, Any, Hyper, Sizes], Any]
    sampling: str = "iid"
    scale_invariant: bool = False

    def __repr__(self) -> str:
        """Return its name."""
        return f"Gradients({self.name!r})"


def _nothing(key: jax.Array, tensor: Tensor, sizes: Sizes) -> tuple[()]:
    return ()


def _normal(key: jax.Array, tensor: Tensor, sizes: Sizes, state: Any, step: jax.Array) -> tuple[jax.Array, Any]:
    import jax
    import jax.numpy as jnp

    own = jax.random.fold_in(jax.random.fold_in(key, NOISE_STREAM), step)
    return jax.random.normal(own, tensor.shape, jnp.float32), state


def _no_draw(key: jax.Array, tensor: Tensor, sizes: Sizes, state: Any, step: jax.Array) -> tuple[jax.Array, Any]:
    import jax.numpy as jnp

    return jnp.zeros(tensor.shape, jnp.float32), state


def _zero(drawn: jax.Array, w: jax.Array, hyper: Hyper, sizes: Sizes) -> jax.Array:
    import jax.numpy as jnp

    return jnp.zeros_like(w)


def _noise(drawn: jax.Array, w: jax.Array, hyper: Hyper, sizes: Sizes) -> jax.Array:
    return hyper.gradient_std / sizes.m**0.5 * drawn.astype(w.dtype)


def _about_a_mean(drawn: jax.Array, w: jax.Array, hyper: Hyper, sizes: Sizes) -> jax.Array:
    return hyper.mean_gradient + hyper.curvature * w + _noise(drawn, w, hyper, sizes)


def _across(drawn: jax.Array, w: jax.Array, hyper: Hyper, sizes: Sizes) -> jax.Array:
    import jax.numpy as jnp

    noise = drawn.astype(w.dtype)
    norm2 = jnp.vdot(w, w)
    across = noise - jnp.vdot(w, noise) / norm2 * w
    return hyper.gradient_scale / (jnp.sqrt(norm2) * jnp.sqrt(jnp.vdot(across, across))) * across


def _examples(key: jax.Array, tensor: Tensor, sizes: Sizes) -> tuple[jax.Array, jax.Array]:
    """Draw n gradients for each weight, of mean 0 and standard deviation 1 exactly, and make room for an order."""
    import jax
    import jax.numpy as jnp

    drawn = jax.random.normal(jax.random.fold_in(key, EXAMPLES_STREAM), (sizes.n, *tensor.shape), jnp.float32)
    drawn = drawn - drawn.mean(0)
    return drawn / jnp.sqrt(jnp.mean(drawn * drawn, 0)), jnp.zeros(sizes.n, jnp.int32)


def _minibatch(
    key: jax.Array, tensor: Tensor, sizes: Sizes, state: tuple[jax.Array, jax.Array], step: jax.Array
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    """Give the mean of the next m examples; an order is drawn where an epoch begins."""
    import jax

    from wd_jax.engine.minibatches import epoch_order

    examples, order = state
    epoch, place = step // sizes.steps_per_epoch, step % sizes.steps_per_epoch
    order = jax.lax.cond(place == 0, lambda old: epoch_order(key, epoch, sizes.n, "reshuffle"), lambda old: old, order)
    chosen = jax.lax.dynamic_slice_in_dim(order, place * sizes.m, sizes.m)
    return examples[chosen].mean(0), (examples, order)


def _of_a_batch(drawn: jax.Array, w: jax.Array, hyper: Hyper, sizes: Sizes) -> jax.Array:
    return hyper.gradient_std * drawn.astype(w.dtype)


GRADIENTS: dict[str, Gradients] = {
    one.name: one
    for one in (
        Gradients(
            "independent",
            "independent from step to step and from weight to weight, normal, of mean 0",
            (STD,),
            ("any", "noise", "constant", "steady"),
            _nothing,
            _normal,
            _noise,
        ),
        Gradients(
            "shuffled",
            "of n examples with fixed gradients of mean 0, each seen once an epoch, in an order drawn for each epoch",
            (STD,),
            ("any", "constant"),
            _examples,
            _minibatch,
            _of_a_batch,
            sampling="reshuffle",
        ),
        Gradients(
            "scale_invariant",
            "in a random direction at right angles to the weights, of norm gradient_scale / |W|",
            (SCALE,),
            ("any", "perpendicular"),
            _nothing,
            _normal,
            _across,
            scale_invariant=True,
        ),
        Gradients(
            "signal_plus_noise",
            "mean_gradient + curvature w, and noise as of gradients='independent'",
            (STD, MEAN, CURVATURE),
            ("any",),
            _nothing,
            _normal,
            _about_a_mean,
        ),
        Gradients("none", "zero: decay acts alone", (), ("any", "none"), _nothing, _no_draw, _zero),
    )
}
"""By name. The laws' keywords are those that hold whatever the numbers; `laws_of` knows of more."""


def laws_of(name: str, zero: Collection[str]) -> tuple[str, ...]:
    """Say what laws may assume of gradients, given which of their numbers are zero.

    Parameters
    ----------
    name : str
        Of the gradients.
    zero : collection of str
        Numbers that are zero for all members.

    Examples
    --------
    >>> laws_of("signal_plus_noise", ("curvature",)), laws_of("signal_plus_noise", ())
    (('any', 'constant'), ('any',))
    """
    kind = GRADIENTS[name]
    signal = [one.name for one in (MEAN, CURVATURE) if one in kind.coefficients and one.name not in zero]
    if kind.name == "signal_plus_noise" and not signal:
        kind = GRADIENTS["independent"]
    found = (*kind.laws, *(("constant",) if signal == [MEAN.name] else ()))
    silent = not signal and STD in kind.coefficients and STD.name in zero
    return (*found, *(("none",) if silent else ()))
