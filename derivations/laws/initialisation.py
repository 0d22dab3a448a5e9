"""Claim 4: how long decay takes from N(0,1) to the fan-in start, and the relaxation to a plateau."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, STEP_FACTOR, decay_per_epoch, decay_per_step, pure_decay
from derivations.prover.rules import Identity, Induction, Root, SolvesEquation
from derivations.scope import DECOUPLED, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import NEVER

eta, lmbda, n, m, n_in, epsilon, kappa, step, epoch, weight_rms, weight_rms_0, weight_rms_plateau = symbols(
    "eta lmbda n m n_in epsilon kappa step epoch weight_rms weight_rms_0 weight_rms_plateau"
)
(steps_per_epoch,) = symbols("steps_per_epoch")
SMALL = STEP_DECAY < 1
BATCHES = _eq(n, steps_per_epoch * m)
TIME = _eq(epoch, step / steps_per_epoch)
TO_FAN_IN = m / (2 * eta * lmbda) * sp.log(n_in)
TO_FAN_IN_EXACT = -m * sp.log(n_in) / (2 * n * sp.log(STEP_FACTOR))
TO_PLATEAU = m / (eta * lmbda) * sp.log(weight_rms_0 / weight_rms_plateau)
EXCESS = weight_rms_0**2 - weight_rms_plateau**2
RELAXATION = sp.sqrt(weight_rms_plateau**2 + EXCESS * sp.exp(-2 * eta * lmbda * epoch / m))
RELAXATION_EXACT = sp.sqrt(weight_rms_plateau**2 + EXCESS * STEP_FACTOR ** (2 * n * epoch / m))


def _steps() -> tuple[Step, ...]:
    v, y, alone, flowing = sp.Function("v"), sp.Function("y"), sp.Function("u"), sp.Function("h")
    q = 1 - epsilon
    exact = weight_rms_0 * STEP_FACTOR ** (n * epoch / m)
    smooth = weight_rms_0 * sp.exp(-eta * lmbda * epoch / m)
    start = weight_rms_0 / sp.sqrt(n_in)
    unit = _eq(n_in * weight_rms**2, 1)
    closed = weight_rms_plateau**2 + EXCESS * q ** (2 * step)
    return (
        decay_per_step(),
        decay_per_epoch(),
        Step(
            "rate",
            _eq(steps_per_epoch * epsilon, kappa),
            "An epoch has M steps, and n = M m.",
            Identity(given=(BATCHES,)),
        ),
        *pure_decay(("alone", "alone_solved"), alone, weight_rms_0, "Decay alone, step by step."),
        Step(
            "alone_exact",
            _eq(alone(step), exact),
            "k steps are t = k/M epochs, and n = M m.",
            Identity(using=("alone_solved",), given=(BATCHES, TIME)),
        ),
        Step(
            "alone_flow",
            sp.And(
                _eq(flowing(0), weight_rms_0),
                _eq(sp.Derivative(flowing(epoch), epoch), -kappa * flowing(epoch)),
            ),
            "Decay alone with the epoch as continuous time: for eta lmbda << n, as the limit of `epoch_decay` proves.",
        ),
        Step("alone_in_time", _eq(flowing(epoch), smooth), "Differentiate.", SolvesEquation()),
        Step(
            "unit_variance",
            solved(unit, weight_rms, 1 / sp.sqrt(n_in)),
            "n_in independent inputs of mean square 1 give a weighted input of variance n_in w^2, which is 1 at the "
            "fan-in start: both starts agree once the weights are this small.",
            Root(weight_rms, 2 * n_in * weight_rms),
        ),
        Step(
            "to_fan_in",
            solved(_eq(smooth, start), epoch, TO_FAN_IN),
            "Pure decay by the factor 1/sqrt(n_in), for eta lmbda << n.",
            Root(epoch, -eta * lmbda / m * smooth, (), "alone_in_time"),
        ),
        Step(
            "to_fan_in_exact",
            solved(_eq(exact, start), epoch, TO_FAN_IN_EXACT),
            "The same with the exact factor per epoch, (1 - eta lmbda/n)^(n/m).",
            Root(
                epoch,
                n / m * sp.log(STEP_FACTOR) * exact,
                (-sp.log(STEP_FACTOR), STEP_FACTOR),
                "alone_exact",
            ),
        ),
        Step(
            "to_plateau",
            solved(_eq(smooth, weight_rms_plateau), epoch, TO_PLATEAU),
            "Decay alone, from the start to the size of the plateau.",
            Root(epoch, -eta * lmbda / m * smooth, (), "alone_in_time"),
        ),
        Step(
            "recursion",
            sp.And(_eq(v(0), weight_rms_0**2), _eq(v(step + 1), q**2 * v(step) + (1 - q**2) * weight_rms_plateau**2)),
            "The norm budget per weight, where drift and noise already have the size they have at the plateau.",
        ),
        Step("relaxation_steps", _eq(v(step), closed), "Induction over the steps.", Induction()),
        Step(
            "relaxation_exact",
            _eq(sp.sqrt(v(step)), RELAXATION_EXACT),
            "Its square root; k steps are t = k/M epochs, and n = M m.",
            Identity(using=("relaxation_steps",), given=(BATCHES, TIME)),
        ),
        Step(
            "flow",
            sp.And(
                _eq(y(0), weight_rms_0**2),
                _eq(sp.Derivative(y(epoch), epoch), -2 * kappa * (y(epoch) - weight_rms_plateau**2)),
            ),
            "The same with the epoch as continuous time, for eta lmbda << n, where 1 - (1 - epsilon)^2 is 2 epsilon.",
        ),
        Step(
            "relaxation",
            _eq(y(epoch), RELAXATION**2),
            "Time constant of the squared weights: 1/(2 kappa) epochs.",
            SolvesEquation(),
        ),
        Step(
            "relaxation_rms",
            _eq(sp.sqrt(weight_rms_plateau**2 + EXCESS * sp.exp(-2 * kappa * epoch)), RELAXATION),
            "Its square root.",
            Identity(),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    epochs = "epochs"
    return (
        Formula.of(
            steps,
            "epochs_to_fan_in",
            (eta, lmbda, m, n_in),
            "epochs of pure decay from 1 to 1/sqrt(n_in)",
            epochs,
            "to_fan_in",
            (n_in >= 1,),
        ),
        Formula.of(
            steps,
            "epochs_to_fan_in_exact",
            (eta, lmbda, n, m, n_in),
            "the same with the exact factor",
            epochs,
            "to_fan_in_exact",
            (n_in >= 1, SMALL),
        ),
        Formula.of(
            steps,
            "epochs_to_plateau",
            (eta, lmbda, m, weight_rms_0, weight_rms_plateau),
            "epochs of pure decay from the start to the plateau",
            epochs,
            "to_plateau",
            (weight_rms_plateau <= weight_rms_0,),
        ),
        Formula.of(
            steps,
            "weight_rms",
            (weight_rms_0, weight_rms_plateau, epoch, eta, lmbda, m),
            "rms of weights that relax to a plateau, for eta lmbda << n",
            "1",
            "relaxation_rms",
        ),
        Formula.of(
            steps,
            "weight_rms_exact",
            (weight_rms_0, weight_rms_plateau, epoch, eta, lmbda, n, m),
            "rms of weights that relax to a plateau",
            "1",
            "relaxation_exact",
            (SMALL,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["epochs_to_fan_in"](eta=0.1, lmbda=5, m=10, n_in=784), 2)
    66.64
    """
    steps = _steps()
    return Derivation(
        name="initialisation",
        statement="Pure decay takes t* = m/(2 eta lmbda) ln n_in epochs from N(0,1) to the N(0,1/n_in) start. "
        "With a plateau above zero the squared weights relax to it with the time constant m/(2 eta lmbda).",
        assumptions=(
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("At least one input per neuron.", n_in >= 1, ("to_fan_in", "to_fan_in_exact")),
            Assumption(
                "The start does not lie below the plateau.", weight_rms_plateau <= weight_rms_0, ("to_plateau",)
            ),
            Assumption(
                "An epoch has M steps of m examples each: n = M m.",
                BATCHES,
                ("rate", "alone_exact", "relaxation_exact"),
            ),
            Assumption("Time is counted in epochs of M steps: t = k/M.", TIME, ("alone_exact", "relaxation_exact")),
            Assumption(
                "weight_rms and weight_rms_exact: drift and noise have from the start the size that they have at the "
                "plateau. The epochs to the fan-in start and to the plateau: they are absent."
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(DECOUPLED, "none"),
        scopes=dict.fromkeys(("weight_rms", "weight_rms_exact"), Scope(DECOUPLED, "steady")),
        without_decay=dict.fromkeys(("epochs_to_fan_in", "epochs_to_fan_in_exact", "epochs_to_plateau"), NEVER),
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "Weights on inputs that are not 0 feel the gradient too, and may take less time or more. "
                "epochs_to_plateau is when decay alone would be there, while weight_rms only approaches the plateau."
            ),
        ),
        references=("M. Nielsen, Neural Networks and Deep Learning, chapter 3: the claim [read]; derived here.",),
        ranges={n_in: (2, 1000), epoch: (0.01, 10)},
    )
