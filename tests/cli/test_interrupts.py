"""A Ctrl-C is never lost: not in a callback, where Python discards it, nor where nothing listens."""

import ctypes
import os
import signal
import time
from collections.abc import Iterator

import pytest

from wd_jax import interrupts
from wd_jax.interrupts import check, heard_at_safe_places

pytestmark = pytest.mark.numeric


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Python's own handler: a shell that starts tests in the background has them ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_it_waits_for_a_safe_place_and_is_raised_once() -> None:
    with heard_at_safe_places():
        press()
        with pytest.raises(KeyboardInterrupt):
            check()
        check()


def test_one_inside_a_callback_is_heard_afterwards() -> None:
    # Called from C, as JAX's hook of the garbage collector is: an interrupt raised there is printed and discarded.
    callback = ctypes.CFUNCTYPE(None)(press)
    with heard_at_safe_places(), pytest.raises(KeyboardInterrupt):
        callback()
        check()


def test_a_second_one_does_not_wait() -> None:
    with heard_at_safe_places():
        press()
        with pytest.raises(KeyboardInterrupt):
            press()


def test_where_nothing_checks_it_is_raised_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "PATIENCE", 0.05)
    with heard_at_safe_places(), pytest.raises(KeyboardInterrupt):
        press()
        time.sleep(600)


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)
    with heard_at_safe_places():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)) == before
    check()
