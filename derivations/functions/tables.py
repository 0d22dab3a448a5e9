"""Every function of this folder at one place: its mpmath form, and its form for NumPy or JAX."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from derivations.functions.arcsine import arcsine_sum, make_arcsine_sum, mp_arcsine_sum
from derivations.functions.gaps import MP_GAPS, make_gaps
from derivations.functions.log1pmx import log1pmx, make_log1pmx, mp_log1pmx
from derivations.functions.powers import (
    make_power1p,
    make_power1pm1,
    mp_power1p,
    mp_power1pm1,
    power1p,
    power1pm1,
)

MPMATH: Mapping[Any, Callable[..., Any]] = MappingProxyType({
    log1pmx: mp_log1pmx,
    power1p: mp_power1p,
    power1pm1: mp_power1pm1,
    arcsine_sum: mp_arcsine_sum,
    **MP_GAPS,
})  # fmt: skip
"""The mpmath form of each."""


def arrays(xp: Any) -> dict[str, Callable[..., Any]]:
    """Return the form of each for an array module, by name.

    Parameters
    ----------
    xp : module
        `numpy` or `jax.numpy`.

    Examples
    --------
    >>> import numpy as np
    >>> sorted(arrays(np)) == sorted(function.__name__ for function in MPMATH)
    True
    """
    return {
        "log1pmx": make_log1pmx(xp),
        "power1p": make_power1p(xp),
        "power1pm1": make_power1pm1(xp),
        "arcsine_sum": make_arcsine_sum(xp),
        **make_gaps(xp),
    }
