"""``--print-config``: the options of a command line as the TOML file that gives the same."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wd_jax.cli.command import Command, UsageError
from wd_jax.cli.config_file import OF_THE_COMMAND_LINE
from wd_jax.cli.tokens import named_as
from wd_jax.optimisers import rules
from wd_jax.optimisers.coefficient import COMMON
from wd_jax.setup import Setup

HEAD = "# wd-jax sweep --config FILE reads this; what the command line gives beats it."


def entries(options: Command) -> dict[str, Any]:
    """Give what a file has to hold: every option that has a value, with one value alone or a list.

    Parameters
    ----------
    options : Command
        As typed.

    Raises
    ------
    UsageError
        For a path that no text can hold.
    """
    found = {}
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if field.name in OF_THE_COMMAND_LINE or value is None or value is False or value in ((), ""):
            continue
        if field.name == "seeds":
            value = _seeds(value)
        elif isinstance(value, tuple):
            value = list(value) if len(value) > 1 else value[0]
        if isinstance(value, Path):
            value = str(value)
            try:
                value.encode()
            except UnicodeEncodeError:
                raise UsageError(f"{named_as(field.name)}: {value!r} is not UTF-8, which a file must be") from None
        found[field.name] = value
    return found


def text(options: Command) -> str:
    """Write the file: what `entries` gives, and behind a # what the other options are by default.

    Parameters
    ----------
    options : Command
        As typed.
    """
    given = entries(options)
    fields = [field.name for field in dataclasses.fields(options)]
    defaults = _defaults(getattr(options, "optimiser", ()))
    others = {name: value for name, value in defaults.items() if name in fields and name not in given}
    return "\n".join([HEAD, *_lines(given), "", "# By default:", *(f"# {line}" for line in _lines(others))])


def _lines(values: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_toml(value)}" for name, value in values.items()]


def _toml(value: Any) -> str:
    r"""Write a value as TOML: a number by its shortest text that reads back as the same.

    Examples
    --------
    >>> _toml([1e-5, "warm_up(0.1, then='cosine')"])
    '[1e-05, "warm_up(0.1, then=\'cosine\')"]'
    """
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):  # JSON's strings are TOML's, but for pairs of surrogates and for DEL
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def _seeds(words: tuple[str, ...]) -> Any:
    values = [word if ":" in word else int(word) for word in words]
    return values if len(values) > 1 else values[0]


def _defaults(optimisers: Sequence[str]) -> dict[str, Any]:
    """Say what the fields of a setup, and the numbers that one update rule reads, are where they are not given."""
    setup = Setup(widths=(1, 1))
    names = list(optimisers) or [setup.rule.name]
    rule = rules.LIBRARY.get(rules.ALIASES.get(names[0], names[0])) if len(names) == 1 else None
    numbers = {one.name: one.default for one in (rule.numbers if rule else COMMON)}
    fields = ("batch_size", "init", "activation", "loss", "sampling", "dtype")
    return numbers | {name: getattr(setup, name) for name in fields} | {"optimiser": setup.rule.name}
