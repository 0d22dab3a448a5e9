"""Ctrl-C that is heard at safe places: a KeyboardInterrupt inside a callback of JAX is lost, or ends the process.

While `heard_at_safe_places` is active, a Ctrl-C only sets a flag; `check` raises it between blocks of training and
before a file is written. Where nothing checks for some seconds, or a second one comes, there is no waiting: a process
of its own ends there and then, by `leave`, since no exception can be trusted to arrive; a program that called
`wd_jax.cli.main` gets a KeyboardInterrupt wherever it is, again and again.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

PATIENCE, AGAIN = 3.0, 1.0
"""Seconds until a Ctrl-C that no safe place has heard is acted on anywhere, and between further attempts."""

Leave = Callable[[int], None]
"""Ends the process for a signal, given as its number; never returns."""

_asked = threading.Event()
"""Set while a signal waits to be raised."""
_numbers: list[int] = []
"""The signals heard since the last safe stretch began, the first first."""


def check() -> None:
    """Raise the Ctrl-C that came since the last safe place, if one did.

    Raises
    ------
    KeyboardInterrupt
        In the main thread only, with the signal's number; elsewhere it does nothing.
    """
    if _asked.is_set() and threading.current_thread() is threading.main_thread():
        _asked.clear()
        raise KeyboardInterrupt(*_numbers)


def signals() -> tuple[int, ...]:
    """List the numbers of the signals that end a process: Ctrl-C, kill, and a terminal that was closed."""
    return tuple(int(getattr(signal, name)) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def leave_at_once(leave: Leave) -> None:
    """From now on end the process by `leave` wherever one of the signals finds it; one that is ignored stays so."""
    for number in signals():
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            signal.signal(number, lambda received, _: leave(received))


@contextlib.contextmanager
def heard_at_safe_places(leave: Leave | None = None) -> Iterator[None]:
    """Hold a Ctrl-C back until `check`; outside the main thread, and where the shell ignores it, change nothing.

    Parameters
    ----------
    leave : callable, optional
        How the process ends where no safe place hears. With it the other signals that end a process are held back too.
    """
    wanted = signals() if leave else (int(signal.SIGINT),)
    main = threading.current_thread() is threading.main_thread()
    ours = [number for number in wanted if main and signal.getsignal(number) not in (signal.SIG_IGN, None)]
    if not ours or not hasattr(signal, "setitimer"):
        yield
        return

    def hear(number: int, _: Any) -> None:
        """Note a first one; a second one does not wait."""
        if _numbers:
            now()
        _numbers.append(number)
        _asked.set()
        _alarm(PATIENCE)

    def insist(*_: Any) -> None:
        if leave or _asked.is_set():
            now()

    def now() -> None:
        if leave:
            leave(_numbers[0])
        raise KeyboardInterrupt(*_numbers)

    _forget()
    handlers = dict.fromkeys(ours, hear) | {int(signal.SIGALRM): insist}
    before = {number: signal.getsignal(number) for number in handlers}
    for number, handler in handlers.items():
        signal.signal(number, handler)
    try:
        yield
    finally:
        _alarm(0.0)
        _forget()
        for number, handler in before.items():
            signal.signal(number, handler)


def _forget() -> None:
    _asked.clear()
    _numbers.clear()


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN if seconds else 0.0)
