"""``wd-jax --completion SHELL``: a script that lets a shell complete commands, options and their choices with Tab."""

import contextlib
from collections.abc import Sequence
from typing import Any

from wd_jax.cli.command import UsageError
from wd_jax.cli.registry import COMMANDS

SHELLS = ("bash", "zsh")


def show(shells: Sequence[str], program: str) -> None:
    """Print the script for one shell; ``eval "$(wd-jax --completion bash)"`` puts it to use.

    Parameters
    ----------
    shells : sequence of str
        What was typed: bash or zsh.
    program : str
        Name of the program that is completed.

    Raises
    ------
    UsageError
        For no shell, several, or another one.

    Examples
    --------
    >>> show(["zsh"], "wd-jax")  # doctest: +ELLIPSIS
    #compdef wd-jax
    ...
    >>> show(["fish"], "wd-jax")
    Traceback (most recent call last):
        ...
    wd_jax.cli.command.UsageError: --completion: give it one of bash, zsh: see `wd-jax --help`
    """
    if len(shells) != 1 or shells[0] not in SHELLS:
        raise UsageError(f"--completion: give it one of {', '.join(SHELLS)}: see `{program} --help`")
    import tyro

    commands: dict[str, Any] = {name: entry.load() for name, entry in COMMANDS.items()}
    printing = ["--tyro-print-completion", shells[0]]
    with contextlib.suppress(SystemExit):  # which is how tyro ends
        tyro.extras.subcommand_cli_from_dict(
            commands, prog=program, args=printing, config=(tyro.conf.FlagCreatePairsOff,)
        )
