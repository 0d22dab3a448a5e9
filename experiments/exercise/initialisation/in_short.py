"""Claim 4 in plain words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from wd_jax.stats.in_short import one_word, where
from wd_jax.stats.outcome import InShort
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, Word

SAID = {HOLDS: "yes", FAILS: "no", DIVERGED: "not known, as runs diverged"}
CLAIM = "So it is like a start from N(0, 1/n_in)"
WORDS = "N(0, 1): random weights of variance 1, the bad start; n_in: inputs of a neuron"


@dataclass(frozen=True)
class Found:
    """What claim 4's words rest on.

    Attributes
    ----------
    sizes : mapping of str to Word
        Whether both starts end at the same size, by layer.
    errors : Word
        Whether they end with as many errors.
    down : Word
        Whether the hidden layer from N(0, 1) comes down to where the other start begins.
    lowest, level : float
        The smallest size of the hidden layer from N(0, 1), NaN where it is not known, and 1/√n_in.
    within, factor : float
        Sizes are the same within that share, errors within that factor.
    """

    sizes: Mapping[str, Word]
    errors: Word
    down: Word
    lowest: float
    level: float
    within: float
    factor: float


def in_short(found: Found) -> InShort:
    """Say whether both starts end alike, and whether the bad one ever looks like the good one.

    Examples
    --------
    >>> both = {"hidden": "holds", "output": "holds"}
    >>> said = in_short(Found(both, "holds", "fails", 0.279, 0.125, 0.01, 1.1))
    >>> said.word
    'holds at the end only'
    >>> print(said.sentence)
    Both starts end alike: weights of the same size within 1 % in both layers, as many errors within a factor of 1.1. \
But weights from N(0, 1) never come down to 1/√n_in = 0.125, where the good start begins: the hidden layer's smallest \
size is 0.279.
    """
    ends = [*found.sizes.values(), found.errors]
    word, leaning = one_word([*ends, found.down])
    sentence = f"{_ends(found, set(ends) == {HOLDS})} {_down(found)}"
    if set(ends) == {HOLDS} and found.down == FAILS:
        word = "holds at the end only"
    return InShort(CLAIM, word, sentence, leaning, WORDS)


def _ends(found: Found, alike: bool) -> str:
    """Say how alike both starts end."""
    size = f"weights of the same size within {100 * found.within:g} %"
    if alike:
        return f"Both starts end alike: {size} in both layers, as many errors within a factor of {found.factor:g}."
    errors = SAID.get(found.errors, found.errors)
    return f"Both starts end with {size}: {where(found.sizes)}; as many errors within {found.factor:g}: {errors}."


def _down(found: Found) -> str:
    """Say whether weights from N(0, 1) are ever as small as the other start's."""
    level = f"come down to 1/√n_in = {found.level:.3g}, where the good start begins"
    smallest = "" if math.isnan(found.lowest) else f": the hidden layer's smallest size is {found.lowest:.3g}"
    if found.down == FAILS:
        return f"But weights from N(0, 1) never {level}{smallest}."
    if found.down == HOLDS:
        return f"On their way weights from N(0, 1) {level}."
    return f"Whether weights from N(0, 1) {level}, is {SAID.get(found.down, found.down)}{smallest}."
