"""A decay other than asked has one cause in the optimiser as a whole: those that fit every layer are listed."""

import dataclasses

import numpy as np
import pytest

from tests.audit.diagnosis.trainings import CLEAN, Training
from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.diagnosis.diagnosis import Diagnosis
from wd_jax.audit.logs.log import TrainingLog

L2 = Training(rule="adam_l2", lr=5e-3, decay=1e-2, steps=3000)
SAID = "L2 inside of Adam"
WITHOUT_RATE = "as if it were not multiplied by lr"


def _adamw(log: TrainingLog, decay: float) -> Diagnosis:
    return diagnose(log, "torch:AdamW", weight_decay=decay, scale_invariant="layer*")


@pytest.mark.parametrize("decay", [3e-3, 1e-2, 3e-2])
@pytest.mark.parametrize("start", [0.3, 1.0])
def test_l2_inside_of_adam_is_a_cause(decay: float, start: float) -> None:
    """Found by its balance, with the factor that the gradients say; no other value of the decay mends it."""
    (finding,) = _adamw(L2.but(decay=decay, start=start).log(), decay).findings
    assert finding.kind == "decay other than asked"
    assert SAID in finding.sentence
    assert "from the gradients' norms about" in finding.sentence
    assert "use AdamW, with the value as it is" in finding.remedy
    assert "multiply weight_decay by 0.0" not in finding.remedy.replace("by lr", "")


def test_layers_that_differ_are_not_one_factor() -> None:
    """Gradients of two sizes, two factors: only L2 inside of Adam gives both, and it is said once."""
    one, two = L2.log(), L2.but(start=1.0, seed=1, lr=1.5e-2).log()
    names = {name: f"layer{k + 4}.weight" for k, name in enumerate(two.norms)}
    both = dataclasses.replace(
        one,
        **{
            what: {**getattr(one, what), **{names[name]: value for name, value in getattr(two, what).items()}}
            for what in ("norms", "sizes", "cosines", "gradients")
        },
        layer_lr={name: two.lr if name in names.values() else one.lr for name in (*one.norms, *names.values())},
    )
    (finding,) = _adamw(both, 1e-2).findings
    assert len(finding.layers) == 8
    assert SAID in finding.sentence and WITHOUT_RATE not in finding.sentence


def test_without_gradients_both_causes_are_listed() -> None:
    """A hundred times what was asked for fits both; what would tell them apart is said."""
    training = CLEAN["adamw"].but(decay=0.3)
    found = _adamw(training.log(gradients=False), 0.003)
    (finding,) = found.findings
    assert SAID in finding.sentence and WITHOUT_RATE in finding.sentence
    assert "What fits, most likely first: " in finding.sentence
    assert finding.remedy.startswith("(1) ") and "(2) " in finding.remedy
    assert "to tell them apart, look at the type of the optimiser" in finding.remedy


def test_a_gradient_can_rule_l2_out() -> None:
    """Gradients of that size would give another factor."""
    log = CLEAN["adamw"].but(decay=0.3).log()
    large = dataclasses.replace(log, gradients={name: 100 * one for name, one in log.gradients.items()})
    (finding,) = _adamw(large, 0.003).findings
    assert WITHOUT_RATE in finding.sentence and SAID not in finding.sentence
    assert "multiply weight_decay by lr = 0.01" in finding.remedy


def test_weights_that_have_gone_belong_to_the_same_mistake() -> None:
    """L2 inside of Adam takes lr a step off weights whose gradient is small; of a bias a gradient may take all."""
    log = L2.log()
    gone = np.maximum(1 - log.time / 200, 1e-5)
    log = dataclasses.replace(log, norms={**log.norms, "layer4.weight": gone}, sizes={**log.sizes, "layer4.weight": 40})
    (finding,) = _adamw(log, 1e-2).findings
    assert "layer4.weight" in finding.layers and "layer0.weight" in finding.layers
    assert SAID in finding.sentence and WITHOUT_RATE not in finding.sentence
