"""Numbers remembered by sub-expression are those that would be found anew."""

from contextlib import suppress
from dataclasses import replace
from itertools import islice

import mpmath
import pytest
import sympy as sp
from mpmath import mp
from sympy.core.function import AppliedUndef

from derivations import derive, names
from derivations.prover.contents import integrates, mentioned
from derivations.prover.evaluate import PLACES, Environment, evaluate
from tests.derivations.mutation import _known, _of_step, mutants

pytestmark = pytest.mark.numeric

x, y, k = sp.symbols("x y k")


def test_a_sub_expression_is_evaluated_once_and_a_moved_symbol_again():
    calls = []
    f = sp.Function("f")
    env = Environment({x: mpmath.mpf(2), y: mpmath.mpf(3)}, functions={f: lambda a, _: calls.append(a) or a**2})
    assert evaluate(f(x) + y, env) == 7
    assert evaluate(f(x) * y, env) == 12
    assert calls == [2]
    assert evaluate(f(x) + y, env.at(y, mpmath.mpf(5))) == 9
    assert evaluate(f(x) + y, env.at(x, mpmath.mpf(5))) == 28
    assert evaluate(f(x) + y, env) == 7
    assert calls == [2, 2, 5]


def test_each_working_precision_has_numbers_of_its_own():
    env = Environment({x: mpmath.mpf(2)})
    with mp.workdps(15):
        rough = evaluate(sp.sqrt(x), env)
    with mp.workdps(50):
        assert mp.mpf("1e-20") < abs(evaluate(sp.sqrt(x), env) - rough) < mp.mpf("1e-15")
        assert abs(evaluate(sp.sqrt(x), env) ** 2 - 2) < mp.mpf("1e-49")


def test_moving_a_symbol_many_times_keeps_little():
    env = Environment({x: mpmath.mpf(0)})
    total = evaluate(sp.Sum(k, (k, 1, 3 * PLACES)), env)
    assert total == 3 * PLACES * (3 * PLACES + 1) / 2
    assert len(env.moved) <= PLACES


@pytest.mark.parametrize("name", names())
def test_what_a_claim_mentions(name):
    derivation = derive(name)
    claims = [step.claim for step in derivation.steps] + [mutant.claim for mutant in islice(mutants(derivation), 200)]
    for claim in claims:
        assert mentioned(claim) == claim.free_symbols | {a.func for a in claim.atoms(AppliedUndef)}
        assert integrates(claim) == claim.has(sp.Integral)


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_remembered_numbers_are_those_found_anew(name):
    derivation = derive(name)
    equalities = [step for step in derivation.steps if step.kind == "equality"]
    with mp.workdps(20):
        for step in equalities:
            env = derivation._context(step).envs[0]
            anew = replace(env, integrals={})
            for mutant in _of_step(step, _known(derivation), 8):
                with suppress(ArithmeticError, ValueError, KeyError, TypeError):
                    [evaluate(side, env) for side in mutant.claim.args]
            for side in step.claim.args:
                assert evaluate(side, env) == evaluate(side, anew)
