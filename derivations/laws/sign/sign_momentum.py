"""The sign of an averaged gradient: the weights it sustains, exactly, between two bounds, and as it is published."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.functions.arcsine import arcsine_sum
from derivations.laws.shared.openings import STEP_DECAY, decay_per_step
from derivations.laws.shared.steady_state import alpha
from derivations.laws.sign.arcsine_limit import arcs, bars, log_two
from derivations.laws.sign.lag_sums import Follows, TermByTerm
from derivations.laws.sign.signs import PARTIAL, arcsine_law, at_rest, norm_budget, settled
from derivations.laws.sign.unit_interval import LAG
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Induction, Root
from derivations.scope import Scope
from derivations.step import Assumption, Step
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, epsilon, beta1, step, x, y, t, c = symbols("eta lmbda n epsilon beta1 step x y t c")
correlation, weight_rms = symbols("correlation weight_rms")
SMALL = STEP_DECAY < 1
AVERAGE = beta1 < 1
ONE = sp.S.One
LEADING = sp.sqrt(eta**2 * sp.log(2) / (-epsilon * sp.log(beta1)))
PUBLISHED = sp.sqrt(eta**2 / (2 * epsilon) * (1 + beta1) / (1 - beta1))


def lowest(share: sp.Expr) -> sp.Expr:
    """Return what the rms of the weights is not below."""
    return eta * sp.sqrt(2 * sp.log(2) / (-sp.log((1 - share) * beta1) * share * (2 - share)))


def highest(share: sp.Expr) -> sp.Expr:
    """Return what the rms of the weights is not above."""
    return eta * sp.sqrt((1 + 2 * sp.log(2) / -sp.log(beta1)) / (share * (2 - share)))


def mean_field(share: sp.Expr) -> sp.Expr:
    """Return the rms of the weights if signs were as correlated as the averages they come from."""
    products = (1 - share) * beta1 / (1 - beta1 + share * beta1)
    return eta * sp.sqrt((1 + 2 * products) / (share * (2 - share)))


def _bounds() -> tuple[Step, ...]:
    """Return the steps to a lower and an upper bound of the weights, and how both compare with the leading form."""
    free, faster, exact = (
        arcsine_sum(sp.S.Zero, ONE, beta1),
        arcsine_sum(sp.S.Zero, ONE, alpha * beta1),
        arcsine_sum(epsilon, ONE, beta1),
    )
    # A gap of the sum counts this much in the mean square of the weights.
    weight = 4 * eta**2 / (sp.pi * epsilon * (1 + alpha))
    log, log_faster = sp.log(beta1), sp.log(alpha * beta1)
    return (
        Step(
            "without_decay",
            sp.Le(exact, free, evaluate=False),
            "Each lag's weight (1 - epsilon)^k is at most 1.",
            TermByTerm("kept", ((x, alpha**LAG),), sp.asin(beta1**LAG)),
        ),
        Step(
            "with_decay",
            sp.Le(faster, exact, evaluate=False),
            "Each lag by `arc_shrinks`: decay acts at least as if it shortened the memory to (1 - epsilon) beta1.",
            TermByTerm("arc_shrinks", ((x, alpha**LAG), (correlation, beta1**LAG))),
        ),
        Step(
            "upper",
            sp.Le(settled(epsilon, ONE, beta1), highest(epsilon), evaluate=False),
            "By `without_decay` and `bars`.",
            Follows((("without_decay", (), weight), ("bars", ((x, beta1),), weight / -log)), (alpha,), squared=True),
        ),
        Step(
            "lower",
            sp.Le(lowest(epsilon), settled(epsilon, ONE, beta1), evaluate=False),
            "By `with_decay` and `trapezoids`; the first trapezoid's other half is the 1 of the sum over all lags.",
            Follows(
                (("with_decay", (), weight), ("trapezoids", ((x, alpha * beta1),), weight / -log_faster)),
                (alpha,),
                squared=True,
            ),
        ),
        Step(
            "upper_ratio",
            _eq((highest(epsilon) / LEADING) ** 2, (1 - log / (2 * sp.log(2))) / (1 - epsilon / 2)),
            "The upper bound over the leading form, squared: it tends to 1 for epsilon -> 0 and beta1 -> 1,",
            Identity(keep=True),
        ),
        Step(
            "lower_ratio",
            _eq((lowest(epsilon) / LEADING) ** 2, 1 / ((1 - epsilon / 2) * (1 + sp.log(alpha) / log))),
            "and so does the lower bound's, for epsilon/(1 - beta1) -> 0: the leading form is the limit.",
            Identity(keep=True),
        ),
    )


def _steps() -> tuple[Step, ...]:
    lagged = sp.Function("C")
    return (
        decay_per_step(),
        Step(
            "fresh_gradients",
            sp.And(_eq(lagged(0), 1), _eq(lagged(step + 1), beta1 * lagged(step))),
            "Correlation of the average with itself k steps on: each step keeps beta1 of it and adds a fresh gradient.",
        ),
        Step("correlation", _eq(lagged(step), beta1**step), "Induction.", Induction()),
        *arcsine_law(),
        *norm_budget(),
        Step(
            "weight_rms",
            at_rest(STEP_DECAY, ONE, beta1),
            "The budget at rest, with the arcsine law for signs k steps apart: the sum is over (1 - epsilon)^k "
            "arcsin(beta1^k).",
            Root(weight_rms, 2 * weight_rms * STEP_DECAY * (1 + (1 - STEP_DECAY)), (1 - STEP_DECAY,)),
        ),
        *log_two(),
        *bars(),
        *arcs(),
        *_bounds(),
        Step(
            "leading",
            _eq(settled(epsilon, ONE, beta1), LEADING),
            "What the bounds enclose, for epsilon << 1 - beta1 << 1.",
            MeasuredError(
                beta1,
                0.8,
                0.995,
                0.046,
                3,
                ((epsilon, (1 - beta1) / 1000, (1 - beta1) / 10),),
                (-0.0135197231, 0.0204783101, 0.000419400059, 0.0454588649),
                (epsilon,),
            ),
        ),
        Step(
            "mean_field",
            _eq(settled(epsilon, ONE, beta1), mean_field(epsilon)),
            "Signs taken to be as correlated as the averages they come from: 18.5 to 19.9 % too large; 20.1 %, "
            "1/sqrt(ln 2), in the limit.",
            MeasuredError(
                epsilon,
                1e-4,
                1e-2,
                0.2,
                3,
                ((beta1, 0.8, 0.95),),
                (0.18689125026, 0.19930286989, 0.18472217311, 0.19236789563),
            ),
        ),
        Step(
            "published",
            _eq(settled(epsilon, ONE, beta1), PUBLISHED),
            "The same without epsilon in the sum, as it is published: 18.7 to 25.6 % too large.",
            MeasuredError(
                beta1,
                0.8,
                0.995,
                0.256,
                3,
                ((epsilon, (1 - beta1) / 1000, (1 - beta1) / 10),),
                (0.187337278, 0.228257642, 0.201627418, 0.255725385),
                (epsilon,),
            ),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one = "1"
    return (
        Formula.of(
            steps,
            "sign_correlation",
            (correlation,),
            "mean product of the signs of two Gaussians of this correlation",
            one,
            "arcsine_law",
            (correlation < 1,),
        ),
        Formula.of(
            steps,
            "weight_rms",
            (eta, lmbda, n, beta1),
            "rms of the weights",
            one,
            "weight_rms",
            (SMALL, beta1 <= sp.Rational(995, 1000)),
        ),
        Formula.of(
            steps,
            "weight_rms_leading",
            (eta, lmbda, n, beta1),
            "the same for slow decay and a long memory",
            one,
            "leading",
        ),
        Formula.of(
            steps,
            "weight_rms_lower",
            (eta, lmbda, n, beta1),
            "what the rms of the weights is not below",
            one,
            "lower",
            (SMALL, AVERAGE),
            side="left",
        ),
        Formula.of(
            steps,
            "weight_rms_upper",
            (eta, lmbda, n, beta1),
            "what the rms of the weights is not above",
            one,
            "upper",
            (SMALL, AVERAGE),
        ),
        Formula.of(
            steps,
            "weight_rms_mean_field",
            (eta, lmbda, n, beta1),
            "the same if signs were as correlated as averages, and for slow decay: a fifth too large, or more",
            one,
            "published",
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["sign_correlation"](correlation=0.5), 6)
    0.333333
    """
    steps = _steps()
    return Derivation(
        name="sign_momentum",
        statement="Signs of two Gaussians of correlation rho have the mean product (2/pi) arcsin rho. So on noise "
        "steps by the sign of an average sustain w_rms^2 = eta^2/(epsilon (2 - epsilon)) (1 + (4/pi) sum over k >= 1 "
        "of (1 - epsilon)^k arcsin(beta1^k)). It is between 2 ln 2 eta^2/(epsilon (2 - epsilon)) over "
        "-ln((1 - epsilon) beta1), and the same over -ln beta1 and eta^2/(epsilon (2 - epsilon)) more: about "
        "eta n ln 2/(-lmbda ln beta1).",
        assumptions=(
            Assumption("w' = (1 - eta lmbda/n) w - eta sign(m), m the average of the gradients."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("Gradients are independent Gaussian noise, whatever the weights; m is long warmed up."),
            Assumption("The two Gaussians are not the same.", PARTIAL),
            Assumption("For the bounds of the arc sine: rho < 1.", correlation < 1),
            Assumption("For the bounds of the sum: x < 1; it is used for x = beta1 and (1 - epsilon) beta1.", x < 1),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sign_momentum",), "noise"),
        scopes={"sign_correlation": Scope()},
        without_decay=dict.fromkeys(
            ("weight_rms", "weight_rms_leading", "weight_rms_lower", "weight_rms_upper", "weight_rms_mean_field"),
            WithoutDecay(words="weights on noise do not settle"),
        ),
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption("Gaussian gradients: with heavy tails an average's sign follows its largest gradient."),
            Assumption("The computed sum has 4096 lags: beta1 <= 0.995; the two bounds have no such limit."),
            Assumption(
                "The leading and the published form, for 0.8 <= beta1 <= 0.995 and epsilon <= (1 - beta1)/10: 1.4 % "
                "too small to 4.6 % too large, and 18.7 to 25.6 % too large; at beta1 = 0.95 and epsilon = 0.01 they "
                "are 8 % and 30 % too large."
            ),
        ),
        references=(
            "J. Su 2025, kexue.fm 11307 [read]: the mean-field form, `published`; the arcsine form and its bounds are "
            "derived here, no source found.",
        ),
        ranges={
            eta: (1e-3, 1e-1),
            lmbda: (0.1, 1),
            n: (10, 1000),
            beta1: (0.1, 0.7),
            correlation: (0.05, 0.95),
            y: (0.1, 3),
            x: (0.1, 0.8),
            t: (0.1, 3),
            c: (0.2, 3),
        },
    )
