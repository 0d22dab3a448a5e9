"""The first steps of L2 put through a second moment: their length is the rule's own, whatever the decay is."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.elsewhere.openings import step
from derivations.prover.rules import Identity, Induction, Root
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, weight_decay, beta1, beta2, adam_epsilon, second_start, weight_abs_0, weight_abs = symbols(
    "eta weight_decay beta1 beta2 adam_epsilon second_start weight_abs_0 weight_abs"
)
PENALTY = weight_decay * weight_abs_0
BELOW_1, BELOW_2 = beta1 < 1, beta2 < 1
first, second, filled, summed, signed = (sp.Function(name) for name in ("M", "V", "V_from", "G", "w_sign"))


def _averages() -> tuple[Step, ...]:
    rules = (
        ("first", first, sp.S.Zero, beta1 * first(step) + (1 - beta1) * PENALTY, (1 - beta1**step) * PENALTY),
        ("second", second, sp.S.Zero, beta2 * second(step) + (1 - beta2) * PENALTY**2, (1 - beta2**step) * PENALTY**2),
        (
            "filled",
            filled,
            second_start,
            beta2 * filled(step) + (1 - beta2) * PENALTY**2,
            (1 - beta2**step) * PENALTY**2 + beta2**step * second_start,
        ),
        ("summed", summed, sp.S.Zero, summed(step) + PENALTY**2, step * PENALTY**2),
    )
    what = {
        "first": "The gradient is the penalty's, L |w|. Its average while the weight has hardly moved,",
        "second": "that of its square,",
        "filled": "the same where the average does not start at 0,",
        "summed": "and the sum of its squares, as in Adagrad.",
    }
    steps = []
    for name, function, start, rule, closed in rules:
        claim = sp.And(_eq(function(0), start), _eq(function(step + 1), rule))
        steps += [
            Step(f"{name}_rule", claim, what[name]),
            Step(name, _eq(function(step), closed), "Induction.", Induction()),
        ]
    return tuple(steps)


def _steps() -> tuple[Step, ...]:
    corrected = first(step) / (1 - beta1**step)
    of_squares = second(step) / (1 - beta2**step)
    return (
        *_averages(),
        Step(
            "adam",
            _eq(weight_abs_0 - eta * corrected / (sp.sqrt(of_squares) + adam_epsilon), _left(PENALTY + adam_epsilon)),
            "Adam: with both corrections every such step has the length eta, but for what is added to the root.",
            Identity(using=("first", "second")),
        ),
        Step(
            "rmsprop",
            _eq(
                weight_abs_0 - eta * PENALTY / (sp.sqrt(second(1)) + adam_epsilon),
                _left(sp.sqrt(1 - beta2) * PENALTY + adam_epsilon),
            ),
            "RMSprop, without correction: the first step is 1/sqrt(1 - beta2) as long,",
            Identity(using=("second",)),
        ),
        Step(
            "inside",
            _eq(
                weight_abs_0 - eta * PENALTY / sp.sqrt(second(1) + adam_epsilon),
                _left(sp.sqrt((1 - beta2) * PENALTY**2 + adam_epsilon)),
            ),
            "also where the number is added below the root.",
            Identity(using=("second",)),
        ),
        Step(
            "filled_start",
            _eq(
                weight_abs_0 - eta * PENALTY / sp.sqrt(filled(1)),
                _left(sp.sqrt((1 - beta2) * PENALTY**2 + beta2 * second_start)),
            ),
            "An average that starts large makes it plain L2 at first, in proportion to L.",
            Identity(using=("filled",)),
        ),
        Step(
            "adagrad",
            _eq(PENALTY / sp.sqrt(summed(step + 1)), 1 / sp.sqrt(step + 1)),
            "Adagrad: the first step has the length eta, the next are shorter, whatever L is.",
            Identity(using=("summed",)),
        ),
        Step(
            "crossing",
            solved(_eq(weight_abs - eta / sp.sqrt(1 - beta2), 0), weight_abs, eta / sp.sqrt(1 - beta2)),
            "RMSprop's first step takes a weight of this size to 0, and a smaller one across it.",
            Root(weight_abs, sp.S.One),
        ),
        Step(
            "sign_rule",
            sp.And(_eq(signed(0), weight_abs_0), _eq(signed(step + 1), signed(step) - eta)),
            "The sign of an average with L2 in it: eta in every step, until the weight is 0.",
        ),
        Step("sign", _eq(signed(step), weight_abs_0 - eta * step), "Induction.", Induction()),
    )


def _left(below: sp.Expr) -> sp.Expr:
    return weight_abs_0 - eta * PENALTY / below


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    start = (weight_abs_0, eta, weight_decay)
    weight = "size of a weight after the first step without gradient: "
    rows = (
        ("adam", (*start, adam_epsilon), "Adam's, or Adagrad's", ()),
        ("rmsprop", (*start, beta2, adam_epsilon), "RMSprop's", (BELOW_2,)),
        ("inside", (*start, beta2, adam_epsilon), "RMSprop's with the number below the root", (BELOW_2,)),
        ("filled_start", (*start, beta2, second_start), "RMSprop's from an average that is not 0", (BELOW_2,)),
    )
    return (
        *(Formula.of(steps, name, given, weight + words, "1", name, when) for name, given, words, when in rows),
        Formula.of(
            steps,
            "crossing",
            (eta, beta2),
            "size of the weights that RMSprop's first step takes to 0",
            "1",
            "crossing",
            (BELOW_2,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> law = build().formulas["rmsprop"]
    >>> round(law(weight_abs_0=1, eta=0.1, weight_decay=0.01, beta2=0.99, adam_epsilon=1e-8), 7)
    1e-05
    """
    steps = _steps()
    return Derivation(
        name="coupled_start",
        statement="L2 put through a second moment: a weight without gradient makes a first step of length eta (Adam, "
        "Adagrad), eta/sqrt(1 - beta2) (RMSprop) or eta in every step (the sign of an average), whatever the decay is.",
        assumptions=(
            Assumption("The gradient of the data cost vanishes, and the weight is not 0.", sp.true),
            Assumption("The average forgets: beta1 < 1.", BELOW_1),
            Assumption("So does that of the squares: beta2 < 1.", BELOW_2),
            Assumption(
                "The first step exactly. Later ones as far as the weight has hardly moved; `adam_l2` is for any course."
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("rmsprop_l2",), "none"),
        scopes={"adam": Scope(("adam_l2", "adagrad_l2"), "none")},
        validity=(
            Assumption("A negative size is a weight that has changed its sign."),
            Assumption("The sign of an average with L2 in it is `ways_to_decay.l1` at a weight_decay of 1."),
            Assumption("For decay that is decoupled, as AdamW's: `ways_to_decay`."),
        ),
        references=("D. Kingma, J. Ba 2014, Adam, arXiv 1412.6980 [second-hand]; the first step is derived here.",),
        ranges={
            beta1: (0.5, 0.95),
            beta2: (0.5, 0.99),
            weight_decay: (0.01, 1),
            weight_abs_0: (0.1, 3),
            adam_epsilon: (1e-3, 1e-1),
        },
    )
