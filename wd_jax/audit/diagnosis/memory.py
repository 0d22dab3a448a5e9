r"""How an optimiser's updates remember one another, and what of a step back that memory hides.

Weights hold their last updates. So where updates k steps apart have the correlation :math:`\rho_k`, those of the next k
steps go on in the direction of those that the weights have just taken in, and the overlap of weights k steps apart is
larger than decay alone leaves it: by the sum of :math:`\rho_{i+j}` over the i >= 1 steps before and the 0 <= j < k
after. The part of the move that is at right angles to the weights has the square :math:`k + 2\sum_{j<k}(k-j)\rho_j` in
the same unit; it is seen in the log, so that the ratio of the two, `hidden`, corrects the overlap without any size of
an update. At k = 1 and :math:`\rho_j=\beta^j` it is :math:`\beta/(1-\beta)`, and the corrected step of AdamW at rest,
or of the heavy ball, is exactly its decay (``derive("adamw")``, ``derive("scale_invariant")``; the tests hold both).
"""

import functools
import math

import numpy as np

from wd_jax.audit.translation.laws import Law
from wd_jax.predictions.rest import LINEAR_SHARE, mixture

UNKNOWN = 0.9
"""Memory that is taken of an optimiser without a law for its updates."""
_MOST = 20_000


def correlations(law: Law, muon: bool = False) -> np.ndarray:
    """Give the correlation of updates 1, 2, ... steps apart on gradient noise, until it is gone.

    Examples
    --------
    >>> correlations(Law(update="adam", facts={"beta1": 0.5}))[:3]
    array([0.5  , 0.25 , 0.125])
    """
    facts = law.facts
    beta1, beta2, mu = facts.get("beta1", UNKNOWN), facts.get("beta2", 0.0), facts.get("momentum", UNKNOWN)
    if muon:
        return LINEAR_SHARE * _powers(mixture(beta1**2, beta1), beta1)
    if law.update == "lion":
        return 2 / math.pi * np.arcsin(np.minimum(1.0, _powers(mixture(beta1, beta2), beta2)))
    if law.update == "sign":
        return 2 / math.pi * np.arcsin(_powers(1.0, beta1))
    if law.update == "sgd":
        first = mixture(mu, mu) if str(facts.get("form", "")).startswith("nesterov") and mu else 1.0
        return _powers(first, mu)
    return _powers(1.0, beta1)


def _powers(first: float, kept: float) -> np.ndarray:
    """Give first*kept^k for k = 1, 2, ... down to 1e-12."""
    if not 0 < kept < 1 or first <= 0:
        return np.zeros(0)
    return first * kept ** np.arange(1, min(_MOST, 2 + math.ceil(-27.6 / math.log(kept))))


def hidden(rho: np.ndarray, steps: float) -> float:
    """Overlap that memory adds between records `steps` apart, per squared move at right angles to the weights.

    Parameters
    ----------
    rho : array [lag]
        From `correlations`.
    steps : float
        Between the records; a half step counts half.

    Examples
    --------
    >>> rho = correlations(Law(update="adam", facts={"beta1": 0.9}))
    >>> round(hidden(rho, 1), 6), round(hidden(rho, 100), 3)
    (9.0, 0.052)
    """
    return _hidden(rho.tobytes(), max(1, round(steps)))


@functools.lru_cache(maxsize=1024)
def _hidden(rho: bytes, steps: int) -> float:
    each = np.frombuffer(rho)
    if not each.size:
        return 0.0
    tails = np.cumsum(each[::-1])[::-1]  # tails[j] is the sum of rho_i over i > j, i.e. what step j after meets
    added = float(tails[:steps].sum())
    return added / spread(each, steps)


def spread(rho: np.ndarray, steps: float) -> float:
    r"""Squared way of k steps in units of the square of one: :math:`k + 2\sum_{j<k}(k-j)\rho_j`.

    Examples
    --------
    >>> round(spread(correlations(Law(update="adam", facts={"beta1": 0.9})), 2), 6)  # 2 + 2*0.9
    3.8
    """
    whole = max(1, round(steps))
    lags = np.arange(1, min(whole, rho.size + 1))
    return whole + 2 * float(np.sum((whole - lags) * rho[: lags.size]))
