"""Which numbers of a result its rules read: the library's rules, and those that its settings describe."""

import xarray as xr

from wd_jax.optimisers import rules
from wd_jax.results.validity import own_rules


def names(runs: xr.Dataset) -> tuple[str, ...]:
    """Name the numbers that a rule of the result may read, eta, lmbda and init_scale first.

    Examples
    --------
    >>> names(xr.Dataset())
    ('eta', 'lmbda', 'init_scale', 'momentum', 'beta1', 'beta2')
    """
    own = [name for rule in own_rules(runs).values() for name in rule.get("coefficients", ())]
    return tuple(dict.fromkeys((*rules.NAMES, *own)))
