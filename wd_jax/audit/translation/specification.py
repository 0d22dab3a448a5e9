"""What a user writes, ``torch:SGD(lr=.1,momentum=.9,nesterov)``, read without running anything: literals and names."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST = 300
EXAMPLE = "such as torch:AdamW or 'torch:SGD(momentum=.9,nesterov)'"
POSITIONAL = "the number without a name"
RATES = ("lr", "learning_rate", "learning_rate_init", "eta0", "alpha_lr")


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
        Settings by name; a name that stands alone is True.
    parts : mapping
        Of a chain: the options of each part by its name, in order.
    """

    text: str
    library: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

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
    {'momentum': 0.9, 'nesterov': True}
    >>> list(read("optax:chain(add_decayed_weights, sgd(momentum=.9))").parts)
    ['add_decayed_weights', 'sgd']
    """
    library, colon, rest = text.strip().partition(":") if isinstance(text, str) else ("", "", "")
    name, bracket, inside = rest.strip().partition("(")
    if not (colon and library.strip() and name.strip()) or len(text) > MOST:
        raise ValueError(f"{_short(text)}: give LIBRARY:OPTIMISER, {EXAMPLE}")
    inside, closed, hook = inside.rpartition(")") if bracket else ("", ")", "")
    if not closed or (hook.strip() and not hook.strip().startswith("+")):
        raise ValueError(f"{_short(text)}: the bracket is not closed: {EXAMPLE}")
    library, name = library.strip(), "".join((name + hook).split()).replace("+hook", "+")
    name = f"{name}WeightDecay" if name.endswith("+") else name
    try:
        if name == "chain":
            return Specification(text.strip(), library, name, {}, dict(_part(one) for one in _pieces(inside)))
        options = _settings(inside)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{_short(text)}: its settings cannot be read: {EXAMPLE}") from None
    return Specification(text.strip(), library, name, options)


def _pieces(inside: str) -> list[str]:
    """Split at the commas that stand in no bracket."""
    depth, pieces = 0, [""]
    for letter in inside:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    return [piece.strip() for piece in pieces if piece.strip()]


def _settings(inside: str) -> dict[str, Any]:
    """Read ``momentum=.9, nesterov``: a word that stands alone is switched on, a number that does is the momentum."""
    found: dict[str, Any] = {}
    for piece in _pieces(inside):
        if piece[0] in ".0123456789":
            found[POSITIONAL] = ast.literal_eval(piece)
            continue
        name, equals, value = piece.partition("=")
        if not all(word.isidentifier() for word in name.split()):
            raise ValueError(piece)
        node = ast.parse(value.strip() if equals else "True", mode="eval").body
        found[name.strip()] = node.id if isinstance(node, ast.Name) else ast.literal_eval(node)
    return found


def _part(piece: str) -> tuple[str, Mapping[str, Any]]:
    """Read one part of a chain; what stands alone in its bracket is a rate or a strength, and left out."""
    name, bracket, inside = piece.partition("(")
    if bracket and not inside.endswith(")"):
        raise ValueError(piece)
    named = [one for one in _pieces(inside[:-1]) if "=" in one]
    return name.strip().split(".")[-1], _settings(",".join(named))


def _short(text: Any) -> str:
    shown = " ".join(str(text).split())
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
