"""Claim 2 in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass

from wd_jax.stats.in_short import one_word
from wd_jax.stats.outcome import InShort
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Word

CLAIM = "Weights shrink by exp(-ηλ/m) per epoch"
WORDS = "$m$: examples in a step; size: root mean square"
SO = {HOLDS: "yes", FAILS: "no", UNDECIDED: UNDECIDED, DIVERGED: "not known, as runs diverged"}
ALONE = "weights on which decay alone acts"
LAYERS = {
    (HOLDS, HOLDS): "shrinks so in the first epoch and on average over {epochs} epochs",
    (HOLDS, FAILS): "shrinks so in the first epoch, but not on average over {epochs} epochs",
    (FAILS, HOLDS): "does not shrink so in the first epoch, but does on average over {epochs} epochs",
    (FAILS, FAILS): "shrinks so neither in the first epoch nor on average over {epochs} epochs",
}


@dataclass(frozen=True)
class Followed:
    """Words of one layer: for its first epoch, and for the mean factor over all of them."""

    first: Word
    whole: Word


def in_short(alone: Word | None, layers: Mapping[str, Followed], factor: float, epochs: int, lmbda: float) -> InShort:
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
    lmbda : float
        At which it was judged.

    Examples
    --------
    >>> both = {"hidden": Followed("holds", "fails"), "output": Followed("fails", "fails")}
    >>> said = in_short("holds", both, 0.95123, 30, 5.0)
    >>> said.word
    'depends on the layer'
    >>> print(said.sentence)
    At λ = 5 the factor is 0.9512, and weights on which decay alone acts shrink by it. Where a gradient acts too, the \
hidden layer shrinks so in the first epoch, but not on average over 30 epochs; the output layer shrinks so neither in \
the first epoch nor on average over 30 epochs.
    """
    parts = [f"the {layer} layer {_followed(one, epochs)}" for layer, one in layers.items()]
    sentence = (
        f"At λ = {lmbda:g} the factor is {factor:.4g}{_alone(alone)}. Where a gradient acts too, {'; '.join(parts)}."
    )
    words = [word for one in layers.values() for word in (one.first, one.whole)]
    word, leaning = one_word([*words, *([alone] if alone else [])])
    first = {one.first for one in layers.values()}
    if leaning is None and {HOLDS, FAILS} <= first:
        word = "depends on the layer"
    elif leaning is None and first == {HOLDS} and all(one.whole == FAILS for one in layers.values()):
        word = "holds at first"
    return InShort(CLAIM, word, sentence, leaning, WORDS)


def _alone(word: Word | None) -> str:
    """Go on with what weights do that feel no gradient."""
    if word is None:
        return "; no weight of this network feels decay alone"
    if word == HOLDS:
        return f", and {ALONE} shrink by it"
    if word == FAILS:
        return f", but {ALONE} do not shrink by it"
    return f"; whether {ALONE} shrink by it is {SO[word]}"


def _followed(one: Followed, epochs: int) -> str:
    """Say for how long a layer follows."""
    known = LAYERS.get((one.first, one.whole))
    if known:
        return known.format(epochs=epochs)
    return f"shrinks so in the first epoch: {SO[one.first]}; on average over {epochs} epochs: {SO[one.whole]}"
