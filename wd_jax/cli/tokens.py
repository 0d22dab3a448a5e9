"""What was typed, looked at before it is read: every mistake that a command line can hold is found and worded here.

Nothing here depends on tyro, which reads what is left. Its versions differ in what they let pass and in how they word
what they do not: an option without a value is its default to one and a list without values to another, the last of
two equal options wins, and ``float`` reads ``1_000``, ``١`` and ``1e400``.
"""

import dataclasses
import math
import re
import sys
import types
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from wd_jax.cli.command import Command, UsageError

INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
NOT_FINITE = re.compile(r"[+-]?(inf|infinity|nan)", re.IGNORECASE | re.ASCII)
NEGATIVE = re.compile(r"-(\.?\d|inf|nan)", re.IGNORECASE)
"""Beginning of a value that begins like an option."""
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"
MOST_DIGITS = 4300
"""Python reads no longer whole numbers: that takes a time which grows with the square of their length."""
_MOST_SHOWN = 40


@dataclass(frozen=True)
class Option:
    """What an option takes.

    Parameters
    ----------
    label : str
        As it is typed, or, of a word that stands by its place, as the help shows it.
    kind : type
        Of a value: bool for a switch, which takes none; float, int, or anything else.
    several : bool
        Whether it takes more than one value.
    required : bool
        Whether it has no default.
    choices : tuple of str
        The words it takes, if it takes no others.
    """

    label: str
    kind: Any
    several: bool
    required: bool = False
    choices: tuple[str, ...] = ()


def check(options: type[Command], prog: str, tokens: Sequence[str]) -> None:
    """Refuse what would be read as something that was not meant.

    Parameters
    ----------
    options : type
        The command's dataclass.
    prog : str
        Program and command as typed, for the message.
    tokens : sequence of str
        What followed them.

    Raises
    ------
    UsageError
        In one line, for an option that is given twice, a value that is empty, missing or one too many, a value of a
        switch, a number that is not written as one, and a word that is none of those an option takes.
    """
    if {"-h", "--help"} & set(tokens):
        return
    try:
        _check(options, tokens)
    except UsageError as error:
        raise UsageError(f"{error}: see `{prog} --help`") from None


def _check(options: type[Command], tokens: Sequence[str]) -> None:
    named, standing = _known(options)
    placed = iter(standing)
    given: set[str] = set()
    current: Option | None = None  # takes the next value
    waiting = False  # has none yet
    place: Option | None = None  # what the last word that stands by its place was
    for token in tokens:
        if _names_option(token):
            if waiting and current is not None:
                raise UsageError(f"{current.label}: missing, give it a value")
            name, equals, value = token.partition("=")
            current, waiting = named.get(name.replace("_", "-") if name.startswith("--") else name), False
            if current is None:
                _refuse_short(name, named)
                continue  # a long name that is not known: whoever reads the tokens says so
            if current.label in given:
                once = f"give all values after one {current.label}" if current.several else "give it once"
                raise UsageError(f"{current.label}: given twice: {once}")
            given.add(current.label)
            if current.kind is bool:
                if equals:
                    raise UsageError(f"{current.label}: takes no value: leave out {_quoted('=' + value)}")
                current = None
            elif equals:
                _check_value(current, value)
                current = current if current.several else None
            else:
                waiting = True
        elif current is not None:
            _check_value(current, token)
            current, waiting = (current if current.several else None), False
        else:
            place = place if place is not None and place.several else next(placed, None)
            _check_value(place or Option("an argument", str, False), token)
            if place is None:
                raise UsageError(f"{_word(token)}: not an option or a value that is expected here")
            given.add(place.label)
    missing = (option.label for option in (*standing, *named.values()) if option.required and option.label not in given)
    if label := current.label if waiting and current is not None else next(missing, ""):
        raise UsageError(f"{label}: missing, give it a value")


def _refuse_short(name: str, named: Mapping[str, Option]) -> None:
    """Refuse an unknown option of one dash: half a long one, or a path."""
    if name.startswith("--"):
        return
    hint = f": type -{name}" if f"-{name}" in named else f": write ./{name} for a path" if "." in name else ""
    raise UsageError(f"{name}: not an option or a value that is expected here{hint}")


def _names_option(token: str) -> bool:
    """Whether a token is an option and no value; a dash of another kind in front of a name is a mistake."""
    if token == "--":
        raise UsageError("--: not used here: leave it out, and write a path that begins with a dash as ./-name")
    if token[:1] in DASHES and token[:1] and token.lstrip(DASHES)[:1].isalpha() and not NOT_FINITE.match(token[1:]):
        plain = "--" + token.lstrip(DASHES)
        raise UsageError(f"{token}: begins with a dash that is no '-': type {_cut(plain)}")
    return len(token) > 1 and token.startswith("-") and not NEGATIVE.match(token)


def _known(options: type[Command]) -> tuple[dict[str, Option], list[Option]]:
    """Read the fields: options by name, and in order those that stand by their place."""
    hints = get_type_hints(options, include_extras=True)
    named, placed = {}, []
    for field in dataclasses.fields(options):
        kind, extras = _bare(hints[field.name])
        several = get_origin(kind) is tuple
        kind = get_args(kind)[0] if several else kind
        choices = get_args(kind) if get_origin(kind) is Literal else ()
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if any("positional" in str(extra).lower() for extra in extras):
            shown = next((extra.metavar for extra in extras if getattr(extra, "metavar", None)), field.name)
            placed.append(Option(shown.strip("[]"), kind, several, required, choices))
            continue
        label = named_as(field.name)
        aliases = [alias for extra in extras for alias in getattr(extra, "aliases", None) or ()]
        named |= {name: Option(label, kind, several, required, choices) for name in (label, *aliases)}
    return named, placed


def named(options: type[Command]) -> dict[str, Option]:
    """Give the options of a command by the names they are typed with."""
    return _known(options)[0]


def named_as(field: str) -> str:
    """Name the option of a field; a field that would be a word of Python ends in an underscore.

    Examples
    --------
    >>> named_as("weight_decay"), named_as("from_")
    ('--weight-decay', '--from')
    """
    return f"--{field.rstrip('_').replace('_', '-')}"


def _bare(hint: Any) -> tuple[Any, list[Any]]:
    """Take annotations and "or None" off a type, and keep the annotations."""
    extras: list[Any] = []
    while True:
        if get_origin(hint) is Annotated:
            extras += hint.__metadata__
            hint = hint.__origin__
        elif get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint):
            hint = next(part for part in get_args(hint) if part is not type(None))
        else:
            return hint, extras


def _check_value(option: Option, text: str) -> None:
    if not text.strip():
        raise UsageError(f"{option.label}: an empty value: give it one, or leave it out")
    if "\0" in text:
        raise UsageError(f"{option.label}: {_quoted(text)} holds a zero byte, which no name has: type it anew")
    if option.choices and text not in option.choices:
        raise UsageError(f"{option.label}: {_quoted(text)} is not one of {', '.join(map(repr, option.choices))}")
    if option.kind not in (int, float):
        return
    if problem := number_problem(text, whole=option.kind is int, list_=option.several):
        raise UsageError(f"{option.label}: {problem}")


def number_problem(text: str, *, whole: bool, list_: bool = False) -> str:
    """Say what is wrong with a number as it was typed; nothing if it is written as one.

    Parameters
    ----------
    text : str
        As typed.
    whole : bool
        Whether it must be a whole number.
    list_ : bool
        Whether several may be given.

    Examples
    --------
    >>> number_problem("1e-3", whole=False), number_problem("1e3", whole=True)
    ('', "'1e3' is not a whole number: write 1000")
    >>> number_problem("1,5", whole=False)
    "'1,5' is not a number: write a point for the decimals: 1.5"
    """
    if whole and INTEGER.fullmatch(text):
        return f"a whole number of {len(text)} digits is too large" if len(text) > MOST_DIGITS else ""
    if not whole and NOT_FINITE.fullmatch(text):
        return ""  # a number to Python; its range is checked where the option is
    if not whole and DECIMAL.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            return f"{_quoted(text)} is above 1.8e308, the largest number here"
        if abs(value) < sys.float_info.min and re.search("[1-9]", re.split("[eE]", text)[0]):
            return f"{_quoted(text)} is below 2.2e-308, the smallest number here: write 0 if that is meant"
        return ""
    hint = _hint(text, whole, list_)
    return f"{_quoted(text)} is not a {'whole ' if whole else ''}number{': ' + hint if hint else ''}"


def _hint(text: str, whole: bool, list_: bool) -> str:
    """Guess what was meant."""
    plain = unicodedata.normalize("NFKC", "".join("-" if letter in DASHES else letter for letter in text)).strip()
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Cf", "Cc"))
    as_digits = "".join(str(unicodedata.digit(letter, letter)) for letter in plain)
    raised = any(unicodedata.category(letter) == "No" for letter in text)
    if as_digits != text and not raised and (INTEGER if whole else DECIMAL).fullmatch(as_digits):
        return f"it holds a character that only looks like one of a number: type {_cut(as_digits)} anew"
    if "_" in text and DECIMAL.fullmatch(text.replace("_", "")):
        return f"write {_cut(text.replace('_', ''))}"
    parts = text.split(",")
    if len(parts) > 1 and all(DECIMAL.fullmatch(part.strip()) for part in parts if part.strip()):
        if list_:
            return f"give several values with blanks between: {_cut(' '.join(part.strip() for part in parts))}"
        if whole:
            return f"write {_cut(''.join(parts))}, without a comma, if that is meant"
        if len(parts) == 2:
            return f"write a point for the decimals: {_cut('.'.join(parts))}"
    if whole and DECIMAL.fullmatch(text):
        value = float(text)
        return f"write {int(value)}" if value.is_integer() and abs(value) < 1e15 else ""
    return ""


def _quoted(text: str) -> str:
    return repr(text) if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]!r}..."


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def _word(text: str) -> str:
    return _cut(text) if text.isprintable() else _quoted(text)
