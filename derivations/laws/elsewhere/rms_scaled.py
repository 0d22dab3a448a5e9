"""Adafactor's decay, at a rate scaled by the rms of the weights: they shrink as 1/k, not exponentially."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.elsewhere.openings import repeated, step
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Induction, NonNegativeGap, Root, Telescope, Termwise, Tightness
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import NEVER

eta, weight_decay, epsilon, weight_rms, weight_rms_0, rms_floor, total_steps, t, dim = symbols(
    "eta weight_decay epsilon weight_rms weight_rms_0 rms_floor total_steps t dim"
)
STEP_DECAY = eta * weight_decay
START = STEP_DECAY * weight_rms_0
SMALL, BELOW = START < 1, weight_rms < weight_rms_0
FASTER = STEP_DECAY / (1 - START)
MOST = weight_rms_0 / (1 + START * step)
LEAST = weight_rms_0 / (1 + FASTER * weight_rms_0 * step)
FIRST = epsilon * weight_rms_0
CLOSE = weight_rms_0 / (1 + FIRST * step + FIRST * sp.log(1 + FIRST * step))
inverse, upper, lower = sp.Function("R"), sp.Function("u"), sp.Function("v")


def _bounds() -> tuple[Step, ...]:
    w, i = sp.IndexedBase("w"), sp.Idx("i")
    scaled, kept = epsilon * weight_rms, 1 - epsilon * weight_rms
    fast = epsilon / (1 - epsilon * weight_rms_0)
    return (
        Step("decay_per_step", _eq(epsilon, STEP_DECAY), "The learning rate, before it is scaled, times the decay."),
        Step(
            "squares",
            _eq(sp.Sum((kept * w[i]) ** 2, (i, 1, dim)), kept**2 * sp.Sum(w[i] ** 2, (i, 1, dim))),
            "A step without gradient multiplies every weight by 1 - eta L w_rms: so it does the rms.",
            Termwise(),
        ),
        Step(
            "inverse_rule",
            sp.And(
                _eq(inverse(0), 1 / weight_rms_0),
                _eq(inverse(step + 1), inverse(step) + epsilon / (1 - epsilon / inverse(step))),
            ),
            "One over the rms: 1/(r (1 - epsilon r)) is 1/r + epsilon/(1 - epsilon r).",
        ),
        Step(
            "inverse_sum",
            _eq(
                inverse(total_steps) - 1 / weight_rms_0,
                sp.Sum(epsilon / (1 - epsilon / inverse(step)), (step, 0, total_steps - 1)),
            ),
            "It grows by a little more than epsilon in every step, whatever it is.",
            Telescope(),
        ),
        Step(
            "above",
            sp.Le(weight_rms * kept, weight_rms / (1 + scaled), evaluate=False),
            "A step leaves no more than one that divides by 1 + epsilon r,",
            NonNegativeGap(
                epsilon**2 * weight_rms**3 / (1 + scaled), (), Tightness(weight_rms, epsilon**2 * weight_rms**3)
            ),
        ),
        Step(
            "upper_rule",
            sp.And(_eq(upper(0), weight_rms_0), _eq(upper(step + 1), upper(step) / (1 + epsilon * upper(step)))),
            "and that rule, which keeps the order of two numbers, is solved:",
        ),
        Step("upper", _eq(upper(step), MOST), "the rms is never above this.", Induction()),
        Step(
            "below",
            sp.Le(weight_rms / (1 + fast * weight_rms), weight_rms * kept, evaluate=False),
            "It leaves no less than one that divides by 1 + epsilon r/(1 - epsilon w_rms,0), as r does not grow:",
            NonNegativeGap(
                epsilon**2 * weight_rms**2 * (weight_rms_0 - weight_rms) / (1 - epsilon * weight_rms_0 + scaled),
                (1 - START, weight_rms_0 - weight_rms),
                Tightness(
                    weight_rms,
                    epsilon**2 * weight_rms_0**2 * (weight_rms_0 - weight_rms),
                    weight_rms_0,
                    "-",
                ),
            ),
        ),
        Step(
            "lower_rule",
            sp.And(_eq(lower(0), weight_rms_0), _eq(lower(step + 1), lower(step) / (1 + FASTER * lower(step)))),
            "and that rule is solved in the same way.",
        ),
        Step("lower", _eq(lower(step), LEAST), "The rms is never below this.", Induction()),
    )


def _course() -> tuple[Step, ...]:
    return (
        Step(
            "close",
            _eq(1 / inverse(step), CLOSE),
            "What the steps take beyond epsilon, epsilon^2 r each, adds up to the logarithm.",
            MeasuredError(
                step,
                1,
                300,
                0.0036,
                5,
                ((weight_rms_0, 0.1, 10), (epsilon, 1 / (1000 * weight_rms_0), 1 / (10 * weight_rms_0))),
                (
                    *(1.49916725e-9, 0.00142410902, 1.49916725e-9, 0.00142410902),
                    *(2.44290144e-7, 0.000202178163, 2.44290144e-7, 0.000202178163),
                ),
                (weight_rms_0, epsilon),
                (step, weight_rms_0),
            ),
        ),
        Step(
            "reached",
            solved(
                _eq(1 / weight_rms_0 + STEP_DECAY * t, 1 / weight_rms),
                t,
                (1 / weight_rms - 1 / weight_rms_0) / STEP_DECAY,
            ),
            "Steps after which the bound from above, and so the rms, has come down to r.",
            Root(t, STEP_DECAY),
        ),
        *repeated(
            "floored",
            sp.Function("w_floored"),
            1 - STEP_DECAY * rms_floor,
            "Below the floor the scale is the floor itself: decoupled decay, very slow.",
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    arguments = (weight_rms_0, eta, weight_decay, step)
    return (
        Formula.of(steps, "rms", arguments, "rms of weights after k steps without gradient", "1", "close"),
        Formula.of(steps, "most", arguments, "what that rms is never above", "1", "upper", (SMALL,)),
        Formula.of(steps, "least", arguments, "what that rms is never below", "1", "lower", (SMALL,)),
        Formula.of(
            steps,
            "steps_to",
            (weight_rms_0, weight_rms, eta, weight_decay),
            "steps after which the rms is below another",
            "steps",
            "reached",
            (BELOW,),
        ),
        Formula.of(
            steps,
            "below_floor",
            (eta, weight_decay, rms_floor, step),
            "what is left, after k steps, of weights whose rms is below the floor",
            "1",
            "floored",
            (STEP_DECAY * rms_floor < 1,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["rms"](weight_rms_0=1, eta=0.1, weight_decay=0.01, step=10), 7)
    0.9900893
    """
    steps = (*_bounds(), *_course())
    return Derivation(
        name="rms_scaled",
        statement="Where decay is decoupled and the learning rate is scaled by the rms of the weights (Adafactor with "
        "scale_parameter), weights without gradient shrink as 1/(1 + eta L w_rms,0 k), not exponentially: "
        "the larger faster, and none below eps_2 but very slowly.",
        assumptions=(
            Assumption("The gradient of the data cost vanishes: decay acts alone.", sp.true),
            Assumption("A step removes less than the whole weight: eta L w_rms,0 < 1.", SMALL),
            Assumption("The rms is below that of the start.", BELOW, ("below", "reached")),
            Assumption("The rms is above the floor eps_2, 0.001 in most libraries, but in `floored`."),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("adafactor",), "none"),
        without_decay={"steps_to": NEVER},
        validity=(
            Assumption("One tensor at a time: each has its own rms."),
            Assumption("A given learning rate; the one that Adafactor makes up itself (relative_step) changes."),
            Assumption("Adafactor without scale_parameter is `ways_to_decay`."),
        ),
        references=(
            "N. Shazeer, M. Stern 2018, Adafactor, arXiv 1804.04235: the scaled learning rate [second-hand]; what it "
            "does to decay is derived here.",
        ),
        ranges={eta: (0.01, 0.3), weight_decay: (0.01, 1), weight_rms_0: (0.3, 3), weight_rms: (0.01, 2)},
    )
