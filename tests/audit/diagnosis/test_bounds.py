"""What is only a bound is shown as a bound, everywhere; and what cannot be compared is not a number."""

import dataclasses
import math

import numpy as np
import pytest

from tests.audit.diagnosis.trainings import CLEAN, SAID
from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.diagnosis.diagnosis import Diagnosis
from wd_jax.audit.logs.log import TrainingLog

TRAINING = CLEAN["momentum"]


@pytest.fixture(scope="module")
def coupled() -> TrainingLog:
    """Ten times the decay of SGDW, in a log without gradients' norms."""
    return TRAINING.log(gradients=False)


@pytest.fixture(scope="module")
def found(coupled: TrainingLog) -> Diagnosis:
    return diagnose(coupled, SAID["sgdw"], weight_decay=TRAINING.decay, scale_invariant="layer*")


def test_the_fields_have_an_open_end(found: Diagnosis) -> None:
    """The timescale in effect is a tenth of the one asked for, and inside of what is said."""
    for one in found.layers:
        assert one.bound
        value, low, high = one.timescale
        assert math.isnan(value)
        assert low < one.asked_timescale / 10 < high < one.asked_timescale
        record = one.record()
        assert math.isnan(record["timescale_seen_steps"]) and record["timescale_ci95"] == [0.0, high]
        assert math.isnan(record["decay_seen_over_asked"])
        assert record["decay_seen_ci95"] == [one.factor.low, math.inf]
        assert record["bound"]
        assert one.times[1] < 10.1 and one.times[2] == math.inf


def test_it_is_written_as_a_bound(found: Diagnosis) -> None:
    """In the table, in the finding and in a notebook."""
    longest = f"at most {found.layers[0].timescale[2]:.3g}"
    assert longest in found.text() and longest in found._repr_html_()
    (finding,) = found.findings
    assert finding.kind == "decay amplified by momentum"
    assert "is at least " in finding.sentence
    assert "in at most " in finding.sentence
    assert "[" not in finding.sentence
    assert "what fits: 1/(1 - momentum) = 10" in finding.sentence
    assert finding.remedy.startswith("if that is it: ")


def test_weights_that_turn_away_between_records_give_no_bound() -> None:
    """Those few records between which they do not are chosen by chance: no number is made from them."""
    log = TRAINING.log(gradients=False)
    far = np.arange(len(log.time)) % 5 < 3
    away = {name: np.where(far, 0.1, one) for name, one in log.cosines.items()}
    found = diagnose(
        dataclasses.replace(log, cosines=away), SAID["sgdw"], weight_decay=TRAINING.decay, scale_invariant="layer*"
    )
    assert not any(one.factor.given for one in found.layers)
    assert any("turned away in between" in one for one in found.unanswered)


def test_an_estimate_is_no_bound() -> None:
    """With gradients' norms the decay itself is seen."""
    found = diagnose(TRAINING.log(), SAID["momentum"], weight_decay=TRAINING.decay, scale_invariant="layer*")
    assert not any(one.bound or one.record()["bound"] for one in found.layers)
    assert "at most" not in found.text().split("Taken for granted")[0].split("steps", 1)[1]
    assert "may be off by a factor of 3 besides" in found.text()  # how near a balance comes, which no series tells


def test_without_a_bound_no_number_is_shown() -> None:
    """A layer that grows as its turning makes it grow: none is seen, and not 'above' some timescale."""
    training = CLEAN["adamw"].but(really=dict.fromkeys(range(4), 0.0))
    found = diagnose(training.log(sizes=False), SAID["adamw"], weight_decay=training.decay, scale_invariant="layer*")
    assert "none seen" in found.text()
    assert "or above" not in found.text()
    (finding,) = found.findings
    assert "no decay is seen" in finding.sentence


def test_a_thinned_log_is_not_to_be_logged_more_often(coupled: TrainingLog) -> None:
    """Its cosines are with weights of records that were left out: fewer records keep them."""
    thinned = dataclasses.replace(coupled, cosine_gaps=np.concatenate([[np.nan], np.diff(coupled.time) / 4]))
    found = diagnose(thinned, SAID["momentum"], weight_decay=TRAINING.decay)
    said = " ".join(found.unanswered)
    assert "records were left out while the log was read" in said
    assert "a larger every" in said
    assert "log more often" not in said


def test_updates_longer_than_the_weights_say_nothing() -> None:
    """Of weights at 1e-43 a law of other updates gives no factor of 1e82."""
    log = CLEAN["adamw"].but(layers=2).log()
    fall = np.exp(-log.time / 20)
    tiny = dataclasses.replace(log, norms={name: 1e-3 * fall for name in log.norms})
    found = diagnose(tiny, "torch:AdamW", weight_decay=0.3, scale_invariant="layer*")
    assert not any(one.factor.given for one in found.layers)
    assert [one.layers for one in found.findings] == [log.layers]
    assert "e+" not in found.findings[0].sentence


def test_no_angle_is_made_from_no_records() -> None:
    """At rest, but for fewer timescales than the law takes: a mean of nothing is not 180 degrees."""
    log = TRAINING.but(kind="pinned").log(gradients=False)
    found = diagnose(log, SAID["sgdw"], weight_decay=TRAINING.decay / 10)
    assert "180°" not in found.text()
    assert all(math.isnan(one.rotation.value) for one in found.layers)


def test_the_angle_of_a_thinned_log_is_over_the_gap_of_its_cosines() -> None:
    """Records four times as far apart, cosines with the weights of the record that was left out."""
    training = CLEAN["adamw"].but(every=5, steps=4000, start=0.13)
    whole = training.log()
    few = slice(None, None, 4)
    thinned = dataclasses.replace(
        whole, time=whole.time[few], lr=whole.lr[few],
        norms={name: one[few] for name, one in whole.norms.items()},
        cosines={name: one[few] for name, one in whole.cosines.items()},
        gradients={name: one[few] for name, one in whole.gradients.items()},
        cosine_gaps=np.concatenate([[np.nan], np.full(len(whole.time) - 1, 5.0)])[few],
    )  # fmt: skip
    for log in (whole, thinned):
        found = diagnose(log, "torch:AdamW", weight_decay=0.3, scale_invariant="layer*")
        turning = [one.rotation for one in found.layers if one.state == "at rest"]
        assert turning
        assert {one.steps for one in turning} == {5.0}
        assert not any(one.verdict == "fails" for one in turning)


def test_a_number_that_changes_its_sign_has_not_gone() -> None:
    """It is near 0 in a single record."""
    steps = np.arange(0, 2001, 20)
    norm = np.abs(1 - steps / 1000) + 1e-9
    log = TrainingLog("a run", "NumPy", steps, "step", {"b": norm}, lr=np.full(len(steps), 1e-3))
    assert not diagnose(log, "torch:AdamW", weight_decay=0.1).findings
