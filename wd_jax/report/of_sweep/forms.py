"""Formulas for sizes and angles at rest: what each is of, and what is made of its value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Turned = Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Form:
    """A formula at rest.

    Attributes
    ----------
    derivation, formula : str
        Names.
    of : {"size", "norm", "angle"}
        The rms weight, |W|, or the angle of a step.
    turned : callable
        Value of the formula -> that.
    scale_free : bool
        Whether it is for weights whose scale the cost ignores.
    measured_noise : bool
        Whether the size of the minibatch gradient is taken from the run's own budget.
    """

    derivation: str
    formula: str
    of: str
    turned: Turned = _as_it_is
    scale_free: bool = False
    measured_noise: bool = False

    @property
    def name(self) -> str:
        """Derivation and formula."""
        return f"{self.derivation}.{self.formula}"

    @property
    def words(self) -> str:
        """What it is of."""
        return {"size": "the rms weight", "norm": "the norm of the weights", "angle": "the angle of a step"}[self.of]

    @property
    def title(self) -> str:
        """Heading of the law."""
        what = {"size": "Size of the weights at rest", "norm": "Norm of the weights at rest"}
        return f"{what.get(self.of, 'Angle of a step at rest')} ({self.name})"


SIZES = (
    Form("adamw", "weight_rms", "size"),
    Form("sign_momentum", "weight_rms", "size"),
    Form("lion", "weight_rms", "size"),
    Form("cautious_decay", "weight_rms", "size"),
    Form("adam_l2", "weight_rms_exact", "size"),
    Form("adam_l2", "rmsprop_weight_rms", "size"),
    Form("stationary_variance", "noise_floor", "size"),
    Form("momentum", "weight_variance", "size", np.sqrt),
    Form("momentum", "nesterov_weight_variance", "size", np.sqrt),
    Form("momentum", "sgdw_weight_variance", "size", np.sqrt),
    Form("tail_off", "noise_floor_rms", "size", measured_noise=True),
    Form("scale_invariant", "weight_norm2", "norm", np.sqrt, scale_free=True),
    Form("scale_invariant", "weight_norm2_momentum", "norm", np.sqrt, scale_free=True),
    Form("adam_l2", "weight_norm_scale_invariant", "norm", scale_free=True),
)
ANGLES = (
    Form("adamw", "rotation", "angle"),
    Form("lion", "rotation", "angle"),
    Form("scale_invariant", "angle", "angle", scale_free=True),
    Form("scale_invariant", "cos_angle_momentum", "angle", np.arccos, scale_free=True),
    Form("adam_l2", "rotation_scale_invariant", "angle", scale_free=True),
)
