"""Which leaves of the parameters decay, as a value: layers, all of them, or those that a tree names."""

import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

from wd_jax.inputs import checks
from wd_jax.models.layers import paths

LAYERS_WORD, ALL_WORD = "layers", "all"
WORDS = (LAYERS_WORD, ALL_WORD)


@dataclass(frozen=True)
class Mask:
    """Which leaves decay.

    Parameters
    ----------
    name : {"layers", "all", "tree"}
        Leaves of two dimensions or more, every leaf, or as a tree says.
    leaves : tuple of (str, bool)
        Of a tree: the place of each leaf, and whether it decays.
    note : str
        What an update says of it, where that is not the usual.

    Examples
    --------
    >>> import numpy as np
    >>> LAYERS.of({"w": np.ones((3, 2)), "b": np.ones(2)}), ALL({"b": np.ones(2)})
    ({'b': False, 'w': True}, {'b': True})
    """

    name: str
    leaves: tuple[tuple[str, bool], ...] = ()
    note: str = field(default="", compare=False)

    def of(self, params: Any) -> Any:
        """Give a tree of true and false in the form of the parameters, as optax takes one for ``mask``."""
        import jax

        if not self.leaves:
            return jax.tree.map(lambda leaf: self.name == ALL_WORD or leaf.ndim >= 2, params)
        decays = dict(self.leaves)
        return jax.tree.unflatten(jax.tree.structure(params), [decays[path] for path in paths(params)])

    def __call__(self, params: Any) -> Any:
        """Do as `of`: optax takes a function for ``mask`` as well."""
        return self.of(params)

    @property
    def words(self) -> str:
        """What an update says of it."""
        if self.note:
            return self.note
        if self.name == LAYERS_WORD:
            return "biases not decayed"
        if self.name == ALL_WORD:
            return "all parameters decayed, biases too"
        decaying = [path for path, decays in self.leaves if decays]
        return f"only {', '.join(decaying)} decayed" if decaying else "nothing decayed"

    def record(self) -> str:
        """Write it down: a word, or true and false by place as JSON; `chosen` takes either back."""
        return json.dumps(dict(self.leaves)) if self.leaves else self.name

    def check(self, params: Any) -> None:
        """Refuse a tree of other leaves than the parameters.

        Raises
        ------
        ValueError
            Naming the places of the parameters.
        """
        there = paths(params)
        if self.leaves and sorted(there) != sorted(path for path, _ in self.leaves):
            here = ", ".join(path for path, _ in self.leaves)
            raise ValueError(f"decays: a tree of {here}, and the parameters are {', '.join(there)}: say it of each")


LAYERS = Mask(LAYERS_WORD)
ALL = Mask(ALL_WORD)
WEIGHTS = Mask(LAYERS_WORD, note="only leaves of two or more dimensions decayed")
"""`LAYERS`, of a model that has other leaves than weights and biases."""


def chosen(given: Any) -> Mask:
    """Give the mask that was asked for by word or as a tree.

    Raises
    ------
    ValueError
        For what is neither.

    Examples
    --------
    >>> chosen("all").words
    'all parameters decayed, biases too'
    >>> chosen({"w": True, "b": False}).words
    'only w decayed'
    """
    if isinstance(given, Mask):
        return given
    if isinstance(given, str) and given in WORDS:
        return Mask(given)
    if isinstance(given, str) and given.startswith("{"):
        with contextlib.suppress(ValueError):
            given = json.loads(given)
    if not isinstance(given, str | bytes):
        import jax
        import numpy as np

        leaves = jax.tree.leaves(given)
        if leaves and all(isinstance(leaf, bool | np.bool_) for leaf in leaves) and not isinstance(given, bool):
            return Mask("tree", tuple(zip(paths(given), map(bool, leaves), strict=True)))
    raise ValueError(
        f"decays={checks.shown(given)}: choose one of {', '.join(WORDS)}, or give a tree of true and false in the form "
        "of the parameters"
    )
