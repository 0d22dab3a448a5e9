"""What the polar factor of a Gaussian matrix remembers of it: its linear share, and bounds of its correlation."""

from __future__ import annotations

import sympy as sp

from derivations.prover.rules import Antiderivative, Identity, NonNegativeGap, Termwise, Tightness
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

dim, lag, t, c, linear_share, correlation = symbols("dim lag t c linear_share correlation")
REST = t <= correlation**3
u, g, i = sp.IndexedBase("u"), sp.IndexedBase("g"), sp.Idx("i")
WEIGHTS = (i, 1, dim)


def polar_steps() -> tuple[Step, ...]:
    """Return the steps to the polar factor's linear share, and to bounds of how it correlates."""
    bell = sp.exp(-(t**2) / 2)
    axis, turn = (t, 0, sp.oo), (t, 0, sp.pi / 2)
    one = sp.Integral(2 * t * bell / sp.sqrt(2 * sp.pi), axis)
    larger = sp.Integral(1 - (1 - bell) ** 2, axis)
    many = sp.Integral(8 / sp.pi * sp.sin(t) * sp.cos(t) ** 2, turn)
    root = sp.sqrt(sp.pi)
    known = linear_share * correlation
    rest = 1 - linear_share
    high = rest * (correlation * (1 - correlation) + correlation**2 * (1 - correlation))
    return (
        Step(
            "linear_part",
            _eq(
                sp.Sum((u[i] - c * g[i]) ** 2, WEIGHTS),
                sp.Sum(u[i] ** 2, WEIGHTS) - 2 * c * sp.Sum(u[i] * g[i], WEIGHTS) + c**2 * sp.Sum(g[i] ** 2, WEIGHTS),
            ),
            "The linear part of the polar factor P(G) of a p x q Gaussian matrix is c G (signs and permutations of "
            "rows and columns). <P(G), G> is the sum of singular values |G|_*, so c = E|G|_*/(pq), and the linear "
            "share of E|P|^2 = min(p, q) is phi'(0) = (E|G|_*)^2/(pq min(p, q)). Newton-Schulz steps D(G) in its place "
            "are odd as well and have the same symmetries: phi'(0) = (E<D(G), G>)^2/(pq E|D|^2).",
            Termwise(),
        ),
        Step(
            "mean_1x1",
            _eq(one, sp.sqrt(2 / sp.pi)),
            "E|G|_* of one number: phi'(0) = 2/pi = .637, the slope of the arcsine law.",
            Antiderivative(-2 * bell / sp.sqrt(2 * sp.pi), -2 / sp.sqrt(2 * sp.pi), sp.S.Zero),
        ),
        Step(
            "nuclear_2x2",
            _eq(
                (g[1] + g[4]) ** 2 + (g[2] - g[3]) ** 2,
                g[1] ** 2 + g[2] ** 2 + g[3] ** 2 + g[4] ** 2 + 2 * (g[1] * g[4] - g[2] * g[3]),
            ),
            "For 2 x 2, |G|_*^2 = |G|^2 + 2 |det G|: the larger of this and of the same with the other signs. Both are "
            "2 r^2, the r independent Rayleigh variables.",
            Identity(),
        ),
        Step(
            "mean_2x2",
            _eq(larger, root * (sp.sqrt(2) - sp.Rational(1, 2))),
            "Mean of the larger of two Rayleigh variables: the integral of the chance to exceed t.",
            Antiderivative(
                root * sp.sqrt(2) * sp.erf(t / sp.sqrt(2)) - root / 2 * sp.erf(t),
                sp.S.Zero,
                root * (sp.sqrt(2) - sp.Rational(1, 2)),
            ),
        ),
        Step(
            "share_2x2",
            _eq((sp.sqrt(2) * larger) ** 2 / 8, sp.pi * (9 - 4 * sp.sqrt(2)) / 16),
            "phi'(0) for 2 x 2: .656.",
            Identity(using=("mean_2x2",)),
        ),
        Step(
            "mean_square",
            _eq(many, 8 / (3 * sp.pi)),
            "Mean of 2 sin t, a singular value over sqrt p, under the quarter-circle law of large square matrices.",
            Antiderivative(-8 / (3 * sp.pi) * sp.cos(t) ** 3, -8 / (3 * sp.pi), sp.S.Zero),
        ),
        Step(
            "share_square",
            _eq(many**2, 64 / (9 * sp.pi**2)),
            "phi'(0) for large square matrices: E|G|_* = p^(3/2) times that mean, so .7205.",
            Identity(using=("mean_square",)),
        ),
        Step(
            "next_power",
            sp.Le(correlation ** (lag + 2), correlation**lag, evaluate=False),
            "The polar factor, or D, is odd, so phi(rho) has odd powers only; their coefficients (mean squares of its "
            "parts) are not negative and add up to phi(1) = 1. Each power is below the one before.",
            NonNegativeGap(
                correlation**lag * (1 - correlation) + correlation ** (lag + 1) * (1 - correlation),
                (1 - correlation,),
                Tightness(correlation, 2 * (1 - correlation), sp.S.One, "-"),
            ),
        ),
        Step(
            "at_least",
            sp.Le(known, known + rest * t, evaluate=False),
            "phi(rho) is its linear part and the rest, t the weighted mean of the powers from the third on.",
            NonNegativeGap(rest * t, (rest,), Tightness(t, rest * t)),
        ),
        Step(
            "at_most",
            sp.Le(known + rest * t, known + rest * correlation**3, evaluate=False),
            "No power from the third on exceeds rho^3.",
            NonNegativeGap(
                rest * (correlation**3 - t),
                (rest, correlation**3 - t),
                Tightness(linear_share, rest * (correlation**3 - t), sp.S.One, "-"),
            ),
        ),
        Step(
            "faster",
            sp.Le(known + rest * correlation**3, correlation, evaluate=False),
            "So phi(rho) <= rho: directions never remember more than the averaged gradient.",
            NonNegativeGap(
                high, (rest, 1 - correlation), Tightness(correlation, 2 * rest * (1 - correlation), sp.S.One, "-")
            ),
        ),
    )
