"""How long a network that fits its data goes on before what decay alone moves is gone: the delay of grokking."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.elsewhere.openings import repeated, step
from derivations.prover.rules import Monotone, NonNegativeGap, Root, Taylor, Termwise, Tightness, UnitInterval
from derivations.scope import DECOUPLED, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import NEVER

epsilon, eta, weight_decay, dim, t = symbols("epsilon eta weight_decay dim t")
hidden_mem, hidden_post, norm2_rest = symbols("hidden_mem hidden_post norm2_rest")
RATIO = sp.log(hidden_mem / hidden_post)
DELAY = -RATIO / (2 * sp.log(1 - epsilon))
LEADING = RATIO / (2 * epsilon)
WHOLE = sp.log((norm2_rest + hidden_mem) / (norm2_rest + hidden_post)) / (2 * epsilon)
SMALL, LESS = eta * weight_decay < 1, hidden_post < hidden_mem


def _hidden() -> tuple[Step, ...]:
    x, w, i, row = sp.IndexedBase("x"), sp.IndexedBase("w"), sp.Idx("i"), sp.Function("h")
    left = (1 - epsilon) ** step

    def total(summand: sp.Expr) -> sp.Sum:
        return sp.Sum(summand, (i, 1, dim))

    return (
        Step("decay_per_step", _eq(epsilon, eta * weight_decay), "What decay takes of a weight in a step."),
        Step(
            "unseen",
            _eq(total(x[i] * (1 - epsilon) * w[i]), (1 - epsilon) * total(x[i] * w[i])),
            "What of the weights is at right angles to all inputs of the training set changes no output there: its "
            "gradient is 0, and decay, which turns nothing, leaves it at right angles.",
            Termwise(),
        ),
        *repeated(
            "hidden", row, 1 - epsilon, "So it shrinks by the same factor in every step, whatever is learnt beside it."
        ),
        Step(
            "hidden_norm",
            _eq(total((left * w[i]) ** 2), left**2 * total(w[i] ** 2)),
            "And its squared norm by the square of that.",
            Termwise(),
        ),
    )


def _delay() -> tuple[Step, ...]:
    whole, part = norm2_rest + hidden_mem, norm2_rest + hidden_post
    return (
        Step(
            "delay",
            solved(_eq((1 - epsilon) ** (2 * t) * hidden_mem, hidden_post), t, DELAY),
            "Steps from when the training set is fitted, hidden part E_mem, to when what is hidden is E_post, small "
            "enough for the test set.",
            Root(
                t,
                2 * sp.log(1 - epsilon) * (1 - epsilon) ** (2 * t) * hidden_mem,
                (-sp.log(1 - eta * weight_decay), 1 - eta * weight_decay),
            ),
        ),
        Step(
            "log_upper",
            sp.Le(sp.log(1 - epsilon), -epsilon, evaluate=False),
            "The gap is 0 at 0 and its derivative is epsilon/(1 - epsilon) > 0.",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**2 / 2)),
        ),
        Step(
            "log_series",
            _eq(sp.log(1 - epsilon), -epsilon - epsilon**2 / 2 + sp.O(epsilon**3)),
            "Taylor at 0.",
            Taylor(),
        ),
        Step(
            "leading",
            solved(_eq(sp.exp(-2 * epsilon * t) * hidden_mem, hidden_post), t, LEADING),
            "So the delay is ln(E_mem/E_post)/(2 eta L): by log_upper never longer, by log_series shorter by the share "
            "eta L/2.",
            Root(t, -2 * epsilon * sp.exp(-2 * epsilon * t) * hidden_mem),
        ),
        Step(
            "whole_norms",
            sp.Le(whole * hidden_post, part * hidden_mem, evaluate=False),
            "With F, the squared norm of what the data hold, beside both: (F + E_mem)/(F + E_post) is no more than "
            "E_mem/E_post. The law with norms of all the weights gives too short a delay,",
            NonNegativeGap(
                norm2_rest * (hidden_mem - hidden_post),
                (hidden_mem - hidden_post,),
                Tightness(hidden_post, norm2_rest * (hidden_mem - hidden_post), hidden_mem, "-"),
            ),
        ),
        Step(
            "whole",
            solved(_eq(sp.exp(-2 * epsilon * t) * whole, part), t, WHOLE),
            "this one, as if all weights shrank: right where F is small beside what is hidden.",
            Root(t, -2 * epsilon * sp.exp(-2 * epsilon * t) * whole),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    hidden, decay = (hidden_mem, hidden_post), (eta, weight_decay)
    return (
        Formula.of(
            steps,
            "delay",
            (*hidden, *decay),
            "steps until the hidden part has shrunk",
            "steps",
            "delay",
            (SMALL, LESS),
        ),
        Formula.of(steps, "delay_leading", (*hidden, *decay), "the same for small eta L", "steps", "leading", (LESS,)),
        Formula.of(
            steps,
            "delay_of_norms",
            (*hidden, norm2_rest, *decay),
            "the same with norms of all the weights in the place of the hidden part's",
            "steps",
            "whole",
            (LESS,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["delay"](hidden_mem=60, hidden_post=0.01, eta=0.1, weight_decay=1e-3), 1)
    43495.4
    """
    steps = (*_hidden(), *_delay())
    return Derivation(
        name="grokking",
        statement="What of the weights no training example sees shrinks by 1 - eta L in a step, whatever is learnt "
        "beside it. Where it alone spoils the test set, a network that fits its data gets the test set right "
        "ln(E_mem/E_post)/(-2 ln(1 - eta L)) steps later. With norms of all the weights in the place of E the delay "
        "comes out too short.",
        assumptions=(
            Assumption("A step removes less than the whole weight: eta L < 1.", SMALL),
            Assumption(
                "There is less that is hidden after than before.", LESS, ("delay", "whole_norms", "leading", "whole")
            ),
            Assumption("A linear network: what the data see is the same throughout.", sp.true),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(DECOUPLED, "linear"),
        without_decay=dict.fromkeys(("delay", "delay_leading", "delay_of_norms"), NEVER),
        validity=(
            Assumption(
                "Plain gradients (SGD; full batch or not): a rule that scales coordinates, as AdamW and Lion do, "
                "gives the unseen part a gradient."
            ),
            Assumption("Of networks that are not linear this is a scaling law; what they do has to be measured."),
        ),
        references=(
            "X. K. Truong et al. 2026, The norm-separation delay law of grokking, arXiv 2603.13331: the delay is "
            "Theta(ln(|theta_mem|^2/|theta_post|^2)/(eta L)) [abstract read]; the constant 1/2, and what norms stand "
            "in it, are derived here for a linear network.",
            "X. K. Truong et al. 2026, The weight norm sets the grokking timescale, arXiv 2606.13753: a norm that is "
            "held [abstract read].",
        ),
        ranges={eta: (1e-3, 0.5), weight_decay: (1e-2, 1)},
    )
