"""Two weights of a ridge regression, any data: the exact covariance they settle with, and when they settle."""

from __future__ import annotations

import sympy as sp

from derivations.laws.ridge.usual import TOTAL_2, curvature_2, gradient_cov, h_2
from derivations.laws.ridge.weight import (
    count,
    curvature,
    curvature_var,
    dim,
    eta,
    gradient_std,
    h,
    lmbda,
    loss,
    m,
    n,
)
from derivations.laws.ridge.weight import in_full as _of_one
from derivations.prover.rules import Identity, Induction, Termwise
from derivations.step import Assumption, Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

a, y, z = symbols("a y z")
curvature_var_2, gradient_std_2, input_product_ms, input_skew, input_skew_2 = symbols(
    "curvature_var_2 gradient_std_2 input_product_ms input_skew input_skew_2"
)
loss_2, loss_12, link, tilt, tilt_2 = symbols("loss_2 loss_12 link tilt tilt_2")
MEANINGS = {
    loss_2: h_2 * (2 - eta * h_2) - eta * curvature_var_2 / m,
    loss_12: h + h_2 - eta * h * h_2 - eta / m * (2 * input_product_ms - curvature * curvature_2),
    link: eta * input_product_ms / m,
    tilt: eta * input_skew / m,
    tilt_2: eta * input_skew_2 / m,
}
FEED, FEED_2, FEED_12 = (eta * c / m for c in (gradient_std**2, gradient_std_2**2, gradient_cov))


def in_full(expr: sp.Expr) -> sp.Expr:
    """Return an expression in a user's symbols."""
    return _of_one(expr.subs(MEANINGS).subs(h_2, TOTAL_2))


DET = loss_12 * (loss * loss_2 - link**2) - 2 * (loss * tilt_2**2 + loss_2 * tilt**2 + 2 * link * tilt * tilt_2)
# Cofactors of the three balances, for the mean squares of both weights and their covariance.
OWN, OWN_2, OWN_12 = loss_12 * loss_2 - 2 * tilt_2**2, loss_12 * loss - 2 * tilt**2, loss * loss_2 - link**2
CROSS = loss_12 * link + 2 * tilt * tilt_2
LEAN, LEAN_2 = loss_2 * tilt + link * tilt_2, loss * tilt_2 + link * tilt
ABOVE = OWN * FEED + 2 * LEAN * FEED_12 + CROSS * FEED_2
ABOVE_2 = CROSS * FEED + 2 * LEAN_2 * FEED_12 + OWN_2 * FEED_2
ABOVE_12 = LEAN * FEED + OWN_12 * FEED_12 + LEAN_2 * FEED_2
FIRST = ABOVE / DET
WEIGHT, WEIGHT_2, WEIGHT_12 = OWN + CROSS, OWN_2 + CROSS, LEAN + LEAN_2
SETTLES = tuple(in_full(e) > 0 for e in (DET, WEIGHT, WEIGHT * WEIGHT_2 - WEIGHT_12**2))
STEPS = ("two_first", "two_second", "two_both")
ASSUMPTIONS = tuple(
    Assumption(sentence, relation, STEPS)
    for sentence, relation in zip(
        (
            "Two weights: eta is below its largest stable value, so that the three balances have one solution,",
            "and the weighted sum of two_stable is positive for every covariance:",
            "its matrix W is positive definite. These three are exactly what it takes for both weights to settle.",
        ),
        SETTLES,
        strict=True,
    )
)


def pair() -> tuple[Step, ...]:
    """Return the steps, in the eigenbasis of the mean curvature: the mean of x_1 x_2 is 0."""
    return (*_gradients(), *_one_step(), *_at_rest())


def _gradients() -> tuple[Step, ...]:
    p, r, s, b, c, i = *(sp.IndexedBase(name) for name in ("p", "r", "s", "b", "c")), sp.Idx("i")
    u, v = sp.IndexedBase("x_1"), sp.IndexedBase("x_2")
    examples, shift, drawn = (i, 1, dim), lmbda / n, sp.Function("P")

    def total(summand: sp.Expr) -> sp.Sum:
        return sp.Sum(summand, examples)

    return (
        Step(
            "two_gradient",
            _eq(
                total((p[i] * a + r[i] * y + b[i]) ** 2),
                a**2 * total(p[i] ** 2)
                + y**2 * total(r[i] ** 2)
                + total(b[i] ** 2)
                + 2 * a * y * total(p[i] * r[i])
                + 2 * a * total(p[i] * b[i])
                + 2 * y * total(r[i] * b[i]),
            ),
            "Two weights at the distances a and y: the square of the first component, with p = x_1^2 + lmbda/n and "
            "r = x_1 x_2. What is linear in a and y counts only as long as their means are not 0.",
            Termwise(),
        ),
        Step(
            "two_product",
            _eq(
                total((p[i] * a + r[i] * y + b[i]) * (r[i] * a + s[i] * y + c[i])),
                a**2 * total(p[i] * r[i])
                + y**2 * total(r[i] * s[i])
                + a * y * total(p[i] * s[i] + r[i] ** 2)
                + a * total(p[i] * c[i] + r[i] * b[i])
                + y * total(r[i] * c[i] + s[i] * b[i])
                + total(b[i] * c[i]),
            ),
            "The product of both components, s = x_2^2 + lmbda/n.",
            Termwise(),
        ),
        Step(
            "two_skew",
            _eq(
                total((u[i] ** 2 + shift) * u[i] * v[i]),
                total(u[i] ** 3 * v[i]) + shift * total(u[i] * v[i]),
            ),
            "The mean of p r is K_31, and that of r s is K_13, as the mean of x_1 x_2 is 0.",
            Termwise(),
        ),
        Step(
            "two_curvatures",
            _eq(
                total((u[i] ** 2 + shift) * (v[i] ** 2 + shift)),
                total(u[i] ** 2 * v[i] ** 2)
                + shift * total(u[i] ** 2)
                + shift * total(v[i] ** 2)
                + shift**2 * total(1),
            ),
            "The mean of p s,",
            Termwise(),
        ),
        Step(
            "two_curvatures_mean",
            _eq(
                input_product_ms + shift * curvature + shift * curvature_2 + shift**2,
                h * h_2 + input_product_ms - curvature * curvature_2,
            ),
            "written with H_1 and H_2.",
            Identity(),
        ),
        Step(
            "two_batch",
            sp.And(_eq(drawn(0), 0), _eq(drawn(count + 1), drawn(count) + 2 * count * y * z + a)),
            "Mean product of the sums of two numbers over j independent draws, means y and z, mean product a.",
        ),
        Step(
            "two_batch_sum",
            _eq(drawn(count), count * a + count * (count - 1) * y * z),
            "Induction.",
            Induction(),
        ),
        Step(
            "two_batch_mean",
            _eq(drawn(count) / count**2, (1 - 1 / count) * y * z + a / count),
            "The batch gradient is a mean over m = j draws.",
            Identity(using=("two_batch_sum",)),
        ),
    )


def _one_step() -> tuple[Step, ...]:
    square = (curvature_var + h**2) * a**2 + 2 * input_skew * a * y + input_product_ms * y**2 + gradient_std**2
    product = (
        input_skew * a**2
        + (h * h_2 + 2 * input_product_ms - curvature * curvature_2) * a * y
        + input_skew_2 * y**2
        + gradient_cov
    )
    return (
        Step("loss_2", _eq(loss_2, MEANINGS[loss_2]), "The same for a second weight."),
        Step("loss_12", _eq(loss_12, MEANINGS[loss_12]), "The same for the covariance."),
        Step("link", _eq(link, MEANINGS[link]), "K is the mean over examples of (x_1 x_2)^2."),
        Step("tilt", _eq(tilt, MEANINGS[tilt]), "K_31 is the mean over examples of x_1^3 x_2."),
        Step("tilt_2", _eq(tilt_2, MEANINGS[tilt_2]), "K_13 is the mean over examples of x_1 x_2^3."),
        Step(
            "two_step",
            _eq(
                a**2 - 2 * eta * a * (h * a) + eta**2 * ((1 - 1 / m) * (h * a) ** 2 + square / m),
                a**2 + eta * (FEED + 2 * tilt * a * y + link * y**2 - loss * a**2),
            ),
            "Mean square of the first distance after one step, once the means are 0; the second's by exchange.",
            Identity(),
        ),
        Step(
            "two_step_both",
            _eq(
                a * y
                - eta * a * (h_2 * y)
                - eta * y * (h * a)
                + eta**2 * ((1 - 1 / m) * (h * a * h_2 * y) + product / m),
                a * y + eta * (FEED_12 + tilt * a**2 + tilt_2 * y**2 - loss_12 * a * y),
            ),
            "And the mean product. Averaged over runs: three linear equations, for a^2, y^2 and a y.",
            Identity(),
        ),
    )


def _at_rest() -> tuple[Step, ...]:
    heads = {
        name: sp.Function(name)
        for name in ("Det", "N_11", "N_22", "N_12", "A_11", "A_22", "A_12", "B_12", "B_11", "B_22")
    }
    values = (DET, ABOVE, ABOVE_2, ABOVE_12, OWN, OWN_2, OWN_12, CROSS, LEAN, LEAN_2)
    det, one, two, both, own, own_2, own_12, cross, lean, lean_2 = (head(eta) for head in heads.values())
    rules = tuple(
        Step(f"two_{head}", _eq(head(eta), value), "Determinant." if head == heads["Det"] else "Cofactors.")
        for head, value in zip(heads.values(), values, strict=True)
    )
    left = loss * a - 2 * tilt * z - link * y
    left_2 = loss_2 * y - 2 * tilt_2 * z - link * a
    left_12 = loss_12 * z - tilt * a - tilt_2 * y

    def put(*names: str) -> Identity:
        return Identity(using=tuple(f"two_{name}" for name in ("Det", *names)), keep=True)

    def rests(name: str, value: sp.Expr, taken: sp.Expr, given: sp.Expr, reason: str) -> Step:
        proof = put("N_11", "N_22", "N_12")
        return Step(name, _eq((1 - eta * taken) * value + eta * given, value), reason, proof)

    first, second, joint = one / det, two / det, both / det
    return (
        *rules,
        rests(
            "two_first",
            first,
            loss,
            FEED + 2 * tilt * joint + link * second,
            "A step leaves the first mean square as it is,",
        ),
        rests(
            "two_second",
            second,
            loss_2,
            FEED_2 + 2 * tilt_2 * joint + link * first,
            "the second,",
        ),
        rests(
            "two_both",
            joint,
            loss_12,
            FEED_12 + tilt * first + tilt_2 * second,
            "and the covariance.",
        ),
        Step(
            "two_unique",
            _eq(det * a, own * left + 2 * lean * left_12 + cross * left_2),
            "Nothing else does: the three left-hand sides fix the first mean square a, as the determinant is not 0; "
            "the second, y, by exchange,",
            put("A_11", "B_11", "B_12"),
        ),
        Step(
            "two_unique_both",
            _eq(det * z, lean * left + own_12 * left_12 + lean_2 * left_2),
            "and the covariance z.",
            put("B_11", "A_12", "B_22"),
        ),
        Step(
            "two_stable",
            _eq(
                (own + cross) * left + 2 * (lean + lean_2) * left_12 + (own_2 + cross) * left_2,
                det * (a + y),
            ),
            "What a step takes, over eta, from the sum of W_11 a + 2 W_12 z + W_22 y, but for the noise. With W "
            "positive definite the sum bounds a + y, and a positive determinant makes it shrink by a factor: the "
            "moments settle. If they settle, W over the determinant is the sum of what all steps make of a + y, hence "
            "positive definite.",
            put("A_11", "A_22", "B_12", "B_11", "B_22"),
        ),
    )
