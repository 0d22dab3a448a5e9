"""Claim 3 in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass

from wd_jax.stats.in_short import one_word
from wd_jax.stats.outcome import InShort
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Verdict, Word

CLAIM = "The shrinking ends at about 1/√n_w"
WORDS = "n_w: number of all weights of the network; width: number of hidden neurons"
BALANCE = "there the gradient brings back what decay takes, so that the size depends on the gradient, not on n_w alone"


@dataclass(frozen=True)
class Found:
    """What claim 3's words rest on.

    Attributes
    ----------
    size, power : Verdict
        Of the whole network: weights at 1/√n_w within a factor of two, and as the power -1/2 of n_w.
    powers : dict of str to Word
        Of the layers, by "hidden" and "output".
    balance : sequence of Word
        Whether the norm balance of the same run gives the sizes, by layer.
    times : (float, float) or None
        Smallest and largest of the network's sizes over 1/√n_w; None where decay has tailed off nowhere.
    factor : float
        Within which a size is about another.
    """

    size: Verdict
    power: Verdict
    powers: dict[str, Word]
    balance: Sequence[Word]
    times: tuple[float, float] | None
    factor: float


def in_short(found: Found) -> InShort:
    """Say at which size the shrinking ends, why, and whether it changes with n_w as claimed."""
    if found.times is None:
        sentence = "In no network of this run were the weights shown to come to rest."
        word, leaning = one_word([found.size.verdict])
        return InShort(CLAIM, word, sentence, leaning, WORDS)
    word, leaning = _word(found)
    return InShort(CLAIM, word, f"{_size(found)} {_power(found)}", leaning, WORDS)


def _size(found: Found) -> str:
    assert found.times is not None
    low, high = (f"{one:.2g}" for one in found.times)
    times = f"{low} times" if low == high else f"{low} to {high} times"
    if found.size.verdict == HOLDS:
        head = f"The weights do come to rest at about 1/√n_w: {times} it"
    elif found.size.verdict == FAILS:
        head = f"The weights come to rest, but at {times} 1/√n_w"
    else:
        head = (
            f"The weights come to rest at {times} 1/√n_w; whether that is within a factor of {found.factor:g} is open"
        )
    why = f": {BALANCE}" if found.balance and set(found.balance) == {HOLDS} and found.size.verdict == FAILS else ""
    return f"{head}{why}."


def _power(found: Found) -> str:
    words = {"whole network": found.power.verdict} | {f"{name} layer": one for name, one in found.powers.items()}
    said = {HOLDS: "in", FAILS: "not in", UNDECIDED: "undecided in"}
    parts = []
    for word, head in said.items():
        named = [name for name, one in words.items() if one == word]
        if named:
            parts.append(f"{head} the {_listed(named)}")
    return f"From width to width it does go as n_w^(-1/2): {', '.join(parts) or 'no number'}."


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _word(found: Found) -> tuple[str, Word | None]:
    """Give the word: the size is what is claimed, the power of n_w what is left of it where the size fails."""
    size, power = found.size.verdict, found.power.verdict
    if size == FAILS:
        return ("fails in size" if power == HOLDS else "fails"), FAILS
    if size == HOLDS and power == FAILS:
        return "holds in size only", None
    return one_word([size, power])
