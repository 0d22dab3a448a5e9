"""How large a value may be: every limit with its reason, and how much memory there is. Python and shell ask here.

A size is refused before anything of that size is built.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wd_jax.inputs.checks import count, shown


@dataclass(frozen=True)
class Limit:
    """The most there may be of something.

    Parameters
    ----------
    most : int
        Largest value that is taken.
    reason : str
        Why not more, in half a sentence.
    """

    most: int
    reason: str


MEMBERS = Limit(1_000_000, "a plan lists each of them")
GROUPS = Limit(10_000, "each compiles a program of its own, some three seconds")
EPOCHS = Limit(10_000_000, "each has a record")
SEED = Limit(2**31 - 1, "a NetCDF file has no larger whole numbers")
WIDTH = Limit(10_000_000, "a layer holds a weight for each of its inputs and units")
LAYERS = Limit(1_000, "each layer is written out in the compiled program")
EXAMPLES = Limit(2**31 - 1, "examples are numbered in 32 bits")
CLASSES = Limit(1_000_000, "each example has a target for each of them")
ROWS_OF_FORMULAS = Limit(10**18, "no data set is larger")
"""Of n, m and n_in where nothing is built from them."""


def at_most(name: str, value: Any, limit: Limit, remedy: str = "give fewer") -> int:
    """Refuse a whole number above its limit.

    Parameters
    ----------
    name : str
        Of the argument, for the error.
    value : int
        What was given.
    limit : Limit
        The most there may be, with its reason.
    remedy : str
        What to do instead.

    Raises
    ------
    ValueError
        Naming the argument, its value, the limit and its reason.

    Examples
    --------
    >>> at_most("depth", 10**9, LAYERS)
    Traceback (most recent call last):
        ...
    ValueError: depth=1000000000: at most 1000, since each layer is written out in the compiled program; give fewer
    """
    if value > limit.most:
        raise ValueError(f"{name}={shown(value)}: at most {limit.most}, since {limit.reason}; {remedy}")
    return int(value)


def counted(name: str, value: Any, limit: Limit, least: int = 1) -> int:
    """Give a whole number from `least` to the limit (see `at_most`)."""
    return at_most(name, count(name, value, least), limit)


def check_members(groups: int, cells: int, seeds: int) -> None:
    """Refuse a sweep of more members, or more compiled programs, than can be planned.

    Parameters
    ----------
    groups, cells, seeds : int
        How many of each; a member is one seed of one cell of one group.

    Raises
    ------
    ValueError
        With the numbers and what to give fewer of.

    Examples
    --------
    >>> check_members(1, 30_000, 1_000)
    Traceback (most recent call last):
        ...
    ValueError: 30000000 members (30000 cells x 1000 seeds): at most 1000000, since a plan lists each of them; \
give fewer values or seeds, in several sweeps
    """
    counts = ((groups, "groups"), (cells, "cells"), (seeds, "seeds"))
    product = " x ".join(f"{_power(count)} {noun}" for count, noun in counts if count > 1)
    members = groups * cells * seeds
    remedy = "give fewer values or seeds, in several sweeps"
    if members > MEMBERS.most:
        found = f"{_power(members)} members ({product})"
        raise ValueError(f"{found}: at most {MEMBERS.most}, since {MEMBERS.reason}; {remedy}")
    if groups > GROUPS.most:
        raise ValueError(f"{groups} groups ({product}): at most {GROUPS.most}, since {GROUPS.reason}; {remedy}")


def _power(count: int) -> str:
    return str(count) if count < 10**20 else f"about 10^{int(math.log10(count))}"


def memory_bytes() -> int | None:
    """Memory that this process may use: the machine's, or its control group's where that is less; None if unknown."""
    try:
        physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not on Windows
        return None
    return min([physical, *_group_limits()]) if physical > 0 else None


def device_bytes(device: Any) -> int | None:
    """Memory of an accelerator that this process may use; None for a CPU, whose memory is the machine's, or if unknown.

    Parameters
    ----------
    device : jax.Device
        Where tasks run.
    """
    if getattr(device, "platform", "cpu") == "cpu":
        return None
    try:
        found = device.memory_stats() or {}
    except (NotImplementedError, RuntimeError):  # some platforms keep no account
        return None
    return found.get("bytes_limit")


def _group_limits(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> list[int]:
    """Read the memory limits of this process's control group and of those above it; a container has one."""
    try:
        lines = [line.split(":", 2) for line in own.read_text().splitlines()]
    except OSError:
        return []
    files = [root / "memory.max", root / "memory" / "memory.limit_in_bytes"]
    for _, controllers, path in (line for line in lines if len(line) == 3):
        folder = root / "memory" if "memory" in controllers.split(",") else root
        name = "memory.limit_in_bytes" if "memory" in controllers.split(",") else "memory.max"
        inside = folder / path.lstrip("/")
        files += [place / name for place in (inside, *inside.parents) if folder in (place, *place.parents)]
    found = []
    for file in files:
        try:
            text = file.read_text().strip()
        except OSError:
            continue
        found += [int(text)] if text.isdecimal() else []
    return [limit for limit in found if limit > 0]


def check_memory(
    what: str, parts: Mapping[str, int], remedy: str, there: int | None = None, whose: str = "memory"
) -> None:
    """Refuse what needs more memory than there is.

    Parameters
    ----------
    what : str
        What would be built.
    parts : mapping of str to int
        Bytes by what they are for.
    remedy : str
        What to reduce.
    there : int, optional
        Bytes that there are: by default the machine's, as `memory_bytes` finds them.
    whose : str
        Which memory that is, for the words.

    Raises
    ------
    ValueError
        With the sum, its largest parts, the memory there is, and the remedy.
    """
    needed, there = sum(parts.values()), memory_bytes() if there is None else there
    if there is None or needed <= there:
        return
    largest = sorted(((size, name) for name, size in parts.items()), reverse=True)
    named = ", ".join(f"{name} {in_words(size)}" for size, name in largest if size * 100 >= needed)
    raise ValueError(
        f"{what}: needs about {in_words(needed)} of {whose} ({named}), and there are {in_words(there)}; {remedy}"
    )


def in_words(size: int) -> str:
    """Write a number of bytes with a unit.

    Examples
    --------
    >>> in_words(168 * 2**30), in_words(3 * 2**20)
    ('168 GiB', '3 MiB')
    """
    for power, unit in ((50, "PiB"), (40, "TiB"), (30, "GiB")):
        if size >= 2**power:
            rounded = size / 2**power
            return f"{rounded:.3g} {unit}" if rounded < 1000 else f"{rounded:.0f} {unit}"
    return f"{size / 2**20:.0f} MiB"
