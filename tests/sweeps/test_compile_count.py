"""Numbers are traced: another eta, lmbda, seed, init or sampling runs the program that is already there."""

import pytest

import wd_jax as wd
from wd_jax.engine import member

pytestmark = pytest.mark.numeric
CHEAP = wd.Probes(budget=False, moved=False, splits=())


@pytest.fixture
def traces(monkeypatch) -> list[wd.Setup]:
    """The setups for which `advance` was traced: JAX calls it only to build a program."""
    seen, advance = [], member.advance

    def counted(setup, *arguments):
        seen.append(setup)
        return advance(setup, *arguments)

    monkeypatch.setattr(member, "advance", counted)
    return seen


def test_only_what_is_static_compiles(traces, tiny) -> None:
    base = wd.Setup(widths=(6, 2, 3), batch_size=8)  # a setup no other test has compiled

    def sweep(setup=base, **axes) -> int:
        before = len(traces)
        axes = {"eta": [0.1, 0.2], "lmbda": 1.0, "seeds": 2} | axes
        wd.sweep(setup, tiny, epochs=2, probes=CHEAP, progress=False, **axes)
        return len(traces) - before

    assert sweep() == 1
    assert sweep() == 0
    assert sweep(eta=[0.5, 0.05], lmbda=3.0) == 0
    assert sweep(eta=0.1, lmbda=[0.0, 40.0], init_scale=0.5, seeds=[4, 9]) == 0
    assert sweep(init=["gaussian", "fan_in"]) == 0
    assert sweep(sampling="iid", order="shared") == 0
    assert sweep(batch_size=4) == 1  # and the counter counts
