"""Ctrl-C that is heard at safe places: a KeyboardInterrupt inside a callback of JAX is lost, or ends the process.

While `heard_at_safe_places` is active, a Ctrl-C only sets a flag; `check` raises it between blocks of training and
before a file is written. Where nothing checks for some seconds, it is raised wherever the program is, again and again.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator

PATIENCE, AGAIN = 3.0, 1.0
"""Seconds until a Ctrl-C that no safe place has heard is raised anywhere, and between further attempts."""

_asked = threading.Event()


def check() -> None:
    """Raise the Ctrl-C that came since the last safe place, if one did.

    Raises
    ------
    KeyboardInterrupt
        In the main thread only; elsewhere it does nothing.
    """
    if _asked.is_set() and threading.current_thread() is threading.main_thread():
        _asked.clear()
        _alarm(0.0)
        raise KeyboardInterrupt


@contextlib.contextmanager
def heard_at_safe_places() -> Iterator[None]:
    """Hold a Ctrl-C back until `check`; outside the main thread, and where the shell ignores it, change nothing."""
    ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) not in (
        signal.SIG_IGN,
        None,
    )
    if not ours or not hasattr(signal, "setitimer"):
        yield
        return
    _asked.clear()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)}
    signal.signal(signal.SIGINT, _hear)
    signal.signal(signal.SIGALRM, _insist)
    try:
        yield
    finally:
        _alarm(0.0)
        _asked.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def _hear(*_: object) -> None:
    """Note a first Ctrl-C; a second one is raised at once."""
    if _asked.is_set():
        raise KeyboardInterrupt
    _asked.set()
    _alarm(PATIENCE)


def _insist(*_: object) -> None:
    if _asked.is_set():
        raise KeyboardInterrupt


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN if seconds else 0.0)
