"""An optimiser as a user writes it (`wd_jax.audit.spec`), with what translation reads besides: a chain, a hook."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wd_jax.audit import spec

MOST = 300
POSITIONAL = "the number without a name"
RATES = ("lr", "learning_rate", "learning_rate_init", "eta0")


@dataclass(frozen=True)
class Specification:
    """One optimiser with its settings.

    Attributes
    ----------
    text : str
        As it was written.
    library, name : str
        Before and after the colon, without the settings.
    options : mapping
        Settings by name; a name that stands alone is True, and a number that does is `POSITIONAL`.
    parts : mapping
        Of a chain: the options of each part by its name, in order.
    unread : str
        What is neither a name nor a setting.
    """

    text: str
    library: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unread: str = ""

    @property
    def lr(self) -> float | None:
        """Learning rate among the settings; None without one."""
        return next((self.options[name] for name in RATES if name in self.options), None)


def read(text: str) -> Specification:
    """Read one optimiser.

    Parameters
    ----------
    text : str
        LIBRARY:NAME or LIBRARY:NAME(setting=value, ...).

    Raises
    ------
    ValueError
        In one line, for what cannot be read.

    Examples
    --------
    >>> read("torch:SGD(momentum=.9,nesterov)").options
    {'nesterov': True, 'momentum': 0.9}
    >>> list(read("optax:chain(add_decayed_weights, sgd(momentum=.9))").parts)
    ['add_decayed_weights', 'sgd']
    >>> read("chainer:NesterovAG(.9) + hook").name
    'NesterovAG+WeightDecay'
    """
    if not isinstance(text, str) or len(text) > MOST:
        raise ValueError(f"{str(text)[:60]!r}: no optimiser: write LIBRARY:NAME, such as torch:AdamW")
    before, plus, hook = text.partition("+")
    found = spec.parse(before if plus and "hook" in hook else text)
    if found.name == "chain":
        return Specification(str(found), found.library, "chain", {}, dict(_part(piece) for piece in _pieces(found)))
    options, unread = dict(found.options), found.unread
    number = spec.literal(unread)
    if isinstance(number, int | float):
        options[POSITIONAL], unread = number, ""
    words = hook.replace("hook", " ").split() if plus and "hook" in hook else []
    name = f"{found.name}+{''.join(words) or 'WeightDecay'}" if plus and "hook" in hook else found.name
    return Specification(" ".join(text.split()), found.library, name, options, unread=unread)


def _pieces(chain: spec.Spec) -> list[str]:
    """Take a chain apart; what is no call of names is no piece."""
    try:
        call = ast.parse(chain.label, mode="eval").body
    except SyntaxError:
        raise ValueError(
            f"{chain}: not read: write its parts, such as chain(add_decayed_weights, sgd(momentum=.9))"
        ) from None
    return [ast.unparse(one) for one in call.args] if isinstance(call, ast.Call) else []


def _part(piece: str) -> tuple[str, Mapping[str, Any]]:
    """Read one part; a number in its bracket is its rate or its strength, and left out."""
    found = spec.parse(f"optax:{piece}")
    return found.name.split(".")[-1], found.options
