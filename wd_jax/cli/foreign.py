"""Options of other programs, answered with ours and the numbers to give: ``--lr 0.1`` with ``--eta 0.1``."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from wd_jax.cli.command import Command
from wd_jax.cli.registry import COMMANDS
from wd_jax.inputs import spellings
from wd_jax.inputs.spelling_table import Facts
from wd_jax.optimisers import rules
from wd_jax.setup import CHOICES

NAMED_OTHERWISE = {
    **dict.fromkeys(("--eta", "--learning-rate"), "lr"),
    **dict.fromkeys(("--m", "--batch-size"), "batch"),
    "--eta-schedule": "schedule",
}
"""Options of one command that another has by another name."""
EXAMPLES = {"digits": 1200, "mnist": 50_000}
"""Training examples of the data sets whose size is known without loading them."""


def meant(options: type[Command], name: str, tokens: Sequence[str], position: int) -> str:
    """Word the answer to an option that a command does not have.

    Parameters
    ----------
    options : type
        The command's dataclass.
    name : str
        The option, with its dashes.
    tokens : sequence of str
        All that was typed after the command.
    position : int
        Where the option stands there.

    Returns
    -------
    str
        What to give instead, ending in a colon; empty where the option means nothing here.

    Examples
    --------
    >>> from wd_jax.cli.predict import Options
    >>> meant(Options, "--learning-rate", ["--learning-rate", "0.1"], 0)
    'give --lr 0.1: '
    """
    known = [field.name for field in dataclasses.fields(options)]
    if spellings.reduced(name) in map(spellings.reduced, known):
        return ""
    given = [_plain(text) for text in _values(tokens, position)]
    value = given if len(given) > 1 else (given[0] if given else None)
    if (ours := NAMED_OTHERWISE.get(name)) in known:
        return f"give --{ours}{f' {_values(tokens, position)[0]}' if given else ''}: "
    swept = [field.name for field in dataclasses.fields(COMMANDS["sweep"].load())]
    answer = spellings.hint(name.lstrip("-"), value, known, _facts(options, tokens), shell=swept)
    return f"{answer}: " if answer else ""


def single_dashed(name: str, known: Sequence[str]) -> bool:
    """Whether an option is one of ours, or one of another program, behind a single dash.

    Examples
    --------
    >>> single_dashed("-lr", []), single_dashed("-n", ["--n"]), single_dashed("-0.1", []), single_dashed("-h", [])
    (True, True, False, False)
    """
    if not name.startswith("-") or name.startswith("--") or not name[1:2].isalpha():
        return False
    return f"-{name.replace('_', '-')}" in known or (len(name) > 2 and spellings.lookup(name) is not None)


def _values(tokens: Sequence[str], position: int) -> list[str]:
    """Give what an option was given: behind its =, or up to the next option."""
    _, equals, attached = tokens[position].partition("=")
    if equals:
        return [attached]
    found = []
    for token in tokens[position + 1 :]:
        if token.startswith("-") and not isinstance(_plain(token), int | float):
            break
        found.append(token)
    return found


def _facts(options: type[Command], tokens: Sequence[str]) -> Facts:
    """Collect the numbers of the command line that a conversion may need."""
    fields = {field.name: field for field in dataclasses.fields(options)}

    def typed(*names: str) -> Any:
        for position, token in enumerate(tokens):
            if token.partition("=")[0].lstrip("-").replace("-", "_") in names and len(_values(tokens, position)) == 1:
                return _plain(_values(tokens, position)[0])
        return None

    n, m, eta = typed("n"), typed("m", "batch_size", "bs"), typed("eta", "lr", "learning_rate")
    if "dataset" in fields and "eta" in fields:
        n = EXAMPLES.get(str(typed("dataset") or fields["dataset"].default))
    if m is None and ("m" in fields or "batch_size" in fields):
        m = 10
    momentum = None if rules.through_the_rule(typed("optimiser")) else typed("momentum")
    return Facts(
        n if isinstance(n, int) and n > 0 else None,
        m if isinstance(m, int) and m > 0 else None,
        eta if isinstance(eta, int | float) and eta > 0 else None,
        CHOICES,
        momentum if isinstance(momentum, int | float) else None,
    )


def _plain(text: str) -> Any:
    """Read a number as one, and leave a word."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
