"""A3: what a learning-rate schedule leaves of a weight: the sum of the rates counts, then that of their squares."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.schedules.trigonometric import TrigonometricInduction
from derivations.laws.shared.openings import STEP_DECAY
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Induction, Monotone, PositiveAxis, Telescope, Tightness, UnitInterval
from derivations.scope import DECOUPLED, Scope
from derivations.step import Assumption, Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, epsilon, step, count, t = symbols("eta lmbda n epsilon step count t")
T, T1, T2, T3, t_c = symbols("total_steps warmup_steps stable_steps cooldown_steps t_c")
RATE = lmbda / n
SMALL = STEP_DECAY < 1
CONSTANT = T * sp.log(1 - STEP_DECAY)
# A part of no steps adds nothing: its sums have a factor of its length, over a length that is then taken as 1.
RISE, FALL = (sp.Max(length, 1) for length in (T1, T3))
ANGLE = sp.pi / T
# The rate at step k, as a share of the largest, for k = 0, 1, ...
SHAPES = {
    "linear": 1 - step / T,
    "cosine": (1 + sp.cos(ANGLE * step)) / 2,
    "warmup": step / RISE,
    "cooldown": 1 - step / FALL,
}


def dirichlet(angle: sp.Expr) -> sp.Expr:
    """Return 1 + cos(angle) + cos(2 angle) + ... over k terms."""
    return (1 + sp.sin((step - sp.Rational(1, 2)) * angle) / sp.sin(angle / 2)) / 2


def falling(total: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return the sum of 1 - j/T and of its square over j < k."""
    squares = step - step * (step - 1) / total + step * (step - 1) * (2 * step - 1) / (6 * total**2)
    return step - step * (step - 1) / (2 * total), squares


SUMS = {
    "linear": falling(T),
    "cosine": (
        (step + dirichlet(ANGLE)) / 2,
        3 * step / 8 + dirichlet(ANGLE) / 2 + dirichlet(2 * ANGLE) / 8,
    ),
    "warmup": (step * (step - 1) / (2 * RISE), step * (step - 1) * (2 * step - 1) / (6 * RISE**2)),
    "cooldown": falling(FALL),
}
TOTALS = {
    "linear": ((T + 1) / 2, (T + 1) * (2 * T + 1) / (6 * T)),
    "cosine": ((T + 1) / 2, 3 * T / 8 + sp.Rational(1, 2)),
    "wsd": tuple(
        sums[0].subs(step, T1) + T2 + sums[1].subs(step, T3)
        for sums in zip(SUMS["warmup"], SUMS["cooldown"], strict=True)
    ),
}
WORDS = {
    "linear": "a fall to 0 in equal steps",
    "cosine": "half a cosine wave",
    "warmup": "a rise from 0 in equal steps",
    "cooldown": "a fall to 0 in equal steps",
    "wsd": "warm-up, plateau and cool-down",
}


def log_factor(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """Return ln(w_T/w_0) to second order from the sums of the shape and of its square."""
    return -STEP_DECAY * first - STEP_DECAY**2 / 2 * second


LOG = {name: log_factor(*totals) for name, totals in TOTALS.items()}
POWER_LAW = -STEP_DECAY * t_c * sp.log(1 + T / t_c)
THIRD = epsilon**3 / (3 * (1 - epsilon))


def _functions(name: str) -> tuple:
    return sp.Function(f"S_{name}"), sp.Function(f"Q_{name}")


def _sums(name: str) -> tuple[Step, ...]:
    """Return the recursions for the sums of a shape and of its square, with their closed forms."""
    steps = []
    proof = TrigonometricInduction() if SHAPES[name].has(sp.cos) else Induction()
    for function, power, closed, kind in zip(_functions(name), (1, 2), SUMS[name], ("sum", "squares"), strict=True):
        rule = function(step) + SHAPES[name] ** power
        what = "Rates" if power == 1 else "Squared rates"
        steps += [
            Step(
                f"{name}_{kind}_rule",
                sp.And(_eq(function(0), 0), _eq(function(step + 1), rule)),
                f"{what} added up, the largest rate being 1: {WORDS[name]}.",
            ),
            Step(f"{name}_{kind}", _eq(function(step), closed), "Induction.", proof),
        ]
    return tuple(steps)


def _totals(name: str) -> tuple[Step, ...]:
    parts = {name: T} if name != "wsd" else {"warmup": T1, "cooldown": T3}
    flat = T2 if name == "wsd" else sp.S.Zero
    first, second = (sum((_functions(part)[k](length) for part, length in parts.items()), flat) for k in (0, 1))
    using = tuple(f"{part}_{kind}" for part in parts for kind in ("sum", "squares"))
    return (
        Step(
            f"{name}_total",
            _eq(eta * first, eta * TOTALS[name][0]),
            f"All rates of {WORDS[name]}, exactly.",
            Identity(using=tuple(f"{part}_sum" for part in parts)),
        ),
        Step(
            f"{name}_log",
            _eq(log_factor(first, second), LOG[name]),
            "ln(w_T/w_0) to second order.",
            Identity(using=using),
        ),
    )


def _steps() -> tuple[Step, ...]:
    logarithm, rate, even, power = (sp.Function(name) for name in ("ell", "r", "K", "P"))
    rest = -sp.log(1 - epsilon) - epsilon - epsilon**2 / 2
    return (
        Step("decay_per_step", _eq(epsilon, STEP_DECAY), "Share of a weight removed at the largest rate."),
        Step(
            "log_rule",
            sp.And(_eq(logarithm(0), 0), _eq(logarithm(step + 1), logarithm(step) + sp.log(1 - RATE * rate(step)))),
            "Logarithm of w_k/w_0 under w' = (1 - eta_k lmbda/n) w, whatever the rates r(k).",
        ),
        Step(
            "log_sum",
            _eq(logarithm(T), sp.Sum(sp.log(1 - RATE * rate(step)), (step, 0, T - 1))),
            "After T steps: the product of all factors.",
            Telescope(),
        ),
        Step(
            "second_order_upper",
            sp.Le(rest, THIRD, evaluate=False),
            "What a step takes beyond the second order: at most this. The gap is 0 at 0, its derivative "
            "x^3/(3(1-x)^2) > 0.",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**4 / 12)),
        ),
        Step(
            "rest_grows",
            _eq(sp.Derivative(THIRD, epsilon), epsilon**2 * (3 - 2 * epsilon) / (3 * (1 - epsilon) ** 2)),
            "It grows with x, so that T steps at rates up to eta leave out at most T times its value at eta.",
            Identity(keep=True),
        ),
        Step(
            "second_order_lower",
            sp.Le(epsilon**3 / 3, rest, evaluate=False),
            "And at least this: the derivative of the gap is x^3/(1-x) > 0.",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**4 / 4)),
        ),
        Step(
            "constant_rule",
            sp.And(_eq(even(0), 0), _eq(even(step + 1), even(step) + sp.log(1 - epsilon))),
            "The same at a constant rate.",
        ),
        Step("constant", _eq(even(step), step * sp.log(1 - STEP_DECAY)), "Induction.", Induction()),
        Step("constant_log", _eq(even(T), CONSTANT), "After T steps.", Identity(using=("constant",))),
        *(s for name in SHAPES for s in _sums(name)),
        *(s for name in TOTALS for s in _totals(name)),
        Step(
            "first_order_bound",
            sp.Le(sp.log(1 - epsilon), -epsilon, evaluate=False),
            "A rate eta/(1 + k/t_c) takes more than its first order,",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**2 / 2)),
        ),
        Step(
            "log_bound",
            sp.Le(sp.log(1 + t), t, evaluate=False),
            "and with t = 1/(t_c + k) its first order is more than -eta lmbda/n t_c ln(1 + t): the derivative of the "
            "gap is t/(1+t) > 0.",
            Monotone(PositiveAxis(t), Tightness(t, t**2 / 2)),
        ),
        Step(
            "second_order_off",
            _eq(sp.log(1 - epsilon), -epsilon - epsilon**2 / 2),
            "How far the second order of one step is off. Of a sum it is less: the rates of a schedule are not above "
            "the largest one.",
            MeasuredError(epsilon, 1e-3, 0.3, 0.033, 5, corners=(-3.33416714e-7, -0.032732728), open_below=(epsilon,)),
        ),
        Step(
            "power_rule",
            sp.And(_eq(power(0), 0), _eq(power(step + 1), power(step) + sp.log(1 + 1 / (t_c + step)))),
            "These logarithms added up.",
        ),
        Step(
            "power_sum",
            _eq(power(step), sp.log((t_c + step) / t_c)),
            "Induction: the product telescopes.",
            Induction(),
        ),
        Step(
            "power_law",
            _eq(-STEP_DECAY * t_c * power(T), POWER_LAW),
            "Hence at most this is left under inverse time: a power of T.",
            Identity(using=("power_sum",)),
        ),
        Step(
            "inverse_time",
            _eq(
                sp.Sum(sp.log(1 - epsilon / (1 + count / t_c)), (count, 0, T - 1)), -epsilon * t_c * sp.log(1 + T / t_c)
            ),
            "How far the power law is off: less than 1/(2 t_c) + epsilon/2 of the logarithm.",
            MeasuredError(
                t_c,
                100,
                10_000,
                0.0054,
                points=2,
                also=((T, 4, 64), (epsilon, 1e-6, 1e-3)),
                corners=(
                    *(-0.004895657, -0.005385566, -0.003939675, -0.004333826),
                    *(-5.048907e-05, -0.0005499725, -5.033843e-05, -0.0005483314),
                ),
            ),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    small = (SMALL,)
    lengths = {"linear": (T,), "cosine": (T,), "wsd": (T1, T2, T3)}
    conditions = {"linear": (), "cosine": (T > 1,), "wsd": ()}
    found = [
        Formula.of(
            steps,
            "log_factor_constant",
            (eta, lmbda, n, T),
            "ln(w_T/w_0) at a constant learning rate, exact",
            "1",
            "constant_log",
            small,
        ),
        Formula.of(
            steps,
            "log_factor_inverse_time",
            (eta, lmbda, n, T, t_c),
            "upper bound of ln(w_T/w_0) for eta/(1 + k/t_c), close for t_c >> 1",
            "1",
            "power_law",
            small,
        ),
        Formula.of(
            steps,
            "beyond_second_order",
            (eta, lmbda, n),
            "most that one step takes from ln(w_T/w_0) beyond the second order",
            "1",
            "second_order_upper",
            small,
        ),
    ]
    for name, length in lengths.items():
        found += [
            Formula.of(
                steps,
                f"log_factor_{name}",
                (eta, lmbda, n, *length),
                f"ln(w_T/w_0) to second order: {WORDS[name]}",
                "1",
                f"{name}_log",
                (*small, *conditions[name]),
                box="second_order_off",
            ),
            Formula.of(
                steps,
                f"rate_sum_{name}",
                (eta, *length),
                f"sum of the learning rates: {WORDS[name]}",
                "1",
                f"{name}_total",
            ),
        ]
    return tuple(found)


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["log_factor_cosine"](eta=0.1, lmbda=5, n=50_000, total_steps=150_000), 7)
    -0.7500078
    """
    steps = _steps()
    return Derivation(
        name="schedules",
        statement="A weight under decay alone keeps the product of 1 - eta_k lmbda/n: its logarithm is -lmbda/n times "
        "the sum of the rates, less half of (lmbda/n)^2 times the sum of their squares, less a third-order rest. "
        "Linear and cosine schedules to 0 have exactly the same sum, eta (T+1)/2; inverse time turns decay into a "
        "power law.",
        assumptions=(
            Assumption("The gradient of the data cost vanishes: decay acts alone.", sp.true),
            Assumption("A step removes less than the whole weight, at the largest rate too: eta lmbda/n < 1.", SMALL),
            Assumption("The schedule has at least two steps.", T > 1),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(DECOUPLED, "none"),
        scopes={
            "beyond_second_order": Scope(DECOUPLED, "none", network={"schedule": ("any",)}),
            "log_factor_constant": Scope(DECOUPLED, "none", network={"schedule": ("constant",)}),
            "log_factor_inverse_time": Scope(DECOUPLED, "none", network={"schedule": ("inverse time",)}),
            **{
                f"{what}_{shape}": Scope(DECOUPLED, "none", network={"schedule": (shape,)})
                for what in ("log_factor", "rate_sum")
                for shape in ("linear", "cosine", "wsd")
            },
        },
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "The rate of step k = 0, 1, ... is the schedule at k: the first step is made at eta, or at 0 in "
                "a warm-up, and the rate 0 at the end of the schedule is never used."
            ),
            Assumption(
                "Warm-up, plateau and cool-down may each have 0 steps. A warm-up of one step is a step at rate 0: it "
                "leaves what none leaves."
            ),
            Assumption("T steps leave out at most T beyond_second_order, always downwards."),
            Assumption("The decay is multiplied by the rate; one that is not follows log_factor_constant."),
            Assumption(
                "Decay alone: with batch noise of variance V the mean square obeys v' = (1 - eta_k lmbda/n)^2 v + "
                "eta_k^2 V, which is left out here, as it has no closed form for a cosine: iterate it."
            ),
        ),
        references=(
            "J. Su (kexue.fm): the sum of a warm-up-stable-decay schedule [read]; here exact, in steps.",
            "The rest is this project's.",
        ),
        ranges={epsilon: (1e-4, 0.9), n: (1e4, 1e5), lmbda: (0.1, 5), eta: (0.01, 10), t_c: (2, 50), T: (2, 9)},
    )
