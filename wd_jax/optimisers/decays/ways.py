"""The ways to decay by name: a new one is a file and a line here."""

from typing import Any

from wd_jax.inputs import checks
from wd_jax.optimisers.decays import absolute, cautious, corrected, coupled, decoupled, whole
from wd_jax.optimisers.decays.decay import Decay

DECAYS: dict[str, Decay] = {
    one.name: one
    for one in (decoupled.DECAY, coupled.DECAY, absolute.DECAY, cautious.DECAY, corrected.DECAY, whole.DECAY)
}

OPTIONS = ("decoupled", "cautious", "absolute", "corrected")
"""How a rule may decay whose decay is not in the gradient."""


def chosen(given: Any) -> Decay:
    """Give a way to decay that was given as a value or by name.

    Raises
    ------
    ValueError
        For what is none.

    Examples
    --------
    >>> chosen("absolute").update
    'w <- (1 - lmbda/n) w - u'
    """
    if isinstance(given, Decay):
        return given
    if isinstance(given, str) and given in DECAYS:
        return DECAYS[given]
    raise ValueError(f"decay={checks.shown(given)}: choose one of {', '.join(DECAYS)}")


def said(update_rule: str) -> Decay:
    """Give the way to decay that a stored update states, as `wd_jax.optimisers.rule.Rule.update_rule` writes it.

    Examples
    --------
    >>> said("g = (1/m) sum of gradients; u = eta*g; w <- (1 - lmbda/n) w - u; biases not decayed")
    Decay('absolute')
    """
    parts = update_rule.split("; ")
    return next((one for one in DECAYS.values() if one.update in parts), whole.DECAY)


def named(name: str, decay: Any) -> tuple[str, Decay]:
    """Name a rule that decays by itself in one of the ways it may: the usual one adds nothing to its name.

    Examples
    --------
    >>> named("adamw", "cautious")
    ('adamw_cautious', Decay('cautious'))
    """
    way = chosen(decay)
    if way.name not in OPTIONS:
        raise ValueError(f"decay={checks.shown(decay)}: {name} may be {', '.join(OPTIONS)}")
    return (name if way.name == "decoupled" else f"{name}_{way.name}"), way
