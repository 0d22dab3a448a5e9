"""A model as a value: how its parameters start and what it makes of inputs; the library's is the multilayer perceptron.

Importing this loads no JAX: a model is described here and computed in `wd_jax.models.mlp`. Any other is a
`wd_jax.models.own.OwnModel`.
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

ACTIVATIONS = ("sigmoid", "tanh", "relu", "erf", "gelu")
NORMS = ("layer", "rms", "batch")


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
    biases: bool = True
    norm: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, naming the field, its value and the remedy."""
        object.__setattr__(self, "widths", _widths(self.widths))
        if not isinstance(self.activation, str) or self.activation not in ACTIVATIONS:
            remedy = foreign_values.remedy("activation", self.activation, ACTIVATIONS)
            raise ValueError(f"activation={checks.shown(self.activation)}: {remedy}")
        object.__setattr__(self, "biases", checks.flag("biases", self.biases))
        if self.norm is not None and not (isinstance(self.norm, str) and self.norm in NORMS):
            raise ValueError(f"norm={checks.shown(self.norm)}: choose one of {', '.join(NORMS)}, or None for none")

    @property
    def plain(self) -> bool:
        """Whether widths and activation say all of it: biases, and no normalisation."""
        return self.biases and self.norm is None

    @property
    def has_state(self) -> bool:
        """Whether it carries something besides parameters from step to step: never."""
        return False

    @property
    def mixes_examples(self) -> bool:
        """Whether the output of an example depends on the others of its batch."""
        return self.norm == "batch"

    @property
    def of_norm(self) -> dict[str, float]:
        """What normalisation adds to a hidden layer, and where each starts: gains at 1, offsets at 0."""
        if self.norm is None:
            return {}
        return {"gain": 1.0} | ({"offset": 0.0} if self.biases and self.norm != "rms" else {})

    @property
    def layers(self) -> int:
        """Number of weight matrices."""
        return len(self.widths) - 1

    @property
    def n_w(self) -> tuple[int, ...]:
        """Number of weights in each layer, biases excluded."""
        return tuple(a * b for a, b in zip(self.widths[:-1], self.widths[1:], strict=True))

    @property
    def n_in(self) -> tuple[int, ...]:
        """Inputs of each neuron of a layer, its bias excluded."""
        return self.widths[:-1]

    @property
    def size(self) -> int:
        """Numbers to hold: weights, and what is beside them where that is more than biases."""
        hidden = sum(self.widths[1:-1])
        return sum(self.n_w) + len(self.of_norm) * hidden

    @property
    def numbers_per_example(self) -> int:
        """Numbers that one example needs on its way through, its inputs left out."""
        return sum(self.widths[1:])

    def record(self) -> dict[str, Any]:
        """Give what widths and activation leave unsaid, JSON-ready; of the usual network nothing."""
        found: dict[str, Any] = {} if self.biases else {"biases": False}
        return found | ({} if self.norm is None else {"norm": self.norm})

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


def mlp(widths: Sequence[int], activation: str = "sigmoid", *, biases: bool = True, norm: str | None = None) -> MLP:
    """Describe a multilayer perceptron.

    Parameters
    ----------
    widths : sequence of int
        Units per layer, inputs first: (784, 30, 10) has two layers of weights.
    activation : {"sigmoid", "tanh", "relu", "erf", "gelu"}
        Of the hidden units; what the outputs are is up to the loss. gelu is the exact one.
    biases : bool
        Whether pre-activations have biases, and normalisations offsets.
    norm : {"layer", "rms", "batch"}, optional
        Normalisation of hidden pre-activations before the activation, each unit with a gain that starts at 1: over the
        units of an example ("layer", "rms"), or over the examples of the batch given ("batch").

    Returns
    -------
    MLP
        A model: ``init(key)`` gives its parameters, ``apply(params, x)`` its outputs.

    Raises
    ------
    ValueError
        For widths, an activation or a normalisation that cannot be meant.

    Examples
    --------
    >>> import jax
    >>> model = mlp((784, 30, 10))
    >>> params = model.init(jax.random.key(0))
    >>> model.n_w, model.apply(params, jax.numpy.zeros((2, 784))).shape
    ((23520, 300), (2, 10))
    >>> sorted(mlp((784, 30, 10), "gelu", norm="layer").init(jax.random.key(0))[0])
    ['b', 'gain', 'offset', 'w']
    """
    return MLP(widths, activation, biases, norm)  # pyrefly: ignore


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
