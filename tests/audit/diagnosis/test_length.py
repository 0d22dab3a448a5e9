"""Updates that are not as long as the law takes them for, rows without norms, and numbers that stand still."""

import dataclasses

import numpy as np
import pytest

from tests.audit.diagnosis.trainings import CLEAN, SAID, Training
from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.diagnosis.findings import resolution
from wd_jax.audit.logs.log import TrainingLog

INVARIANT = {"scale_invariant": "layer*"}


def _fitted(training: Training, last: float = 1e-6) -> TrainingLog:
    """The gradient dies: below Adam's eps its updates do too, while decay goes on."""
    inner = training._gradient
    gone = iter(np.geomspace(1.0, last, training.steps + 1) * 1e-7)

    class Dying(Training):
        def _gradient(self, w, target, rng):
            return inner(w, target, rng) * next(gone)

    return Dying(**{field.name: getattr(training, field.name) for field in dataclasses.fields(training)}).log()


def _one_way(rule: str, seed: int, every: int = 10, **changed: object) -> Training:
    """A small start and a strong pull: gradients point one way for longer than the optimiser remembers."""
    decay = CLEAN[rule].decay
    return CLEAN[rule].but(kind="pinned", start=0.03, steps=600, every=every, seed=seed, decay=decay / 10, **changed)


@pytest.mark.parametrize(
    "columns", [{}, {"cosines": False}, {"gradients": False}, {"cosines": False, "gradients": False}]
)
@pytest.mark.parametrize("seed", range(3))
def test_a_training_set_that_is_fitted(columns: dict, seed: int) -> None:
    """Updates far shorter than the law's are no stronger decay."""
    log = _fitted(CLEAN["adamw"].but(width=60, steps=1500, decay=0.05, start=0.1, seed=seed))
    log = dataclasses.replace(log, **{name: {} for name in columns})
    assert not diagnose(log, "torch:AdamW", weight_decay=0.05, **INVARIANT).findings


@pytest.mark.parametrize("every", [2, 10, 30])
@pytest.mark.parametrize("rule", ["momentum", "sgdw", "adamw", "lion"])
def test_gradients_that_persist(rule: str, every: int) -> None:
    """The norm grows by more than the law says: that is no negative decay."""
    for seed in range(2):
        training = _one_way(rule, seed, every, width=60)
        for left_out in ({}, {"cosines": False}):
            found = diagnose(training.log(**left_out), SAID[rule], weight_decay=training.decay, **INVARIANT)
            assert not found.findings, found.findings


def test_a_decay_that_is_too_strong_is_found_in_spite_of_it() -> None:
    """Norms that fall by more than twice what was asked need no length of an update at all."""
    training = CLEAN["adamw"].but(width=60, start=5.0, steps=1000, decay=0.3)
    for left_out in ({}, {"cosines": False}):
        found = diagnose(training.log(**left_out), "torch:AdamW", weight_decay=0.03, **INVARIANT)
        assert [one.kind for one in found.findings] == ["decay other than asked"]
        assert all(1 < one.times[0] or one.bound for one in found.layers)


def test_a_balance_alone_finds_nothing_without_cosines() -> None:
    """It names the column that would decide."""
    training = CLEAN["adamw"].but(really=dict.fromkeys(range(4), 0.0))
    found = diagnose(training.log(cosines=False), "torch:AdamW", weight_decay=0.3, **INVARIANT)
    assert not found.findings
    assert any("weight_cosine/LAYER" in one for one in found.unanswered)


@pytest.mark.parametrize("name", ["fc.weight", "fc.bias"])
def test_a_gradient_that_takes_weights_to_0(name: str) -> None:
    """Of a layer that nobody called scale-invariant, and of biases always, that is no decay."""
    steps = np.arange(0, 6001, 20.0)
    norms = np.maximum(7.3 * np.exp(-steps / 300), 2.5e-4)
    log = TrainingLog("a run", "NumPy", steps, "step", {name: norms}, lr=np.full(len(steps), 1e-3), sizes={name: 64})
    assert not diagnose(log, "torch:AdamW", weight_decay=0.01).findings


def test_rows_without_a_norm_between_those_that_have_one() -> None:
    """Losses that are logged more often change nothing: neither the decay seen nor the turning."""
    log = CLEAN["sgd"].but(steps=3000).log()
    count = 2 * len(log.time) - 1

    def spread(values: np.ndarray) -> np.ndarray:
        return np.insert(values, np.arange(1, len(values)), np.nan)

    more = dataclasses.replace(
        log, time=np.linspace(log.time[0], log.time[-1], count), lr=np.full(count, 0.1),
        norms={name: spread(one) for name, one in log.norms.items()},
        cosines={name: spread(one) for name, one in log.cosines.items()},
        gradients={name: spread(one) for name, one in log.gradients.items()},
    )  # fmt: skip
    one = diagnose(log, "torch:SGD", weight_decay=0.03, **INVARIANT)
    two = diagnose(more, "torch:SGD", weight_decay=0.03, **INVARIANT)
    assert [a.factor.value for a in one.layers] == pytest.approx([b.factor.value for b in two.layers])
    assert {b.rotation.steps for b in two.layers if b.state == "at rest"} <= {10.0}
    assert [a.rotation.predicted for a in one.layers] == [b.rotation.predicted for b in two.layers]


@pytest.mark.parametrize("column", ["cosines", "sizes"])
def test_a_rate_that_falls_by_half_from_record_to_record(column: str) -> None:
    """No pair of records has a sum that is known and not 0: that is said, and the schedule is a finding."""
    steps = np.arange(0, 3001, 50.0)
    lr = np.zeros(61)
    lr[:4] = [1e-3, 4e-4, 1e-4, 2e-5]
    known = {"cosines": {"w": np.r_[np.nan, np.full(60, 0.999)]}} if column == "cosines" else {"sizes": {"w": 64}}
    log = TrainingLog("a run", "NumPy", steps, "step", {"w": 5 * np.exp(-1e-4 * steps)}, lr=lr, **known)
    found = diagnose(log, "torch:AdamW", weight_decay=0.1)
    assert [one.kind for one in found.findings] == ["decay stopped by the schedule"]
    assert not found.layers[0].factor.given
    assert "log more often" in found.layers[0].factor.reason


def test_a_norm_that_stands_still_for_want_of_digits() -> None:
    """A decay of 3e-9 is in no column of six digits: the layer is stepped all the same."""
    log = CLEAN["sgd"].but(width=60, steps=300, layers=1, lr=1e-7, decay=1e-4).log()
    rounded = {name: np.array([float(f"{one:.6g}") for one in norms]) for name, norms in log.norms.items()}
    still = dataclasses.replace(log, norms=rounded)
    assert diagnose(still, "torch:SGD", weight_decay=1e-4).layers[0].state == "does not move"
    assert not diagnose(still, "torch:SGD", weight_decay=1e-4).findings
    assert not diagnose(dataclasses.replace(still, cosines={}), "torch:SGD", weight_decay=1e-4).findings


def test_digits_of_a_column() -> None:
    """Six at least, since 2.5 may be all that there is to write."""
    assert resolution(2.5) == resolution(2.34567) == 5e-6
    assert resolution(float("nan")) == 1.0


def test_a_gradient_along_the_weights_is_not_decay_alone() -> None:
    """Isotropic curvature shrinks weights evenly, and turns them no more than decay does."""
    steps = np.arange(0, 2001, 20.0)
    norms = {"fc": 8 * (1 - 0.1 * (0.1 + 1e-4)) ** steps}
    cosines = {"fc": np.where(steps == 0, np.nan, 1.0)}
    log = TrainingLog("a run", "NumPy", steps, "step", norms, lr=np.full(len(steps), 0.1), cosines=cosines)
    found = diagnose(log, "torch:SGD", weight_decay=1e-4)
    assert not found.findings
    assert any("gradient_norm/LAYER" in one for one in found.unanswered)
    unused = dataclasses.replace(log, gradients={"fc": np.zeros(len(steps))})
    assert [one.kind for one in diagnose(unused, "torch:SGD", weight_decay=1e-4).findings] == ["decay other than asked"]


@pytest.mark.parametrize(("lr", "decay"), [(0.02, 0.02), (0.1, 0.01), (0.1, 0.02)])
def test_decay_in_a_velocity_at_rest(lr: float, decay: float) -> None:
    """Up to 2.7 % of a weight a step; 3 % to 25 % too little, were the velocity's share of the decay not counted."""
    start = (lr / (2 * decay)) ** 0.25 * 1.8 / 20
    training = CLEAN["momentum"].but(lr=lr, decay=decay, width=400, start=start, steps=3000)
    found = diagnose(training.log(), "torch:SGD(momentum=.9)", weight_decay=decay, **INVARIANT)
    assert np.mean([one.factor.value for one in found.layers]) == pytest.approx(1, abs=0.04)
