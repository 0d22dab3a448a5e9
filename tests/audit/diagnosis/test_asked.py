"""What was asked for, by each library's own convention."""

import dataclasses

import numpy as np
import pytest

from tests.audit.diagnosis.trainings import CLEAN
from wd_jax.audit.diagnosis.asked import ask
from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.audit.translation.find import find


@pytest.fixture(scope="module")
def log() -> TrainingLog:
    """A rate that falls from 0.01 to 0 over a thousand steps."""
    return CLEAN["adamw"].but(steps=1000, width=20, layers=1, schedule=lambda share: 1 - share).log()


@pytest.mark.numeric
@pytest.mark.parametrize(
    ("optimiser", "value", "total"),
    [
        ("torch:AdamW", 0.1, 0.1 * 0.01 * 500),
        ("keras:SGD(momentum=.9)", 0.1, 0.1 * 0.01 * 500),
        ("torch:SGD(momentum=.9)", 0.01, 0.01 * 0.01 * 500 / 0.1),
        ("optax:adafactor", 1e-4, 1e-4 * 1000),
        ("composer:DecoupledAdamW", 1e-4, 1e-4 * 500),
        ("chainer:AdamW", 1e-4, 1e-4 * 1000),
    ],
)
def test_the_sum_over_the_schedule(log: TrainingLog, optimiser: str, value: float, total: float) -> None:
    """Multiplied by the rate, relative to the first one, through a momentum, or not at all."""
    # the long run of a momentum takes a share of eta*L/(1 - mu) more, 0.5 % of it here
    assert ask(log, find(optimiser), None, value).total == pytest.approx(total, rel=0.01)


def test_a_relative_decay_needs_the_first_rate(log: TrainingLog) -> None:
    """A warm-up from 0 does not say it; the caller may."""
    assert log.lr is not None
    warm = dataclasses.replace(log, lr=log.lr[::-1])
    law = find("composer:DecoupledAdamW")
    assert any("give lr" in one for one in ask(warm, law, None, 1e-4).lacking)
    assert ask(warm, law, 0.01, 1e-4).total == pytest.approx(1e-4 * 500, rel=2e-3)
    assert not diagnose(warm, "composer:DecoupledAdamW", weight_decay=1e-4).findings


def test_a_rate_that_the_log_lacks_is_taken_to_be_constant(log: TrainingLog) -> None:
    """And that is said."""
    bare = dataclasses.replace(log, lr=None)
    asked = ask(bare, find("torch:AdamW"), 0.01, 0.1)
    assert asked.total == pytest.approx(1.0, rel=1e-3)
    assert any("0.01 is taken in each step" in one for one in asked.notes)


def test_the_logs_own_rate_goes_before_what_is_said(log: TrainingLog) -> None:
    """And that is said too."""
    asked = ask(log, find("torch:AdamW"), 0.5, 0.1)
    assert asked.total == pytest.approx(0.5, rel=2e-3)
    assert any("not the 0.5 that was said" in one for one in asked.notes)


def test_each_layer_has_its_own(log: TrainingLog) -> None:
    """As the hooks of PyTorch and Keras write them."""
    (name,) = log.layers
    rates, decays = np.full(len(log.time), 0.02), np.full(len(log.time), 0.05)
    own = dataclasses.replace(log, lr=None, layer_lr={name: rates}, layer_weight_decay={name: decays})
    assert ask(own, find("torch:AdamW"), None, None, name).total == pytest.approx(1.0, rel=1e-3)
    assert diagnose(own, "torch:AdamW").total == pytest.approx(1.0, rel=1e-3)


def test_a_decay_that_takes_all_is_refused(log: TrainingLog) -> None:
    """In one line."""
    with pytest.raises(ValueError, match="of each weight: lower one of them"):
        ask(log, find("torch:AdamW"), None, 200.0)
