"""What a prediction takes for granted, said together with its numbers."""

import math

from wd_jax.predictions.language import PYTHON, Language
from wd_jax.predictions.rates import coupled
from wd_jax.predictions.setting import Setting

TYPICAL = 0.9
"""The momentum that most uses of PyTorch's SGD have."""


def assumptions(setting: Setting, oscillates: bool = False, language: Language = PYTHON) -> tuple[str, ...]:
    """Say what a prediction assumes.

    Parameters
    ----------
    setting : Setting
        What was asked.
    oscillates : bool
        Whether weights oscillate under its momentum.
    language : Language
        In which arguments are named.

    Returns
    -------
    tuple of str
        One sentence each.

    Examples
    --------
    >>> asked = Setting(eta=0.1, n=50_000, m=128, weight_decay=5e-4)
    >>> print(assumptions(asked)[-1].split(":")[0])
    no momentum, as in SGD without it, AdamW and Lion; with PyTorch's SGD(momentum=0.9) the half-life is 3.55 epochs
    """
    default = "" if setting.m is not None else f"; m = {setting.batch} is the default, give {language.name('m')}"
    return (
        "the weight has no gradient, and eta is constant: a gradient holds weights up, a schedule of eta changes decay",
        f"n and m count the same things, and a step of the optimiser uses m of them in all{default}",
        _about_momentum(setting, oscillates, language),
    )


def at_typical_momentum(setting: Setting) -> float:
    """Half-life that the same numbers have under PyTorch's SGD(momentum=0.9) from its first step on, epochs."""
    if setting.nielsen == 0:
        return math.inf
    found = coupled(setting.eta, setting.nielsen, setting.n, setting.batch, TYPICAL)
    return found["half_life_epochs_from_rest"] or found["half_life_epochs"]


def open_question(setting: Setting) -> bool:
    """Whether a momentum that nobody mentioned would change the numbers."""
    return setting.momentum is None and not setting.decoupled and setting.nielsen > 0


def _about_momentum(setting: Setting, oscillates: bool, language: Language) -> str:
    if setting.decoupled:
        name = setting.optimiser or "an absolute decay"
        return f"decoupled decay ({name}): 1 - epsilon per step whatever the gradients, the momentum and the betas are"
    if setting.nielsen == 0:
        return "no decay, with momentum or without"
    if setting.momentum is None:
        return (
            "no momentum, as in SGD without it, AdamW and Lion; with PyTorch's SGD(momentum=0.9) the half-life is "
            f"{at_typical_momentum(setting):.3g} epochs: give {language.given('momentum', TYPICAL)}; with Adam + L2 "
            "(PyTorch's Adam with weight_decay) the decay has no rate of its own"
        )
    if setting.momentum == 0:
        return "no momentum, as given"
    kind = "Nesterov's" if setting.nesterovs else "heavy-ball"
    said = (
        f"{kind} momentum {setting.momentum:g}, no dampening, the decay going through the velocity, as in PyTorch's "
        "SGD and optax's chain(add_decayed_weights, sgd), once the velocity has settled; Keras' SGD, sgdw, AdamW and "
        f"Lion decay by 1 - epsilon whatever their momentum: {language.given('optimiser', 'sgdw')}"
    )
    if oscillates:
        said += "; weights oscillate at so strong a decay: the factors and times are those of the envelope"
    return said
