r"""L2 inside of Adam, where decay beside it was asked for: how much more decay a layer then has, by its gradient.

Added to the gradient, the decay is divided by the root mean square of both (``derive("adam_l2")``), so that a step
takes :math:`\eta\lambda/\mathrm{rms}(g+\lambda w)` of a weight and not :math:`\eta\lambda`. The factor is another in
each layer. Gradients differ within a layer too, so that it is known about as well as a balance tells it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.layer import LayerDiagnosis
from wd_jax.audit.diagnosis.remedies import Named
from wd_jax.audit.logs.log import TrainingLog

SHOWN = 3
"""Layers whose factors are written out."""


def of(log: TrainingLog, layers: Sequence[LayerDiagnosis], each: Mapping[str, Asked]) -> Named | None:
    """Give it as a cause, with the factor of each layer whose gradient the log has; None for other optimisers.

    Parameters
    ----------
    log : TrainingLog
        With the norms of gradients, where it has them.
    layers : sequence of LayerDiagnosis
        Whose decay is another than asked.
    each : mapping of str to Asked
        Of each layer.
    """
    laws = [each[one.name].found.law for one in layers]
    if not laws or not all(law.link == "plain" and law.update == "adam" and law.reach == "rate" for law in laws):
        return None
    factors = {one.name: found for one in layers if (found := _factor(log, one.name, each[one.name])) is not None}
    shown = [f"{factors[one.name]:.3g} on {one.name}" for one in layers if one.name in factors and one.factor.given][
        :SHOWN
    ]
    by = f"; from the gradients' norms about {', '.join(shown)}" if shown else "; log gradient_norm/LAYER to compare"
    return Named(
        0.0, "decay other than asked",
        f": L2 inside of Adam (torch.optim.Adam where AdamW was meant, or a penalty in the cost), which divides the "
        f"decay by the gradient's own size, another in each layer{by}",
        "if that is what ran, no other value makes it the decay asked for: use AdamW, with the value as it is; or name "
        "the optimiser as it is (torch:Adam), whose law counts this in",
        factors,
    )  # fmt: skip


def _factor(log: TrainingLog, layer: str, asked: Asked) -> float | None:
    """Give 1 over the root mean square of gradient and decay together, on average over the log."""
    gradients, size = log.gradients.get(layer), log.sizes.get(layer)
    if gradients is None or not size or asked.value is None:
        return None
    decay = asked.value * asked.found.law.scale * log.norms[layer]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.sqrt(size / (gradients**2 + decay**2))
    found = found[np.isfinite(found)]
    return float(found.mean()) if found.size else None
