"""Schedule-free without gradient: the average of all points forgets decay, the later the less; every order exactly."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Taylor
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, weight_decay, epsilon, step, count, mixing, a, y, c = symbols("eta weight_decay epsilon step count mixing a y c")
choose, coefficient, total, point = (sp.Function(name) for name in ("C", "g", "S", "y_of"))
few_average, few_point = sp.Function("x_4"), sp.Function("y_4")
EARLIER = count + 1 < step
MIXED = mixing < 1
POWER = 1 / (1 - mixing)
FEW = sp.Ge(step, 1)
ORDERS = ("coefficient_grows", "total_grows", "where_it_decays", "decays")
ORDER = (-epsilon) ** count
AVERAGE_CORNERS = (0.0, 0.0, 0.0, 0.0, 2.24443135e-14, 8.60970572e-6, 1.21205358e-15, 4.82200764e-7)
POINT_CORNERS = (0.0, 0.0, 0.0, 0.0, 7.87412054e-14, 3.42145376e-5, 1.33338519e-15, 5.33185757e-7)
FIRST = epsilon * ((1 - mixing) * step + mixing * (step + 1) / 2)


def nested(later: int) -> sp.Expr:
    """Return the average (0) or the point (1) to the fourth order: each order is the one before times a factor."""
    inside: sp.Expr = sp.S.One
    for r in (3, 2, 1, 0):
        more = (step - 1 - r) * (1 + (r + later) * (1 - mixing)) / ((r + 1) * (r + 2))
        inside = 1 - epsilon * more * inside
    return (1 - epsilon) * inside


def _summed(term: sp.Expr, last: sp.Expr = step - 1) -> sp.Expr:
    return (1 - epsilon) * sp.Sum(ORDER * term, (count, 0, last))


def _exactly() -> tuple[Step, ...]:
    ways = choose(step - 1, count)
    first, following = (coefficient(r, c) for r in (count, count + 1))
    chosen = sp.gamma(count + c) / (sp.gamma(c) * sp.factorial(count) * c**count)
    return (
        Step(
            "choose",
            _eq(choose(a, y), sp.factorial(a) / (sp.factorial(y) * sp.factorial(a - y))),
            "Ways to choose y out of a.",
        ),
        Step(
            "coefficient",
            _eq(coefficient(count, c), chosen),
            "The coefficient of the order j in -epsilon, where 1 - beta is 1/c: it starts at 1,",
        ),
        Step(
            "coefficient_grows",
            _eq(following, first * (1 + count / c) / (count + 1)),
            "and each is the one before times this.",
            Identity(),
        ),
        Step(
            "total_grows",
            _eq(
                ORDER * first * (choose(step, count + 1) - choose(step - 1, count + 1)),
                ORDER * first * ways,
            ),
            "The average x_k, times k, is the sum of z_1, ..., z_k. Of its order j, C(k, j+1) g_j, step k adds that of "
            "z_k, C(k-1, j) g_j; everything is over 1 - epsilon, what the first step leaves of z and x.",
            Identity(),
        ),
        Step(
            "where_it_decays",
            _eq(
                ORDER * first * ways / c + (1 - 1 / c) * ORDER * first * choose(step, count + 1) / step,
                ORDER * following * ways,
            ),
            "The point y = (1 - beta) z + beta x, beta = 1 - 1/c, has the order j with the coefficient of the next.",
            Identity(),
        ),
        Step(
            "decays",
            _eq(
                ORDER * -epsilon * following * (choose(step, count + 1) - choose(step - 1, count + 1)),
                -epsilon * ORDER * following * ways,
            ),
            "What z loses in step k + 1, in its order j + 1, is epsilon times the order j of y: all orders obey "
            "z' = z - epsilon y, in which decay is taken at y.",
            Identity(),
        ),
    )


def _altogether() -> tuple[Step, ...]:
    average = coefficient(count, POWER) * choose(step, count + 1)
    mixed = coefficient(count + 1, POWER) * choose(step - 1, count)
    # Where k epsilon is at most 1/2, what is beyond these orders is below 10^-40.
    enough = sp.Min(step - 1, 24)
    return (
        Step(
            "total",
            _eq(total(step), _summed(average)),
            "All orders of k x_k together; each obeys the rule, by the claims above. From C(k, k+1) on they are 0.",
        ),
        Step("point", _eq(point(step), _summed(mixed)), "And of y_k, with its own coefficients."),
        _few(
            "average",
            _summed(average, enough) / step,
            0,
            1.02e-5,
            AVERAGE_CORNERS,
            "The average to the fourth order; exact up to five steps.",
        ),
        _few(
            "gradient_point",
            _summed(mixed, enough),
            1,
            4.1e-5,
            POINT_CORNERS,
            "The point to the fourth order; exact up to five steps.",
        ),
        Step("few_average", _eq(few_average(step), nested(0)), "These four orders of the average,"),
        Step("few_point", _eq(few_point(step), nested(1)), "and of the point:"),
        Step(
            "average_first",
            _eq(few_average(step), 1 - epsilon * (step + 1) / 2 + sp.O(epsilon**2)),
            "to first order the average loses half of what decoupled decay takes, k epsilon, for large k,",
            Taylor(),
        ),
        Step(
            "point_first",
            _eq(few_point(step), 1 - FIRST + sp.O(epsilon**2)),
            "and the point, mixed with z, a little more.",
            Taylor(),
        ),
        Step(
            "share",
            _eq(FIRST / (epsilon * step), 1 - mixing + mixing * (1 + 1 / step) / 2),
            "In units of k epsilon: 1 - beta/2, in the long run; the average, mixed with nothing (beta = 1), 1/2.",
            Identity(),
        ),
    )


def _few(name: str, exact: sp.Expr, later: int, error: float, corners: tuple[float, ...], reason: str) -> Step:
    return Step(
        name,
        _eq(exact, nested(later)),
        reason,
        MeasuredError(
            step,
            1,
            100,
            error,
            3,
            ((mixing, 0.5, 0.98), (epsilon, 1 / (100 * step), 1 / (2 * step))),
            corners,
            (epsilon,),
            (step,),
        ),
    )


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    return (*_exactly(), *_altogether())


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    arguments = (eta, weight_decay, mixing, step)
    return (
        Formula.of(
            steps,
            "schedule_free_average",
            arguments,
            "schedule-free: what is left of the average x after k steps without gradient",
            "1",
            "average",
        ),
        Formula.of(
            steps,
            "schedule_free_point",
            arguments,
            "schedule-free: what is left of the point y at which gradients are taken",
            "1",
            "gradient_point",
        ),
        Formula.of(
            steps,
            "schedule_free_share",
            (mixing, step),
            "schedule-free: what the point has lost in k steps, in units of decoupled decay, for small k eta L",
            "1",
            "share",
            (FEW,),
        ),
    )
