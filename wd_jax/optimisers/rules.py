"""The update rules that the library has, by name: a new one is a file and a line here.

``wd.rules.adamw()`` gives a rule as a value, ``wd.Setup(rule=...)`` takes one, and ``optimiser="adamw"`` is its short
form. A rule that decays by itself may do so in another way: ``wd.rules.adamw(decay="cautious")``, "adamw_cautious".
"""

from collections.abc import Callable

from wd_jax.optimisers.adam_l2 import adam_l2
from wd_jax.optimisers.adamw import adamc, adamw, nadamw
from wd_jax.optimisers.coefficient import COMMON, Coefficient
from wd_jax.optimisers.decays.decay import Decay
from wd_jax.optimisers.decays.trees import weights_only
from wd_jax.optimisers.decays.ways import DECAYS, OPTIONS
from wd_jax.optimisers.lion import lion
from wd_jax.optimisers.momentum import momentum, nesterov
from wd_jax.optimisers.muon import muon
from wd_jax.optimisers.rmsprop_l2 import rmsprop_l2
from wd_jax.optimisers.rule import Rule
from wd_jax.optimisers.sgd import sgd
from wd_jax.optimisers.sgdw import sgdw
from wd_jax.optimisers.sign_momentum import sign_momentum

__all__ = ["DECAYS", "Coefficient", "Decay", "Rule", "weights_only"]
__all__ += ["adam_l2", "adamc", "adamw", "lion", "momentum", "muon", "nadamw", "nesterov", "rmsprop_l2", "sgd", "sgdw"]
__all__ += ["sign_momentum"]

OF_THEMSELVES: tuple[Callable[..., Rule], ...] = (sgd, sgdw, adamw, lion, nadamw, sign_momentum, muon)
"""Rules that decay beside what they make of the gradient: each may do so in several ways."""

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        *(make() for make in OF_THEMSELVES),
        *(momentum(), nesterov(), adam_l2(), rmsprop_l2()),
    )
}

LIBRARY: dict[str, Rule] = RULES | {
    rule.name: rule for make in OF_THEMSELVES for way in OPTIONS for rule in (make(decay=way),)
}
"""All that a name may mean: the rules, and those of them that may decay in another way, such as "adamw_cautious"."""

ALIASES = {"adamc": "adamw_corrected"}
"""Names of their own that some of these have in papers."""

NUMBERS: tuple[Coefficient, ...] = (*COMMON, *(one for rule in RULES.values() for one in rule.coefficients))
"""What members of the library's rules may differ in; two rules may read a number of one name."""

NAMES = tuple(dict.fromkeys(one.name for one in NUMBERS))


def readers(name: str) -> tuple[str, ...]:
    """Name the library's rules that read a coefficient.

    Examples
    --------
    >>> readers("momentum")
    ('sgdw', 'momentum', 'nesterov')
    """
    return tuple(rule.name for rule in RULES.values() if name in rule.names)


def through_the_rule(name: object) -> bool:
    """Whether a rule of the library has the decay in its gradient, as PyTorch's SGD, and not beside it.

    Examples
    --------
    >>> through_the_rule("nesterov"), through_the_rule("sgdw"), through_the_rule(None)
    (True, False, False)
    """
    rule = LIBRARY.get(name) if isinstance(name, str) else name
    return isinstance(rule, Rule) and rule.decay.name == "coupled"
