"""What an audit drives: an optimiser as a black box, made anew for each stimulus. Only NumPy is needed here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np

Params: TypeAlias = dict[str, np.ndarray]
"""Parameters by name, as float32 arrays whatever the dtype inside the library: bfloat16 and float16 fit exactly."""
Grads: TypeAlias = Mapping[str, np.ndarray | None]
"""Gradients by the same names; None for a parameter that was given none."""


class Optimiser(Protocol):
    """An optimiser with its settings fixed. A user's own needs these two methods, or `step` alone.

    It may have ``set_lr(lr)`` too; without it the audit asks nothing about schedules.
    """

    def init(self, params: Params) -> None:
        """Begin anew at these parameters."""

    def step(self, params: Params, grads: Grads) -> Params:
        """Take one step and give the new parameters."""


@dataclass(frozen=True, kw_only=True)
class BlackBox:
    """An optimiser that can be made at any learning rate and weight decay.

    Attributes
    ----------
    library, name, version : str
        As its users write them: ``"torch"``, ``"SGD(momentum=.9)"``, ``"2.13.0"``.
    make : callable
        ``make(lr=0.1, weight_decay=0.01, dtype="float32")`` gives an `Optimiser`; weight_decay=None leaves the argument
        out, so that the library's own default acts.
    default_lr, default_weight_decay : float or None
        What the library takes where nothing is said; None where it has no default, or no such argument.
    dtypes : tuple of str
        Of the parameters that it can hold: "float32", "bfloat16", "float16", "float64".
    takes : tuple of str
        Kinds of parameters that it accepts: "matrix", "vector", "norm", "embedding", "bias".
    note : str
        What had to be done to drive it, one sentence; empty where nothing had.
    facts : mapping
        What the adapter knows and the laws need (``{"momentum": 0.9}``, ``{"beta1": 0.9}``), by our names.
    """

    library: str
    name: str
    version: str
    make: Callable[..., Optimiser]
    default_lr: float | None = None
    default_weight_decay: float | None = None
    dtypes: tuple[str, ...] = ("float32",)
    takes: tuple[str, ...] = ("matrix", "vector", "norm", "embedding", "bias")
    note: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
