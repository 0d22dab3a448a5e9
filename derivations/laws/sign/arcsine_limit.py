"""The sum of arcsin(b^k) over lags, between multiples of ln 2: the integral of arcsin(exp(-t)), and bars under it."""

from __future__ import annotations

import sympy as sp

from derivations.functions.arcsine import arcsine_sum
from derivations.laws.sign.lag_sums import IntegralTest
from derivations.laws.sign.substitution import ArcTangentFamily, ChangeOfVariable, EqualFromZero, Special
from derivations.laws.sign.unit_interval import AtOne, Rises
from derivations.prover.rules import Identity, NonNegativeGap, Tightness
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

c, t, x, correlation = symbols("c t x correlation")
AXIS = (t, 0, sp.oo)
LOG_TWO = sp.pi / 2 * sp.log(2)
ARC = sp.Integral(sp.asin(sp.exp(-t)), AXIS)


def log_two() -> tuple[Step, ...]:
    """Return the steps to the integral of arcsin(exp(-t))."""
    tangent = sp.Integral(sp.atan(t) / (t * (1 + t**2)), AXIS)
    rest = 1 - c**2
    return (
        Step(
            "angle",
            _eq(sp.asin(t / sp.sqrt(1 + t**2)), sp.atan(t)),
            "The angle whose tangent is t.",
            EqualFromZero(t),
        ),
        Step(
            "tangent",
            _eq(ARC, tangent),
            "Another variable, the tangent of the angle arcsin(exp(-t)).",
            ChangeOfVariable(sp.log(sp.sqrt(1 + t**2) / t), 1 / sp.sqrt(sp.exp(2 * t) - 1), ("angle",)),
        ),
        Step(
            "family",
            _eq(sp.Integral(sp.atan(c * t) / (t * (1 + t**2)), AXIS), sp.pi / 2 * sp.log(1 + c)),
            "By the derivative with respect to c, which is (pi/2)/(1 + c).",
            ArcTangentFamily(c, ((1 / rest, sp.S.One), (-c / rest, c)), (sp.S.One, sp.S.One), sp.S.One),
        ),
        Step("at_one", _eq(tangent, LOG_TWO), "The same for c = 1.", Special("family", c, sp.S.One)),
        Step("log_two", _eq(ARC, LOG_TWO), "Together.", Identity(using=("tangent", "at_one"))),
    )


def bars() -> tuple[Step, ...]:
    """Return the two bounds of the sum of arcsin(x^k) over k >= 1."""
    total = arcsine_sum(sp.S.Zero, sp.S.One, x)
    grown = sp.exp(2 * t) - 1
    test = IntegralTest(
        total,
        -sp.log(x),
        "log_two",
        sp.pi / 2,
        1 / sp.sqrt(grown),
        sp.exp(2 * t) / grown ** sp.Rational(3, 2),
    )
    return (
        Step(
            "bars",
            sp.Le(-sp.log(x) * total, LOG_TWO, evaluate=False),
            "arcsin(exp(-t)) falls: bars of width -ln x, each as high as the curve at its right end, lie below it.",
            test,
        ),
        Step(
            "trapezoids",
            sp.Le(LOG_TWO + sp.pi * sp.log(x) / 4, -sp.log(x) * total, evaluate=False),
            "It is convex: trapezoids lie above it. The first has the height pi/2 at t = 0, half of which is no bar's.",
            test,
        ),
    )


def arcs() -> tuple[Step, ...]:
    """Return how the arc sine of a product compares: what brings the decay into the bounds."""
    one, other = sp.sqrt(1 - correlation**2), sp.sqrt(1 - x**2 * correlation**2)
    return (
        Step(
            "kept",
            sp.Le(x, 1, evaluate=False),
            "What decay keeps of a weight is at most the weight.",
            NonNegativeGap(1 - x, (1 - x,), Tightness(x, 1 - x, sp.S.One, "-")),
        ),
        Step(
            "arc_shrinks",
            sp.Le(sp.asin(x * correlation), x * sp.asin(correlation), evaluate=False),
            "The arc sine is convex and 0 at 0.",
            Rises(correlation, x * correlation**2 * (1 - x**2) / (one * other * (one + other)), (x,)),
        ),
    )


def chords() -> tuple[Step, ...]:
    """Return the straight lines between which the arc sine lies; they use `arcs`."""
    one = sp.sqrt(1 - correlation**2)
    return (
        Step(
            "chord",
            sp.Le(sp.asin(x), x * sp.pi / 2, evaluate=False),
            "The same for rho = 1.",
            AtOne("arc_shrinks", correlation),
        ),
        Step(
            "tangent_line",
            sp.Le(correlation, sp.asin(correlation), evaluate=False),
            "It starts with slope 1, and steepens.",
            Rises(correlation, correlation**2 / (one * (1 + one))),
        ),
    )
