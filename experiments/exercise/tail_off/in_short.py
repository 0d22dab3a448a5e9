"""Claim 3 in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass

from wd_jax.stats.in_short import one_word
from wd_jax.stats.outcome import InShort
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Verdict, Word

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
        Smallest and largest of the network's sizes over 1/√n_w; None where decay has tailed off at no width.
    factor : float
        Within which a size is about another.
    lmbdas : sequence of float
        Where a part of the network has come to rest in the sweep over lmbda.
    """

    size: Verdict
    power: Verdict
    powers: dict[str, Word]
    balance: Sequence[Word]
    times: tuple[float, float] | None
    factor: float
    lmbdas: Sequence[float] = ()


def in_short(found: Found) -> InShort:
    """Say at which size the shrinking ends, why, and whether it changes with n_w as claimed."""
    if found.times is None:
        sentence = "At no width of this run were the weights of the whole network shown to come to rest."
        if found.lmbdas:
            values = _listed([f"{one:g}" for one in found.lmbdas])
            sentence += f" Over λ weights of a part of it or of all did: at λ = {values}."
        word, leaning = one_word([found.size.verdict])
        return InShort(CLAIM, word, sentence, leaning, WORDS)
    word, leaning = _word(found)
    return InShort(CLAIM, word, f"{_size(found)} {_power(found)}", leaning, WORDS)


def _size(found: Found) -> str:
    assert found.times is not None
    low, high = (_two_digits(one) for one in found.times)
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


def _two_digits(number: float) -> str:
    """Write 1.23, 123 and 12 345 as 1.2, 120 and 12000, never with an exponent."""
    rounded = float(f"{number:.2g}")
    return f"{rounded:.0f}" if rounded >= 10 else f"{rounded:g}"


def _power(found: Found) -> str:
    """Say where the size goes as the power of n_w that is claimed, where not, and where that is open."""
    words = {"whole network": found.power.verdict} | {f"{name} layer": one for name, one in found.powers.items()}
    of = {word: [name for name, one in words.items() if one == word] for word in (HOLDS, FAILS, UNDECIDED, DIVERGED)}
    law = "as n_w^(-1/2) from width to width"
    parts = []
    if of[HOLDS]:
        parts.append(f"Their size does go {law} in the {_listed(of[HOLDS])}")
    if of[FAILS]:
        place = f"in the {_listed(of[FAILS], 'or')}"
        parts.append(f"not {place}" if parts else f"Their size does not go {law} {place}")
    for word, said in ((UNDECIDED, "undecided"), (DIVERGED, "not known, as runs diverged,")):
        if of[word]:
            place = f"in the {_listed(of[word])}"
            parts.append(f"{said} {place}" if parts else f"Whether their size goes {law} is {said} {place}")
    return f"{'; '.join(parts)}."


def _listed(names: Sequence[str], last: str = "and") -> str:
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if len(names) > 1 else names[0]


def _word(found: Found) -> tuple[str, Word | None]:
    """Give the word: the size is what is claimed, the power of n_w what is left of it where the size fails."""
    size, power = found.size.verdict, found.power.verdict
    if size == FAILS:
        return ("fails in size" if power == HOLDS else "fails"), FAILS
    if size == HOLDS and power == FAILS:
        return "holds in size only", None
    return one_word([size, power])
