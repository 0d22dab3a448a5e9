"""What a user types for an optimiser, ``torch:SGD(momentum=.9,nesterov)``, read without evaluating anything."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"[A-Za-z_][\w.]*")
_CALL = re.compile(r"(?P<name>[A-Za-z_][\w.]*)\s*\((?P<inside>.*)\)\s*", re.DOTALL)


@dataclass(frozen=True)
class Spec:
    """An optimiser as it was typed.

    Attributes
    ----------
    library : str
        Before the colon: ``"torch"``.
    name : str
        The first name after it: ``"SGD"``, ``"contrib.muon"``.
    options : mapping
        ``{"momentum": 0.9, "nesterov": True}``.
    label : str
        All that follows the colon, with single spaces: what an adapter's own settings are looked up by.
    unread : str
        The part of the label that is neither a name nor an option; empty where everything was read.
    """

    library: str
    name: str
    options: Mapping[str, Any]
    label: str
    unread: str = ""

    def __str__(self) -> str:
        return f"{self.library}:{self.label}"


def parse(text: str) -> Spec:
    """Read ``LIBRARY:NAME(option=value,flag)``; a bare word is True.

    Parameters
    ----------
    text : str
        Values are numbers, True, False, None, words, and tuples of these.

    Returns
    -------
    Spec

    Raises
    ------
    ValueError
        In one line, for a text without a library or a name, a bracket that is not closed, or an option given twice.

    Examples
    --------
    >>> sorted(parse("torch:SGD(momentum=.9,nesterov)").options.items())
    [('momentum', 0.9), ('nesterov', True)]
    >>> parse("optax:contrib.schedule_free_sgd (evaluation x)").unread
    'evaluation x'
    """
    library, colon, label = text.strip().partition(":")
    library, label = library.strip(), " ".join(label.split())
    if not colon or not library or not label:
        raise ValueError(f"{text or 'SPEC'}: no optimiser: write LIBRARY:NAME, such as torch:AdamW")
    _closed(label, text)
    called = _CALL.fullmatch(label)
    if called:
        options, unread = _options(called["inside"], text)
        return Spec(library, called["name"], options, label, unread)
    named = _NAME.match(label)
    if named is None:
        raise ValueError(f"{text}: {label} is no name: write LIBRARY:NAME, such as torch:AdamW")
    return Spec(library, named[0], {}, label, label[named.end() :].strip())


def _closed(label: str, text: str) -> None:
    """Refuse a bracket that is not closed, or closed and not opened."""
    opened: list[str] = []
    for letter in label:
        if letter in "([{":
            opened.append({"(": ")", "[": "]", "{": "}"}[letter])
        elif letter in ")]}" and (not opened or opened.pop() != letter):
            raise ValueError(f"{text}: {letter} closes no bracket: write NAME(option=value, flag)")
    if opened:
        raise ValueError(f"{text}: a bracket is not closed: {opened[-1]} is missing: write NAME(option=value, flag)")


def _options(inside: str, text: str) -> tuple[dict[str, Any], str]:
    """Read what stands in the brackets; what is no option is given back as it is."""
    try:
        call = ast.parse(f"f({', '.join(_flags_first(inside))})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}, inside
    if not isinstance(call, ast.Call):
        return {}, inside
    given: list[tuple[str, Any]] = []
    unread: list[str] = []
    for node in call.args:
        if isinstance(node, ast.Name):
            given.append((node.id, True))
        else:
            unread.append(ast.unparse(node))
    for keyword in call.keywords:
        try:
            if keyword.arg is None:
                raise ValueError
            given.append((keyword.arg, _value(keyword.value)))
        except ValueError:
            unread.append(ast.unparse(keyword.value) if keyword.arg is None else f"{keyword.arg}=...")
    names = [name for name, _ in given]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ValueError(f"{text}: {twice} is given twice: give it once")
    return dict(given), ", ".join(unread)


def _flags_first(inside: str) -> list[str]:
    """Split at the commas outside brackets and put bare words first: Python refuses one that follows option=value."""
    pieces, depth = [""], 0
    for letter in inside:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    stripped = [piece.strip() for piece in pieces if piece.strip()]
    return sorted(stripped, key=lambda piece: "=" in piece)


def literal(text: str) -> Any:
    """Read one value, a number, True, False, None or a tuple of them; what is none of these is the text itself.

    Examples
    --------
    >>> literal("(.9, .999)"), literal("-1e-3"), literal("a word")
    ((0.9, 0.999), -0.001, 'a word')
    """
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text.strip()


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str | None):
        return node.value
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(item) for item in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        number = _value(node.operand)
        if isinstance(number, int | float) and not isinstance(number, bool):
            return -number if isinstance(node.op, ast.USub) else number
    raise ValueError
