"""C3: one number carries a scale-invariant layer from step to step, under any schedule of eta and lmbda."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, STEP_FACTOR
from derivations.prover.rules import Identity, NonNegativeGap, Root, Tightness
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, eta_next, lmbda, lmbda_next, n, weight_norm2, gradient_scale, phi, growth, a, y = symbols(
    "eta eta_next lmbda lmbda_next n weight_norm2 gradient_scale phi growth a y"
)
KEPT, KEPT_NEXT = STEP_FACTOR, 1 - eta_next * lmbda_next / n
SMALL, SMALL_NEXT = STEP_DECAY < 1, eta_next * lmbda_next / n < 1
EXPANDS = growth > 1
PHI = eta / (KEPT * weight_norm2)
GROWTH = eta_next / (eta * KEPT * KEPT_NEXT)
NEXT = growth * phi / (1 + phi**2 * gradient_scale**2)
THRESHOLD = sp.sqrt(growth - 1) / gradient_scale
LARGEST = growth / (2 * gradient_scale)
ETA_NEXT = growth * eta * KEPT / (1 + growth * eta * KEPT * lmbda_next / n)
CONSTANT = KEPT**-2


def _steps() -> tuple[Step, ...]:
    image, after, turning, schedule = (sp.Function(name) for name in ("F", "N", "Phi", "B"))
    now, rest = turning(weight_norm2), 1 + phi**2 * gradient_scale**2
    return (
        Step(
            "norm",
            _eq(after(weight_norm2), KEPT**2 * weight_norm2 + eta**2 * gradient_scale**2 / weight_norm2),
            "The squared norm after a step; `scale_invariant` proves it for any number of weights.",
        ),
        Step(
            "phi",
            _eq(now, PHI),
            "The step's gradient part over what decay leaves of the weights, at unit gradient scale.",
        ),
        Step(
            "growth",
            _eq(schedule(eta, lmbda, eta_next, lmbda_next), GROWTH),
            "All that the schedule does, from one step to the next.",
        ),
        Step(
            "angle",
            _eq(after(weight_norm2), KEPT**2 * weight_norm2 * (1 + (now * gradient_scale) ** 2)),
            "Phi G is the tangent of the angle turned: |w'|^2 is ((1 - eta L)|w|)^2 over the cosine's square.",
            Identity(),
        ),
        Step(
            "direction",
            _eq(KEPT * y - eta * a, KEPT * (y - now * weight_norm2 * a)),
            "A weight y with gradient a after the step: where the weights point depends on where they point, on |w| g, "
            "which the scale does not change, and on Phi.",
            Identity(),
        ),
        Step(
            "law",
            _eq(
                eta_next / (KEPT_NEXT * after(weight_norm2)),
                schedule(eta, lmbda, eta_next, lmbda_next) * now / (1 + now**2 * gradient_scale**2),
            ),
            "Phi of the next step: norm and learning rates enter through Phi and B alone. No approximation.",
            Identity(),
        ),
        Step("map", _eq(image(phi), NEXT), "The law, for any Phi, B and G."),
        Step(
            "change",
            _eq(image(phi) - phi, phi * (growth - rest) / rest),
            "Phi grows exactly where B exceeds 1 + Phi^2 G^2: expansion.",
            Identity(),
        ),
        Step(
            "threshold",
            solved(_eq(rest, growth), phi, THRESHOLD),
            "Below it Phi grows, above it shrinks. For B <= 1 it always shrinks.",
            Root(phi, 2 * phi * gradient_scale**2),
        ),
        Step(
            "relaxation",
            _eq(sp.Subs(sp.Derivative(image(phi), phi), phi, THRESHOLD), 2 / growth - 1),
            "Factor per step of a small deviation, between -1 and 1: at constant B and G the threshold attracts, "
            "for B > 2 from alternating sides.",
            Identity(),
        ),
        Step(
            "cosine",
            _eq(sp.Subs(1 / sp.sqrt(rest), phi, THRESHOLD), 1 / sp.sqrt(growth)),
            "Cosine of the angle turned per step there, from the tangent Phi G.",
            Identity(),
        ),
        Step(
            "largest",
            sp.Le(image(phi), LARGEST, evaluate=False),
            "The gap is B (1 - Phi G)^2/(2 G (1 + Phi^2 G^2)): after any step, whatever came before.",
            NonNegativeGap(
                growth * (1 - phi * gradient_scale) ** 2 / (2 * gradient_scale * rest),
                (),
                Tightness(phi, growth * gradient_scale * (phi - 1 / gradient_scale) ** 2 / 4, 1 / gradient_scale),
            ),
        ),
        Step(
            "constant",
            _eq(schedule(eta, lmbda, eta, lmbda), CONSTANT),
            "At constant eta and lmbda; the cosine above is then 1 - eta L, as in `scale_invariant`.",
            Identity(),
        ),
        Step(
            "without_decay",
            _eq(schedule(eta, 0, eta_next, 0), eta_next / eta),
            "Without decay B is the growth of the learning rate.",
            Identity(),
        ),
        Step(
            "equivalence",
            _eq(schedule(eta, 0, eta * CONSTANT, 0), schedule(eta, lmbda, eta, lmbda)),
            "Constant decay does to the direction what no decay does with a learning rate that grows by B per step,",
            Identity(),
        ),
        Step(
            "equivalence_start",
            _eq(eta / KEPT / weight_norm2, now),
            "started at eta/(1 - eta L): Phi without decay is the learning rate over |w|^2.",
            Identity(),
        ),
        Step(
            "eta_next",
            solved(_eq(eta_next / KEPT_NEXT, growth * eta * KEPT), eta_next, ETA_NEXT),
            "The next learning rate that makes B what one wishes.",
            Root(eta_next, 1 / KEPT_NEXT**2, (KEPT_NEXT,)),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    small, one, grows = (SMALL,), "1", (EXPANDS,)
    return (
        Formula.of(
            steps, "phi", (eta, lmbda, n, weight_norm2), "Phi, from the norm before the step", one, "phi", small
        ),
        Formula.of(
            steps,
            "growth",
            (eta, lmbda, eta_next, lmbda_next, n),
            "factor B of the schedule",
            one,
            "growth",
            (SMALL, SMALL_NEXT),
        ),
        Formula.of(steps, "growth_constant", (eta, lmbda, n), "B at constant eta and lmbda", one, "constant", small),
        Formula.of(steps, "phi_next", (phi, growth, gradient_scale), "Phi of the next step", one, "map"),
        Formula.of(
            steps, "phi_threshold", (growth, gradient_scale), "Phi below which it grows", one, "threshold", grows
        ),
        Formula.of(
            steps, "phi_largest", (growth, gradient_scale), "what Phi cannot exceed after a step", one, "largest"
        ),
        Formula.of(
            steps,
            "relaxation_factor",
            (growth,),
            "factor per step of a small deviation",
            one,
            "relaxation",
            grows,
        ),
        Formula.of(steps, "cos_angle", (growth,), "cosine of the angle per step at rest", one, "cosine", grows),
        Formula.of(
            steps,
            "eta_next",
            (growth, eta, lmbda, lmbda_next, n),
            "next learning rate for a wished B",
            one,
            "eta_next",
            small,
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> found = build().formulas["growth"](eta=0.1, lmbda=1, eta_next=0.05, lmbda_next=1, n=100)
    >>> round(found, 5)
    0.50075
    """
    at_rest = ("threshold", "relaxation", "cosine")
    steps = _steps()
    return Derivation(
        name="schedule_law",
        statement="For weights whose scale the cost ignores, Phi = eta/((1 - eta L)|w|^2) obeys "
        "Phi' = B Phi/(1 + Phi^2 G^2) exactly, for any schedule of eta and L = lmbda/n, which enters through B alone; "
        "Phi grows exactly where Phi G < sqrt(B - 1).",
        assumptions=(
            Assumption("The cost does not change when all weights of the layer are multiplied by a positive number."),
            Assumption("Plain SGD: no momentum. G = |g| |w| may be different in every step."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("So does the next.", SMALL_NEXT),
            Assumption("The schedule expands: B > 1.", EXPANDS, at_rest),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sgd",), "perpendicular", network={"scale_invariant": ("yes",), "schedule": ("any",)}),
        validity=(
            Assumption("eta lmbda < n in every step.", SMALL),
            Assumption("The threshold, its relaxation and its cosine hold for constant B and G."),
        ),
        references=(
            "arXiv 2609.09116, an exact schedule law with weight decay [second-hand: a digest]; derived here.",
            "Z. Li, S. Arora, arXiv 1910.07454, decay and exponential learning rates [second-hand]; derived here.",
        ),
    )
