"""Corrupt every step and every formula of every derivation: the check must fail and name what is wrong.

`make test` corrupts each at one place for each kind of corruption, the same in each run; `make test-all` at every one.
"""

from collections import Counter

import pytest

from derivations import DerivationError, derive, names
from tests.derivations.mutation import formula_mutants, mutants

pytestmark = pytest.mark.symbolic

# Label of a mutant that survives -> why the corrupted claim is true all the same. The check must prove it.
SURVIVORS: dict[str, str] = {
    "saturation/output_error/dropped term: Eq(Integral((target_mean*sigma(preactivation_rms*z)**2 + "
    "(1 - target_mean)*sigma(preactivation_rms*z)**2)*phi(z), (z, -oo, oo)), Integral((-(1 - "
    "sigma(preactivation_rms*z))*sigma(preactivation_rms*z) + 1/2)*phi(z), (z, -oo, oo)))": (
        "It drops p (1 - 2 sigma), which is odd, as sigma(-x) = 1 - sigma(x): over a symmetric density its mean is 0. "
        "What is left is the claim of `activation`."
    ),
    **dict.fromkeys(
        (
            "muon/norm_grows/sign: Eq(Derivative(t*(2 - 2*epsilon) - 1, t), 2 - 2*epsilon)",
            "muon/norm_grows/coefficient: Eq(Derivative(t*(2 - 2*epsilon) + 2, t), 2 - 2*epsilon)",
            "muon/norm_grows/dropped term: Eq(Derivative(t*(2 - 2*epsilon), t), 2 - 2*epsilon)",
        ),
        "It changes a constant, which has no derivative: the claim is as true as before.",
    ),
}


HOW_MANY = pytest.mark.parametrize(
    "most", [pytest.param(1, id="one place"), pytest.param(None, id="all", marks=pytest.mark.slow)]
)


@HOW_MANY
@pytest.mark.parametrize("name", names())
def test_no_corruption_survives(name, most, capsys, record_property):
    derivation = derive(name)
    count, seen, spared = Counter(), set(), set()
    listed = {label for label in SURVIVORS if label.startswith(f"{name}/")}
    for mutant in mutants(derivation, most):
        count[mutant.kind] += 1
        corrupted = derivation.with_claim(mutant.step, mutant.claim)
        # Printing a claim takes longer than refuting it.
        hopeful = any(label.startswith(f"{name}/{mutant.step}/{mutant.kind}:") for label in listed)
        if hopeful and (label := f"{name}/{mutant.label}") in listed:
            assert corrupted.check(mutant.step).verdicts == {mutant.step: "proved"}
            spared.add(label)
            continue
        # The first mutant of a step goes through the whole check, so that no other step is blamed for it.
        only = mutant.step if mutant.step in seen else None
        seen.add(mutant.step)
        with pytest.raises(DerivationError) as caught:
            corrupted.check(only)
        assert caught.value.step == mutant.step, mutant.label
    assert seen == {step.name for step in derivation.steps if step.kind != "definition"}
    assert spared == (listed if most is None else spared & listed)
    record_property("corrupted steps", sum(count.values()))
    with capsys.disabled():
        print(f"\n{name}: {sum(count.values())} mutants killed ({', '.join(f'{k} {v}' for k, v in count.items())})")


@HOW_MANY
@pytest.mark.parametrize("name", names())
def test_no_corrupted_formula_survives(name, most, capsys, record_property):
    derivation = derive(name)
    count = Counter()
    for kind, formula in formula_mutants(derivation, most):
        count[kind] += 1
        with pytest.raises(DerivationError) as caught:
            derivation.check_formula(formula)
        assert caught.value.step == formula.name, (formula.name, formula.expr)
    assert set(count) >= {"sub-expression", "coefficient", "wrong symbol"}
    record_property("corrupted formulas", sum(count.values()))
    with capsys.disabled():
        print(f"\n{name}: {sum(count.values())} corrupted formulas refused")
