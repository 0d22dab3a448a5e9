"""A5: ridge regression by minibatch SGD with replacement: exact mean and covariance, for one and two weights."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.proofs import Identity, Induction, Root, Taylor, Termwise
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, m, count, dim, step, a, y, error_0, weight_var = symbols(
    "eta lmbda n m count dim step a y error_0 weight_var"
)
curvature, curvature_var, gradient_std, curvature_gradient_cov = symbols(
    "curvature curvature_var gradient_std curvature_gradient_cov"
)
curvature_2, curvature_var_2, gradient_std_2, input_product_ms, gradient_cov, weight_cov_0 = symbols(
    "curvature_2 curvature_var_2 gradient_std_2 input_product_ms gradient_cov weight_cov_0"
)
h, h_2, loss, loss_2, link = symbols("total_curvature total_curvature_2 loss loss_2 link")
BATCH = _eq(m, count)
DROP, DROP_2 = eta * h, eta * h_2
MEANINGS = {
    loss: h * (2 - DROP) - eta * curvature_var / m,
    loss_2: h_2 * (2 - DROP_2) - eta * curvature_var_2 / m,
    link: eta * input_product_ms / m,
    h: curvature + lmbda / n,
    h_2: curvature_2 + lmbda / n,
}


def _in_full(expr: sp.Expr) -> sp.Expr:
    """Return an expression in a user's symbols."""
    for symbol, meaning in MEANINGS.items():
        expr = expr.subs(symbol, meaning)
    return expr


RATE = eta * loss
KICK = eta**2 * gradient_std**2 / m
MEAN = error_0 * (1 - DROP) ** step
VARIANCE = eta * gradient_std**2 / (m * loss)
ADDITIVE = eta * gradient_std**2 / (m * h * (2 - DROP))
FLOW = eta * gradient_std**2 / (2 * m * h)
COUPLED = 2 * eta * curvature_gradient_cov * error_0 / (m * (loss - h))
SQUARE = VARIANCE + (error_0**2 - VARIANCE - COUPLED) * (1 - RATE) ** step + COUPLED * (1 - DROP) ** step
BOUND = 2 * h / (h**2 + curvature_var / m)
ADDITIVE_OFF = -eta * curvature_var / (m * h * (2 - DROP))
FLOW_OFF = -eta * (h**2 + curvature_var / m) / (2 * h)
PAIR_DECAY = DROP + DROP_2 - eta**2 * h * h_2
PAIR = eta * gradient_cov / (m * (h + h_2 - eta * h * h_2))
PAIR_FLOW = eta * gradient_cov / (m * (h + h_2))
FEED, FEED_2 = eta * gradient_std**2 / m, eta * gradient_std_2**2 / m
FIRST = (FEED * loss_2 + link * FEED_2) / (loss * loss_2 - link**2)
SECOND = (FEED_2 * loss + link * FEED) / (loss * loss_2 - link**2)
LOSS, LOSS_2 = _in_full(loss), _in_full(loss_2)
STABLE, STABLE_2, STABLE_BOTH = LOSS > 0, LOSS_2 > 0, _in_full(loss * loss_2 - link**2) > 0
DISCRETE, DISCRETE_2 = _in_full(DROP) < 2, _in_full(DROP_2) < 2
GENERAL = sp.Ne(LOSS, _in_full(h))
_STABLE_STEPS = ("variance", "additive_off", "flow_off", "two_first", "two_second", "two_unique")
_DISCRETE_STEPS = ("additive", "additive_off")
_PAIR_STEPS = ("two_first", "two_second", "two_unique")


def _one_weight() -> tuple[Step, ...]:
    x, b, i = sp.IndexedBase("x"), sp.IndexedBase("b"), sp.Idx("i")
    examples = (i, 1, dim)
    drawn, mean, square = sp.Function("S"), sp.Function("mu"), sp.Function("M")
    mean_square = a  # of one example's gradient, where y is its mean
    shift = lmbda / n
    per_example = (curvature_var + h**2) * y**2 + 2 * curvature_gradient_cov * y + gradient_std**2
    return (
        Step("total_curvature", "definition", _eq(h, MEANINGS[h]), "Decay adds lmbda/n to the curvature."),
        Step("loss", "definition", _eq(loss, MEANINGS[loss]), "1 - eta loss = (1 - eta H)^2 + eta^2 V/m."),
        Step(
            "shift",
            "equality",
            _eq(
                sp.Sum((x[i] ** 2 + shift) ** 2, examples),
                sp.Sum((x[i] ** 2 - curvature) ** 2, examples)
                + 2 * h * sp.Sum(x[i] ** 2 - curvature, examples)
                + h**2 * sp.Sum(1, examples),
            ),
            "Decay adds lmbda/n to every example's curvature x^2: the mean becomes H = h + lmbda/n, the variance V "
            "stays, and the mean square is V + H^2, as the middle sum vanishes.",
            Termwise(),
        ),
        Step(
            "example_gradient",
            "equality",
            _eq(
                sp.Sum(((x[i] ** 2 + shift) * y + b[i]) ** 2, examples),
                y**2 * sp.Sum((x[i] ** 2 + shift) ** 2, examples)
                + 2 * y * sp.Sum((x[i] ** 2 + shift) * b[i], examples)
                + sp.Sum(b[i] ** 2, examples),
            ),
            "The squared gradient of one example at the distance y from the optimum, where its gradient is b. "
            "Averaged: (V + H^2) y^2 + 2 D y + C, with H = h + lmbda/n and C = gradient_std^2.",
            Termwise(),
        ),
        Step(
            "batch",
            "definition",
            sp.And(_eq(drawn(0), 0), _eq(drawn(count + 1), drawn(count) + 2 * count * y * y + mean_square)),
            "Mean square of a sum of j independent draws, of mean y and mean square a each: the next one is "
            "independent of the sum so far, whose mean is j y.",
        ),
        Step(
            "batch_sum",
            "solution",
            _eq(drawn(count), count * mean_square + count * (count - 1) * y**2),
            "Induction.",
            Induction(),
        ),
        Step(
            "batch_mean",
            "equality",
            _eq(drawn(count) / m**2, (1 - 1 / m) * y**2 + mean_square / m),
            "The batch gradient is a mean over m draws.",
            Identity(using=("batch_sum",), given=(BATCH,)),
        ),
        Step(
            "one_step",
            "equality",
            _eq(
                y**2 - 2 * eta * y * (h * y) + eta**2 * ((1 - 1 / m) * (h * y) ** 2 + per_example / m),
                (1 - RATE) * y**2 + 2 * eta**2 * curvature_gradient_cov / m * y + KICK,
            ),
            "Mean square after one step, w' = w - eta g: batch_mean with mean H y and example_gradient.",
            Identity(),
        ),
        Step(
            "mean",
            "definition",
            sp.And(_eq(mean(0), error_0), _eq(mean(step + 1), mean(step) - eta * h * mean(step))),
            "The mean over runs; the gradients b have mean 0 at the optimum.",
        ),
        Step("mean_error", "solution", _eq(mean(step), MEAN), "Induction over the steps.", Induction()),
        Step(
            "square",
            "definition",
            sp.And(
                _eq(square(0), error_0**2),
                _eq(
                    square(step + 1),
                    (1 - RATE) * square(step) + 2 * eta**2 * curvature_gradient_cov / m * MEAN + KICK,
                ),
            ),
            "one_step averaged over runs: y^2 becomes their mean square, y their mean.",
        ),
        Step("mean_square_error", "solution", _eq(square(step), SQUARE), "Induction over the steps.", Induction()),
        Step(
            "variance",
            "solution",
            solved(_eq(RATE * weight_var, KICK), weight_var, VARIANCE),
            "The one mean square that a step leaves as it is, once the mean is 0.",
            Root(weight_var, RATE, (LOSS,)),
        ),
        Step(
            "stability",
            "solution",
            solved(_eq(eta * (h**2 + curvature_var / m), 2 * h), eta, BOUND),
            "Where a step leaves the mean square as it is but for the noise: (1 - eta H)^2 + eta^2 V/m = 1. Above it "
            "the mean square grows without end.",
            Root(eta, h**2 + curvature_var / m),
        ),
        Step(
            "growth",
            "equality",
            _eq((1 - DROP) ** 2 + eta**2 * curvature_var / m - 1, eta * (eta * (h**2 + curvature_var / m) - 2 * h)),
            "The same with its sign: the mean square shrinks exactly where eta is below the bound.",
            Identity(),
        ),
        Step(
            "additive",
            "solution",
            solved(_eq(weight_var * (1 - (1 - DROP) ** 2), KICK), weight_var, ADDITIVE),
            "With V = 0: noise that does not depend on the weight, discrete steps.",
            Root(weight_var, DROP * (2 - DROP), (2 - _in_full(DROP),)),
        ),
        Step(
            "flow",
            "solution",
            solved(_eq(2 * h * weight_var, eta * gradient_std**2 / m), weight_var, FLOW),
            "The Ornstein-Uhlenbeck process of Mandt, Hoffman and Blei: HS + SH = eta C/m.",
            Root(weight_var, 2 * h),
        ),
        Step(
            "additive_off",
            "equality",
            _eq(ADDITIVE / VARIANCE - 1, ADDITIVE_OFF),
            "How far the additive form is off, exactly: it is always too small.",
            Identity(),
        ),
        Step(
            "flow_off",
            "equality",
            _eq(FLOW / VARIANCE - 1, FLOW_OFF),
            "How far Ornstein-Uhlenbeck is off, exactly: by minus the ratio of eta to its largest stable value.",
            Identity(),
        ),
        Step(
            "no_data",
            "series",
            _eq(
                _in_full(FLOW),
                eta * n * gradient_std**2 / (2 * m * lmbda) * (1 - n * curvature / lmbda) + sp.O(curvature**2),
            ),
            "A direction with h << lmbda/n is held by decay alone: the floor of stationary_variance.",
            Taylor(),
        ),
    )


def _two_weights() -> tuple[Step, ...]:
    p, r, b, i = sp.IndexedBase("p"), sp.IndexedBase("r"), sp.IndexedBase("b"), sp.Idx("i")
    examples = (i, 1, dim)
    pair = sp.Function("S_12")
    per_example = (curvature_var + h**2) * a**2 + input_product_ms * y**2 + gradient_std**2
    return (
        Step("total_curvature_2", "definition", _eq(h_2, MEANINGS[h_2]), "The same for a second weight."),
        Step("loss_2", "definition", _eq(loss_2, MEANINGS[loss_2]), "The same for a second weight."),
        Step("link", "definition", _eq(link, MEANINGS[link]), "K is the mean over examples of (x_1 x_2)^2."),
        Step(
            "pair",
            "definition",
            sp.And(
                _eq(pair(0), weight_cov_0),
                _eq(
                    pair(step + 1),
                    pair(step) - eta * (h + h_2) * pair(step) + eta**2 * (h * h_2 * pair(step) + gradient_cov / m),
                ),
            ),
            "Covariance of two weights in the eigenbasis of the mean curvature, noise that does not depend on them: "
            "the mean of (w_1 - eta g_1)(w_2 - eta g_2). Any pair out of any number of weights.",
        ),
        Step(
            "pair_path",
            "solution",
            _eq(pair(step), PAIR + (weight_cov_0 - PAIR) * (1 - PAIR_DECAY) ** step),
            "Induction; 1 - PAIR_DECAY is (1 - eta H_1)(1 - eta H_2), inside (-1, 1): it tends to the first term, "
            "which solves HS + SH - eta HSH = eta C/m.",
            Induction(),
        ),
        Step(
            "pair_at_rest",
            "equality",
            _eq((1 - DROP) * (1 - eta * h_2) * PAIR + eta**2 * gradient_cov / m, PAIR),
            "What it tends to does not move.",
            Identity(),
        ),
        Step(
            "pair_flow",
            "equality",
            _eq((eta * gradient_cov / m - h * PAIR_FLOW) / h_2, PAIR_FLOW),
            "The same entry of Mandt, Hoffman and Blei's HS + SH = eta C/m, that is S = (eta C/m - H_1 S)/H_2.",
            Identity(),
        ),
        Step(
            "pair_off",
            "equality",
            _eq(PAIR_FLOW / PAIR - 1, -eta * h * h_2 / (h + h_2)),
            "How far that is off from the discrete one.",
            Identity(),
        ),
        Step(
            "two_gradient",
            "equality",
            _eq(
                sp.Sum((p[i] * a + r[i] * y + b[i]) ** 2, examples),
                a**2 * sp.Sum(p[i] ** 2, examples)
                + y**2 * sp.Sum(r[i] ** 2, examples)
                + sp.Sum(b[i] ** 2, examples)
                + 2 * a * y * sp.Sum(p[i] * r[i], examples)
                + 2 * a * sp.Sum(p[i] * b[i], examples)
                + 2 * y * sp.Sum(r[i] * b[i], examples),
            ),
            "Two weights at the distances a and y: the first component, with p = x_1^2 + lmbda/n and r = x_1 x_2. The "
            "mixed sums vanish by the assumed symmetry; averaged: (V + H^2) a^2 + K y^2 + C.",
            Termwise(),
        ),
        Step(
            "two_step",
            "equality",
            _eq(
                a**2 - 2 * eta * a * (h * a) + eta**2 * ((1 - 1 / m) * (h * a) ** 2 + per_example / m),
                a**2 + eta * (FEED + link * y**2 - loss * a**2),
            ),
            "One step, as with one weight: what the second weight's spread feeds into the first is eta^2 K/m y^2.",
            Identity(),
        ),
        Step(
            "two_first",
            "equality",
            _eq(FIRST, (FEED + link * SECOND) / loss),
            "Averaged over runs and at rest: the first weight's balance.",
            Identity(keep=True),
        ),
        Step(
            "two_second",
            "equality",
            _eq(SECOND, (FEED_2 + link * FIRST) / loss_2),
            "The second's.",
            Identity(keep=True),
        ),
        Step(
            "two_unique",
            "equality",
            _eq(
                (loss * loss_2 - link**2) * a,
                loss_2 * (loss * a - link * y) + link * (loss_2 * y - link * a),
            ),
            "The two balances fix the first mean square, as the factor on the left is not 0; by symmetry the second.",
            Identity(keep=True),
        ),
    )


def _formulas() -> tuple[Formula, ...]:
    one = "1"
    settings = (eta, lmbda, n, m, curvature)
    noisy = (*settings, curvature_var, gradient_std)
    pair = (*settings, curvature_2, gradient_cov)
    return (
        Formula(
            "mean_error",
            _in_full(MEAN),
            (error_0, step, eta, lmbda, n, curvature),
            "mean distance from the optimum after k steps",
            one,
            "mean_error",
            (DISCRETE,),
        ),
        Formula(
            "mean_square_error",
            _in_full(SQUARE),
            (error_0, step, *noisy, curvature_gradient_cov),
            "mean square distance from the optimum after k steps",
            one,
            "mean_square_error",
            (STABLE, GENERAL),
        ),
        Formula(
            "stationary_variance",
            _in_full(VARIANCE),
            noisy,
            "variance of a settled weight, exact",
            one,
            "variance",
            (STABLE,),
        ),
        Formula(
            "stability_bound",
            _in_full(BOUND),
            (lmbda, n, m, curvature, curvature_var),
            "learning rate above which the mean square grows",
            one,
            "stability",
        ),
        Formula(
            "variance_additive",
            _in_full(ADDITIVE),
            (*settings, gradient_std),
            "the same with noise that does not depend on the weight",
            one,
            "additive",
            (DISCRETE,),
        ),
        Formula(
            "variance_flow",
            _in_full(FLOW),
            (eta, lmbda, n, m, curvature, gradient_std),
            "the same by Ornstein-Uhlenbeck",
            one,
            "flow",
        ),
        Formula(
            "additive_error",
            _in_full(ADDITIVE_OFF),
            (*settings, curvature_var),
            "variance_additive / stationary_variance - 1",
            one,
            "additive_off",
            (STABLE,),
        ),
        Formula(
            "flow_error",
            _in_full(FLOW_OFF),
            (*settings, curvature_var),
            "variance_flow / stationary_variance - 1",
            one,
            "flow_off",
            (STABLE,),
        ),
        Formula(
            "covariance_additive",
            _in_full(PAIR),
            pair,
            "covariance of two settled weights, noise that does not depend on them",
            one,
            "pair_at_rest",
            (DISCRETE, DISCRETE_2),
        ),
        Formula("covariance_flow", _in_full(PAIR_FLOW), pair, "the same by Ornstein-Uhlenbeck", one, "pair_flow"),
        Formula(
            "stationary_variance_of_two",
            _in_full(FIRST),
            (*noisy, curvature_2, curvature_var_2, gradient_std_2, input_product_ms),
            "variance of the first of two settled weights, exact",
            one,
            "two_first",
            (STABLE, STABLE_2, STABLE_BOTH),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> bound = build().formulas["stability_bound"](lmbda=1e-9, n=100, m=1, curvature=1, curvature_var=2)
    >>> round(bound, 6)
    0.666667
    """
    return Derivation(
        name="ridge",
        statement="A linear network with quadratic cost: mean and mean square of a weight under minibatch SGD. "
        "The noise grows with the distance from the optimum, so the variance is larger than Ornstein-Uhlenbeck's, by "
        "the more the closer eta comes to its largest stable value 2H/(H^2 + V/m), H = h + lmbda/n.",
        assumptions=(
            Assumption("Batches of m examples drawn independently with replacement."),
            Assumption(
                "Cost 1/2 (w x - target)^2 per example and lmbda/(2n) w^2; distances are from the minimum of the whole "
                "cost, where the gradients of the examples have mean 0 and mean square gradient_std^2."
            ),
            Assumption("eta is below its largest stable value: (1 - eta H)^2 + eta^2 V/m < 1.", STABLE, _STABLE_STEPS),
            Assumption("eta H < 2.", DISCRETE, _DISCRETE_STEPS),
            Assumption("A batch is the j examples drawn.", BATCH, ("batch_mean",)),
            Assumption(
                "Two weights, exact variance: the training set is symmetric under x_1 -> -x_1, so that the mean of "
                "x_1 x_2 and all mixed sums vanish; with more weights, or without this symmetry, solve the linear "
                "system numerically."
            ),
            Assumption("Two weights: the second is stable on its own.", STABLE_2, _PAIR_STEPS),
            Assumption("Two weights: they are stable together.", STABLE_BOTH, _PAIR_STEPS),
        ),
        steps=(*_one_weight(), *_two_weights()),
        formulas={formula.name: formula for formula in _formulas()},
        validity=(
            Assumption("Shuffled epochs draw without replacement: their noise is far smaller at small eta H n/m."),
            Assumption("mean_square_error: RATE differs from eta H, or its two exponentials merge."),
            Assumption(
                "With four weights and Gaussian inputs (n = 60, m = 3, eta = 0.15) the trace of the covariance is 12 % "
                "too small by the additive form and 19 % by Ornstein-Uhlenbeck (11 to 14 % and 17 to 21 % over six "
                "data sets): use the exact linear system."
            ),
        ),
        references=(
            "S. Mandt, M. Hoffman, D. Blei 2017, Stochastic gradient descent as approximate Bayesian inference, arXiv "
            "1704.04289: the Ornstein-Uhlenbeck form [abstract read; equations remembered; derived here].",
            "K. Liu, L. Ziyin, M. Ueda 2020, arXiv 2012.03636: discrete time [abstract read; derived here].",
            "L. Ziyin, K. Liu, T. Mori, M. Ueda 2021, Strength of minibatch noise in SGD, arXiv 2102.05375 [abstract "
            "read; derived here].",
        ),
        ranges={
            curvature: (0.3, 2),
            curvature_2: (0.3, 2),
            curvature_var: (0.1, 2),
            curvature_var_2: (0.1, 2),
            gradient_std: (0.1, 2),
            gradient_std_2: (0.1, 2),
            input_product_ms: (0.1, 1),
            gradient_cov: (0.1, 2),
            m: (1, 100),
            n: (10, 100),
            lmbda: (1, 10),
            eta: (0.03, 0.5),
        },
    )
