"""How a command ends early: interrupted, or with nobody left to read what it prints."""

import contextlib
import os
import signal
import sys
from typing import NoReturn

from wd_jax.cli.command import Command
from wd_jax.files import Ledger

_STDERR = 2


def interrupted(command: Command | None, written: Ledger) -> str:
    """Say what is left of an interrupted command, and how to go on.

    Parameters
    ----------
    command : Command or None
        None if it was not even read.
    written : Ledger
        What it has written.
    """
    left = command.interrupted(written.whole()) if command else "nothing was written; run the same command again"
    return f"interrupted: {left}"


def leave(number: int, command: Command | None, written: Ledger) -> NoReturn:
    """End the process at once, from a signal's handler: remove what is half-written, say what is whole, exit."""
    try:
        text = interrupted(command, written)  # before what is half-written goes: an older file may be at its place
    except Exception:  # anything may be half-done here; no word of it may be a traceback
        text = "interrupted: nothing is half-written; run the same command again"
    with contextlib.suppress(OSError):
        written.clear()
    with contextlib.suppress(OSError):
        on_its_own_line = "\n" if os.isatty(_STDERR) else ""
        # Not by sys.stderr, which the handler may have interrupted in the middle of a write.
        os.write(_STDERR, f"{on_its_own_line}error: {' '.join(text.split())}\n".encode(errors="replace"))
    os._exit(128 + number)


def number(error: KeyboardInterrupt) -> int:
    """Give the signal that a KeyboardInterrupt stands for; Ctrl-C if it does not say."""
    given = error.args[0] if error.args else signal.SIGINT
    return int(given) if isinstance(given, int) else int(signal.SIGINT)


def show(text: str) -> None:
    """Print on standard output; a reader that has left, `head` for one, has seen enough.

    Raises
    ------
    OSError
        If there is a place to print to and it takes nothing, such as a full disk.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _nowhere()
    except OSError as error:
        _nowhere()
        raise OSError(f"standard output: {(error.strerror or str(error)).lower()}: nothing could be printed") from error


def flush() -> None:
    """Let go of what was printed by others, such as --help, while a reader that has left is still caught."""
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except OSError:
            _nowhere()


def tell(line: str) -> None:
    """Print on standard error; where nobody hears it nothing else can be done."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            print(line, file=sys.stderr, flush=True)


def _nowhere() -> None:
    """Send what is still in the buffer nowhere: Python would complain of it at the very end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
