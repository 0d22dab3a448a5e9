"""Which layers are biases or gains, that are often left without decay on purpose: by name, by axes or by size."""

import math
import re
from collections.abc import Mapping

from wd_jax.audit.logs.log import TrainingLog

_VECTOR = re.compile(
    r"(^|[./_])(bias|beta|gamma|scale|gain|b)(:0)?$|(norm|ln|bn)[_\d]*(f|final)?[./_](weight|kernel|scale|w)$"
    r"|(^|[./_])(cls_token|dist_token|pos_embed|position_bias_table|logit_scale)$"
    r"|(^|[./_])(downsample|shortcut)[./_]1[./_]weight$",  # of ResNets: a normalisation behind a convolution
    re.IGNORECASE,
)
_LAST = re.compile(r"[^./_]+(:0)?$")


def is_vector(name: str) -> bool:
    """Whether a name says a bias, a gain of a normalisation, or what else libraries leave without decay by its name.

    Examples
    --------
    >>> [is_vector(name) for name in ("conv1/bias", "bn2.weight", "h.0.ln_1.weight", "debias.weight", "pos_embed")]
    [True, True, True, False, True]
    """
    return bool(_VECTOR.search(name))


def of(log: TrainingLog) -> frozenset[str]:
    """Name the layers that are vectors.

    Names say it of most. A gain whose name is a number, as in ``nn.Sequential``, is known by the axes that our hooks
    write; in a log without them, by as many weights as the bias beside it has, or by few beside the largest matrix.

    Parameters
    ----------
    log : TrainingLog
        Whose names, axes and sizes are looked at.

    Examples
    --------
    >>> sizes = {"0.weight": 3072, "0.bias": 48, "1.weight": 48, "1.bias": 48, "6.weight": 480}
    >>> sorted(of(TrainingLog("a run", "CSV", [], "step", sizes, sizes=sizes)))
    ['0.bias', '1.bias', '1.weight']
    """
    return frozenset(name for name in log.layers if is_vector(name) or _by_shape(name, log))


def _by_shape(name: str, log: TrainingLog) -> bool:
    """Whether its axes say a vector, or its size where they are not known."""
    if name in log.axes:
        return log.axes[name] < 2
    size = log.sizes.get(name)
    return size is not None and (size == _bias_beside(name, log.sizes) or size <= math.isqrt(max(log.sizes.values())))


def _bias_beside(name: str, sizes: Mapping[str, int]) -> int | None:
    """Give the size of the bias of the same layer."""
    return next(
        (sizes[one] for end in ("bias", "beta") if (one := _LAST.sub(end, name)) in sizes and one != name), None
    )
