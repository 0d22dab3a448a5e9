"""What a prediction takes for granted, said together with its numbers."""

import math

from wd_jax.predictions import rest
from wd_jax.predictions.language import PYTHON, Language
from wd_jax.predictions.rates import coupled
from wd_jax.predictions.setting import DIVIDED, Setting

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
    return (
        _about_gradient(setting, language),
        *([_about_units(setting, language)] if setting.n is not None else []),
        *(_about_the_run(setting, language) if setting.asks_more else []),
        _about_momentum(setting, oscillates, language),
    )


def at_typical_momentum(setting: Setting) -> float:
    """Half-life that the same numbers have under PyTorch's SGD(momentum=0.9) from its first step on, epochs."""
    if not setting.nielsen or setting.n is None:
        return math.inf
    found = coupled(setting.eta, setting.nielsen, setting.n, setting.batch, TYPICAL)
    return found["half_life_epochs_from_rest"] or found["half_life_epochs"]


def open_question(setting: Setting) -> bool:
    """Whether a momentum that nobody mentioned would change the numbers."""
    coupled_or_not = setting.momentum is None and not setting.decoupled and setting.optimiser not in DIVIDED
    return coupled_or_not and setting.coefficient > 0


def _about_gradient(setting: Setting, language: Language) -> str:
    if setting.optimiser in DIVIDED:
        return "a weight's mean is followed: its gradient is noise of mean 0, a schedule's value at k is that of step k"
    if not setting.scheduled:
        return (
            "the weight has no gradient, and eta is constant: a gradient holds weights up, a schedule of eta changes "
            "decay"
        )
    return (
        "the weight has no gradient: a gradient holds weights up; step k = 0, 1, ... has the schedule's value at k, "
        f"and {language.name('eta')} is the largest"
    )


def _about_units(setting: Setting, language: Language) -> str:
    default = "" if setting.m is not None else f"; m = {setting.batch} is the default, give {language.name('m')}"
    return f"n and m count the same things, and a step of the optimiser uses m of them in all{default}"


def _about_the_run(setting: Setting, language: Language) -> list[str]:
    """Say what was taken of a run, of its schedules and of the rule that nobody said."""
    said = []
    if setting.total_steps is not None:
        if setting.tokens is not None:
            said.append(f"a step uses {setting.tokens_per_step} tokens in all, and the last one may use fewer")
        if setting.total_epochs is None:
            said.append(f"no epochs: nobody said what an epoch is: give {language.name('n')} and {language.name('m')}")
        if setting.eta_schedule is None:
            said.append(f"no schedule of eta: the rate is constant: give {language.given('eta_schedule', 'cosine')}")
    if setting.absolute_decay is not None and setting.eta_schedule is not None and not setting.eta_schedule.constant:
        both = language.given("lmbda_schedule", setting.eta_schedule.words)
        said.append(
            "the absolute decay does not follow eta's schedule, as in wd.rules.adamw(decay='absolute'); Loshchilov and "
            f"Hutter's schedule multiplies both: give {both} too"
        )
    if setting.optimiser:
        names = [name for name in rest.read_by(setting) if getattr(setting, name) is None]
        if names:
            values = " and ".join(f"{name} = {rest.beta(setting, name):g}" for name in names)
            give = " and ".join(map(language.name, names))
            said.append(f"{values}, the default of {setting.optimiser} here: give {give} for others")
    if not setting.dtype and setting.optimiser not in DIVIDED:
        said.append(f"rounding is that of float32 weights: give {language.given('dtype', 'bfloat16')}")
    return said


def _about_momentum(setting: Setting, oscillates: bool, language: Language) -> str:
    if setting.decoupled:
        name = setting.optimiser or "an absolute decay"
        return f"decoupled decay ({name}): 1 - epsilon per step whatever the gradients, the momentum and the betas are"
    if setting.optimiser in DIVIDED and setting.coefficient:
        return (
            f"{setting.optimiser}: against gradients of rms {setting.divisor:g} that are noise the mean weight decays "
            "by eta lmbda/(n rms) a step, to first order (derivation adam_l2, decay_factor); without a gradient its "
            "decay does not depend on lmbda"
        )
    if setting.coefficient == 0:
        return "no decay, with momentum or without"
    if setting.momentum is None:
        half_life = (
            "weights decay about ten times as fast"
            if setting.n is None or setting.scheduled
            else f"the half-life is {at_typical_momentum(setting):.3g} epochs"
        )
        give = language.given("momentum", TYPICAL)
        return (
            f"no momentum, as in SGD without it, AdamW and Lion; with PyTorch's SGD(momentum=0.9) {half_life}: give "
            f"{give}; with Adam + L2 (PyTorch's Adam with weight_decay) the decay has no rate of its own"
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
