"""What the page's explorer is told of each dtype: from which decay per step on weights without gradient keep it."""

from typing import Any

import numpy as np

from wd_jax import precision

SHOWN = ("float32", "bfloat16", "float16", "float64")
POINTS = 240
"""Decays for which the page is told what share is kept; 1.2 % apart."""


def data() -> dict[str, Any]:
    """Return thresholds and shares as the page reads them.

    Returns
    -------
    dict
        ``dtypes``: for each of them ``lost``, ``stuck`` and ``doubtful``, decays per step, and ``spaces``, the spaces
        of its numbers in 1. ``kept``: pairs of a decay per step in such spaces, rising from the smallest that moves a
        weight, and the share of the rate that is kept over a half-life. It is the same for every dtype; where steps
        subtract epsilon*w.

    Examples
    --------
    >>> found = data()
    >>> round(found["dtypes"]["bfloat16"]["lost"], 5), found["kept"][-1][1]
    (0.00195, 0.994)
    """
    return {"dtypes": {dtype: _thresholds(dtype) for dtype in SHOWN}, "kept": _kept()}


def _thresholds(dtype: str) -> dict[str, float]:
    spaces = 2.0 ** precision.BITS[dtype]
    named = {"lost": precision.LOST, "stuck": precision.STUCK, "doubtful": precision.DOUBTFUL}
    return {name: limit / spaces for name, limit in named.items()} | {"spaces": spaces}


def _kept() -> list[list[float]]:
    spaces = np.geomspace(precision.LOST, precision.DOUBTFUL, POINTS)
    shares = []
    for epsilon in spaces / 2.0 ** precision.BITS["float32"]:
        shares.append(precision.decay_kept(epsilon, "float32", precision.steps_to_halve(epsilon)))
    return [[float(f"{a:.6g}"), round(share, 3)] for a, share in zip(spaces, shares, strict=True)]
