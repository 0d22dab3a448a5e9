"""Muon: matrices step along their averaged gradient made nearly orthogonal; another rule steps other leaves.

Jordan and others, *Muon: An optimizer for hidden layers in neural networks*, 2024; optax.contrib has it step by step.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wd_jax.inputs import checks
from wd_jax.optimisers import averages
from wd_jax.optimisers.adamw import nadamw
from wd_jax.optimisers.decays.ways import named
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper

EPSILON = 1e-8
"""Added to the norm of a matrix that may be zero, as in optax."""


def muon(others: Rule | None = None, decay: str = "decoupled") -> Rule:
    """Give Muon as in optax.contrib for matrices, with Nesterov's momentum and five Newton-Schulz steps.

    beta1 is its averaging factor, 0.95 in most uses. It is the other rule's too, if that reads a beta1.

    Parameters
    ----------
    others : Rule, optional
        What other leaves, biases among them, get: its direction, at the same eta; that of `nadamw`, as in optax, unless
        told.
    decay : {"decoupled", "cautious", "absolute", "corrected"}
        How weights decay, those of other leaves too.

    Raises
    ------
    TypeError
        For another rule that is none.
    ValueError
        For another rule whose decay is not beside its direction.

    Examples
    --------
    >>> muon().names
    ('eta', 'lmbda', 'init_scale', 'beta1', 'beta2')
    >>> from wd_jax.optimisers.sgd import sgd
    >>> muon(others=sgd()).name, muon(others=sgd()).names
    ('muon_and_sgd', ('eta', 'lmbda', 'init_scale', 'beta1'))
    """
    if others is not None and not isinstance(others, Rule):
        raise TypeError(f"others={checks.shown(others)}: give a Rule, such as wd.rules.sgdw()")
    rest = nadamw() if others is None else others
    if rest.decay.name != "decoupled":
        raise ValueError(f"others={rest.name!r}: give a rule with decoupled decay; decay= says how all of muon decays")
    name, way = named("muon" if rest == nadamw() else f"muon_and_{rest.name}", decay)
    coefficients = {one.name: one for one in rest.coefficients} | {"beta1": averages.beta1(name)}
    return Rule(
        name,
        Direction(rest),
        tuple(coefficients[one] for one in ("beta1", *(one for one in coefficients if one != "beta1"))),
        (
            "matrices: a <- beta1*a + (1 - beta1)*g",
            "b = beta1*a / (1 - beta1^(t+1)) + (1 - beta1)*g / (1 - beta1^t)",
            "u = eta*sqrt(max(1, n_out/n_in))*NewtonSchulz5(b)",
            f"others: as {rest.name}",
        ),
        way,
    )


@dataclass(frozen=True)
class Direction:
    """Muon's direction for matrices beside another rule's for the rest: equal to another of the same rule."""

    others: Rule

    def __call__(self, hyper: "Hyper") -> "optax.GradientTransformation":
        """Build both."""
        import jax
        import optax

        def kinds(params: Any) -> Any:
            return jax.tree.map(lambda leaf: "matrix" if leaf.ndim == 2 else "other", params)

        of_matrices = _of_matrices(hyper.beta1)
        return optax.transforms.partition({"matrix": of_matrices, "other": self.others.direction(hyper)}, kinds)


class Average(NamedTuple):
    """What is kept of matrices' gradients: the number of the step, and their average."""

    count: Any
    mean: Any


def _of_matrices(beta1: Any) -> "optax.GradientTransformation":
    """Build the direction of matrices: `optax.contrib.muon` with `wd_jax.optimisers.newton_schulz` in it."""
    import jax
    import jax.numpy as jnp
    import optax

    from wd_jax.optimisers.newton_schulz import orthogonal

    def init(params: Any) -> Average:
        return Average(jnp.zeros((), jnp.int32), jax.tree.map(jnp.zeros_like, params))

    def direction(mean: Any, gradient: Any, count: Any) -> Any:
        ahead = beta1 * mean / (1 - beta1 ** (count + 1)) + (1 - beta1) * gradient / (1 - beta1**count)
        n_in, n_out = gradient.shape
        return max(1.0, n_out / n_in) ** 0.5 * orthogonal(ahead / (jnp.linalg.norm(ahead) + EPSILON))

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Average]:
        count = state.count + 1
        mean = jax.tree.map(lambda a, g: beta1 * a + (1 - beta1) * g, state.mean, updates)
        return jax.tree.map(lambda a, g: direction(a, g, count), mean, updates), Average(count, mean)

    return optax.GradientTransformation(init, update)
