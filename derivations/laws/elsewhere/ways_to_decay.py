"""What is left of a weight without gradient under each meaning of `weight_decay`, and the value that decays alike."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.elsewhere.openings import repeated, step, steps_after
from derivations.prover.rules import (
    Identity,
    IncreasingImage,
    Induction,
    Monotone,
    PositiveAxis,
    Root,
    Tightness,
    UnitInterval,
)
from derivations.scope import DECOUPLED, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import NEVER

eta, eta_next, eta_start, weight_decay, epsilon, total_steps, weight_abs_0, t = symbols(
    "eta eta_next eta_start weight_decay epsilon total_steps weight_abs_0 t"
)
absolute_decay, relative_decay, implicit_decay = symbols("absolute_decay relative_decay implicit_decay")
STEP_DECAY = eta * weight_decay
SMALL, SMALL_NEXT = STEP_DECAY < 1, eta_next * weight_decay < 1
FACTORS = {
    "decoupled": (1 - STEP_DECAY, "Decoupled, as AdamW: a step takes the share eta L off."),
    "implicit": (1 / (1 + STEP_DECAY), "Implicit, as Adan: a step divides by 1 + eta L."),
    "absolute": (1 - weight_decay, "Absolute: a step takes the share L off, whatever the learning rate."),
    "relative": (
        1 - weight_decay * eta / eta_start,
        "Relative: a step takes L off at the first learning rate, and in proportion at others.",
    ),
    "added": (1 + weight_decay, "Added after the learning rate has set the sign: weights grow."),
}
AFTER = {
    "decoupled": (1 - STEP_DECAY, 1 - eta_next * weight_decay, "eta"),
    "implicit": (1 / (1 + STEP_DECAY), 1 / (1 + eta_next * weight_decay), "eta"),
    "relative": (1 - weight_decay, 1 - weight_decay * eta_next / eta_start, "eta_start"),
}
BOUNDS = ("log_upper", "log_of_more", "decoupled_below", "implicit_above", "exponential")
left = {name: sp.Function(f"w_{name}") for name in FACTORS}


def _changed(name: str) -> tuple[Step, Step]:
    before, after, rate = AFTER[name]
    return repeated(
        f"{name}_changed",
        sp.Function(f"v_{name}"),
        after,
        f"{name.capitalize()}: k steps at {rate}, then at another rate.",
        before**step,
        steps_after,
    )


def _ways() -> tuple[Step, ...]:
    shrunk = sp.Function("w_l1")
    return (
        Step("decay_per_step", _eq(epsilon, STEP_DECAY), "The learning rate times the decay."),
        *(one for name, (factor, reason) in FACTORS.items() for one in repeated(name, left[name], factor, reason)),
        *(one for name in AFTER for one in _changed(name)),
        Step(
            "late",
            _eq(left["decoupled"](step) / left["decoupled"](1), (1 - STEP_DECAY) ** (step - 1)),
            "Decoupled, but for a first step that only fills its averages: k - 1 steps of k decay.",
            Identity(using=("decoupled",)),
        ),
        Step(
            "l1_rule",
            sp.And(_eq(shrunk(0), weight_abs_0), _eq(shrunk(step + 1), shrunk(step) - STEP_DECAY)),
            "The sum of absolute values in the cost: a step takes eta L off the size of a weight, whatever that is.",
        ),
        Step("l1", _eq(shrunk(step), weight_abs_0 - STEP_DECAY * step), "Induction.", Induction()),
        Step(
            "l1_end",
            solved(_eq(weight_abs_0 - STEP_DECAY * t, 0), t, weight_abs_0 / STEP_DECAY),
            "It ends at 0 after so many steps, rounded up.",
            Root(t, -STEP_DECAY),
        ),
    )


def _bounds() -> tuple[Step, ...]:
    y = sp.Symbol("y", real=True)
    lowered, leading = sp.exp(-STEP_DECAY * total_steps), total_steps * epsilon**2 / 2
    grown = sp.Lambda(y, sp.exp(total_steps * y))
    return (
        Step(
            "log_upper",
            sp.Le(sp.log(1 - epsilon), -epsilon, evaluate=False),
            "The gap is 0 at 0 and its derivative is epsilon/(1 - epsilon) > 0.",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**2 / 2)),
        ),
        Step(
            "log_of_more",
            sp.Le(-epsilon, -sp.log(1 + epsilon), evaluate=False),
            "The gap is 0 at 0 and its derivative is epsilon/(1 + epsilon) > 0.",
            Monotone(PositiveAxis(epsilon), Tightness(epsilon, epsilon**2 / 2)),
        ),
        Step(
            "decoupled_below",
            sp.Le((1 - STEP_DECAY) ** total_steps, lowered, evaluate=False),
            "The exponential of T times log_upper: a step that takes its share off leaves less than exp(-eta L),",
            IncreasingImage("log_upper", grown, Tightness(weight_decay, leading)),
        ),
        Step(
            "implicit_above",
            sp.Le(lowered, (1 + STEP_DECAY) ** -total_steps, evaluate=False),
            "and one that divides leaves more.",
            IncreasingImage("log_of_more", grown, Tightness(weight_decay, leading)),
        ),
        Step(
            "apart",
            _eq(left["implicit"](step) / left["decoupled"](step), (1 - epsilon**2) ** -step),
            "How far the two are apart, exactly.",
            Identity(using=("implicit", "decoupled")),
        ),
    )


def _alike() -> tuple[Step, ...]:
    return (
        Step(
            "absolute_for",
            solved(_eq(1 - absolute_decay, 1 - STEP_DECAY), absolute_decay, STEP_DECAY),
            "The absolute decay that takes as much off as a decoupled one: at this learning rate only.",
            Root(absolute_decay, sp.S.NegativeOne),
        ),
        Step(
            "relative_for",
            solved(_eq(1 - relative_decay * eta / eta_start, 1 - STEP_DECAY), relative_decay, eta_start * weight_decay),
            "The relative one: at every learning rate, under any schedule.",
            Root(relative_decay, -eta / eta_start),
        ),
        Step(
            "implicit_for",
            solved(
                _eq(1 / (1 + eta * implicit_decay), 1 - STEP_DECAY), implicit_decay, weight_decay / (1 - STEP_DECAY)
            ),
            "The implicit one: a little more, and at this learning rate only.",
            Root(implicit_decay, -eta / (1 + eta * implicit_decay) ** 2, (1 - STEP_DECAY,)),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    small, below = (SMALL,), weight_decay < 1
    relative = weight_decay * eta / eta_start < 1
    rows = (
        ("decoupled", (eta, weight_decay, step), "decoupled", small),
        ("implicit", (eta, weight_decay, step), "implicit, 1/(1 + eta L) a step", ()),
        ("absolute", (weight_decay, step), "absolute, 1 - L a step", (below,)),
        ("relative", (eta, eta_start, weight_decay, step), "relative to the first learning rate", (relative,)),
        ("added", (weight_decay, step), "added with the wrong sign: it grows", ()),
        ("decoupled_changed", (eta, eta_next, weight_decay, step, steps_after), "decoupled", (SMALL, SMALL_NEXT)),
        ("implicit_changed", (eta, eta_next, weight_decay, step, steps_after), "implicit", ()),
        (
            "relative_changed",
            (eta_start, eta_next, weight_decay, step, steps_after),
            "relative to the first learning rate",
            (below, weight_decay * eta_next / eta_start < 1),
        ),
        ("late", (eta, weight_decay, step), "decoupled, but for the first of them", (SMALL, sp.Ge(step, 1))),
    )
    changed = "what is left of a weight after k steps and then k' at another rate: "
    plain = "what is left of a weight after k steps of decay alone: "
    return (
        *(
            Formula.of(
                steps, name, arguments, (changed if "_changed" in name else plain) + words, "1", name, conditions
            )
            for name, arguments, words, conditions in rows
        ),
        Formula.of(
            steps,
            "l1",
            (weight_abs_0, eta, weight_decay, step),
            "size of a weight after k steps of L1 alone",
            "1",
            "l1",
            (STEP_DECAY * step < weight_abs_0,),
        ),
        Formula.of(
            steps, "l1_steps", (weight_abs_0, eta, weight_decay), "steps until L1 alone makes it 0", "steps", "l1_end"
        ),
        Formula.of(
            steps,
            "exponential",
            (eta, weight_decay, total_steps),
            "what lies between the decoupled and the implicit after T steps",
            "1",
            "decoupled_below",
            small,
        ),
        Formula.of(
            steps,
            "implicit_over_decoupled",
            (eta, weight_decay, step),
            "how many times as much of a weight the implicit leaves",
            "1",
            "apart",
            small,
        ),
        Formula.of(steps, "absolute_for", (eta, weight_decay), "absolute decay that acts alike", "1", "absolute_for"),
        Formula.of(
            steps, "relative_for", (eta_start, weight_decay), "relative decay that acts alike", "1", "relative_for"
        ),
        Formula.of(
            steps, "implicit_for", (eta, weight_decay), "implicit decay that acts alike", "1", "implicit_for", small
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> law = build().formulas
    >>> round(law["decoupled"](eta=0.1, weight_decay=0.01, step=10), 7)
    0.9900449
    >>> round(law["absolute"](weight_decay=0.01, step=10), 7)
    0.9043821
    """
    steps = (*_ways(), *_bounds(), *_alike())
    alone = {"gradients": "none"}
    scopes = {
        **{f"{name}{end}": Scope((name,), **alone) for name in ("implicit", "relative") for end in ("", "_changed")},
        **{name: Scope((name,), **alone) for name in ("absolute", "added", "late", "l1")},
        "l1_steps": Scope(("l1",), **alone),
        "implicit_over_decoupled": Scope((*DECOUPLED, "implicit"), **alone),
        **{f"{name}_for": Scope((name,)) for name in ("absolute", "relative", "implicit")},
    }
    return Derivation(
        name="ways_to_decay",
        statement="A weight without gradient keeps the share (1 - eta L)^k under decoupled decay, (1 + eta L)^-k where "
        "a step divides, (1 - L)^k where the learning rate has no part in it, (1 - L eta/eta_0)^k where only its "
        "change has; (1 + L)^k, more than all of it, where the sign is wrong; and L1 takes eta L off in every step.",
        assumptions=(
            Assumption("The gradient of the data cost vanishes: decay acts alone.", sp.true),
            Assumption(
                "A step removes less than the whole weight: eta L < 1.", SMALL, (*BOUNDS[:4], "apart", "implicit_for")
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(DECOUPLED, "none"),
        scopes=scopes,
        without_decay={"l1_steps": NEVER},
        validity=(
            Assumption("The step is called with a gradient of zero. Many rules skip a parameter without one."),
            Assumption(
                "No momentum and no second moment between the decay and the weight: `momentum` and `adam_l2` are for "
                "those; nor a trust ratio (`trust_ratio`), nor an average of weights (`averaged_decay`)."
            ),
        ),
        references=(
            "X. Xie et al. 2022, Adan, arXiv 2208.06677: division by 1 + eta L [second-hand; derived here].",
            "The rest is this project's; each way was met in a released library (the audit's records say which).",
        ),
        ranges={weight_decay: (1e-3, 0.9), eta: (0.01, 1), eta_next: (0.01, 1), eta_start: (0.5, 2)},
    )
