"""The update rules that the library has, by name: a new one is a file and a line here.

``wd.rules.adamw()`` gives a rule as a value, ``wd.Setup(rule=...)`` takes one, and ``optimiser="adamw"`` is its short
form.
"""

from wd_jax.optimisers.adamw import adamw
from wd_jax.optimisers.coefficient import COMMON, Coefficient
from wd_jax.optimisers.lion import lion
from wd_jax.optimisers.rule import Rule
from wd_jax.optimisers.sgd import sgd
from wd_jax.optimisers.sgdw import sgdw

__all__ = ["Coefficient", "Rule", "adamw", "lion", "sgd", "sgdw"]

RULES: dict[str, Rule] = {rule.name: rule for rule in (sgd(), sgdw(), adamw(), lion())}

NUMBERS: tuple[Coefficient, ...] = (*COMMON, *(one for rule in RULES.values() for one in rule.coefficients))
"""What members of the library's rules may differ in; two rules may read a number of one name."""

NAMES = tuple(dict.fromkeys(one.name for one in NUMBERS))


def readers(name: str) -> tuple[str, ...]:
    """Name the library's rules that read a coefficient.

    Examples
    --------
    >>> readers("beta1")
    ('adamw', 'lion')
    """
    return tuple(rule.name for rule in RULES.values() if name in rule.names)
