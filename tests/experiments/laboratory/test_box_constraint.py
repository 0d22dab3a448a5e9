"""Lion and AdamW in the box: the simulation against optax, and a word that changes where a number is wrong."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import xarray as xr

from experiments.laboratory.box_constraint import EXPERIMENT
from experiments.laboratory.box_constraint import simulation as sim
from experiments.laboratory.box_constraint.settings import NAME, Settings
from wd_jax.stats.outcome import Outcome

TINY = Settings(
    "none", seeds=2, dim=6, rows=15, beta2=(0.9, 0.95), steps=8000, records=20, outside_steps=200, shares=(0.4, 0.6)
)


@pytest.mark.numeric
@pytest.mark.parametrize("rule", sim.RULES)
@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
def test_training_against_optax(rule: str, schedule: str) -> None:
    with jax.enable_x64(True):
        inputs, targets = sim.problem(3, 12, 5)
        steps, eta, decay, betas = 240 if rule == "lion" else 60, 0.02, 0.7, (0.6, 0.97)
        rates = {
            "cosine": optax.cosine_decay_schedule(eta, steps),
            "linear": lambda count: eta * (1 - jnp.float64(count) / steps),  # optax's own is float32
            "constant": optax.constant_schedule(eta),
        }
        made = {
            "lion": optax.lion(rates[schedule], *betas, weight_decay=decay),
            "adamw": optax.adamw(rates[schedule], *betas, eps=0.0, weight_decay=decay),
        }[rule]
        w = jnp.linspace(-1.0, 2.0, 5)
        state = made.init(w)
        for _ in range(steps):
            moved, state = made.update(inputs.T @ (inputs @ w - targets), state, w)
            w = optax.apply_updates(w, moved)
        how = {"rule": rule, "schedule": schedule, "steps": steps, "records": 3}
        found = sim.train(inputs, targets, jnp.linspace(-1.0, 2.0, 5), decay, betas, eta, **how)
        np.testing.assert_allclose(found[-1], w, rtol=1e-10, atol=1e-12)


@pytest.mark.numeric
def test_the_solution_meets_the_conditions_of_the_box() -> None:
    inputs, targets = sim.problem(1, 60, 30)
    for decay in (0.3, 1.0):
        best = sim.solution(inputs, targets, decay)
        g = inputs.T @ (inputs @ best - targets)
        inside = np.abs(best) < (1 - 1e-12) / decay
        assert np.abs(g[inside]).max() < 1e-12 and (np.sign(g) == -np.sign(best))[~inside].all()
        assert decay * best @ g == pytest.approx(-np.abs(g).sum(), rel=1e-12)


@pytest.fixture(scope="module")
def stored() -> xr.Dataset:
    return EXPERIMENT.measurements[NAME](TINY, None)


def outcome(stored: xr.Dataset) -> Outcome:
    return EXPERIMENT.analyse(TINY, None, {NAME: stored})


@pytest.mark.statistical
def test_the_shape_of_what_comes_out(stored) -> None:
    found = outcome(stored)
    assert [one.kind for one in found.verdicts].count("identity") == 1
    assert [one.kind for one in found.verdicts].count("rival") == 1
    assert len(found.verdicts) == 3 * 4 + 3 + 1
    assert [("linearly" in one.scope) for one in found.verdicts[:4]] == [False, False, True, False]
    seen = [one for one in EXPERIMENT.tolerances(TINY) if one.chosen == "after"]
    for one in found.verdicts:
        assert any(tolerance.words in one.statement for tolerance in seen) == (" ends " in one.statement)
    words = {tolerance.words for tolerance in EXPERIMENT.tolerances(TINY)}
    assert all(any(word in one.statement for word in words) for one in found.verdicts)


@pytest.mark.statistical
def test_each_verdict_can_fail(stored) -> None:
    right = stored.assign(distance=stored.distance * 0, pairing=stored.pairing * 0)
    words = [one.verdict for one in outcome(right).verdicts]
    assert words[:12] == ["holds"] * 12 and words[12:14] == ["holds"] * 2 and words[15] == "holds"
    linear = outcome(right.assign(distance=right.distance + 2e-4 * (right.schedule == "linear"))).verdicts
    assert [one.verdict for one in linear[:4]] == ["holds", "holds", "fails", "holds"]
    wrong = stored.assign(
        distance=right.distance + 2e-4,
        pairing=right.pairing + 2e-4,
        outside=stored.outside * (1 + 1e-9),
        rate=stored.rate * 1.05,
    )
    words = [one.verdict for one in outcome(wrong).verdicts]
    assert words == ["fails"] * 16
    missing = stored.assign(distance=right.distance * np.nan)
    assert outcome(missing).verdicts[0].verdict == "undecided"


@pytest.mark.statistical
def test_the_figure_is_drawn_in_both_widths(stored) -> None:
    from wd_jax.figures import style

    for width in ("one", "two"):
        with style.style(width):
            assert len(outcome(stored).draw().axes) == 4
