"""``--config FILE``: the options of a sweep from a TOML file, each checked where it stands, before anything is read.

A key is an option's name as in Python, a value what the option takes. What the command line gives beats the file.
"""

import dataclasses
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from wd_jax.cli import tokens
from wd_jax.cli.command import Command, UsageError
from wd_jax.inputs import foreign_values, spellings
from wd_jax.optimisers import rules
from wd_jax.setup import CHOICES

MOST_BYTES = 2**20
"""A file that a person writes is a thousandth of this; TOML of a larger one could take minutes to read."""
OF_THE_COMMAND_LINE = ("config", "print_config", "json", "dry_run", "overwrite")
"""What says how the program is called, not what is trained; and a file must not replace results by itself."""
_NESTED = re.compile(r"""(?<![\w"'-])[\w"'-]+(?:[ \t]*\.[ \t]*[\w"'-]+){20}""")
"""A key of many parts: no option is one, and the parser's time grows with the square of their number."""
_NAMES = {bool: "true or false", int: "a whole number", float: "a number"}


@dataclasses.dataclass(frozen=True)
class Decimal:
    """A number with a point or an exponent as the file has it: as a float 1e400 would be infinite, unseen."""

    text: str


def expanded(options: type[Command], typed: Sequence[str]) -> list[str]:
    """Add to a command line what the file that it names holds, but for the options that it gives itself.

    Parameters
    ----------
    options : type
        The command's dataclass; it has a field ``config``.
    typed : sequence of str
        Tokens without a mistake, see `wd_jax.cli.tokens.check`.

    Returns
    -------
    list of str
        Tokens as if all had been typed.

    Raises
    ------
    UsageError
        Naming the file, the key and its remedy.
    """
    given = {token.partition("=")[0].replace("_", "-") for token in typed if token.startswith("--")}
    if "--config" not in given:
        return list(typed)
    place = next(i for i, token in enumerate(typed) if token.partition("=")[0] == "--config")
    file = Path(typed[place].partition("=")[2] or typed[place + 1])
    found = list(typed)
    for label, words in read(options, file).items():
        if label not in given:
            found += [f"{label}={words[0]}", *words[1:]] if words else [label]
    return found


def read(options: type[Command], file: Path) -> dict[str, list[str]]:
    """Read and check a file of options.

    Parameters
    ----------
    options : type
        The command's dataclass.
    file : Path
        TOML, of at most 1 MiB.

    Returns
    -------
    dict of str to list of str
        Each option and its values as they would be typed: none for a switch that is on. A switch that is off is left
        out.

    Raises
    ------
    UsageError
        Naming the file, the key and its remedy.
    """
    known = {label.removeprefix("--").replace("-", "_"): option for label, option in tokens.named(options).items()}
    allowed = [name for name in known if name not in OF_THE_COMMAND_LINE]
    found = {}
    for key, value in _table(file).items():
        where = f"{file}: {_shown_key(key)}"
        if key in OF_THE_COMMAND_LINE:
            raise UsageError(f"{where}: not taken from a file: type {tokens.named_as(key)} on the command line")
        if isinstance(value, dict):
            raise UsageError(
                f"{where}: a table, which no option is: write options one below the other, without [{key}]"
            )
        if key not in known or key not in allowed:
            raise UsageError(f"{where}: unknown key: {_meant(key, value, allowed)}see `wd-jax sweep --help`")
        words = list(_words(known[key], key, value, where))
        _check_range(options, known[key], key, words, f"{file}: ")
        if words != ["false"]:
            found[known[key].label] = [] if words == ["true"] else words
    return found


def _table(file: Path) -> dict[str, Any]:
    """Parse the file, or say where it is no TOML."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"--config: {file}: no such file: check the path") from None
    except IsADirectoryError:
        raise UsageError(f"--config: {file}: is a folder: name a TOML file") from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"--config: {file}: over 1 MiB: give fewer values, in several sweeps")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"--config: {file}: byte {error.start} is not UTF-8: save it as UTF-8") from None
    if nested := _NESTED.search(text):
        raise UsageError(
            f"{file}: {nested[0][:20]}...: a key of too many parts: write each option on a line of its own"
        )
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: {_no_toml(str(error), text)}") from None
    except (RecursionError, ValueError):  # lists in lists without end; a whole number of thousands of digits
        raise UsageError(f"{file}: a value is too deep or too long: give numbers, words and lists of them") from None


def _no_toml(error: str, text: str) -> str:
    """Word the parser's complaint, with the key that its line begins with."""
    what, _, at = error.partition(" (at ")
    lines = text.rstrip().split("\n")
    match = re.match(r"line (\d+)", at)
    number = min(int(match[1]), len(lines)) if match else len(lines)
    key, equals, _ = lines[number - 1].partition("=")
    place = f"line {number}, {_shown_key(key.strip())}" if equals else f"line {number}"
    if what == "Cannot overwrite a value" or what.startswith("Cannot declare"):
        return f"{place}: given twice: give it once"
    quoted = ": write words in quotation marks" if what == "Invalid value" else ""
    return f"{place}: {what[:1].lower()}{what[1:80]}{quoted or ': write it as TOML, key = value'}"


def _words(option: tokens.Option, key: str, value: Any, where: str) -> Iterator[str]:
    """Give a value as words of a command line, each checked to be of the option's kind."""
    if key == "seeds":
        yield from _seeds(value, where)
        return
    if isinstance(value, list):
        if not option.several:
            raise UsageError(f"{where}: a list, and one value is taken: give {_NAMES.get(option.kind, 'a string')}")
        if not value:
            raise UsageError(f"{where}: an empty list: give it a value, or leave the key out")
        for place, one in enumerate(value):
            yield _word(option, key, one, f"{where}[{place}]")
    else:
        yield _word(option, key, value, where)


def _word(option: tokens.Option, key: str, value: Any, where: str) -> str:
    if option.kind is bool or isinstance(value, bool):
        if option.kind is not bool or not isinstance(value, bool):
            raise UsageError(f"{where}: {_shown(value)} is not {_NAMES.get(option.kind, 'a string')}")
        return "true" if value else "false"
    if option.kind in (int, float):
        return _number(value, where, whole=option.kind is int, list_=option.several)
    if not isinstance(value, str):
        raise UsageError(f"{where}: {_shown(value)} is not a string: write it in quotation marks")
    if not value.strip() or "\0" in value:
        raise UsageError(f"{where}: {_shown(value)} names nothing: give it a value, or leave the key out")
    if value.startswith("-"):
        raise UsageError(f"{where}: {_shown(value)} begins with a dash: write a path as './-name'")
    choices = option.choices or CHOICES.get(key, ())
    if choices and value not in (*choices, *((*rules.LIBRARY, *rules.ALIASES) if key == "optimiser" else ())):
        raise UsageError(f"{where}: {_shown(value)}: {foreign_values.remedy(key, value, choices)}")
    return value


def _number(value: Any, where: str, *, whole: bool, list_: bool = False) -> str:
    """Give a number as it would be typed: a string is none, and neither is what is not finite."""
    kind = "whole number" if whole else "number"
    if isinstance(value, str):
        bare = "" if tokens.number_problem(value, whole=whole) else f": write {value}, without quotation marks"
        raise UsageError(f"{where}: {_shown(value)} is a string and not a {kind}{bare}")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise UsageError(f"{where}: {_shown(value)} is not a {kind}")
    if isinstance(value, int) and value.bit_length() > 14_000:  # about the digits that Python writes and reads
        raise UsageError(f"{where}: a whole number of over 4000 digits is too large")
    text = value.text.replace("_", "") if isinstance(value, Decimal) else str(value)
    if text.lstrip("+-") in ("nan", "inf"):
        raise UsageError(f"{where}: {text} is not a finite number: give one")
    if problem := tokens.number_problem(text, whole=whole, list_=list_):
        raise UsageError(f"{where}: {problem}")
    return text


def _seeds(value: Any, where: str) -> Iterator[str]:
    """Give seeds as they would be typed: a list of one is that seed, and not how many."""
    if not isinstance(value, list):
        yield value if isinstance(value, str) and ":" in value else _number(value, where, whole=True)
        return
    if not value:
        raise UsageError(f"{where}: an empty list: give it a value, or leave the key out")
    for place, one in enumerate(value):
        is_range = isinstance(one, str) and ":" in one
        word = one if is_range else _number(one, f"{where}[{place}]", whole=True)
        yield f"{word}:{int(word) + 1}" if len(value) == 1 and not is_range else word


def _check_range(options: type[Command], option: tokens.Option, key: str, words: Sequence[str], file: str) -> None:
    """Let the command check one option alone, and name the value that it refuses by its place."""

    def problem(some: Sequence[str]) -> str:
        read = {int: int, float: float, bool: lambda word: word == "true"}.get(option.kind, str)
        value = tuple(map(read, some)) if option.several else read(some[0])
        try:
            options(**{key: value, "dry_run": True})  # pyrefly: ignore
        except UsageError as error:
            return str(error).removeprefix(f"{option.label}: ")
        return ""

    said = problem(words)
    if not said or key == "seeds":
        if said:
            raise UsageError(f"{file}{key}: {said}")
        return
    first, last = 0, len(words) - 1  # the first refused is in words[first : last + 1]
    while first < last:
        middle = (first + last) // 2
        first, last = (first, middle) if problem(words[: middle + 1]) else (middle + 1, last)
    place = f"[{first}]" if len(words) > 1 else ""
    raise UsageError(f"{file}{key}{place}: {problem(words[first : first + 1]) or said}")


def _meant(key: str, value: Any, known: Sequence[str]) -> str:
    """Hint at what an unknown key stands for: another library's word, or one of ours with a slip."""
    from wd_jax.cli.parsing import nearest

    if len(key) > 60:  # no slip: comparing takes a time that grows with the length
        return ""
    plain = float(value.text.replace("_", "")) if isinstance(value, Decimal) else value
    if said := spellings.hint(key, plain if isinstance(plain, int | float | str) else None, known):
        return f"{said}: "
    return nearest(key.replace("-", "_"), known)


def _shown(value: Any) -> str:
    """Quote a value of the file as TOML would, cut where it is long."""
    if isinstance(value, Decimal):
        return value.text[:40]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "a list inside a list"
    if isinstance(value, int) and value.bit_length() > 128:
        return "a whole number of many digits"
    text = repr(value) if isinstance(value, str | int) else f"a {type(value).__name__}"
    return text if len(text) <= 42 else f"{text[:40]}...'"


def _shown_key(key: str) -> str:
    return (key if key.isprintable() else repr(key))[:60]
