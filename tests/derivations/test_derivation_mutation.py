"""Corrupt every step of every derivation: the check must fail and name that step."""

from collections import Counter

import pytest

from derivations import DerivationError, derive, names
from derivations.mutation import mutants

pytestmark = pytest.mark.symbolic

# Label of a mutant that survives -> why the corrupted claim is still true. Empty, and meant to stay so.
SURVIVORS: dict[str, str] = {}


@pytest.mark.parametrize("name", names())
def test_no_corruption_survives(name, capsys):
    derivation = derive(name)
    count, seen = Counter(), set()
    for mutant in mutants(derivation):
        count[mutant.kind] += 1
        if f"{name}/{mutant.label}" in SURVIVORS:
            continue
        corrupted = derivation.with_claim(mutant.step, mutant.claim)
        # The first mutant of a step goes through the whole check, so that no other step is blamed for it.
        only = mutant.step if mutant.step in seen else None
        seen.add(mutant.step)
        with pytest.raises(DerivationError) as caught:
            corrupted.check(only)
        assert caught.value.step == mutant.step, mutant.label
    assert seen == {step.name for step in derivation.steps if step.kind != "definition"}
    with capsys.disabled():
        print(f"\n{name}: {sum(count.values())} mutants killed ({', '.join(f'{k} {v}' for k, v in count.items())})")
