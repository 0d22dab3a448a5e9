"""Claim 1 in plain words."""

from collections.abc import Mapping, Sequence

from wd_jax.stats.in_short import BOTH, NEITHER, one_word, where
from wd_jax.stats.outcome import InShort
from wd_jax.stats.verdict import FAILS, HOLDS, Word

CLAIM = "Decay dominates the first epochs"
WORDS = "epoch: one pass through the examples; gradient: the pull of the network's errors"
ASKED = {
    "norm budget": ("is", "be", "over half of what changes the weights' length"),
    "displacement": ("moves", "move", "the weights farther than the gradient"),
    "force": ("pulls", "pull", "harder at the start"),
}
"""The senses of "dominates", as they follow "decay" and "does decay"."""


def in_short(words: Mapping[str, Mapping[str, Word]], lmbda: float) -> InShort:
    """Say in which sense, and in which layers, decay dominates.

    Parameters
    ----------
    words : mapping of str to mapping of str to Word
        By sense and by layer.
    lmbda : float
        At which it was judged.

    Examples
    --------
    >>> both = {"hidden": "holds", "output": "holds"}
    >>> in_short({"norm budget": both, "displacement": both, "force": both}, 5.0).word
    'holds'
    >>> neither = {"hidden": "fails", "output": "fails"}
    >>> said = in_short({"norm budget": both, "displacement": neither, "force": neither}, 5.0)
    >>> said.word
    'depends on the meaning'
    >>> print(said.sentence)
    At λ = 5 decay is over half of what changes the weights' length, in both layers. In neither layer does it move the \
weights farther than the gradient, or pull harder at the start.
    """
    groups: dict[str, list[str]] = {}
    for sense, by_layer in words.items():
        groups.setdefault(where(by_layer), []).append(sense)
    told = [_told(answer, senses) for answer, senses in groups.items()]
    first, *rest = (one if k == 0 else one.replace("decay", "it", 1) for k, one in enumerate(told))
    sentence = " ".join([f"At λ = {lmbda:g} {first}", *(one[:1].upper() + one[1:] for one in rest)])
    word, leaning = one_word([word for by_layer in words.values() for word in by_layer.values()])
    of_senses = [one_word(list(by_layer.values()))[0] for by_layer in words.values()]
    if {HOLDS, FAILS} <= set(of_senses):
        word = "depends on the meaning"
    elif {HOLDS, FAILS} <= {word for by_layer in words.values() for word in by_layer.values()}:
        word = "depends on the layer"
    return InShort(CLAIM, word, sentence, leaning, WORDS)


def _told(answer: str, senses: Sequence[str]) -> str:
    """Say in one sentence of some senses that have the same answer."""
    asked = [ASKED[sense] for sense in senses]
    if answer == BOTH:
        return f"decay {' and '.join(f'{does} {what}' for does, _, what in asked)}, in both layers."
    if answer == NEITHER:
        return f"in neither layer does decay {', or '.join(f'{do} {what}' for _, do, what in asked)}."
    return f"decay {' and '.join(f'{does} {what}' for does, _, what in asked)}: {answer}."
