"""Numbers of a run against the derivations that prove what is left, what data weigh and which decay to take."""

import pytest

import derivations
import wd_jax as wd

pytestmark = pytest.mark.numeric
RUN = {"eta": 3e-4, "optimiser": "adamw", "steps": 100_000}
SHAPES = ("constant", "linear", "cosine")


def law(name: str, **given: float) -> float:
    return float(derivations.derive("decay_under_schedule").formulas[name](**given))


def sums(shape: str) -> dict[str, float]:
    factors = wd.schedules.chosen("eta_schedule", shape).factors(RUN["steps"]) * RUN["eta"]
    return {"rate_sum": float(factors.sum()), "square_sum": float((factors**2).sum())}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("decay", [0.01, 0.1, 3.0])
def test_what_is_left_lies_between_the_bounds(shape: str, decay: float) -> None:
    found, total = wd.predict(**RUN, weight_decay=decay, eta_schedule=shape), sums(shape)
    most = law("left", weight_decay=decay, rate_sum=total["rate_sum"])
    least = law("least_left", eta=RUN["eta"], weight_decay=decay, **total)
    assert least * (1 - 1e-9) <= found.retained <= most * (1 + 1e-9)
    assert found.retained == pytest.approx(most, rel=1e-3 + 5 * decay**2 * total["square_sum"])
    expected = law("tau_run", weight_decay=decay, rate_sum=total["rate_sum"])
    assert found.timescale_share == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_data_weigh_is_the_laws(shape: str) -> None:
    found, decay = wd.predict(**RUN, weight_decay=0.1, eta_schedule=shape), 0.1
    younger = 0.0
    for part, share in enumerate(found.weight_by_age[:9], start=1):
        younger += share
        expected = law(
            f"recent_{shape}", eta=RUN["eta"], weight_decay=decay, total_steps=RUN["steps"], run_share=1 - part / 10
        )
        assert younger == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_decay_that_is_wanted_is_the_laws(shape: str) -> None:
    total = sums(shape)
    found = wd.predict(**RUN, eta_schedule=shape, want="timescale=0.2")
    expected = law("weight_decay_for_tau", tau_run=0.2, rate_sum=total["rate_sum"])
    assert found.weight_decay == pytest.approx(expected, rel=1e-12)
    left = wd.predict(**RUN, eta_schedule=shape, want="retained=0.1")
    expected = law("weight_decay_for_left_second", left_at_end=0.1, **total)
    assert left.weight_decay == pytest.approx(expected, rel=1e-8)
    if shape == "constant":
        exact = law("weight_decay_for_left_constant", left_at_end=0.1, eta=RUN["eta"], total_steps=RUN["steps"])
        assert left.weight_decay == pytest.approx(exact, rel=1e-12)
