"""States beside the schedule and the time asked for."""

import dataclasses

import numpy as np
import pytest

from wd_jax.audit.diagnosis import standing
from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.diagnosis.diagnosis import Diagnosis
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.stats.one_series import mean_interval
from wd_jax.stats.verdict import UNDECIDED


def _log(norms: np.ndarray, lr: np.ndarray | float = 1e-3, every: int = 10) -> TrainingLog:
    steps = every * np.arange(len(norms), dtype=float)
    return TrainingLog("a run", "NumPy", steps, "step", {"w": norms}, lr=np.broadcast_to(lr, norms.shape).copy())


def _state(log: TrainingLog, weight_decay: float = 0.1) -> tuple[str, str, Diagnosis]:
    found = diagnose(log, "torch:AdamW", weight_decay=weight_decay)
    return found.layers[0].state, found.layers[0].state_reason, found


NOISE = 0.01 * np.random.default_rng(0).normal(size=400)


def test_a_log_shorter_than_the_timescale_shows_no_rest() -> None:
    """4000 steps of a timescale of 10 000, then of 1000."""
    word, reason, found = _state(_log(5 + NOISE), 0.1)
    assert word == "cannot be said"
    assert "covers 0.4 of the timescale asked for" in reason
    assert any("covers 0.4" in one for one in found.unanswered)
    assert _state(_log(5 + NOISE), 1.0)[0] == "at rest"


def test_what_came_before_a_change_of_the_rate_is_another_rest() -> None:
    """A fall at the step of the schedule is no movement of the weights behind it."""
    lr = np.where(np.arange(400) < 150, 1e-2, 1e-3)
    norms = np.where(lr > 5e-3, 9.0, 5.0) + NOISE
    word, _, found = _state(_log(norms, lr), 1.0)
    assert word == "at rest"
    assert found.layers[0].since is not None
    assert found.layers[0].since >= 1500


def test_the_time_is_that_behind_the_change() -> None:
    """Four timescales before it are none of the rest behind it."""
    lr = np.where(np.arange(400) < 150, 1e-2, 1e-4)
    word, reason, _ = _state(_log(np.where(lr > 5e-3, 9.0, 5.0) + NOISE, lr), 1.0)
    assert word == "cannot be said"
    assert "behind the last change of the learning rate covers 0.25" in reason


def test_few_records_behind_a_change() -> None:
    lr = np.where(np.arange(400) < 390, 1e-2, 1e-3)
    word, reason, _ = _state(_log(5 + NOISE, lr), 1.0)
    assert word == "cannot be said"
    assert "changes at step 3900, and 10 records are behind it" in reason


@pytest.mark.parametrize(
    "lr",
    [np.linspace(1e-2, 1e-5, 50), 5e-3 * (1.0001 + np.cos(np.linspace(0, np.pi, 50))), np.full(50, 0.1), np.zeros(50)],
)
def test_an_even_schedule_has_no_step(lr: np.ndarray) -> None:
    assert standing.last_change(lr) == 0


def test_an_interval_that_was_refused_is_no_agreement() -> None:
    """Twenty records with a long memory: the size at rest is shown, and not said to fit its law."""
    walk = 5 + 0.05 * np.cumsum(np.random.default_rng(3).normal(size=30))
    assert mean_interval(walk).low == -np.inf  # refused
    log = dataclasses.replace(_log(walk, every=1000), sizes={"w": 25})
    from wd_jax.audit.diagnosis import resting
    from wd_jax.audit.diagnosis.asked import ask
    from wd_jax.audit.translation.find import find

    asked = ask(log, find("torch:AdamW"), None, 1.0)
    size, _ = resting.compare(log, "w", asked, 0)
    assert size.predicted is not None
    assert (size.low, size.high) == (-np.inf, np.inf)
    assert size.verdict == UNDECIDED
