"""``wd.model``: any pair of functions (init, apply) as a model.

Importing this loads no JAX. What a model is made of, its layers and their sizes, is seen by tracing ``init`` without
computing it; `wd_jax.models.own_checks` words what is wrong with it.
"""

import functools
import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wd_jax.inputs import checks
from wd_jax.models import layers
from wd_jax.models.model import MLP, Model

if TYPE_CHECKING:
    pass

UNNAMED = "own_model"
EXAMPLE = "wd.mlp((784, 30, 10), activation='sigmoid'), or wd.model(init, apply) of your own functions"


class OwnModel:
    """A model of the user's own: two functions and a name. It is equal to another of the same two functions.

    Parameters
    ----------
    name : str
        As a result names it in the coordinate ``model``.
    init, apply : callable
        As for `model`.
    has_state : bool
        Whether they hand on a state beside the parameters.
    source : tuple
        What it was made of, and is compared by: two functions, or a model that says by ``settings()`` what it is,
        JSON-ready, as the library's do.
    """

    plain = False
    mixes_examples = False
    activation = ""
    """What is known of multilayer perceptrons only."""

    def __init__(self, name: str, init: Callable, apply: Callable, has_state: bool, source: tuple[Any, ...]) -> None:
        self.name, self.init, self.apply, self.has_state, self._source = name, init, apply, has_state, source
        settings = getattr(source[0], "settings", None)
        self._said = settings() if callable(settings) else None
        self._key = tuple(map(id, source)) if self._said is None else (type(source[0]), json.dumps(self._said))

    def __eq__(self, other: object) -> bool:
        key = (self.name, self.has_state, self._key)
        return isinstance(other, OwnModel) and key == (other.name, other.has_state, other._key)

    def __hash__(self) -> int:
        return hash((self.name, self.has_state, self._key))

    def __repr__(self) -> str:
        """Return its name."""
        return f"OwnModel({self.name!r})"

    @property
    def functions(self) -> tuple[Any, ...]:
        """What it was made of, where that does not say by ``settings()`` what it is."""
        return self._source if self._said is None else ()

    @functools.cached_property
    def started(self) -> tuple[Any, Any]:
        """Shapes and dtypes of parameters and state, as ``init`` gives them: traced, not computed."""
        from wd_jax.models.own_checks import traced_start

        return traced_start(self)

    @functools.cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every leaf of the parameters, by its place in the tree."""
        import jax

        params = self.started[0]
        return dict(zip(layers.paths(params), (leaf.shape for leaf in jax.tree.leaves(params)), strict=True))

    @property
    def row_by_row(self) -> bool:
        """Whether it says that each example is treated by itself, as the library's models do: it is then believed."""
        return getattr(self._source[0], "row_by_row", False) is True

    def check_fits(self, n_in: int, outputs: tuple[int, ...], tokens: int | None) -> None:
        """Let a model that knows its sizes refuse other data, with the remedy in its own words."""
        own = getattr(self._source[0], "check_fits", None)
        if callable(own):
            own(n_in, outputs, tokens)

    @property
    def tokens(self) -> int | None:
        """How many tokens it looks up, where it says so."""
        return getattr(self._source[0], "tokens", None)

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The place of each layer in the tree."""
        return tuple(name for name, shape in self.shapes.items() if len(shape) >= 2)

    @property
    def layers(self) -> int:
        """Number of layers: leaves with two or more dimensions."""
        return len(self.layer_names)

    @property
    def n_w(self) -> tuple[int, ...]:
        """Number of weights in each layer."""
        return tuple(math.prod(self.shapes[name]) for name in self.layer_names)

    @property
    def n_in(self) -> tuple[int, ...]:
        """Inputs of each layer: all its axes but the last."""
        return tuple(layers.inputs(self.shapes[name]) for name in self.layer_names)

    @property
    def size(self) -> int:
        """Numbers in all leaves, the state's among them."""
        import jax

        return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(self.started))

    def record(self) -> dict[str, Any]:
        """Give its name and the shapes of its parameters, JSON-ready: functions are not written down."""
        found: dict[str, Any] = {"model": self.name, "parameters": {k: list(v) for k, v in self.shapes.items()}}
        found |= {"state": True} if self.has_state else {}
        return found | ({} if self._said is None else {"settings": self._said})


def model(init: Callable, apply: Callable, name: str = "", *, state: bool = False) -> OwnModel:
    """Make a model of two functions: the engine trains it as any other.

    Parameters
    ----------
    init : callable
        ``init(key) -> params``: any tree of float arrays, drawn in float32 and cast to the run's dtype. Its layers,
        what is measured and what decays, are the leaves with two or more dimensions, outputs on the last axis.
    apply : callable
        ``apply(params, x) -> outputs``: for inputs [batch, n_in] the outputs [batch, n_out] before the loss's own
        activation.
    name : str
        As a result names it; that of `apply` unless told.
    state : bool
        Whether the two hand on something besides the parameters, as running statistics: then
        ``init(key) -> (params, state)`` and ``apply(params, state, x, training) -> (outputs, new state)``. It is
        neither trained nor decayed; evaluations call with ``training=False`` and drop the new state.

    Returns
    -------
    OwnModel
        For ``wd.Setup(model=...)``.

    Raises
    ------
    TypeError
        For what is no function, or a name that is none.

    Examples
    --------
    >>> import jax
    >>> linear = model(lambda key: {"w": jax.random.normal(key, (16, 4))}, lambda params, x: x @ params["w"], "linear")
    >>> linear.layer_names, linear.n_w, linear.n_in
    (('w',), (64,), (16,))
    """
    for what, given, example in (("init", init, "init(key)"), ("apply", apply, "apply(params, x)")):
        if not callable(given):
            raise TypeError(f"{what}={checks.shown(given)}: give a function, {example}")
    own = getattr(apply, "__name__", UNNAMED)
    chosen = name or (own if own.isidentifier() and own != "apply" else UNNAMED)
    if not (isinstance(chosen, str) and chosen.isidentifier()):
        raise TypeError(f"name={checks.shown(name)}: give a model a name such as 'two_towers'")
    return OwnModel(chosen, init, apply, checks.flag("state", state), (init, apply))


def supported(given: Any) -> MLP | OwnModel:
    """Give a model as the engine takes it, and refuse what is none.

    Raises
    ------
    TypeError
        Naming what was given and what to give.
    """
    if isinstance(given, MLP | OwnModel):
        return given
    if isinstance(given, type) or not isinstance(given, Model) or not (callable(given.init) and callable(given.apply)):
        what = "a class: give one of its instances" if isinstance(given, type) else f"no model; give {EXAMPLE}"
        raise TypeError(f"model={checks.shown(given)}: it is {what}")
    name = getattr(given, "name", None)
    name = name if isinstance(name, str) and name.isidentifier() else type(given).__name__
    return OwnModel(name, given.init, given.apply, False, (given,))
