"""How a rule decays, in words for the settings of a run or a plan: what is true of it, and no more."""

import math
from collections.abc import Mapping, Sequence

from wd_jax import display
from wd_jax.optimisers.decays.decay import Decay

DIGITS = 6
NO_LIFE = "infinitely many"
BY_SCHEDULE = "no half-life of its own: a schedule changes the decay"
NO_RATE = "no half-life of its own: how fast weights decay depends on their gradients"


def clause(
    decay: Decay,
    per_step: Sequence[float],
    lives: Sequence[float],
    weight_decay: Sequence[float],
    scheduled: bool = False,
) -> str:
    """Say how one rule decays.

    Parameters
    ----------
    decay : Decay
        Its way.
    per_step : sequence of float
        Of weights without gradient, once its memory has settled; empty if it has no rate.
    lives : sequence of float
        Their half-lives, epochs.
    weight_decay : sequence of float
        lmbda/n.
    scheduled : bool
        Whether a schedule changes it: the numbers are then the largest.

    Examples
    --------
    >>> from wd_jax.optimisers.decays import absolute, coupled
    >>> clause(absolute.DECAY, (1e-3,), (69.28,), (1e-3,))
    'lmbda/n = 0.001 per step, whatever eta is; half-life without gradient 69.28 epochs'
    >>> clause(coupled.DECAY, (), (), (1e-3,)).split("; ")[-1]
    'no half-life of its own: how fast weights decay depends on their gradients'
    """
    listed = display.listed([f"{life:.4g}" if math.isfinite(life) else NO_LIFE for life in lives])
    coefficient = f"weight_decay (optax, PyTorch) = lmbda/n = {display.listed(weight_decay, DIGITS)}"
    life = f"half-life without gradient {listed} epochs" if lives else NO_RATE
    if not decay.symbol:
        life, lives = (BY_SCHEDULE, ()) if scheduled and lives else (life, lives)
        settled = ", once the velocity has settled" if lives else ""
        return f"{decay.words}; {coefficient}; {life}{settled}"
    where = f", {decay.words}" if decay.words else ""
    largest = " at the largest" if scheduled else ""
    life = BY_SCHEDULE if scheduled else life
    first = f"{decay.symbol} = {display.listed(per_step, DIGITS)} per step{largest}{where}"
    return "; ".join([first, *([] if decay.symbol == "lmbda/n" else [coefficient]), life])


def joined(said: Mapping[str, str]) -> tuple[str, ...]:
    """Give what is said of each rule, once and without its name where it is the same of all.

    Examples
    --------
    >>> joined({"sgd": "a", "sgdw": "a"}), joined({"sgd": "a", "adam_l2": "b"})
    (('a',), ('sgd: a', 'adam_l2: b'))
    """
    texts = tuple(dict.fromkeys(said.values()))
    if len(texts) == 1:
        return texts
    return tuple(f"{', '.join(name for name in said if said[name] == text)}: {text}" for text in texts)
