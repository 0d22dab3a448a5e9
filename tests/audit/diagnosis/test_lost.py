"""Decay lost to the weights' dtype: said where the log shows it, and only as a possibility where it does not."""

import dataclasses

import numpy as np
import pytest

from tests.audit.diagnosis.trainings import Training
from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.diagnosis.diagnosis import Diagnosis
from wd_jax.audit.logs.log import TrainingLog

LOOP = Training(rule="adamw", lr=1e-3, decay=0.5, steps=3000, rounded=True)
"""Decay rounded by itself: 0.0005 a step is lost in bfloat16."""
ALL = ("layer0.weight", "layer1.weight", "layer2.weight", "layer3.weight")


@pytest.fixture(scope="module")
def lost() -> TrainingLog:
    return LOOP.log()


def _of(log: TrainingLog, optimiser: str = "torch:AdamW", **said: str) -> Diagnosis:
    return diagnose(log, optimiser, weight_decay=0.5, dtype="bfloat16", **said)


def _open(found: Diagnosis) -> list[str]:
    return [one for one in found.unanswered if one.startswith("whether bfloat16 loses")]


@pytest.mark.parametrize(
    ("optimiser", "said"),
    [
        ("torch:AdamW", {"scale_invariant": "layer*"}),
        ("torch:AdamW(fused=False)", {}),
        ("torch:AdamW(foreach=True)", {}),
    ],
)
def test_what_the_log_or_the_settings_show(lost: TrainingLog, optimiser: str, said: dict) -> None:
    found = _of(lost, optimiser, **said)
    assert [one.kind for one in found.findings] == ["decay lost to precision"]
    assert found.findings[0].layers == ALL
    assert "float32 weights" in found.findings[0].remedy
    assert not _open(found)


@pytest.mark.parametrize("optimiser", ["torch:AdamW", "torch:AdamW(fused=True)"])
def test_without_evidence_it_is_a_possibility(lost: TrainingLog, optimiser: str) -> None:
    """A gradient along the weights could explain the norms, and a fused kernel keeps part of the decay."""
    found = _of(lost, optimiser)
    assert not found.findings
    (said,) = _open(found)
    for word in ("can lose", "fused", "scale_invariant", "float32 weights are safe"):
        assert word in said


def test_one_layer_decays_so_that_the_dtype_does_not_lose_it(lost: TrainingLog) -> None:
    """Beside a layer that visibly decays, a head that grows has a gradient that makes it grow."""
    kept = LOOP.but(rounded=False).log()
    mixed = dataclasses.replace(
        kept,
        norms={**kept.norms, "head": lost.norms[ALL[0]]},
        cosines={**kept.cosines, "head": lost.cosines[ALL[0]]},
        gradients={**kept.gradients, "head": lost.gradients[ALL[0]]},
        sizes={**kept.sizes, "head": kept.sizes[ALL[0]]},
    )
    found = _of(mixed, scale_invariant="layer*")
    assert not found.findings
    (said,) = _open(found)
    assert "the decay of head:" in said


@pytest.mark.parametrize("cosines", [True, False])
def test_norms_alone_are_no_evidence(lost: TrainingLog, cosines: bool) -> None:
    """Without sizes nothing says how fast weights would grow of themselves; turning gives only a lower bound."""
    found = _of(lost_without(lost, cosines), scale_invariant="layer*")
    assert not [one for one in found.findings if one.kind == "decay lost to precision"]
    assert _open(found)


def lost_without(log: TrainingLog, cosines: bool) -> TrainingLog:
    """Leave out sizes, gradients, and cosines unless they are wanted; and all but the first timescale."""
    few = slice(0, 1 + len(log.time) // 2)
    assert log.lr is not None
    return dataclasses.replace(
        log, time=log.time[few], lr=log.lr[few], sizes={}, gradients={},
        norms={name: one[few] for name, one in log.norms.items()},
        cosines={name: one[few] for name, one in log.cosines.items()} if cosines else {},
    )  # fmt: skip


def test_layers_that_all_stand_still() -> None:
    """Each norm the same in every digit, of a decay that would take most of it."""
    steps = np.arange(0, 3001, 20)
    norms = {name: np.full(len(steps), 2.0) for name in ("a", "b")}
    log = TrainingLog("a run", "NumPy", steps, "step", norms, sizes={"a": 9, "b": 9}, lr=np.full(len(steps), 1e-3))
    found = _of(log)
    assert [one.layers for one in found.findings] == [("a", "b")]
    assert not any(one.factor.given for one in found.layers)  # nothing moves: no law of moving weights is for it
