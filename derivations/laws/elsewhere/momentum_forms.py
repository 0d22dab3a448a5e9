"""A weight under L2 put through Nesterov's momentum, or through momentum with dampening: its course, from rest."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.for_any import IdentityForAny
from derivations.prover.rules import Identity
from derivations.scope import Scope
from derivations.step import Assumption, Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, weight_decay, step, mu, dampening, a, y, w_0 = symbols("eta weight_decay step momentum dampening a y w_0")
STEP_DECAY = eta * weight_decay
ENTERS = (1 - dampening) * STEP_DECAY
SQUARE = {
    "nesterov": (1 - STEP_DECAY) * ((1 - mu) ** 2 - (1 + mu) ** 2 * STEP_DECAY),
    "dampened": (1 - mu) ** 2 - 2 * (1 + mu) * ENTERS + ENTERS**2,
}
TRACE = {"nesterov": (1 + mu) * (1 - STEP_DECAY), "dampened": 1 + mu - ENTERS}
PRODUCT = {"nesterov": mu * (1 - STEP_DECAY), "dampened": mu}
OVERDAMPED = {
    "nesterov": STEP_DECAY < ((1 - mu) / (1 + mu)) ** 2,
    "dampened": ENTERS < (1 - sp.sqrt(mu)) ** 2,
}
ROOTS = {"nesterov": symbols("slow_root_n fast_root_n root_gap_n"), "dampened": symbols("slow_root fast_root root_gap")}
# What the first step leaves, less the momentum.
FIRST = {"nesterov": 1 - (1 + mu) * STEP_DECAY, "dampened": 1 - STEP_DECAY}
# A first step, less a root, is the other root less this.
REST = {"nesterov": mu, "dampened": mu + dampening * STEP_DECAY}
# The first step: of Nesterov from no velocity, of the other from a velocity that is not dampened.
RESTING = {
    "nesterov": lambda weight: (weight(a, 0), FIRST["nesterov"] * a),
    "dampened": lambda weight: (weight(a, dampening * weight_decay * a / mu), FIRST["dampened"] * a),
}
RESTS = {
    "nesterov": "The first step, from rest.",
    "dampened": "The first step: PyTorch does not dampen its velocity, which is L w. It is as if there had been one.",
}
WORDS = {
    "nesterov": ("Nesterov, as in PyTorch: the next velocity,", "and the next weight, by gradient and new velocity."),
    "dampened": ("With dampening, as in PyTorch: the next velocity,", "and the next weight."),
}


def path(name: str) -> sp.Expr:
    """Return the two modes, from what the first step leaves."""
    slow, fast, gap = ROOTS[name]
    return w_0 * ((slow - REST[name]) * slow**step - (fast - REST[name]) * fast**step) / gap


def _form(name: str) -> tuple[Step, ...]:
    slow, fast, gap = ROOTS[name]
    velocity, weight, course = (sp.Function(f"{letter}_{name}") for letter in "FHw")
    share = 1 - dampening if name == "dampened" else sp.S.One
    moved = weight_decay * a + mu * velocity(a, y) if name == "nesterov" else velocity(a, y)
    trace, product = TRACE[name], PRODUCT[name]
    first, rest = FIRST[name], REST[name]
    # 2 - trace is 1 - mu and this; (1 - slow)(1 - fast) is what is removed.
    more = (1 + mu) * STEP_DECAY if name == "nesterov" else ENTERS
    removed = STEP_DECAY if name == "nesterov" else ENTERS
    free = (slow, fast, gap)
    return (
        Step(f"{name}_velocity", _eq(velocity(a, y), mu * y + share * weight_decay * a), WORDS[name][0]),
        Step(f"{name}_weight", _eq(weight(a, y), a - eta * moved), WORDS[name][1]),
        Step(
            f"{name}_elimination",
            _eq(weight(weight(a, y), velocity(a, y)), trace * weight(a, y) - product * a),
            "Two steps in a row, without the velocity.",
            Identity(),
        ),
        Step(f"{name}_rest", _eq(*RESTING[name](weight)), RESTS[name], Identity()),
        Step(f"{name}_gap", _eq(gap, sp.sqrt(SQUARE[name])), "What the roots will differ by."),
        Step(f"{name}_slow", _eq(slow, 1 - 2 * removed / (1 - mu + more + gap)), "The root near 1,"),
        Step(f"{name}_fast", _eq(fast, 2 * product / (trace + gap)), "and that near mu."),
        Step(f"{name}_sum", _eq(slow + fast, trace), "Their sum,", Identity()),
        Step(f"{name}_product", _eq(slow * fast, product), "and product.", Identity()),
        Step(f"{name}_path", _eq(course(step), path(name)), "Two modes; that these are the weights:"),
        Step(f"{name}_difference", _eq(slow - fast, gap), "the roots differ by this;", Identity()),
        Step(
            f"{name}_start",
            _eq(course(0), w_0),
            "they start at w_0,",
            IdentityForAny(free=free, less=((f"{name}_difference", w_0 / gap),)),
        ),
        Step(
            f"{name}_first",
            _eq(course(1), first * w_0),
            "their first step is that above,",
            IdentityForAny(
                free=free,
                less=(
                    (f"{name}_difference", w_0 * (slow + fast - rest) / gap),
                    (f"{name}_sum", w_0),
                ),
            ),
        ),
        Step(
            f"{name}_loop",
            _eq(course(step + 2), trace * course(step + 1) - product * course(step)),
            "and any three in a row obey the elimination, which gives all others.",
            IdentityForAny(
                free=free,
                less=((f"{name}_sum", course(step + 1)), (f"{name}_product", -course(step))),
            ),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    rate = (w_0, step, eta, weight_decay, mu)
    return (
        Formula.of(
            steps,
            "nesterov",
            rate,
            "weight after k steps of L2 through Nesterov's momentum, from rest",
            "1",
            "nesterov_path",
            (mu < 1, OVERDAMPED["nesterov"]),
        ),
        Formula.of(
            steps,
            "dampened",
            (*rate, dampening),
            "weight after k steps of L2 through momentum with dampening, from rest",
            "1",
            "dampened_path",
            (mu < 1, dampening < 1, OVERDAMPED["dampened"]),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> law = build().formulas["nesterov"]
    >>> round(law(w_0=1, step=10, eta=0.1, weight_decay=0.01, momentum=0.9), 7)
    0.9533366
    """
    steps = (*_form("nesterov"), *_form("dampened"))
    named = {
        name: tuple(f"{name}_{part}" for part in ("gap", "slow", "fast", "sum", "product", "path", "difference"))
        + tuple(f"{name}_{part}" for part in ("start", "first", "loop"))
        for name in ROOTS
    }
    return Derivation(
        name="momentum_forms",
        statement="L2 put through Nesterov's momentum, or through PyTorch's with dampening: a weight without gradient "
        "is a sum of two powers, a slow one near 1 and a fast one near mu.",
        assumptions=(
            Assumption("The gradient of the data cost vanishes: decay acts alone.", sp.true),
            Assumption("Momentum below 1.", mu < 1),
            Assumption("Dampening below 1.", dampening < 1),
            Assumption("Overdamped: eta L below ((1 - mu)/(1 + mu))^2.", OVERDAMPED["nesterov"], named["nesterov"]),
            Assumption(
                "Overdamped: (1 - dampening) eta L below (1 - sqrt mu)^2.", OVERDAMPED["dampened"], named["dampened"]
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("nesterov",), "none"),
        scopes={"dampened": Scope(("momentum",), "none")},
        validity=(
            Assumption("A learning rate that does not change."),
            Assumption("Heavy ball without dampening is `momentum`."),
            Assumption(
                "Where the velocity is an average, mu v + (1 - mu) L w from 0, it is heavy ball with (1 - mu) L for L."
            ),
        ),
        references=("The form is PyTorch's [code read]; the course is derived here.",),
        ranges={eta: (0.01, 0.3), weight_decay: (1e-3, 0.1), mu: (0.1, 0.8), dampening: (0.1, 0.9)},
    )
