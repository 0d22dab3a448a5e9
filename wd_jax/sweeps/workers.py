"""Where tasks run: one worker for each device, or on a plain CPU for each core.

A CPU's device runs the programs of several threads side by side, so a sweep needs no configuration of JAX to use all
cores. Whoever has configured JAX's devices gets one worker for each, as asked.
"""

import os
from collections.abc import Sequence
from typing import Any

import jax

from wd_jax import forks
from wd_jax.inputs import checks


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def as_on_two_cores() -> None:
    """Let XLA, where it may use one core only, count two: its programs for one core round otherwise.

    It counts when it is first used, so this must come before; an NPROC that somebody has set stays.
    """
    if cores() == 1:
        os.environ.setdefault("NPROC", "2")


def chosen(devices: Sequence[Any] | None) -> tuple[Any, ...]:
    """Give the device of each worker.

    Parameters
    ----------
    devices : sequence of jax.Device, optional
        A worker for each. By default JAX's local devices, or its default device where one is set; a single CPU that
        nobody has configured takes a worker for each core.

    Raises
    ------
    TypeError
        Naming what was given and how to list devices.
    RuntimeError
        In a process where JAX would hang, see `wd_jax.forks`.
    """
    forks.check()
    as_on_two_cores()
    if devices is not None:
        given = tuple(devices) if isinstance(devices, Sequence) and not isinstance(devices, str) else ()
        if not given or not all(hasattr(device, "platform") for device in given):
            raise TypeError(f"devices={checks.shown(devices)}: give a list of JAX devices, such as jax.devices()[:1]")
        return given
    default = jax.config.jax_default_device  # pyrefly: ignore
    if default is not None:
        return (jax.devices(default)[0] if isinstance(default, str) else default,)
    local = tuple(jax.local_devices())
    plain = len(local) == 1 and local[0].platform == "cpu" and jax.config.jax_num_cpu_devices < 1  # pyrefly: ignore
    return local * cores() if plain else local
