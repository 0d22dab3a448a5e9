"""Decay inside a trust ratio: LAMB and LARS take eta of the weights without gradient, whatever the decay is."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.elsewhere.openings import repeated, step
from derivations.prover.rules import Identity, Induction, NonNegativeGap, Root, Termwise, Tightness
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, weight_decay, weight_norm, update_norm, direction_norm, momentum, cosine, dim, a, y, trust, bound = symbols(
    "eta weight_decay weight_norm update_norm direction_norm momentum cosine dim a y trust_coefficient ratio_bound"
)
rotation = symbols("rotation")[0]
ratio = sp.Function("r")
DIRECTION = sp.sqrt(update_norm**2 + weight_decay**2 * weight_norm**2)
AT_REST = eta * update_norm / (weight_decay * sp.sqrt(4 - eta**2))
CLIPPED = weight_decay * bound < 1
LENGTH = eta**2 < 4
ALONE = ratio(weight_norm, weight_decay * weight_norm)


def _alone() -> tuple[Step, ...]:
    w, i = sp.IndexedBase("w"), sp.Idx("i")
    lamb, lars = sp.Function("w_lamb"), sp.Function("w_lars")
    squares = sp.Sum(w[i] ** 2, (i, 1, dim))
    return (
        Step("ratio", _eq(ratio(a, y), a / y), "The trust ratio of a norm a of the weights to a norm y of a step."),
        Step(
            "norm_alone",
            _eq(sp.Sum((weight_decay * w[i]) ** 2, (i, 1, dim)), weight_decay**2 * squares),
            "Without gradient a step is L w: its norm is L |w|, in any number of weights.",
            Termwise(),
        ),
        Step(
            "cancels",
            _eq(y - eta * ALONE * weight_decay * y, (1 - eta) * y),
            "Scaled to |w| it is w: the decay cancels.",
            Identity(),
        ),
        Step(
            "lamb_rule",
            sp.And(_eq(lamb(0), 1), _eq(lamb(step + 1), (1 - eta * ALONE * weight_decay) * lamb(step))),
            "LAMB without gradient, from a weight of 1.",
        ),
        Step("lamb", _eq(lamb(step), (1 - eta) ** step), "Induction.", Induction()),
        Step(
            "lars_rule",
            sp.And(_eq(lars(0), 1), _eq(lars(step + 1), (1 - eta * trust * ALONE * weight_decay) * lars(step))),
            "LARS without gradient and without momentum: its ratio has a coefficient.",
        ),
        Step("lars", _eq(lars(step), (1 - eta * trust) ** step), "Induction.", Induction()),
        Step(
            "lars_velocity",
            _eq(momentum * a + trust * ALONE * weight_decay * y, momentum * a + trust * y),
            "With momentum: what enters the velocity is c_T w. That is heavy ball with c_T for its decay: "
            "`momentum` at lmbda/n = c_T.",
            Identity(),
        ),
        Step(
            "bound_met",
            sp.Le(bound, 1 / weight_decay, evaluate=False),
            "A ratio that is not let above a bound: without gradient it would be 1/L, so the bound counts.",
            NonNegativeGap((1 - weight_decay * bound) / weight_decay, (1 - weight_decay * bound,), _tight()),
        ),
        *repeated(
            "clipped",
            sp.Function("w_clipped"),
            1 - eta * bound * weight_decay,
            "The ratio is the bound: decay is decoupled again.",
        ),
    )


def _tight() -> Tightness:
    return Tightness(bound, 1 / weight_decay - bound, 1 / weight_decay, "-")


def _beside() -> tuple[Step, ...]:
    w, u, i = sp.IndexedBase("w"), sp.IndexedBase("u"), sp.Idx("i")

    def total(summand: sp.Expr) -> sp.Sum:
        return sp.Sum(summand, (i, 1, dim))

    scaled = eta * ratio(weight_norm, direction_norm)
    return (
        Step(
            "direction",
            _eq(
                total((u[i] + weight_decay * w[i]) ** 2),
                total(u[i] ** 2) + 2 * weight_decay * total(w[i] * u[i]) + weight_decay**2 * total(w[i] ** 2),
            ),
            "With a gradient: Adam's direction u and the decay, squared.",
            Termwise(),
        ),
        Step(
            "direction_norm",
            _eq(direction_norm, DIRECTION),
            "Its root where u is at right angles to w, as noise is on average.",
        ),
        Step(
            "decay_per_step",
            _eq(scaled * weight_decay, eta * weight_decay * weight_norm / DIRECTION),
            "The share that decay takes of a weight, from eta L |w|/|u| down to eta where decay is all there is.",
            Identity(),
        ),
        Step(
            "against_decoupled",
            _eq(scaled * weight_decay / (eta * weight_decay), weight_norm / DIRECTION),
            "In units of AdamW's.",
            Identity(),
        ),
        Step(
            "norm_after",
            _eq(
                weight_norm**2 - 2 * scaled * weight_norm * direction_norm * cosine + scaled**2 * direction_norm**2,
                weight_norm**2 * (1 - 2 * eta * cosine + eta**2),
            ),
            "Whatever the direction, a step has the length eta |w|: the squared norm after it, by the cosine between "
            "weights and direction.",
            Identity(),
        ),
        Step(
            "rest",
            solved(
                _eq((2 * weight_decay * weight_norm) ** 2, eta**2 * DIRECTION**2),
                weight_norm,
                AT_REST,
            ),
            "The norm stays where the cosine is eta/2; u at right angles to w makes it L |w|/|D|. Here squared.",
            Root(weight_norm, 2 * weight_norm * weight_decay**2 * (4 - eta**2), (4 - eta**2,)),
        ),
        Step("rotation", _eq(rotation, 2 * sp.asin(eta / 2)), "There weights turn by this in a step, whatever L is:"),
        Step(
            "turned",
            _eq(eta**2, 2 - 2 * sp.cos(rotation)),
            "two sides |w| and a third eta |w| make a triangle, and this is its law of cosines.",
            Identity(),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    norms = (weight_decay, weight_norm, update_norm)
    left = "what is left of a weight after k steps without gradient: "
    return (
        Formula.of(steps, "lamb", (eta, step), f"{left}LAMB", "1", "lamb", (eta < 1,)),
        Formula.of(steps, "lars", (eta, trust, step), f"{left}LARS without momentum", "1", "lars", (eta * trust < 1,)),
        Formula.of(
            steps,
            "clipped",
            (eta, weight_decay, bound, step),
            f"{left}LAMB with a bound on its ratio",
            "1",
            "clipped",
            (CLIPPED, eta * bound * weight_decay < 1),
        ),
        Formula.of(
            steps,
            "decay_per_step",
            (eta, *norms),
            "LAMB beside a gradient: share of a weight that decay takes in a step",
            "1",
            "decay_per_step",
        ),
        Formula.of(steps, "against_decoupled", norms, "the same in units of AdamW's, eta L", "1", "against_decoupled"),
        Formula.of(
            steps,
            "norm_at_rest",
            (eta, weight_decay, update_norm),
            "LAMB: norm of the weights at rest",
            "1",
            "rest",
            (LENGTH,),
        ),
        Formula.of(
            steps, "rotation", (eta,), "LAMB: angle by which weights turn in a step at rest", "1", "rotation", (LENGTH,)
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["lamb"](eta=0.1, step=10), 7)
    0.3486784
    """
    steps = (*_alone(), *_beside())
    return Derivation(
        name="trust_ratio",
        statement="Where decay enters a step before the step is scaled to the norm of the weights (LAMB, LARS), "
        "weights without gradient lose the share eta (LAMB) or eta c_T (LARS) in a step, whatever the decay is. Beside "
        "a gradient the decay is that of AdamW times |w| over the norm of the direction, and at rest weights turn by "
        "2 asin(eta/2) in a step.",
        assumptions=(
            Assumption("The trust ratio is |w|/|D| exactly: nothing is added to a norm, and neither is 0.", sp.true),
            Assumption("The bound is below 1/L.", CLIPPED, ("bound_met", "clipped")),
            Assumption("A step is shorter than twice the weights: eta < 2.", LENGTH, ("rest", "turned")),
            Assumption("Beside a gradient: Adam's direction is at right angles to the weights, on average."),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("lamb",), "none"),
        scopes={
            "lars": Scope(("lars",), "none"),
            **dict.fromkeys(
                ("decay_per_step", "against_decoupled", "norm_at_rest", "rotation"), Scope(("lamb",), "noise")
            ),
        },
        validity=(
            Assumption(
                "The ratio is that of each tensor by itself. Where a norm is 0, rules take 1 for it; some take 1 where "
                "the norm of the gradient is 0 (LARS in timm, MXNet and tinygrad): without gradient they decay as if "
                "there were no ratio."
            ),
            Assumption("LAMB with decay outside of its ratio, as Keras's, is `ways_to_decay`."),
            Assumption("With momentum LARS is `momentum` at lmbda/n = c_T."),
        ),
        references=(
            "Y. You et al. 2019, LAMB, arXiv 1904.00962; Y. You et al. 2017, LARS, arXiv 1708.03888 [second-hand]; "
            "what the ratio does to decay is derived here.",
        ),
        ranges={eta: (0.01, 0.9), weight_decay: (1e-3, 0.9), bound: (0.1, 10)},
    )
