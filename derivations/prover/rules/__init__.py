"""Proof obligations, one family a file."""

from derivations.prover.rules.algebra import Identity, Root, Termwise
from derivations.prover.rules.base import Context, Proof
from derivations.prover.rules.bounds import (
    IncreasingImage,
    Monotone,
    NonNegativeGap,
    PositiveAxis,
    Tightness,
    UnitInterval,
)
from derivations.prover.rules.evolution import Induction, SolvesEquation, Telescope
from derivations.prover.rules.integrals import Antiderivative, EvenPart
from derivations.prover.rules.limits import Continuity, Squeeze
from derivations.prover.rules.measured import MeasuredError, NumbersOnly
from derivations.prover.rules.parameter import ParameterIntegral
from derivations.prover.rules.series import Taylor
from derivations.prover.rules.sums import InductionOverSum
from derivations.prover.rules.trigonometric import TrigonometricInduction
from derivations.prover.rules.unit_series import TaylorBelowOne

__all__ = [
    "Antiderivative",
    "Context",
    "Continuity",
    "EvenPart",
    "Identity",
    "IncreasingImage",
    "Induction",
    "InductionOverSum",
    "MeasuredError",
    "Monotone",
    "NonNegativeGap",
    "NumbersOnly",
    "ParameterIntegral",
    "PositiveAxis",
    "Proof",
    "Root",
    "SolvesEquation",
    "Squeeze",
    "Taylor",
    "TaylorBelowOne",
    "Telescope",
    "Termwise",
    "Tightness",
    "TrigonometricInduction",
    "UnitInterval",
]
