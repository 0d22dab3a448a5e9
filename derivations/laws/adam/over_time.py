"""AdamW's weights on gradient noise over time: at rest, on the way there, and how alike they are k steps apart."""

from __future__ import annotations

import sympy as sp

from derivations.laws.shared.openings import STEP_DECAY
from derivations.laws.shared.steady_state import alpha, forgets
from derivations.prover.rules import Identity, Induction
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, epsilon, beta1, step, weight_rms_0 = symbols("eta epsilon beta1 step weight_rms_0")
UPDATE_MS = (1 - beta1) / (1 + beta1)


def overlap_at(share: sp.Expr) -> sp.Expr:
    """Return -E[w u] where a step removes this share of a weight."""
    return eta * UPDATE_MS / forgets(share)


def rms_at(share: sp.Expr) -> sp.Expr:
    """Return the rms of the weights."""
    return eta * sp.sqrt(UPDATE_MS * (1 + (1 - share) * beta1) / (share * (2 - share) * forgets(share)))


def _lately(share: sp.Expr) -> sp.Expr:
    """Return what the direction's memory adds over k steps."""
    return ((1 - share) ** step - beta1**step) / (1 - share - beta1)


def _lately_near(share: sp.Expr) -> sp.Expr:
    """Return the same, written so that it keeps its digits where memory and decay are nearly alike."""
    kept = 1 - share
    gap = (kept - beta1) / kept
    return kept**step * (1 - (1 - gap) ** step) / (kept - beta1)


def transient_at(share: sp.Expr) -> sp.Expr:
    """Return the mean square of the weights after k steps, the direction's own warm-up over."""
    kept = 1 - share
    late = 2 * eta * beta1 * overlap_at(share) * kept**step * _lately_near(share)
    return kept ** (2 * step) * weight_rms_0**2 + rms_at(share) ** 2 * (1 - kept ** (2 * step)) - late


def undecayed() -> sp.Expr:
    """Return the same without decay."""
    late = 2 * eta * beta1 * overlap_at(0) * (1 - beta1**step) / (1 - beta1)
    return weight_rms_0**2 + step * eta**2 - late


def apart_at(share: sp.Expr) -> sp.Expr:
    """Return the cosine of weights at rest k steps apart."""
    return (1 - share) ** step + share * (2 - share) * beta1 / (1 + (1 - share) * beta1) * _lately_near(share)


def apart() -> tuple[Step, ...]:
    """Prove the cosine of weights k steps apart."""
    product = sp.Function("R")
    products = rms_at(epsilon) ** 2 * alpha**step + eta * beta1 * overlap_at(epsilon) * _lately(epsilon)
    return (
        Step(
            "apart_recursion",
            sp.And(
                _eq(product(0), rms_at(epsilon) ** 2),
                _eq(product(step + 1), alpha * product(step) + eta * beta1 ** (step + 1) * overlap_at(epsilon)),
            ),
            "E[w w_k] with the weight k steps after, at rest. By memory the direction k + 1 steps after has "
            "-beta1^(k+1) of the overlap with the weight now: the fresh gradients know nothing of it.",
        ),
        Step(
            "apart",
            _eq(product(step), products),
            "Induction: over many steps it is (1 - epsilon)^k, but for what the average remembers.",
            Induction(),
        ),
        Step(
            "cosine_apart",
            _eq(products / rms_at(epsilon) ** 2, apart_at(epsilon)),
            "Over E[w^2]: of many weights the cosine of the angle turned in k steps.",
            Identity(positive=(1 - STEP_DECAY,)),
        ),
    )


def transient() -> tuple[Step, ...]:
    """Prove the mean square of the weights after k steps, and the same without decay."""
    product, square, kept = sp.Function("P"), sp.Function("S"), sp.Function("S_0")
    grown = overlap_at(epsilon) * (1 - (alpha * beta1) ** step)
    return (
        Step(
            "overlap_recursion",
            sp.And(_eq(product(0), 0), _eq(product(step + 1), alpha * beta1 * product(step) + eta * UPDATE_MS)),
            "-E[w u] after k steps, for first weights that know nothing of the gradients.",
        ),
        Step("overlap_after", _eq(product(step), grown), "Induction.", Induction()),
        Step(
            "square_recursion",
            sp.And(
                _eq(square(0), weight_rms_0**2),
                _eq(square(step + 1), alpha**2 * square(step) + 2 * alpha * eta * beta1 * grown + eta**2 * UPDATE_MS),
            ),
            "The budget, on average, step by step.",
        ),
        Step(
            "transient",
            _eq(square(step), transient_at(epsilon)),
            "Induction: what the first weights leave shrinks by (1 - epsilon)^2 a step.",
            Induction(),
        ),
        Step(
            "square_without_decay",
            sp.And(
                _eq(kept(0), weight_rms_0**2),
                _eq(
                    kept(step + 1),
                    kept(step) + 2 * eta * beta1 * overlap_at(0) * (1 - beta1**step) + eta**2 * UPDATE_MS,
                ),
            ),
            "The budget at lmbda = 0.",
        ),
        Step(
            "square_undecayed",
            _eq(kept(step), undecayed()),
            "Induction: a random walk, whose steps add eta^2 each once the overlap has grown.",
            Induction(),
        ),
    )
