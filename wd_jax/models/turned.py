"""A multilayer perceptron as it lies in memory while it is trained: layers of few outputs with their inputs last.

A processor takes eight numbers at once along the last axis. Of 30 outputs it takes three times eight and six one by
one, and of 784 inputs 98 times eight: a step of Adam on [784, 30] takes 73 microseconds, on [30, 784] 38. Products with
the inputs do not mind, and neither does a rule that treats each element by itself.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wd_jax.models.model import MLP

if TYPE_CHECKING:
    from wd_jax.models.mlp import Params

LANES = 8
"""Numbers that a vector unit takes at once."""


@dataclass(frozen=True)
class Turned(MLP):
    """A network some of whose weights lie as [n_out, n_in].

    Attributes
    ----------
    which : tuple of bool
        Of each layer, whether it does.
    """

    which: tuple[bool, ...] = ()

    def upright(self, params: "Params") -> "Params":
        """Give the parameters with every weight as [n_in, n_out]: the compiler multiplies without moving them."""
        pairs = zip(params, self.which, strict=True)
        return tuple({**layer, "w": layer["w"].T} if turned else layer for layer, turned in pairs)

    def turn(self, tree: Any) -> Any:
        """Turn the weights in the network's parameters, or in anything that holds trees of their form; twice undoes it.

        Parameters
        ----------
        tree : tree
            Such as the parameters, or Adam's averages of their gradients.
        """
        import jax

        def one(path: tuple[Any, ...], leaf: Any) -> Any:
            place, name = path[-2:] if len(path) >= 2 else (None, None)
            if getattr(name, "key", None) != "w" or not self.which[getattr(place, "idx", 0)]:
                return leaf
            return leaf.T

        return jax.tree_util.tree_map_with_path(one, tree)


def turned(model: MLP) -> MLP:
    """Turn the layers of a network that gain by it: fewer outputs than inputs, and no multiple of the vector's length.

    Examples
    --------
    >>> from wd_jax.models.model import mlp
    >>> turned(mlp((784, 30, 10))).which, turned(mlp((784, 32, 64)))
    ((True, True), MLP(widths=(784, 32, 64), activation='sigmoid', biases=True, norm=None))
    """
    pairs = zip(model.widths[:-1], model.widths[1:], strict=True)
    which = tuple(n_out < n_in and n_out % LANES > 0 for n_in, n_out in pairs)
    return Turned(model.widths, model.activation, model.biases, model.norm, which) if any(which) else model
