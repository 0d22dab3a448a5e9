"""Claim 2 in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass

from wd_jax.stats.in_short import one_word
from wd_jax.stats.outcome import InShort
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Word

CLAIM = "Weights shrink by exp(-ηλ/m) per epoch"
WORDS = "$m$: examples in a step; size: root mean square"
SAID = {HOLDS: "yes", FAILS: "no", UNDECIDED: UNDECIDED, DIVERGED: "no number, as runs diverged,"}
SO = {HOLDS: "so", FAILS: "not so", UNDECIDED: UNDECIDED, DIVERGED: "not known, as runs diverged,"}
LAYERS = {
    (HOLDS, HOLDS): "does in the first epoch and over all {epochs}",
    (HOLDS, FAILS): "does in the first epoch, but not over {epochs}",
    (FAILS, HOLDS): "does not in the first epoch, but does over all {epochs}",
    (FAILS, FAILS): "does neither in the first epoch nor over {epochs}",
}


@dataclass(frozen=True)
class Followed:
    """Words of one layer: for its first epoch, and for the mean factor over all of them."""

    first: Word
    whole: Word


def in_short(alone: Word | None, layers: Mapping[str, Followed], factor: float, epochs: int) -> InShort:
    """Say which weights shrink by that factor, and for how long.

    Parameters
    ----------
    alone : Word or None
        For weights on which decay alone acts; None where the data set has none.
    layers : mapping of str to Followed
        By layer.
    factor : float
        exp(-ηλ/m), dimensionless.
    epochs : int
        Of the run.

    Examples
    --------
    >>> both = {"hidden": Followed("holds", "fails"), "output": Followed("fails", "fails")}
    >>> said = in_short("holds", both, 0.95123, 30)
    >>> said.word
    'depends on the layer'
    >>> print(said.sentence)
    Weights on which decay alone acts do: 0.9512 of their size is left after an epoch. With a gradient, the hidden \
layer does in the first epoch, but not over 30; the output layer does neither in the first epoch nor over 30.
    """
    parts = [f"the {layer} layer {_followed(one, epochs)}" for layer, one in layers.items()]
    rest = f"With a gradient, {'; '.join(parts)}."
    sentence = f"{_alone(alone, factor)} {rest}"
    words = [word for one in layers.values() for word in (one.first, one.whole)]
    word, leaning = one_word([*words, *([alone] if alone else [])])
    first = {one.first for one in layers.values()}
    if leaning is None and {HOLDS, FAILS} <= first:
        word = "depends on the layer"
    elif leaning is None and first == {HOLDS} and all(one.whole == FAILS for one in layers.values()):
        word = "holds at first"
    return InShort(CLAIM, word, sentence, leaning, WORDS)


def _alone(word: Word | None, factor: float) -> str:
    """Say what weights do that feel no gradient."""
    which = "Weights on which decay alone acts"
    if word is None:
        return "No weight of this network feels decay alone."
    if word == HOLDS:
        return f"{which} do: {factor:.4g} of their size is left after an epoch."
    return f"{which} do not." if word == FAILS else f"{which}: {SAID[word]}."


def _followed(one: Followed, epochs: int) -> str:
    """Say for how long a layer follows."""
    known = LAYERS.get((one.first, one.whole))
    if known:
        return known.format(epochs=epochs)
    return f"is {SO[one.first]} in the first epoch and {SO[one.whole]} over {epochs}"
