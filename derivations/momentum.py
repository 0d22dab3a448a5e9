"""A4: pure decay and stationary noise under heavy ball, Nesterov's momentum and SGDW."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.proofs import Identity, Root, Taylor, TaylorBelowOne, Termwise
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, m, epsilon, kappa, step, steps_per_epoch, dim, w_0 = symbols(
    "eta lmbda n m epsilon kappa step steps_per_epoch dim w_0"
)
mu, batch_noise, slow, fast, slow_n, fast_n, x, a, y, c, t = symbols(
    "momentum batch_noise slow_root fast_root slow_root_n fast_root_n x a y c t"
)
DECAY = eta * lmbda / n
BATCHES = _eq(n, steps_per_epoch * m)
CRITICAL = (1 - sp.sqrt(mu)) ** 2
CRITICAL_NESTEROV = ((1 - mu) / (1 + mu)) ** 2
OVERDAMPED, OVERDAMPED_NESTEROV = DECAY < CRITICAL, DECAY < CRITICAL_NESTEROV
CRITICAL_LMBDA, CRITICAL_LMBDA_NESTEROV = n * CRITICAL / eta, n * CRITICAL_NESTEROV / eta


def roots(trace: sp.Expr, product: sp.Expr, square: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return the larger and the smaller root, without cancellation; (1 - r)(1 - r') = epsilon in both methods."""
    return 1 - 2 * epsilon / (2 - trace + sp.sqrt(square)), 2 * product / (trace + sp.sqrt(square))


SQUARE = (1 - mu) ** 2 - 2 * (1 + mu) * epsilon + epsilon**2
TRACE = 1 + mu - epsilon
SLOW, FAST = roots(TRACE, mu, SQUARE)
TRACE_NESTEROV, PRODUCT_NESTEROV = (1 + mu) * (1 - epsilon), mu * (1 - epsilon)
SQUARE_NESTEROV = (1 - epsilon) * ((1 - mu) ** 2 - (1 + mu) ** 2 * epsilon)
SLOW_NESTEROV, FAST_NESTEROV = roots(TRACE_NESTEROV, PRODUCT_NESTEROV, SQUARE_NESTEROV)
PATH = w_0 * ((1 - fast) * slow ** (step + 1) - (1 - slow) * fast ** (step + 1)) / (slow - fast)
# Variance of the weight, covariance of weight and velocity, variance of the velocity, for each method.
HEAVY_BALL = tuple(
    batch_noise * factor / ((1 - mu) * (2 * (1 + mu) - epsilon))
    for factor in (eta**2 * (1 + mu) / epsilon, -eta, sp.Integer(2))
)
NESTEROV = tuple(
    batch_noise * factor / ((1 - mu + epsilon * mu) * (2 * (1 + mu) - epsilon * (1 + 2 * mu)))
    for factor in (eta**2 * (1 + mu + epsilon * mu * (1 + 2 * mu)) / epsilon, -eta * (1 + 2 * mu), sp.Integer(2))
)
KEPT = 1 - epsilon
SGDW = (
    batch_noise * eta**2 * (1 + KEPT * mu) / (epsilon * (2 - epsilon) * (1 - mu**2) * (1 - KEPT * mu)),
    -batch_noise * eta / ((1 - mu**2) * (1 - KEPT * mu)),
    batch_noise / (1 - mu**2),
)


def _settled(name: str, label: str, matrix: tuple[sp.Expr, ...], kick: sp.Expr, now: tuple) -> tuple[Step, ...]:
    """Return the three steps which say that w' = A w + B v - K g, v' = C w + D v + g leaves the moments as they are."""
    (ww, wv, vw, vv), (square, mixed, speed) = matrix, now
    moments = (
        ww**2 * square + 2 * ww * wv * mixed + wv**2 * speed + kick**2 * batch_noise,
        ww * vw * square + (ww * vv + wv * vw) * mixed + wv * vv * speed - kick * batch_noise,
        vw**2 * square + 2 * vw * vv * mixed + vv**2 * speed + batch_noise,
    )
    words = ("the variance of the weight", "the covariance of weight and velocity", "the variance of the velocity")
    return tuple(
        Step(
            f"{name}_{suffix}",
            "equality",
            _eq(value, moment),
            f"{label} leaves {what} as it is. The only such moments: two solutions would differ by one without noise, "
            "which every step shrinks, as both roots lie inside the unit circle.",
            Identity(keep=True),
        )
        for suffix, what, moment, value in zip(
            ("weight_var", "mixed", "velocity_var"), words, moments, now, strict=True
        )
    )


def _steps() -> tuple[Step, ...]:
    velocity, weight = sp.Function("F"), sp.Function("H")
    speed, moved = sp.Function("F_N"), sp.Function("H_N")
    w, v, g, i = (*(sp.IndexedBase(name) for name in "wvg"), sp.Idx("i"))
    runs = (i, 1, dim)

    def total(summand: sp.Expr) -> sp.Sum:
        return sp.Sum(summand, runs)

    return (
        Step(
            "decay_per_step",
            "definition",
            _eq(epsilon, DECAY),
            "The share of a weight that a step without momentum removes.",
        ),
        Step("decay_per_epoch", "definition", _eq(kappa, eta * lmbda / m), "The same, added up over n/m steps."),
        Step("velocity", "definition", _eq(velocity(a, y), mu * y + lmbda / n * a), "Heavy ball: the next velocity."),
        Step("weight", "definition", _eq(weight(a, y), a - eta * velocity(a, y)), "The next weight."),
        Step(
            "elimination",
            "equality",
            _eq(weight(weight(a, y), velocity(a, y)), TRACE * weight(a, y) - mu * a),
            "Two steps in a row, without the velocity: r^2 - (1 + mu - epsilon) r + mu = 0.",
            Identity(),
        ),
        Step("slow_root", "definition", _eq(slow, SLOW), "The root near 1."),
        Step("fast_root", "definition", _eq(fast, FAST), "The root near mu."),
        Step("sum_of_roots", "equality", _eq(slow + fast, TRACE), "They solve the equation: their sum,", Identity()),
        Step("product_of_roots", "equality", _eq(slow * fast, mu), "and their product.", Identity()),
        Step(
            "recurrence",
            "equality",
            _eq(PATH.subs(step, step + 2), (slow + fast) * PATH.subs(step, step + 1) - slow * fast * PATH),
            "With sum and product of the roots this is elimination, whatever the roots are.",
            Identity(keep=True),
        ),
        Step("start", "equality", _eq(PATH.subs(step, 0), w_0), "It starts at w_0,", Identity(keep=True)),
        Step(
            "first_step",
            "equality",
            _eq(PATH.subs(step, 1), (slow + fast - slow * fast) * w_0),
            "and its first step, from rest, is 1 - epsilon = r + r' - mu: the recurrence gives all others.",
            Identity(keep=True),
        ),
        Step(
            "path",
            "equality",
            _eq(PATH, w_0 * (slow * (1 - fast) * slow**step - fast * (1 - slow) * fast**step) / (slow - fast)),
            "The same as two modes.",
            Identity(keep=True),
        ),
        Step(
            "slow_series",
            "series",
            _eq(
                SLOW,
                1
                - epsilon / (1 - mu)
                - mu * epsilon**2 / (1 - mu) ** 3
                - mu * (1 + mu) * epsilon**3 / (1 - mu) ** 5
                + sp.O(epsilon**4),
            ),
            "Taylor at 0.",
            TaylorBelowOne(parameter=mu),
        ),
        Step(
            "log_series",
            "series",
            _eq(
                sp.log(SLOW),
                -epsilon / (1 - mu)
                - (1 + mu) * epsilon**2 / (2 * (1 - mu) ** 3)
                - (1 + 4 * mu + mu**2) * epsilon**3 / (3 * (1 - mu) ** 5)
                + sp.O(epsilon**4),
            ),
            "Taylor at 0.",
            TaylorBelowOne(parameter=mu),
        ),
        Step(
            "factor",
            "equality",
            _eq(slow ** (n / m), slow ** (step + steps_per_epoch) / slow**step),
            "The slow mode over an epoch: n = M m.",
            Identity(keep=True, given=(BATCHES,)),
        ),
        Step(
            "factor_leading",
            "series",
            _eq(sp.exp(kappa * sp.log(SLOW) / epsilon), sp.exp(-kappa / (1 - mu)) + sp.O(epsilon)),
            "n/m is kappa/epsilon: momentum multiplies the rate of decay by 1/(1 - mu).",
            Taylor(using="log_series"),
        ),
        Step(
            "critical",
            "equality",
            _eq(SQUARE, ((1 - sp.sqrt(mu)) ** 2 - epsilon) * ((1 + sp.sqrt(mu)) ** 2 - epsilon)),
            "What stands under the root: at epsilon = (1 - sqrt mu)^2 the roots meet,",
            Identity(),
        ),
        Step(
            "modulus",
            "equality",
            _eq((TRACE / 2) ** 2 + (sp.sqrt(-SQUARE) / 2) ** 2, mu),
            "and beyond, up to (1 + sqrt mu)^2, |r|^2 = mu: more lmbda no longer speeds the decay.",
            Identity(),
        ),
        Step(
            "critical_lmbda",
            "solution",
            solved(_eq(DECAY, CRITICAL), lmbda, CRITICAL_LMBDA),
            "In Nielsen's symbols.",
            Root(lmbda, eta / n),
        ),
        Step("nesterov_velocity", "definition", _eq(speed(a, y), mu * y + lmbda / n * a), "Nesterov, as in PyTorch."),
        Step(
            "nesterov_weight",
            "definition",
            _eq(moved(a, y), a - eta * (lmbda / n * a + mu * speed(a, y))),
            "The gradient, and the new velocity.",
        ),
        Step(
            "nesterov_elimination",
            "equality",
            _eq(moved(moved(a, y), speed(a, y)), TRACE_NESTEROV * moved(a, y) - PRODUCT_NESTEROV * a),
            "r^2 - (1 + mu)(1 - epsilon) r + mu (1 - epsilon) = 0.",
            Identity(),
        ),
        Step("nesterov_slow_root", "definition", _eq(slow_n, SLOW_NESTEROV), "Its root near 1."),
        Step("nesterov_fast_root", "definition", _eq(fast_n, FAST_NESTEROV), "Its root near mu."),
        Step("nesterov_sum", "equality", _eq(slow_n + fast_n, TRACE_NESTEROV), "Their sum,", Identity()),
        Step("nesterov_product", "equality", _eq(slow_n * fast_n, PRODUCT_NESTEROV), "and product.", Identity()),
        Step(
            "nesterov_series",
            "series",
            _eq(
                SLOW_NESTEROV,
                1 - epsilon / (1 - mu) - mu**2 * epsilon**2 / (1 - mu) ** 3 + sp.O(epsilon**3),
            ),
            "Taylor at 0.",
            TaylorBelowOne(parameter=mu),
        ),
        Step(
            "nesterov_critical",
            "equality",
            _eq(SQUARE_NESTEROV, (1 - epsilon) * (1 + mu) ** 2 * (CRITICAL_NESTEROV - epsilon)),
            "Its roots meet at epsilon = ((1 - mu)/(1 + mu))^2.",
            Identity(),
        ),
        Step(
            "nesterov_critical_lmbda",
            "solution",
            solved(_eq(DECAY, CRITICAL_NESTEROV), lmbda, CRITICAL_LMBDA_NESTEROV),
            "In Nielsen's symbols.",
            Root(lmbda, eta / n),
        ),
        Step(
            "moments",
            "equality",
            _eq(
                total((a * w[i] + y * v[i] - c * g[i]) * (x * w[i] + t * v[i] + g[i])),
                a * x * total(w[i] ** 2)
                + (a * t + x * y) * total(w[i] * v[i])
                + y * t * total(v[i] ** 2)
                - c * total(g[i] ** 2)
                + (a - c * x) * total(w[i] * g[i])
                + (y - c * t) * total(v[i] * g[i]),
            ),
            "Any number of runs, deviations from the mean: how a linear step changes second moments. The noise g of "
            "this step is independent of w and v: the last two sums vanish.",
            Termwise(),
        ),
        *_settled("heavy_ball", "Heavy ball", (KEPT, -eta * mu, epsilon / eta, mu), eta, HEAVY_BALL),
        *_settled(
            "nesterov",
            "Nesterov's step",
            (1 - epsilon * (1 + mu), -eta * mu**2, epsilon / eta, mu),
            eta * (1 + mu),
            NESTEROV,
        ),
        *_settled(
            "sgdw", "SGDW, which decays the weight beside the velocity,", (KEPT, -eta * mu, sp.S.Zero, mu), eta, SGDW
        ),
    )


def _formulas() -> tuple[Formula, ...]:
    in_eta = {epsilon: DECAY}
    pair = {slow: SLOW.subs(in_eta), fast: FAST.subs(in_eta)}
    below, over, over_nesterov = mu < 1, OVERDAMPED, OVERDAMPED_NESTEROV
    decay = (eta, lmbda, n, mu)
    noisy = (batch_noise, *decay)
    heavy = (below, DECAY < 2 * (1 + mu))
    nesterov = (below, DECAY * (1 + 2 * mu) < 2 * (1 + mu))
    sgdw = (below, DECAY < 2)

    def root(name: str, expr: sp.Expr, meaning: str, from_step: str, condition: sp.Rel) -> Formula:
        return Formula(name, expr.subs(in_eta), decay, meaning, "1", from_step, (below, condition))

    settled = "of a settled weight"
    return (
        root("slow_root", SLOW, "heavy ball: factor per step of the slow mode", "slow_root", over),
        root("fast_root", FAST, "heavy ball: factor per step of the fast mode", "fast_root", over),
        Formula(
            "weight",
            PATH.subs(pair),
            (w_0, step, *decay),
            "heavy ball: weight after k steps of decay alone, from rest",
            "1",
            "path",
            (below, over),
        ),
        Formula(
            "per_epoch_factor",
            pair[slow] ** (n / m),
            (eta, lmbda, n, m, mu),
            "heavy ball: factor of the slow mode per epoch",
            "1",
            "factor",
            (below, over),
        ),
        Formula(
            "per_epoch_factor_leading",
            sp.exp(-eta * lmbda / (m * (1 - mu))),
            (eta, lmbda, m, mu),
            "the same for eta lmbda << n (1 - mu)^2",
            "1",
            "factor_leading",
            (below,),
        ),
        Formula(
            "critical_lmbda",
            CRITICAL_LMBDA,
            (eta, n, mu),
            "heavy ball: lmbda beyond which a weight oscillates",
            "1",
            "critical_lmbda",
            (below,),
        ),
        root(
            "nesterov_slow_root",
            SLOW_NESTEROV,
            "Nesterov: factor per step of the slow mode",
            "nesterov_slow_root",
            over_nesterov,
        ),
        Formula(
            "nesterov_critical_lmbda",
            CRITICAL_LMBDA_NESTEROV,
            (eta, n, mu),
            "Nesterov: lmbda beyond which a weight oscillates",
            "1",
            "nesterov_critical_lmbda",
            (below,),
        ),
        Formula(
            "weight_variance",
            HEAVY_BALL[0].subs(in_eta),
            noisy,
            f"heavy ball: variance {settled}",
            "1",
            "heavy_ball_weight_var",
            heavy,
        ),
        Formula(
            "weight_velocity_covariance",
            HEAVY_BALL[1].subs(in_eta),
            noisy,
            "heavy ball: covariance of a settled weight and its velocity",
            "1",
            "heavy_ball_mixed",
            heavy,
        ),
        Formula(
            "velocity_variance",
            HEAVY_BALL[2].subs(in_eta),
            noisy,
            "heavy ball: variance of a settled velocity",
            "1",
            "heavy_ball_velocity_var",
            heavy,
        ),
        Formula(
            "nesterov_weight_variance",
            NESTEROV[0].subs(in_eta),
            noisy,
            f"Nesterov: variance {settled}",
            "1",
            "nesterov_weight_var",
            nesterov,
        ),
        Formula(
            "sgdw_weight_variance",
            SGDW[0].subs(in_eta),
            noisy,
            f"SGDW: variance {settled}",
            "1",
            "sgdw_weight_var",
            sgdw,
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> weight = build().formulas["weight"]
    >>> round(weight(w_0=1, step=2000, eta=0.1, lmbda=1e-3, n=1, momentum=0.9), 10)
    0.1339695713
    """
    slow_steps = (
        "sum_of_roots", "product_of_roots", "recurrence", "start", "first_step", "path", "slow_series", "log_series",
        "factor", "factor_leading", "slow_root", "fast_root",
    )  # fmt: skip
    return Derivation(
        name="momentum",
        statement="With momentum mu decay acts 1/(1 - mu) times as fast as without, up to epsilon_c = (1 - sqrt mu)^2 "
        "(Nesterov: ((1-mu)/(1+mu))^2); beyond, weights oscillate and heavy ball's shrink by sqrt mu per step whatever "
        "lmbda is. SGDW decays by 1 - epsilon. Stationary variances under independent noise in closed form.",
        assumptions=(
            Assumption("Momentum below 1.", mu < 1),
            Assumption("Decay alone, or with noise that is independent from step to step; no curvature."),
            Assumption("The velocity starts at 0."),
            Assumption("Overdamped: epsilon below (1 - sqrt mu)^2.", OVERDAMPED, slow_steps),
            Assumption(
                "Overdamped: epsilon below ((1 - mu)/(1 + mu))^2.",
                OVERDAMPED_NESTEROV,
                ("nesterov_sum", "nesterov_product", "nesterov_series", "nesterov_slow_root"),
            ),
            Assumption("An epoch has M steps of m examples each: n = M m.", BATCHES, ("factor",)),
        ),
        steps=_steps(),
        formulas={formula.name: formula for formula in _formulas()},
        validity=(
            Assumption("0 < mu < 1, and each formula's own limit on eta lmbda/n."),
            Assumption("Along a direction of curvature h put lmbda + n h for lmbda (SGDW excepted)."),
            Assumption("The velocity as PyTorch counts it: v <- mu v + g + L w, w <- w - eta v."),
        ),
        references=(
            "Heavy ball and Nesterov's momentum as PyTorch's SGD has them, SGDW after Loshchilov and Hutter; "
            "derived here from these updates.",
        ),
        ranges={eta: (0.01, 0.1), lmbda: (0.1, 1), n: (10, 100), m: (1, 10), mu: (0.1, 0.8), step: (2, 7)},
    )
