"""Proof obligations, one family a file."""

from derivations.proofs.algebra import Identity, Root, Termwise
from derivations.proofs.base import Context, Proof
from derivations.proofs.bounds import IncreasingImage, Monotone, NonNegativeGap, PositiveAxis, Tightness, UnitInterval
from derivations.proofs.evolution import Induction, SolvesEquation, Telescope
from derivations.proofs.integrals import Antiderivative, EvenPart
from derivations.proofs.limits import Continuity, Squeeze
from derivations.proofs.measured import MeasuredError, NumbersOnly
from derivations.proofs.parameter import ParameterIntegral
from derivations.proofs.series import Taylor
from derivations.proofs.sums import InductionOverSum
from derivations.proofs.trigonometric import TrigonometricInduction
from derivations.proofs.unit_series import TaylorBelowOne

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
