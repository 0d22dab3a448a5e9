"""Symbolic: proofs about nested finite sums accept what is true and refuse what is not."""

import pytest
import sympy as sp

from derivations import DerivationError, derive
from derivations.errors import ProofError
from derivations.laws.shared.finite_sums import FiniteSums, InductionOverNestedSums
from derivations.prover.definitions import read
from derivations.prover.proof import Context
from derivations.step import equation

pytestmark = pytest.mark.symbolic

a, b, d, e = sp.symbols("a b d e", integer=True, positive=True)
k, j, idle = sp.symbols("k j idle", integer=True, nonnegative=True)
f, g, h, x = (sp.Function(name) for name in "fghx")
A, B, STEPS = (a, 1, d), (b, 1, d), (j, 0, k - 1)
HALF = sp.Rational(1, 2)


def _proof(left, right):
    return FiniteSums().prove(equation(left, right), Context())


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sp.Sum(f(a), A) ** 2, sp.Sum(f(a) * f(b), A, B)),
        (sp.Sum(sp.Sum(g(a, b), A), B), sp.Sum(sp.Sum(g(b, a), A), B)),
        (sp.Sum(f(a) + h(a), A), sp.Sum(f(b), B) + sp.Sum(h(a), A)),
        # The inner a hides the outer one.
        (sp.Sum(f(a) * sp.Sum(h(a), A), A), sp.Sum(f(a), A) * sp.Sum(h(b), B)),
        (sp.Sum(x(j) * sp.Piecewise((1, j < k), (0, True)), (j, 0, k + idle)), sp.Sum(x(j), STEPS)),
    ],
)
def test_true(left, right):
    assert _proof(left, right) == "proved"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sp.Sum(f(a), A) ** 2, sp.Sum(f(a) ** 2, A)),
        (sp.Sum(g(a, b) * f(a), A, B), sp.Sum(g(b, a) * f(a), A, B)),
        (sp.Sum(f(a), A), sp.Sum(f(a), (a, 1, e))),
        (sp.Sum(f(a) * sp.Sum(h(a), A), A), sp.Sum(f(a) * h(a), A)),
        (sp.Sum(f(a) * h(b), A, (b, 1, e)), sp.Sum(f(b) * h(a), A, (b, 1, e))),
        (sp.Sum(f(a), A), f(a)),
        # A range that depends on another index, a sum that may divide by 0.
        (sp.Sum(sp.Sum(f(a), (a, 1, b)), B), sp.Sum(sp.Sum(f(a), B), (a, 1, b))),
        (sp.Sum(f(a), A) / sp.Sum(f(a), A), sp.Integer(2)),
        # Ends that are not seen to lie in the range.
        (sp.Sum(x(j) * sp.Piecewise((1, j < k), (0, True)), (j, 0, idle)), sp.Sum(x(j), STEPS)),
        (sp.Sum(x(j) * sp.Piecewise((1, j < k), (0, True)), (j, 1, k + idle)), sp.Sum(x(j), STEPS)),
        (sp.Sum(x(j) * sp.Piecewise((1, j < k), (2, True)), (j, 0, k + idle)), sp.Sum(x(j), STEPS)),
        (sp.Sum(x(j) * sp.Piecewise((1, j <= k), (0, True)), (j, 0, k + idle)), sp.Sum(x(j), STEPS)),
    ],
)
def test_false_or_not_seen(left, right):
    with pytest.raises(ProofError):
        _proof(left, right)


def test_induction():
    inner = sp.Sum(g(a, k), A)
    closed = HALF**k * f(0) + sp.Sum(HALF ** (k - 1 - j) * inner.subs(k, j), STEPS)
    start, rule = equation(h(0), f(0)), equation(h(k + 1), h(k) / 2 + inner)
    known = Context(read([sp.And(start, rule)]))
    proof = InductionOverNestedSums()
    assert proof.prove(equation(h(k), closed), known) == "proved"
    for wrong in (
        closed + 1,
        closed - HALF**k * f(0),
        HALF**k * f(0) + sp.Sum(HALF ** (k - j) * inner.subs(k, j), STEPS),
        HALF**k * f(0) + sp.Sum(HALF ** (k - 1 - j) * inner, STEPS),
        HALF**k * f(0) + sp.Sum(HALF ** (k - 1 - j) * inner.subs(k, j), (j, 0, k)),
        HALF**k * f(0) + sp.Sum(HALF ** (k - 1 - j) * inner.subs(k, j), (j, 1, k - 1)),
    ):
        with pytest.raises(ProofError):
            proof.prove(equation(h(k), wrong), known)
    under_a_sum = Context(read([sp.And(start, equation(h(k + 1), sp.Sum(h(k) * f(a), A)))]))
    with pytest.raises(ProofError, match="under a sum"):
        proof.prove(equation(h(k), closed), under_a_sum)


@pytest.mark.parametrize("power", [0, 1])
def test_the_products_of_blocked_sgd(power):
    """Without the rescaling, or one step further on, it is another claim: the proof alone sees it."""
    derivation, q = derive("blocked_sgd"), sp.Symbol("q", positive=True)
    step, number = derivation.step("products"), sp.Symbol("step", integer=True, nonnegative=True)
    wrong = (
        step.claim.subs(q**number, q ** (number + 1))
        if power
        else step.claim.replace(sp.Function("E"), sp.Function("U"))
    )
    assert wrong != step.claim
    with pytest.raises(ProofError):
        step.proof.prove(wrong, derivation._context(step))
    with pytest.raises(DerivationError, match="products"):
        derivation.with_claim("products", wrong).check("products")
