"""What every command is: options that validate themselves, and `run`, which gives an `Output` and prints nothing."""

import abc
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar


class UsageError(Exception):
    """A command line that cannot be meant: one line ``<thing>: <remedy>``; the exit code is 2.

    Not a ValueError: tyro would catch that and frame it.
    """


@dataclass(frozen=True)
class Output:
    """What a command found, once for people and once for programs.

    Parameters
    ----------
    text : str
        For a terminal.
    record : mapping
        The same as one JSON object; a value that is not finite is written as null.
    warnings : tuple of str
        One line each, for standard error.
    failed : str
        What went wrong all the same, one line; the exit code is then 1.

    Examples
    --------
    >>> Output("half-life 3 epochs", {"half_life_epochs": 3.0, "rms": float("nan")}).to_json()
    '{"half_life_epochs": 3.0, "rms": null}'
    """

    text: str
    record: Mapping[str, Any]
    warnings: tuple[str, ...] = field(default=())
    failed: str = ""

    def to_json(self) -> str:
        """Write the record as JSON that any parser accepts."""
        return json.dumps(_plain(dict(self.record)), allow_nan=False)


@dataclass(frozen=True, kw_only=True)
class Command(abc.ABC):
    """Base of the commands: a frozen dataclass whose fields are the options."""

    json: bool = False
    """Print one JSON object on standard output and nothing else."""

    about: ClassVar[str] = ""
    """The word, beside the command's own name, whose options it has: messages send there for help."""
    trains: ClassVar[bool] = False
    """Whether it trains: then an interruption waits, for a moment, until the compiled program lets go."""

    @classmethod
    def expanded(cls, tokens: Sequence[str]) -> Sequence[str]:
        """Give the tokens with those of a file of options that they name; here there is none."""
        return tokens

    @classmethod
    def chosen(cls, tokens: Sequence[str]) -> "type[Command]":
        """Give the class that reads the tokens: one with more options where a word among them brings its own."""
        return cls

    @abc.abstractmethod
    def run(self) -> Output:
        """Do the work; raise `UsageError`, `ValueError` or `OSError` with a one-line message."""

    def interrupted(self, whole: Sequence[Path]) -> str:
        """Say what an interruption leaves, and how to go on.

        Parameters
        ----------
        whole : sequence of Path
            Files that the command has written.
        """
        names = ", ".join(str(path) for path in whole[:3]) + (f" and {len(whole) - 3} more" if len(whole) > 3 else "")
        left = f"{names}: written, and whole" if whole else "nothing was written"
        return f"{left}; run the same command again"


def _plain(value: Any) -> Any:
    """Reduce to what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # NumPy and JAX arrays and scalars
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON: convert it in the command")
