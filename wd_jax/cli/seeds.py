"""Seeds as they are typed: how many, ``4``; which, ``8 9``; or from one up to another, ``0:64``."""

from collections.abc import Sequence

from wd_jax.cli.command import UsageError
from wd_jax.cli.tokens import number_problem
from wd_jax.inputs import limits

OPTION = "--seeds"


def chosen(words: Sequence[str]) -> int | tuple[int, ...]:
    """Read the words of ``--seeds``.

    Parameters
    ----------
    words : sequence of str
        As typed. One whole number alone is how many seeds, which are then 0, 1, ...; of several each is a seed, and
        A:B is every seed from A up to B - 1, as in Python.

    Returns
    -------
    int or tuple of int
        As `wd_jax.sweep` takes it.

    Raises
    ------
    UsageError
        For a word that is neither, a seed outside its range or given twice, a range that holds none, and more seeds
        than a sweep may have.

    Examples
    --------
    >>> chosen(["4"]), chosen(["8", "9"]), chosen(["0:3", "7"]), chosen(["8:9"])
    (4, (8, 9), (0, 1, 2, 7), (8,))
    """
    if len(words) == 1 and ":" not in words[0]:
        return _count(words[0])
    ranges = [_range(word) for word in words]
    total = sum(map(len, ranges))
    if total > limits.MEMBERS.most:  # refused before any of them is listed
        raise UsageError(f"{OPTION}: {total} seeds: at most {limits.MEMBERS.most}, since {limits.MEMBERS.reason}")
    seeds = tuple(seed for one in ranges for seed in one)
    if len(set(seeds)) < total:
        seen: set[int] = set()
        twice = next(seed for seed in seeds if seed in seen or seen.add(seed))
        raise UsageError(f"{OPTION}: the seed {twice} is given twice: give it once")
    return seeds


def how_many(words: Sequence[str]) -> int:
    """Count them (see `chosen`)."""
    found = chosen(words)
    return found if isinstance(found, int) else len(found)


def _count(word: str) -> int:
    count = _whole(word)
    if count < 1:
        raise UsageError(f"{OPTION}: {count} is too small: give a whole number of at least 1")
    return count


def _range(word: str) -> range:
    """Read one of several words; one seed is a range of one."""
    first, colon, end = word.partition(":")
    if colon and (":" in end or not first or not end):
        raise UsageError(f"{OPTION}: {word!r} is no range of seeds: write 0:64 for the seeds 0 to 63")
    start = _whole(first)
    stop = _whole(end) if colon else start + 1
    if start < 0 or stop - 1 > limits.SEED.most:
        raise UsageError(f"{OPTION}: {word}: seeds are whole numbers of 0 to 2**31 - 1")
    if stop <= start:
        raise UsageError(f"{OPTION}: {word} holds no seed: a range ends before its second number, so give a larger one")
    return range(start, stop)


def _whole(text: str) -> int:
    if problem := number_problem(text, whole=True, list_=True):
        raise UsageError(f"{OPTION}: {problem}")
    return int(text)
