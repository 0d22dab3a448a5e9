"""Decay that the weights' dtype loses: said only where the log shows it; where it may be so, that is said.

A dtype alone is no evidence. A plain loop rounds ``w*(1 - lr*weight_decay)`` by itself, and a decay below half a
spacing is gone (``derive("rounding")``); a fused kernel rounds decay and step together, so that the step's noise
carries part of the decay over. Most settings do not say which of the two ran.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wd_jax import precision
from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.diagnosis import Finding
from wd_jax.audit.diagnosis.layer import LayerDiagnosis, few, norms
from wd_jax.audit.diagnosis.seen import NONE_SEEN, TURNING
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.stats.verdict import FAILS

NONE, LITTLE, SOME = 1 / 3, 0.6, 1 / 3
"""Factor below which a layer is evidence of a loss; below which others of the same dtype and decay have it too; and
above which a layer visibly decays. A fused AdamW was seen to keep 0.5 to 0.97 of the decay."""


@dataclass(frozen=True)
class Loss:
    """What is known of a loss to the dtype.

    Attributes
    ----------
    findings : tuple of Finding
        None or one.
    open_questions : tuple of str
        Of layers whose decay the dtype can lose, where the log does not show whether it does.
    """

    findings: tuple[Finding, ...] = ()
    open_questions: tuple[str, ...] = ()


def of(log: TrainingLog, layers: Sequence[LayerDiagnosis], each: Mapping[str, Asked], dtype: str) -> Loss:
    """Say of which layers the log shows that the dtype loses their decay, and of which it may.

    Parameters
    ----------
    log : TrainingLog
        The log.
    layers : sequence of LayerDiagnosis
        All of them.
    each : mapping of str to Asked
        Of each layer.
    dtype : str
        Of the weights.
    """
    risky = {}
    for one in layers:
        share = _share(each[one.name], dtype)
        if share is not None:
            risky[one.name] = share
    exposed = [one for one in layers if one.name in risky]
    if not exposed:
        return Loss()
    shown = _shown(log, exposed, each[exposed[0].name])
    claimed = {one.name for one in shown}
    doubted = [one for one in exposed if one.name not in claimed and not _decays(one) and one.end > 0]
    findings = (_finding(shown, max(risky[one.name] for one in shown), dtype),) if shown else ()
    questions = (_question(doubted, max(risky[one.name] for one in doubted), dtype),) if doubted else ()
    return Loss(findings, questions)


def _share(asked: Asked, dtype: str) -> float | None:
    """Give the largest share that a step takes, if this dtype can lose it; None if it cannot."""
    law = asked.found.law
    apart = law.link in ("plain", "implicit") and (law.update != "sgd" or law.facts.get("apart"))
    if dtype not in precision.BITS or not apart or asked.epsilon is None or not asked.total > 0:
        return None
    epsilon = float(np.max(asked.epsilon))
    form = "once" if precision.BITS[dtype] < precision.BITS["float32"] else "multiply"
    return epsilon if precision.word(epsilon, dtype, form) in ("lost", "stops") else None


def _shown(log: TrainingLog, exposed: Sequence[LayerDiagnosis], asked: Asked) -> list[LayerDiagnosis]:
    """Give the layers of which the log shows the loss.

    Evidence is a layer whose scale does not matter to the cost; then others that show no decay have lost it by the same
    rounding. Layers that all stand still show it too, and one that stands still although its gradient is 0 of itself.
    """
    without = [one for one in exposed if _undecayed(one, asked.total)]
    if _rounds_apart(asked) and not any(one.conclusive and _decays(one) for one in exposed):
        return without
    still = [one for one in without if one.state == "does not move"]
    if len(still) == len(exposed):
        return still
    sure = [one for one in without if one.conclusive and _none(one)]
    if not sure:
        return [one for one in still if _idle(log, one)]
    if any(one.conclusive and _decays(one) for one in exposed):
        return []
    return sure if any(_decays(one) for one in exposed) else without


def _rounds_apart(asked: Asked) -> bool:
    """Whether the settings say that decay is rounded by itself."""
    options = asked.found.specification.options
    return options.get("fused") is False or options.get("foreach") is True


def _undecayed(one: LayerDiagnosis, total: float) -> bool:
    """Whether hardly any of the decay asked for is seen, as far as what is seen of the layer can be believed."""
    if one.state == "does not move":
        return total > 0.1 and one.value != 0 and one.end > 0
    if not one.factor.given:
        return False
    if one.factor.way == TURNING:  # a lower bound: a small one says nothing, unless the layer grows as without decay
        return one.verdict == FAILS and one.factor.value < NONE_SEEN
    return one.factor.high < LITTLE


def _none(one: LayerDiagnosis) -> bool:
    """Whether none of it is seen: within the interval, or in each third of the log where the interval is wide."""
    return one.factor.way == TURNING or one.factor.high < NONE or all(part < NONE_SEEN for part in one.factor.thirds)


def _decays(one: LayerDiagnosis) -> bool:
    return one.factor.given and one.factor.low > SOME


def _idle(log: TrainingLog, one: LayerDiagnosis) -> bool:
    """Whether nothing but decay could move a layer."""
    gradients = log.gradients.get(one.name)
    return gradients is not None and bool(np.isfinite(gradients).any()) and float(np.nanmax(gradients)) == 0


def _limit(dtype: str) -> float:
    return 2.0 ** -(precision.BITS[dtype] + 2)


def _wider(dtype: str) -> str:
    return "float32" if dtype in ("bfloat16", "float16") else "float64"


def _finding(shown: Sequence[LayerDiagnosis], largest: float, dtype: str) -> Finding:
    limit = _limit(dtype)
    return Finding(
        "decay lost to precision",
        tuple(one.name for one in shown),
        f"the log shows hardly any of the decay: {norms(shown)}. A step takes {largest:.2g} of a weight, and {dtype} "
        f"rounds less than {limit:.2g} of it ({2 * limit:.2g} for half of the weights) to nothing where the decay is "
        "rounded by itself, as in a plain loop (derive('rounding'))",
        f"keep {_wider(dtype)} weights for the optimiser and cast a copy for the network (autocast, mixed precision), "
        f"or round at random; lr*weight_decay above {2 * limit:.2g} would decay in {dtype} too, if that is meant",
    )


def _question(doubted: Sequence[LayerDiagnosis], largest: float, dtype: str) -> str:
    limit = _limit(dtype)
    return (
        f"whether {dtype} loses the decay of {few(doubted)}: a step takes {largest:.2g} of a weight, and this dtype "
        f"can lose less than {limit:.2g}: an optimiser that rounds the decay by itself (a plain loop, foreach) does, "
        "one that rounds decay and step together (fused) keeps part of it. Say scale_invariant (--scale-invariant) for "
        "layers before a normalisation, with weight_size/LAYER in the log, or say fused=False in the optimiser's "
        f"brackets if that is what ran; {_wider(dtype)} weights are safe"
    )
