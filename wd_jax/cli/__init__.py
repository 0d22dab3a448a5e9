"""The command line, ``wd-jax``: the composition root, and the only package in wd_jax that may import experiments.

To add a command, write a module here with a class ``Options(Command)`` and add a line to `registry.COMMANDS`.
"""

import signal
import sys
from collections.abc import Sequence
from typing import Any

from wd_jax import siblings

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; see `wd_jax.cli.dispatch.main`.

    Examples
    --------
    >>> main(["--version"])  # doctest: +ELLIPSIS
    wd-jax ...
    0
    """
    try:
        if argv is None:  # loading the rest takes a moment, and nothing is written yet
            siblings.leave_out_the_working_folder(sys.path)
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    signal.signal(number, _leave)
        from wd_jax.cli.dispatch import main as run
    except KeyboardInterrupt:
        if argv is None:
            _leave(signal.SIGINT)
        raise
    return run(argv)


def _leave(number: int, _: Any = None) -> None:
    """End the process before it has begun."""
    import os

    os.write(2, b"error: interrupted: nothing was written; run the same command again\n")
    os._exit(128 + number)
