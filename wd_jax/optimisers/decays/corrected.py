r"""Corrected decay: decoupled, with the coefficient lowered as the schedule lowers eta.

.. math:: w' = w - (\eta_t \frac{\eta_t}{\eta_{\max}} \frac\lambda n w + u)

At a constant learning rate it is decoupled decay. Defazio, *Why gradients rapidly increase near the end of training*,
arXiv 2506.02285: the norm of layers before a normalisation is then steady under a schedule. There the last layer keeps
the decay as it is; here all layers are corrected.
"""

from collections.abc import Mapping
from typing import Any

from wd_jax.conventions import per_step_decay
from wd_jax.optimisers.decays import decoupled
from wd_jax.optimisers.decays.decay import Decay


def per_step(hyper: Mapping[str, Any]) -> Any:
    """Give eta*(eta/eta_peak)*lmbda/n, the decay per step; eta_peak is eta itself unless told.

    Examples
    --------
    >>> per_step({"eta": 0.05, "eta_peak": 0.1, "lmbda": 5.0, "n": 50_000})
    2.5e-06
    """
    eta = hyper["eta"]
    return per_step_decay(eta * (eta / hyper.get("eta_peak", eta)), hyper["lmbda"], hyper["n"])


DECAY = Decay(
    "corrected",
    decoupled.beside(per_step),
    update="w <- (1 - eta*(eta/eta_peak)*lmbda/n) w - u",
    share=per_step,
    idle=per_step,
    symbol="eta*(eta/eta_peak)*lmbda/n",
)
