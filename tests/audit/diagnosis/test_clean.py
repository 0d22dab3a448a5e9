"""Logs without a mistake, of every optimiser and kind of gradient: nothing may be found in them."""

import dataclasses

import numpy as np
import pytest

from tests.audit.diagnosis.trainings import CLEAN, INVARIANT, KINDS, SAID
from wd_jax.audit.diagnosis.diagnose import diagnose


@pytest.mark.statistical
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", CLEAN)
@pytest.mark.parametrize(("width", "layers"), [(30, 6), (300, 2)])
def test_nothing_is_invented(rule: str, kind: str, width: int, layers: int) -> None:
    """Whatever pulls along the weights: curvature, or what makes the last layer of a classifier grow."""
    training = CLEAN[rule].but(width=width, kind=kind, seed=width, layers=layers, steps=1000)
    log = training.log()
    assert not diagnose(log, SAID[rule], weight_decay=training.decay).findings
    if kind in INVARIANT:
        found = diagnose(log, SAID[rule], weight_decay=training.decay, scale_invariant="layer*")
        assert not found.findings
        given = [
            one.factor.value for one in found.layers if one.factor.given
        ]  # a long pull is no noise, and is refused
        assert all(1 / 3 < value < 3 for value in given)
        assert kind == "pinned" or len(given) == layers
        if kind == "free" and width == 300:  # what the law is for: tighter than a finding needs
            assert all(0.8 < one.factor.value < 1.35 for one in found.layers)


@pytest.mark.parametrize("rule", ["sgd", "adamw"])
@pytest.mark.parametrize(
    "schedule",
    [
        lambda share: 0.5 * (1 + np.cos(np.pi * share)),
        lambda share: 1 - share,
        lambda share: min(1.0, share / 0.1),
        lambda share: 1.0 if share < 0.8 else (1 - share) / 0.2,
        lambda share: 0.1 ** int(share * 3),
    ],
    ids=["cosine", "linear", "warm-up", "warm-up, stable, decay", "staircase"],
)
def test_usual_schedules_stop_nothing(rule: str, schedule) -> None:
    """They end at 0, but not long before the training does."""
    training = CLEAN[rule].but(schedule=schedule, width=60, steps=1200)
    for said in ((), "layer*"):
        found = diagnose(training.log(), SAID[rule], weight_decay=training.decay, scale_invariant=said)
        assert not found.findings


@pytest.mark.parametrize("column", ["sizes", "cosines", "gradients", "lr"])
def test_a_column_less_invents_nothing(column: str) -> None:
    """What is missing is said, and not guessed."""
    for rule, training in CLEAN.items():
        log = training.but(width=60, steps=1000).log(**{column: False})
        found = diagnose(log, SAID[rule], lr=training.lr, weight_decay=training.decay, scale_invariant="layer*")
        assert not found.findings
        if column == "lr":
            assert any("log the column lr" in one for one in found.unanswered)
        if column == "sizes" and rule in ("adamw", "lion"):
            assert any("weight_size" in one for one in found.unanswered)


def test_a_dtype_that_keeps_the_decay_is_no_finding() -> None:
    """0.02 a step moves weights of bfloat16."""
    training = CLEAN["adamw"].but(lr=0.02, decay=1.0, steps=600)
    assert not diagnose(training.log(), "torch:AdamW", weight_decay=1.0, dtype="bfloat16").findings


def test_master_weights_of_float32_are_no_finding() -> None:
    """A caller who names the network's dtype, while float32 weights decay as they should."""
    training = CLEAN["adamw"].but(lr=1e-3, decay=1.0, steps=4000)
    found = diagnose(training.log(), "torch:AdamW", weight_decay=1.0, dtype="bfloat16", scale_invariant="layer*")
    assert not found.findings


@pytest.mark.parametrize("known", ["cosines", "gradients", "neither"])
def test_a_layer_that_shrinks_evenly_while_it_turns_is_not_alone(known: str) -> None:
    """Its gradient may pull it along: only weights that do not turn, or have no gradient, show decay alone."""
    log = CLEAN["adamw"].but(width=60, steps=1000, layers=1).log()
    even = np.exp(-0.006 * log.time)
    turning = {"even": np.where(log.time == 0, np.nan, 0.998)}
    slopes = {"even": np.where(log.time == 0, np.nan, 0.1)}
    shrinks = dataclasses.replace(
        log, norms={"even": even}, sizes={"even": 60},
        cosines=turning if known == "cosines" else {}, gradients=slopes if known == "gradients" else {},
    )  # fmt: skip
    found = diagnose(shrinks, "torch:AdamW", weight_decay=0.3)
    assert not found.findings
    assert not found.layers[0].conclusive


def test_a_single_number_never_turns() -> None:
    """Its cosine is 1 whatever moves it, a temperature for one: that shows nothing."""
    log = CLEAN["adamw"].but(width=60, steps=1000, layers=1).log()
    ones = np.where(log.time == 0, np.nan, 1.0)
    scale = dataclasses.replace(
        log, norms={"logit_scale": np.exp(-0.006 * log.time)}, sizes={"logit_scale": 1},
        cosines={"logit_scale": ones}, gradients={},
    )  # fmt: skip
    assert not diagnose(scale, "torch:AdamW", weight_decay=0.3).findings


@pytest.mark.statistical
def test_a_last_layer_grows_beside_layers_that_decay() -> None:
    """It decays too and shows nothing of it, pulled outwards: nobody said that its scale does not matter."""
    log = CLEAN["adamw"].but(width=100, steps=1000, layers=2).log()
    last = CLEAN["adamw"].but(width=100, steps=1000, layers=1, kind="outward").log()
    (name,) = last.layers
    both = dataclasses.replace(
        log, norms={**log.norms, "head": last.norms[name]}, sizes={**log.sizes, "head": 100},
        cosines={**log.cosines, "head": last.cosines[name]}, gradients={**log.gradients, "head": last.gradients[name]},
    )  # fmt: skip
    found = diagnose(both, "torch:AdamW", weight_decay=0.3, scale_invariant="layer*")
    assert not found.findings
    assert found.layers[-1].verdict == "fails"  # if its scale did not matter
    assert not found.layers[-1].conclusive
