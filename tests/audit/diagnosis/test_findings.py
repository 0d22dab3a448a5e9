"""Mistakes that were planted: each is found, in its layers, and the remedy is the right one."""

import dataclasses

import numpy as np
import pytest

from tests.audit.diagnosis.trainings import CLEAN, SAID, Training
from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.diagnosis.diagnosis import Diagnosis
from wd_jax.audit.logs.log import TrainingLog

INVARIANT = {"scale_invariant": "layer*"}
ALL = ("layer0.weight", "layer1.weight", "layer2.weight", "layer3.weight")


def _kinds(found: Diagnosis) -> list[str]:
    return [one.kind for one in found.findings]


@pytest.mark.parametrize("rule", CLEAN)
@pytest.mark.parametrize("kind", ["free", "pinned"])
def test_a_layer_without_decay(rule: str, kind: str) -> None:
    """Beside others that decay; where its scale does not matter to the cost."""
    training = CLEAN[rule].but(really={2: 0.0}, kind=kind)
    found = diagnose(training.log(), SAID[rule], weight_decay=training.decay, **INVARIANT)
    assert _kinds(found) == ["no decay on a layer"]
    assert found.findings[0].layers == ("layer2.weight",)
    assert "on purpose" in found.findings[0].remedy


@pytest.mark.parametrize("rule", ["sgd", "adamw", "lion"])
def test_no_decay_at_all_is_another_than_asked(rule: str) -> None:
    """A default of 0 that nobody noticed."""
    training = CLEAN[rule].but(really=dict.fromkeys(range(4), 0.0))
    found = diagnose(training.log(), SAID[rule], weight_decay=training.decay, **INVARIANT)
    assert _kinds(found) == ["decay other than asked"]
    assert found.findings[0].layers == ALL


def test_decay_through_the_momentum() -> None:
    """Asked beside the velocity, done inside of it: ten times."""
    training = CLEAN["momentum"]
    found = diagnose(training.log(), SAID["sgdw"], weight_decay=training.decay, **INVARIANT)
    assert _kinds(found) == ["decay amplified by momentum"]
    assert found.findings[0].layers == ALL
    assert "divide it by 10" in found.findings[0].remedy
    low, high = (f(one.factor.value for one in found.layers) for f in (min, max))
    assert 8 < low < high < 12


def test_decay_through_the_momentum_without_gradients() -> None:
    """The turning alone is a lower bound, which is enough."""
    training = CLEAN["momentum"]
    found = diagnose(training.log(gradients=False), SAID["sgdw"], weight_decay=training.decay, **INVARIANT)
    assert _kinds(found) == ["decay amplified by momentum"]


def test_the_law_of_the_right_optimiser_counts_its_momentum_in() -> None:
    """Named as it is, nothing is wrong."""
    training = CLEAN["momentum"]
    assert not diagnose(training.log(), "torch:SGD", momentum=0.9, weight_decay=training.decay, **INVARIANT).findings


@pytest.mark.parametrize("said", [{}, INVARIANT])
def test_a_rate_that_is_over_too_soon(said: dict) -> None:
    """The schedule was told a third of the steps."""
    training = CLEAN["adamw"].but(schedule=lambda share: max(0.0, 1 - 3 * share))
    found = diagnose(training.log(), "torch:AdamW", weight_decay=training.decay, **said)
    assert _kinds(found) == ["decay stopped by the schedule"]
    sentence = found.findings[0].sentence
    assert "the last 68% of the training" in sentence  # a third has it, less the tail of the line itself
    assert "1 timescales" in sentence
    assert "6.01 at the largest rate" in sentence


def test_the_schedule_is_seen_in_epochs_too() -> None:
    """A share of the run needs no steps."""
    log = CLEAN["adamw"].but(schedule=lambda share: max(0.0, 1 - 3 * share)).log()
    epochs = dataclasses.replace(log, unit="epoch")
    found = diagnose(epochs, "torch:AdamW", weight_decay=0.3)
    assert _kinds(found) == ["decay stopped by the schedule"]
    assert any("steps_per_epoch" in one for one in found.unanswered)


def test_a_decay_that_does_not_follow_the_rate_goes_on() -> None:
    """Of an optimiser whose decay is absolute a schedule stops nothing."""
    log = CLEAN["adamw"].but(schedule=lambda share: max(0.0, 1 - 3 * share)).log()
    assert not diagnose(log, "optax:adafactor", weight_decay=1e-3).findings


def test_the_same_log_of_float32_is_not_lost() -> None:
    """The dtype alone is no evidence: the norms must show it."""
    training = Training(rule="adamw", lr=1e-3, decay=0.5, steps=6000, start=1.0)
    assert not diagnose(training.log(), "torch:AdamW", weight_decay=0.5, dtype="bfloat16", **INVARIANT).findings


def _canary(factor: float, lr: float = 1e-2, decay: float = 0.1, steps: int = 1000) -> TrainingLog:
    """An unused weight beside three that train."""
    log = CLEAN["adamw"].but(steps=steps, lr=lr, decay=decay).log()
    norms = 0.5 * (1 - factor * lr * decay) ** log.time
    ones = np.where(log.time == 0, np.nan, 1.0)
    return dataclasses.replace(
        log,
        norms={**log.norms, "canary": norms},
        cosines={**log.cosines, "canary": ones},
        sizes={**log.sizes, "canary": 8},
        gradients={**log.gradients, "canary": np.where(log.time == 0, np.nan, 0.0)},
    )


def test_a_canary_shows_decay_alone() -> None:
    """To the digits of the log, and nothing is conditional."""
    found = diagnose(_canary(1.0), "torch:AdamW", weight_decay=0.1)
    canary = found.layers[-1]
    assert not found.findings
    assert canary.evidence == "decay alone"
    assert canary.verdict == "holds"
    assert canary.timescale[0] == pytest.approx(999.5, rel=1e-4)
    assert canary.timescale[1] <= 999.5 <= canary.timescale[2]


@pytest.mark.parametrize(
    ("optimiser", "factor", "kind", "word"),
    [
        ("torch:AdamW", 2.0, "decay other than asked", "halve"),
        ("torch:AdamW", 0.5, "decay other than asked", "double"),
        ("torch:AdamW", 100.0, "decay other than asked", "multiply weight_decay by lr = 0.01"),
        ("torch:AdamW", 3.7, "decay other than asked", "multiply weight_decay by 0.27"),
        ("torch:AdamW", 0.02, "decay other than asked", "multiply weight_decay by 50"),
        ("timm:sgdw(momentum=.9)", 10.0, "decay amplified by momentum", "divide it by 10"),
        ("timm:sgdw(momentum=.95)", 20.0, "decay amplified by momentum", "divide it by 20"),
    ],
)
def test_a_canary_tells_conventions_apart(optimiser: str, factor: float, kind: str, word: str) -> None:
    """Each by its factor."""
    found = diagnose(_canary(factor, steps=200 if factor > 50 else 1000), optimiser, weight_decay=0.1)
    assert _kinds(found) == [kind]
    assert found.findings[0].layers == ("canary",)
    assert word in found.findings[0].remedy
    assert found.layers[-1].times[0] == pytest.approx(factor, rel=1e-3)
    assert f" {found.layers[-1].times[0]:.4g} times" in found.findings[0].sentence


def test_each_step_of_plain_sgd_is_exact() -> None:
    """The overlap of weights a step apart is 1 - epsilon, to rounding: no word of the caller's is needed."""
    training = CLEAN["sgd"].but(every=1, steps=300)
    found = diagnose(training.log(), "torch:SGD", weight_decay=training.decay)
    assert {one.evidence for one in found.layers} == {"each step"}
    assert all(one.factor.high - one.factor.low < 1e-9 for one in found.layers)
    assert all(one.factor.value == pytest.approx(1, abs=1e-12) for one in found.layers)
    twice = diagnose(training.log(), "torch:SGD", weight_decay=training.decay / 2)
    assert _kinds(twice) == ["decay other than asked"]
    assert "halve" in twice.findings[0].remedy


def test_each_step_is_not_exact_of_a_layer_that_is_pulled_along() -> None:
    """Then decay and gradient are one."""
    training = CLEAN["sgd"].but(every=1, steps=300, kind="curved")
    found = diagnose(training.log(), "torch:SGD", weight_decay=training.decay / 2)
    assert not found.findings
    assert not any(one.conclusive for one in found.layers)


def test_groups_of_the_optimiser() -> None:
    """The log says which layer is in a group of no decay; of biases that is no mistake."""
    log = CLEAN["adamw"].but(kind="outward").log()
    decays = {name: np.full(len(log.time), 0.0 if name == ALL[1] else 0.3) for name in ALL}
    grouped = dataclasses.replace(log, layer_weight_decay=decays)
    found = diagnose(grouped, "torch:AdamW")
    assert _kinds(found) == ["no decay on a layer"]
    assert found.findings[0].layers == (ALL[1],)
    named = {("norm1.weight" if name == ALL[1] else name): one for name, one in log.norms.items()}
    usual = dataclasses.replace(
        log, norms=named, cosines={}, gradients={},
        layer_weight_decay={("norm1.weight" if name == ALL[1] else name): one for name, one in decays.items()},
    )  # fmt: skip
    assert not diagnose(usual, "torch:AdamW").findings


def test_a_layer_that_was_never_handed_over() -> None:
    """It has a gradient, and does not move; a frozen one has none, and is no mistake."""
    log = CLEAN["sgd"].log()
    still = np.full(len(log.time), 2.5)
    ones = np.where(log.time == 0, np.nan, 1.0)
    forgotten = dataclasses.replace(
        log, norms={**log.norms, "conv": still}, cosines={**log.cosines, "conv": ones},
        gradients={**log.gradients, "conv": np.where(log.time == 0, np.nan, 0.3)},
    )  # fmt: skip
    found = diagnose(forgotten, "torch:SGD", weight_decay=0.03)
    assert _kinds(found) == ["no decay on a layer"]
    assert found.findings[0].layers == ("conv",)
    frozen = dataclasses.replace(forgotten, gradients=log.gradients)
    assert not diagnose(frozen, "torch:SGD", weight_decay=0.03).findings


def test_the_logs_own_column_of_the_decay() -> None:
    """A default went in where another value was meant."""
    log = CLEAN["adamw"].log()
    column = dataclasses.replace(log, weight_decay=np.full(len(log.time), 0.01))
    found = diagnose(column, "torch:AdamW", weight_decay=0.3)
    assert _kinds(found) == ["decay other than asked"]
    assert "0.01" in found.findings[0].sentence


def test_weights_that_have_gone() -> None:
    """Far below what the decay asked for leaves: another decay is at work, such as Adam's with L2."""
    log = CLEAN["adamw"].log()
    gone = np.exp(-(np.linspace(0, 60, len(log.time)) ** 1.1))
    log = dataclasses.replace(log, norms={**log.norms, "head": gone})
    assert not diagnose(log, "torch:AdamW", weight_decay=0.3).findings  # its gradient may take all of it
    found = diagnose(log, "torch:AdamW", weight_decay=0.3, scale_invariant="head")
    assert _kinds(found) == ["decay other than asked"]
    assert found.findings[0].layers == ("head",)


def test_power() -> None:
    """A quarter of the decay asked for is called other in nine of ten layers, half of it in none: a factor of 3."""
    for share, least, most in ((0.25, 0.9, 1.0), (0.5, 0.0, 0.0)):
        training = CLEAN["sgd"].but(layers=10, really=dict.fromkeys(range(10), 0.03 * share), steps=3000)
        found = diagnose(training.log(), "torch:SGD", weight_decay=0.03, **INVARIANT)
        told = {name for one in found.findings for name in one.layers}
        assert least <= len(told) / 10 <= most


def test_no_decay_is_seen_in_the_turning_too() -> None:
    """Without sizes: a layer that grows to the end as its turning makes it, six timescales long."""
    training = CLEAN["adamw"].but(really={2: 0.0}, start=0.1)
    found = diagnose(training.log(sizes=False, gradients=False), "torch:AdamW", weight_decay=0.3, **INVARIANT)
    assert [one.layers for one in found.findings] in ([("layer2.weight",)], [])
    assert found.layers[2].verdict == "fails"
    assert not any(one.verdict == "fails" for one in found.layers if one.name != "layer2.weight")


def test_a_layer_that_does_not_move_where_no_gradients_are_logged() -> None:
    """It is told of layers that the caller names; else it may be frozen."""
    log = CLEAN["adamw"].log(gradients=False)
    still = np.full(len(log.time), 2.5)
    ones = np.where(log.time == 0, np.nan, 1.0)
    conv = dataclasses.replace(log, norms={**log.norms, "conv": still}, cosines={**log.cosines, "conv": ones})
    assert not diagnose(conv, "torch:AdamW", weight_decay=0.3).findings
    found = diagnose(conv, "torch:AdamW", weight_decay=0.3, scale_invariant="conv")
    assert [one.layers for one in found.findings] == [("conv",)]
