"""A model as a value: how its parameters start and what it makes of inputs; the library's is the multilayer perceptron.

Importing this loads no JAX: a model is described here and computed in `wd_jax.models.mlp`.
"""

import itertools
from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from wd_jax.inputs import checks, foreign_values, limits
from wd_jax.inputs.checks import whole

if TYPE_CHECKING:
    import jax

    from wd_jax.models.mlp import Params

ACTIVATIONS = ("sigmoid", "tanh", "relu")


@runtime_checkable
class Model(Protocol):
    """What a model is: ``init(key) -> params``, a tree of arrays, and ``apply(params, x) -> outputs``.

    Its layers are the leaves of the parameters with two or more dimensions, in the tree's order: they are what decays.
    """

    def init(self, key: "jax.Array") -> Any:
        """Draw the parameters."""
        ...

    def apply(self, params: Any, x: "jax.Array") -> "jax.Array":
        """Make of inputs [batch, n_in] the outputs [batch, n_out], before the loss's own activation."""
        ...


@dataclass(frozen=True)
class MLP:
    """A multilayer perceptron: fully connected layers with an activation between them (see `mlp`)."""

    widths: tuple[int, ...]
    activation: str = "sigmoid"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, naming the field, its value and the remedy."""
        object.__setattr__(self, "widths", _widths(self.widths))
        if not isinstance(self.activation, str) or self.activation not in ACTIVATIONS:
            remedy = foreign_values.remedy("activation", self.activation, ACTIVATIONS)
            raise ValueError(f"activation={checks.shown(self.activation)}: {remedy}")

    @property
    def layers(self) -> int:
        """Number of weight matrices."""
        return len(self.widths) - 1

    @property
    def n_w(self) -> tuple[int, ...]:
        """Number of weights in each layer, biases excluded."""
        return tuple(a * b for a, b in zip(self.widths[:-1], self.widths[1:], strict=True))

    def init(self, key: "jax.Array") -> "Params":
        """Draw weights and biases from N(0, 1), in float32.

        Parameters
        ----------
        key : jax.Array
            Typed key, as of ``jax.random.key(0)``.

        Returns
        -------
        tuple of dict
            One ``{"w": [n_in, n_out], "b": [n_out]}`` per layer.
        """
        from wd_jax.models.mlp import initialise

        return initialise(self, key)

    def apply(self, params: "Params", x: "jax.Array") -> "jax.Array":
        """Give the pre-activations of the output layer, [batch, n_out], for inputs [batch, n_in]."""
        from wd_jax.models.mlp import forward

        return forward(self, params, x)[0]


def mlp(widths: Sequence[int], activation: str = "sigmoid") -> MLP:
    """Describe a multilayer perceptron.

    Parameters
    ----------
    widths : sequence of int
        Units per layer, inputs first: (784, 30, 10) has two layers of weights.
    activation : {"sigmoid", "tanh", "relu"}
        Of the hidden units; what the outputs are is up to the loss.

    Returns
    -------
    MLP
        A model: ``init(key)`` gives its parameters, ``apply(params, x)`` its outputs.

    Raises
    ------
    ValueError
        For widths or an activation that cannot be meant.

    Examples
    --------
    >>> import jax
    >>> model = mlp((784, 30, 10))
    >>> params = model.init(jax.random.key(0))
    >>> model.n_w, model.apply(params, jax.numpy.zeros((2, 784))).shape
    ((23520, 300), (2, 10))
    """
    return MLP(widths, activation)  # pyrefly: ignore


def supported(model: Any) -> MLP:
    """Refuse a model that is not trained yet, and what is none.

    Raises
    ------
    TypeError
        Naming what was given and what to give.
    """
    if isinstance(model, MLP):
        return model
    known = "only the multilayer perceptron is trained yet" if isinstance(model, Model) else "it is no model"
    raise TypeError(f"model={checks.shown(model)}: {known}; give wd.mlp((784, 30, 10), activation='sigmoid')")


def _widths(given: Any) -> tuple[int, ...]:
    """Give the widths of the layers as plain numbers."""
    listed = isinstance(given, Iterable) and not isinstance(given, str | bytes | set | frozenset | dict)
    widths = tuple(itertools.islice(given, limits.LAYERS.most + 2)) if listed and getattr(given, "ndim", 1) else ()
    if len(widths) < 2 or not all(whole(width) and width >= 1 for width in widths):
        raise ValueError(
            f"widths={checks.shown(given)}: give at least two whole positive layer widths, inputs first: (784, 30, 10)"
        )
    layers = len(given if isinstance(given, Sized) else widths) - 1
    limits.at_most("layers of weights in widths", layers, limits.LAYERS)
    return tuple(limits.at_most("widths", width, limits.WIDTH, "give a narrower layer") for width in widths)
