"""One weight of a ridge regression under minibatch SGD: mean and mean square after every step, and where it settles."""

from __future__ import annotations

import sympy as sp

from derivations.prover.rules import Identity, Induction, Root, Termwise
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, m, count, dim, step, a, y, error_0, weight_var = symbols(
    "eta lmbda n m count dim step a y error_0 weight_var"
)
curvature, curvature_var, gradient_std, curvature_gradient_cov = symbols(
    "curvature curvature_var gradient_std curvature_gradient_cov"
)
h, loss = symbols("total_curvature loss")
DROP = eta * h
MEANINGS = {loss: h * (2 - DROP) - eta * curvature_var / m, h: curvature + lmbda / n}


def in_full(expr: sp.Expr) -> sp.Expr:
    """Return an expression in a user's symbols."""
    for symbol, meaning in MEANINGS.items():
        expr = expr.subs(symbol, meaning)
    return expr


RATE = eta * loss
KICK = eta**2 * gradient_std**2 / m
MEAN = error_0 * (1 - DROP) ** step
VARIANCE = eta * gradient_std**2 / (m * loss)
COUPLED = 2 * eta * curvature_gradient_cov * error_0 / (m * (loss - h))
SQUARE = (
    error_0**2 * (1 - RATE) ** step
    + VARIANCE * (1 - (1 - RATE) ** step)
    + COUPLED * ((1 - DROP) ** step - (1 - RATE) ** step)
)
BOUND = 2 * h / (h**2 + curvature_var / m)
LOSS = in_full(loss)
STABLE, DISCRETE = LOSS > 0, in_full(DROP) < 2
GENERAL = sp.Ne(LOSS, in_full(h))


def one_weight() -> tuple[Step, ...]:
    """Return the steps for one weight."""
    x, b, i = sp.IndexedBase("x"), sp.IndexedBase("b"), sp.Idx("i")
    examples = (i, 1, dim)
    drawn, mean, square = sp.Function("S"), sp.Function("mu"), sp.Function("M")
    mean_square = a  # of one example's gradient, where y is its mean
    shift = lmbda / n
    per_example = (curvature_var + h**2) * y**2 + 2 * curvature_gradient_cov * y + gradient_std**2
    return (
        Step("total_curvature", _eq(h, MEANINGS[h]), "Decay adds lmbda/n to the curvature."),
        Step("loss", _eq(loss, MEANINGS[loss]), "1 - eta loss = (1 - eta H)^2 + eta^2 V/m."),
        Step(
            "shift",
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
            sp.And(_eq(drawn(0), 0), _eq(drawn(count + 1), drawn(count) + 2 * count * y * y + mean_square)),
            "Mean square of a sum of j independent draws, of mean y and mean square a each: the next one is "
            "independent of the sum so far, whose mean is j y.",
        ),
        Step(
            "batch_sum",
            _eq(drawn(count), count * mean_square + count * (count - 1) * y**2),
            "Induction.",
            Induction(),
        ),
        Step(
            "batch_mean",
            _eq(drawn(count) / count**2, (1 - 1 / count) * y**2 + mean_square / count),
            "The batch gradient is a mean over m = j draws.",
            Identity(using=("batch_sum",)),
        ),
        Step(
            "one_step",
            _eq(
                y**2 - 2 * eta * y * (h * y) + eta**2 * ((1 - 1 / m) * (h * y) ** 2 + per_example / m),
                (1 - RATE) * y**2 + 2 * eta**2 * curvature_gradient_cov / m * y + KICK,
            ),
            "Mean square after one step, w' = w - eta g: batch_mean with mean H y and example_gradient.",
            Identity(),
        ),
        Step(
            "mean",
            sp.And(_eq(mean(0), error_0), _eq(mean(step + 1), mean(step) - eta * h * mean(step))),
            "The mean over runs; the gradients b have mean 0 at the optimum.",
        ),
        Step("mean_error", _eq(mean(step), MEAN), "Induction over the steps.", Induction()),
        Step(
            "square",
            sp.And(
                _eq(square(0), error_0**2),
                _eq(
                    square(step + 1),
                    (1 - RATE) * square(step) + 2 * eta**2 * curvature_gradient_cov / m * MEAN + KICK,
                ),
            ),
            "one_step averaged over runs: y^2 becomes their mean square, y their mean.",
        ),
        Step("mean_square_error", _eq(square(step), SQUARE), "Induction over the steps.", Induction()),
        Step(
            "variance",
            solved(_eq(RATE * weight_var, KICK), weight_var, VARIANCE),
            "The one mean square that a step leaves as it is, once the mean is 0.",
            Root(weight_var, RATE, (LOSS,)),
        ),
        Step(
            "stability",
            solved(_eq(eta * (h**2 + curvature_var / m), 2 * h), eta, BOUND),
            "Where a step leaves the mean square as it is but for the noise: (1 - eta H)^2 + eta^2 V/m = 1. Above it "
            "the mean square grows without end.",
            Root(eta, h**2 + curvature_var / m),
        ),
        Step(
            "growth",
            _eq((1 - DROP) ** 2 + eta**2 * curvature_var / m - 1, eta * (eta * (h**2 + curvature_var / m) - 2 * h)),
            "The same with its sign: the mean square shrinks exactly where eta is below the bound.",
            Identity(),
        ),
    )
