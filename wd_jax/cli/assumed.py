"""What ``wd-jax predict`` takes for granted, said together with its numbers."""

import math

from wd_jax.cli.doubts import Setting
from wd_jax.cli.rates import coupled
from wd_jax.optimisers.rules import RULES

DECOUPLED = tuple(name for name, rule in RULES.items() if not rule.plain)
"""Optimisers whose decay no momentum changes; that of sgd may, as PyTorch's SGD has one."""
TYPICAL = 0.9
"""The momentum that most uses of PyTorch's SGD have."""


def assumptions(
    setting: Setting, momentum: float | None, nesterov: bool = False, oscillates: bool = False, m_given: bool = True
) -> tuple[str, ...]:
    """Say what a prediction assumes.

    Parameters
    ----------
    setting : Setting
        What was asked, and its half-life.
    momentum : float or None
        As typed.
    nesterov, oscillates, m_given : bool
        Of which kind the momentum is, whether weights oscillate under it, and whether the minibatch size was typed.

    Returns
    -------
    tuple of str
        One sentence each.

    Examples
    --------
    >>> asked = Setting(0.1, 25.0, 50_000, 128, "weight_decay", 5e-4, half_life=35.45)
    >>> print(assumptions(asked, None)[-1].split(":")[0])
    no momentum, as in SGD without it, AdamW and Lion; with PyTorch's SGD(momentum=0.9) the half-life is 3.55 epochs
    """
    default = "" if m_given else f"; m = {setting.m} is the default, give --m"
    return (
        "the weight has no gradient, and eta is constant: a gradient holds weights up, a schedule of eta changes decay",
        f"n and m count the same things, and a step of the optimiser uses m of them in all{default}",
        _about_momentum(setting, momentum, nesterov, oscillates),
    )


def at_typical_momentum(setting: Setting) -> float:
    """Half-life that the same numbers have under PyTorch's SGD(momentum=0.9) from its first step on, epochs."""
    if setting.lmbda == 0:
        return math.inf
    found = coupled(setting.eta, setting.lmbda, setting.n, setting.m, TYPICAL)
    return found["half_life_epochs_from_rest"] or found["half_life_epochs"]


def open_question(setting: Setting, momentum: float | None) -> bool:
    """Whether a momentum that nobody mentioned would change the numbers."""
    decoupled = setting.spelling == "absolute_decay" or setting.optimiser in DECOUPLED
    return momentum is None and not decoupled and setting.lmbda > 0


def _about_momentum(setting: Setting, momentum: float | None, nesterov: bool, oscillates: bool) -> str:
    if setting.spelling == "absolute_decay" or setting.optimiser in DECOUPLED:
        name = setting.optimiser or "an absolute decay"
        return f"decoupled decay ({name}): 1 - epsilon per step whatever the gradients, the momentum and the betas are"
    if setting.lmbda == 0:
        return "no decay, with momentum or without"
    if momentum is None:
        return (
            "no momentum, as in SGD without it, AdamW and Lion; with PyTorch's SGD(momentum=0.9) the half-life is "
            f"{at_typical_momentum(setting):.3g} epochs: give --momentum 0.9; with Adam + L2 (PyTorch's Adam with "
            "weight_decay) the decay has no rate of its own"
        )
    if momentum == 0:
        return "no momentum, as given"
    kind = "Nesterov's" if nesterov else "heavy-ball"
    said = (
        f"{kind} momentum {momentum:g}, no dampening, the decay going through the velocity, as in PyTorch's SGD and "
        "optax's chain(add_decayed_weights, sgd), once the velocity has settled; Keras' SGD, sgdw, AdamW and Lion "
        "decay by 1 - epsilon whatever their momentum: --optimiser sgdw"
    )
    if oscillates:
        said += "; weights oscillate at so strong a decay: the factors and times are those of the envelope"
    return said
