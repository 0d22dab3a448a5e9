"""A process forked from one that had used JAX has none of JAX's threads: what it ran would wait for ever."""

import os
import sys
import threading

_FROM_JAX = threading.Event()


def watch() -> None:
    """Note in every process that is forked from this one whether JAX had been used by then."""
    if hasattr(os, "register_at_fork"):  # where there is none, nothing forks
        os.register_at_fork(after_in_child=_note)


def check() -> None:
    """Refuse to go on where it could only hang.

    Raises
    ------
    RuntimeError
        In a process that was forked after JAX had been used, with what to do instead.
    """
    if _FROM_JAX.is_set():
        raise RuntimeError(
            "this process was forked from one that had used JAX, and JAX would hang here: start processes with "
            "multiprocessing.get_context('spawn'), or use JAX only in them; a sweep uses all cores by itself"
        )


def _note() -> None:
    bridge = sys.modules.get("jax._src.xla_bridge")
    if getattr(bridge, "_backends", None):  # read without its lock, which another thread may have held at the fork
        _FROM_JAX.set()
