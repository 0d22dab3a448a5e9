"""The sign of an averaged gradient: the arcsine law of correlated signs, and the weights it sustains."""

from __future__ import annotations

import sympy as sp

from derivations.arcsine import arcsine_sum
from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.proofs import (
    Antiderivative,
    Induction,
    InductionOverSum,
    MeasuredError,
    ParameterIntegral,
    Root,
    Termwise,
)
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, epsilon, beta1, step, count, dim, x, y, z, t = symbols(
    "eta lmbda n epsilon beta1 step count dim x y z t"
)
correlation, weight_rms = symbols("correlation weight_rms")
DECAY = eta * lmbda / n
SMALL = DECAY < 1
AVERAGE = beta1 < 1
PARTIAL = correlation**2 < 1
SIGNS = 2 * sp.asin(correlation) / sp.pi
w, u, i = sp.IndexedBase("w"), sp.IndexedBase("u"), sp.Idx("i")
density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)


def settled(share: sp.Expr, first: sp.Expr, ratio: sp.Expr) -> sp.Expr:
    """Return the rms of the weights where signs k steps apart come from averages of correlation first*ratio^k."""
    return eta * sp.sqrt((1 + 4 * arcsine_sum(share, first, ratio) / sp.pi) / (share * (2 - share)))


def arcsine_law() -> tuple[Step, ...]:
    """Return the steps to the mean product of the signs of two correlated Gaussians."""
    rest = 1 - correlation**2
    kept = sp.sqrt(rest)
    bell = sp.exp(-(z**2) / rest / 2)
    return (
        Step(
            "excess",
            "equality",
            _eq(sp.Integral(density, (z, -y, y)), sp.erf(y / sp.sqrt(2))),
            "A Gaussian y + z is positive more often than negative by this much.",
            Antiderivative(sp.erf(z / sp.sqrt(2)) / 2, -sp.erf(y / sp.sqrt(2)) / 2, sp.erf(y / sp.sqrt(2)) / 2),
        ),
        Step(
            "arcsine_law",
            "equality",
            _eq(
                sp.Integral(2 * density * sp.erf(correlation * z / (sp.sqrt(2) * kept)), (z, 0, sp.oo)),
                SIGNS,
            ),
            "Mean product of the signs of z and of rho z + sqrt(1 - rho^2) z', z and z' independent: the excess at "
            "y = rho z/sqrt(1 - rho^2), averaged over z > 0 and, the same once more, over z < 0.",
            ParameterIntegral(
                correlation,
                2 / (sp.pi * rest ** sp.Rational(3, 2)),
                z * sp.exp(-(z**2) / 2),
                correlation**2 * z**2 / rest / 2,
                -2 * bell / (sp.pi * kept),
                (rest,),
            ),
        ),
    )


def norm_budget() -> tuple[Step, ...]:
    """Return the steps from signs s(j) to the mean square of the weights they sustain."""
    weight, sign = sp.Function("W"), sp.Function("s")
    alpha = 1 - epsilon
    return (
        Step(
            "weights",
            "definition",
            sp.And(_eq(weight(0), 0), _eq(weight(step + 1), alpha * weight(step) - eta * sign(step))),
            "The weight after k steps of the signs s, from 0.",
        ),
        Step(
            "history",
            "solution",
            _eq(weight(step), -eta * sp.Sum(alpha ** (step - 1 - count) * sign(count), (count, 0, step - 1))),
            "Induction: the sign of j steps ago counts (1 - epsilon)^(j-1). Its mean product with the next sign s is "
            "hence -eta times the sum over lags k >= 1 of (1 - epsilon)^(k-1) times the mean product k steps apart.",
            InductionOverSum(),
        ),
        Step(
            "budget",
            "equality",
            _eq(
                sp.Sum((alpha * w[i] - eta * u[i]) ** 2, (i, 1, dim)),
                alpha**2 * sp.Sum(w[i] ** 2, (i, 1, dim))
                - 2 * alpha * eta * sp.Sum(w[i] * u[i], (i, 1, dim))
                + eta**2 * sp.Sum(u[i] ** 2, (i, 1, dim)),
            ),
            "The norm budget; u are the signs of this step, so the last sum is their number.",
            Termwise(),
        ),
    )


def at_rest(share: sp.Expr, first: sp.Expr, ratio: sp.Expr) -> sp.Equivalent:
    """Return the claim that the budget balances at `settled`; the lags' weights are those of `history`."""
    products = 2 * arcsine_sum(share, first, ratio) / sp.pi
    return solved(
        _eq(share * (2 - share) * weight_rms**2, eta**2 + 2 * eta**2 * products),
        weight_rms,
        settled(share, first, ratio),
    )


def _steps() -> tuple[Step, ...]:
    lagged = sp.Function("C")
    leading = sp.sqrt(eta**2 * sp.log(2) / (-epsilon * sp.log(beta1)))
    return (
        Step("decay_per_step", "definition", _eq(epsilon, DECAY), "The share of a weight that one step removes."),
        Step(
            "fresh_gradients",
            "definition",
            sp.And(_eq(lagged(0), 1), _eq(lagged(step + 1), beta1 * lagged(step))),
            "Correlation of the average with itself k steps on: each step keeps beta1 of it and adds a fresh gradient.",
        ),
        Step("correlation", "solution", _eq(lagged(step), beta1**step), "Induction.", Induction()),
        *arcsine_law(),
        *norm_budget(),
        Step(
            "weight_rms",
            "solution",
            at_rest(DECAY, sp.S.One, beta1),
            "The budget at rest, with the arcsine law for signs k steps apart: the sum is over (1 - epsilon)^k "
            "arcsin(beta1^k).",
            Root(weight_rms, 2 * weight_rms * DECAY * (1 + (1 - DECAY)), (1 - DECAY,)),
        ),
        Step(
            "leading",
            "approximation",
            _eq(settled(epsilon, sp.S.One, beta1), leading),
            "For epsilon << 1 - beta1 << 1: the sum times -ln beta1 is near the integral of arcsin(exp(-x)) over "
            "x > 0, which is (pi/2) ln 2 (by quadrature, to ten digits).",
            MeasuredError(
                epsilon,
                1e-5,
                1e-3,
                0.014,
                3,
                ((beta1, 0.8, 0.95),),
                (-0.013854377, -0.0014744228, -0.012112472, 0.0072557607),
            ),
        ),
        Step(
            "mean_field",
            "approximation",
            _eq(
                settled(epsilon, sp.S.One, beta1),
                sp.sqrt(eta**2 / (2 * epsilon) * (1 + beta1) / (1 - beta1)),
            ),
            "Signs taken to be as correlated as the averages they come from: 19 to 21 % too large; 20 %, 1/sqrt(ln 2), "
            "for a long memory.",
            MeasuredError(
                epsilon,
                1e-4,
                1e-2,
                0.307,
                3,
                ((beta1, 0.8, 0.95),),
                (0.18712531, 0.2004409, 0.20784714, 0.30063602),
            ),
        ),
    )


def _formulas() -> tuple[Formula, ...]:
    one = "1"
    return (
        Formula(
            "sign_correlation",
            SIGNS,
            (correlation,),
            "mean product of the signs of two Gaussians of this correlation",
            one,
            "arcsine_law",
            (correlation < 1,),
        ),
        Formula(
            "weight_rms",
            settled(DECAY, sp.S.One, beta1),
            (eta, lmbda, n, beta1),
            "rms of the weights",
            one,
            "weight_rms",
            (SMALL, beta1 <= sp.Rational(995, 1000)),
        ),
        Formula(
            "weight_rms_leading",
            sp.sqrt(eta * n * sp.log(2) / (-lmbda * sp.log(beta1))),
            (eta, lmbda, n, beta1),
            "the same for slow decay and a long memory",
            one,
            "leading",
            (AVERAGE,),
        ),
        Formula(
            "weight_rms_mean_field",
            sp.sqrt(eta * n / (2 * lmbda) * (1 + beta1) / (1 - beta1)),
            (eta, lmbda, n, beta1),
            "the same if signs were as correlated as averages: a fifth too large",
            one,
            "mean_field",
            (AVERAGE,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["sign_correlation"](correlation=0.5), 6)
    0.333333
    """
    return Derivation(
        name="sign_momentum",
        statement="Signs of two Gaussians of correlation rho have the mean product (2/pi) arcsin rho. So on noise "
        "steps by the sign of an average sustain w_rms^2 = eta^2/(epsilon (2 - epsilon)) (1 + (4/pi) sum over k >= 1 "
        "of (1 - epsilon)^k arcsin(beta1^k)), about eta n ln 2/(-lmbda ln beta1).",
        assumptions=(
            Assumption("w' = (1 - eta lmbda/n) w - eta sign(m), m the average of the gradients."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("Gradients are independent Gaussian noise, whatever the weights; m is long warmed up."),
            Assumption("The two Gaussians are not the same.", 1 - correlation**2 > 0),
        ),
        steps=_steps(),
        formulas={formula.name: formula for formula in _formulas()},
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption("Gaussian gradients: with heavy tails an average's sign follows its largest gradient."),
            Assumption("The computed sum has 4096 lags: beta1 <= 0.995."),
        ),
        references=("J. Su 2025, kexue.fm 11307 [read]: the mean-field form; the arcsine form is derived here.",),
        ranges={
            eta: (1e-3, 1e-1),
            lmbda: (0.1, 1),
            n: (10, 1000),
            beta1: (0.1, 0.7),
            correlation: (0.05, 0.95),
            y: (0.1, 3),
        },
    )
