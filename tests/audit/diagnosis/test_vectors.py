"""What is left without decay on purpose is no mistake, whatever its name; a matrix without decay is one."""

import dataclasses

import numpy as np
import pytest

from tests.audit.diagnosis.trainings import CLEAN
from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.diagnosis.vectors import is_vector, of
from wd_jax.audit.logs.log import TrainingLog


def _split(gain: str, sizes: dict[str, int], **more: object) -> TrainingLog:
    """Two matrices that decay and one layer, with its bias, in the group that does not."""
    log = CLEAN["adamw"].but(layers=4, steps=600).log(gradients=False, cosines=False)
    names = ["0.weight", gain, gain.rpartition(".")[0] + ".bias", "6.weight"]
    norms = dict(zip(names, log.norms.values(), strict=True))
    without = {name: np.full(len(log.time), 0.0 if name in names[1:3] else 0.3) for name in names}
    sizes = {"0.weight": 3072, names[2]: 48, "6.weight": 480} | sizes
    return dataclasses.replace(log, norms=norms, sizes=sizes, layer_weight_decay=without, **more)  # pyrefly: ignore


@pytest.mark.parametrize("gain", ["1.weight", "layer1.0.downsample.1.weight", "net.4.weight"])
@pytest.mark.parametrize("axes", [{}, {"0.weight": 2, "6.weight": 2}])
def test_a_gain_in_the_group_without_decay_is_no_mistake(gain: str, axes: dict) -> None:
    """As in nn.Sequential, whose names say nothing; and it is said that it was left out."""
    found = diagnose(_split(gain, {gain: 48}, axes=axes | ({gain: 1} if axes else {})), "torch:AdamW")
    assert not found.findings
    assert any(gain in one and "left out of the decay in the optimiser's groups" in one for one in found.notes)


@pytest.mark.parametrize("axes", [{}, {"3.weight": 2}])
def test_a_matrix_in_it_is_a_mistake(axes: dict) -> None:
    found = diagnose(_split("3.weight", {"3.weight": 2304}, axes=axes), "torch:AdamW")
    assert [(one.kind, one.layers) for one in found.findings] == [("no decay on a layer", ("3.weight",))]


def test_axes_go_before_sizes() -> None:
    """A matrix of one column has as many weights as its bias."""
    assert "3.weight" in of(_split("3.weight", {"3.weight": 48}))
    assert "3.weight" not in of(_split("3.weight", {"3.weight": 48}, axes={"3.weight": 2}))


def test_a_gain_without_bias_is_known_by_its_size() -> None:
    """As of RMSNorm; few beside the largest matrix."""
    sizes = {"0.weight": 768 * 3072, "1.weight": 768, "2.weight": 768 * 768}
    assert of(TrainingLog("a run", "CSV", np.zeros(0), "step", dict.fromkeys(sizes), sizes=sizes)) == {"1.weight"}  # pyrefly: ignore


def test_a_pattern_leaves_gains_out() -> None:
    """A caller who says '*.weight' means layers before a normalisation; one who names it, that."""
    log = _split("1.weight", {"1.weight": 48})
    log = dataclasses.replace(log, layer_weight_decay={})
    said = diagnose(log, "torch:AdamW", weight_decay=0.3, scale_invariant="*.weight")
    assert {one.name for one in said.layers if one.evidence == "said"} <= {"0.weight", "6.weight"}
    assert not is_vector("1.weight")


def test_a_name_that_is_not_there_is_told_the_nearest() -> None:
    with pytest.raises(ValueError, match="no layer of a training is called so: did you mean 6"):
        diagnose(_split("1.weight", {}), "torch:AdamW", scale_invariant="6.weigth")


def test_a_layer_left_out_shows_no_share_of_the_decay() -> None:
    """Even where the caller gives the decay: the log's own group says 0 of this layer."""
    found = diagnose(_split("1.weight", {"1.weight": 48}), "torch:AdamW", weight_decay=0.3)
    out = found.layers[1]
    assert out.value == 0 and not out.factor.given
    assert "none asked" in found.text()
    assert "of the decay asked for)" not in found.text()


def test_remedies_fit_the_log() -> None:
    """No column is asked for that is there; no bias is said to stand before a normalisation."""
    log = CLEAN["adamw"].log()
    log = dataclasses.replace(
        log, norms={name.replace("layer3.weight", "fc.bias"): one for name, one in log.norms.items()}
    )
    log = dataclasses.replace(log, sizes={**log.sizes, "fc.bias": 400})
    for what in ("gradients", "cosines"):
        kept = {name.replace("layer3.weight", "fc.bias"): one for name, one in getattr(log, what).items()}
        log = dataclasses.replace(log, **{what: kept})
    (layers, bias) = (one for one in diagnose(log, "torch:AdamW", weight_decay=0.3).unanswered if "whatever" in one)
    assert "Say scale_invariant" in layers and "fc.bias" not in layers and "log weight_decay/LAYER" in layers
    assert "fc.bias" in bias and "scale_invariant" not in bias
    decays = {name: np.full(len(log.time), 0.3) for name in log.norms}
    grouped = diagnose(dataclasses.replace(log, layer_weight_decay=decays), "torch:AdamW")
    assert not any("log weight_decay/LAYER" in one for one in grouped.unanswered)
