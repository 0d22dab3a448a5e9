r"""The only place that converts between the spellings of weight decay.

Three conventions are in use, and all mean the same per-step factor :math:`q = 1 - \epsilon`:

==================  ======================================================  =======================================
name                update                                                  :math:`\epsilon`
==================  ======================================================  =======================================
``lmbda``           Nielsen: cost :math:`C_0 + \frac{\lambda}{2n}\sum w^2`  :math:`\eta\lambda/n`
``weight_decay``    AdamW, SGD without momentum: :math:`w - \eta(g + Lw)`   :math:`\eta L`, so :math:`L=\lambda/n`
``absolute_decay``  Loshchilov: :math:`(1-\epsilon)w - \eta g`              itself
==================  ======================================================  =======================================

What ``weight_decay``, ``alpha``, ``C`` or ``l2`` mean elsewhere is looked up by that word: ``of("alpha")``, a table in
``wd_jax.inputs.library_conventions``.
Where decay goes through a momentum, as in PyTorch's SGD, ``lmbda_from_coupled`` is
right.

Every other function works on Python numbers and on NumPy or JAX arrays alike.
"""

from typing import Any, TypeAlias

from wd_jax.inputs import checks
from wd_jax.inputs.library_conventions import CONVENTIONS as CONVENTIONS
from wd_jax.inputs.library_conventions import Convention as Convention
from wd_jax.inputs.library_conventions import coupled_decay as coupled_decay
from wd_jax.inputs.library_conventions import coupled_from_lmbda as coupled_from_lmbda
from wd_jax.inputs.library_conventions import lmbda_from_coupled as lmbda_from_coupled
from wd_jax.inputs.library_conventions import of as of

Number: TypeAlias = Any
"""A Python number, or a NumPy or JAX array: naming the latter two would load them."""

FLOAT32_LOST = 2.0**-25
"""Per-step decay at or below which ``1 - epsilon`` is 1 in float32 and no weight without gradient moves at all.

`wd_jax.precision` gives the rate that is kept, for any decay, number of steps and dtype.
"""
FLOAT32_STUCK = 2.0**-24
"""Per-step decay below which float32 weights without gradient stop moving one after the other.

Between two powers of 2 float32 numbers are evenly spaced: a step takes half a space off a weight or more, or nothing,
so that below 2**-24 a weight stops where it is small against the space. Measured with NumPy, 20 000 weights from N(0,
1) and 4000 steps of ``w - epsilon*w``: at epsilon = 3.2e-8, 4e-8, 5e-8 and 5.9e-8 90, 58, 25 and 1.5 % of the weights
no longer move, and the rms weight has decayed at 0.20, 0.72, 1.16 and 1.43 times the true rate; from 2**-24 on every
weight moves. A heavy ball whose velocity has settled does the same at epsilon/(1 - mu) in the place of epsilon (mu =
0.5, 0.9 and 0.99: the same numbers to 1e-3).
"""
FLOAT32_DOUBTFUL = 5e-7
"""Per-step decay below which float32 weights without gradient decay at a wrong rate.

Measured as for `FLOAT32_STUCK`: 1.45 times the true rate at 2**-24, 1.33 at 6.5e-8, 1.08 at 8e-8, 0.96 from 9e-8 to
1.5e-7, 1.02 at 3e-7, and within 0.5 % of it at 4e-7 and above.
"""


def per_step_decay(eta: Number, lmbda: Number, n: Number) -> Number:
    r"""Decay per step, :math:`\epsilon = \eta\lambda/n`.

    Parameters
    ----------
    eta : float or array
        Learning rate, dimensionless.
    lmbda : float or array
        Nielsen's regularisation rate, dimensionless.
    n : int or array
        Training-set size, examples.

    Returns
    -------
    float or array
        The fraction of a weight removed per step, shape of the broadcast arguments.

    Examples
    --------
    >>> per_step_decay(eta=0.1, lmbda=5.0, n=50_000)
    1e-05
    """
    _check(eta=eta, lmbda=lmbda, n=n)
    return eta * lmbda / n


def per_step_factor(eta: Number, lmbda: Number, n: Number) -> Number:
    r"""Factor per step, :math:`q = 1 - \eta\lambda/n` (see `per_step_decay` for the parameters).

    Examples
    --------
    >>> per_step_factor(eta=0.1, lmbda=5.0, n=50_000)
    0.99999
    """
    return 1 - per_step_decay(eta, lmbda, n)


def steps_per_epoch(n: int, m: int) -> int:
    """Minibatch steps in one pass over the data, ceil(n/m): the last batch may be shorter.

    Parameters
    ----------
    n, m : int
        Training-set size and minibatch size, examples.

    Examples
    --------
    >>> steps_per_epoch(n=1205, m=10)
    121
    """
    _check(n=n, m=m)
    return -(-n // m)


def effective_batch_size(n: int, m: int) -> float:
    """Batch size that makes n/m the number of steps an epoch really has, n / ceil(n/m).

    Formulas are written with n/m steps per epoch; where they meet data they are given this m.

    Examples
    --------
    >>> effective_batch_size(n=1200, m=10)
    10.0
    """
    return n / steps_per_epoch(n, m)


def from_nielsen(lmbda: Number, n: Number) -> Number:
    r"""``weight_decay`` of AdamW, Lion and SGD without momentum for Nielsen's lmbda, :math:`L = \lambda/n`.

    Examples
    --------
    >>> from_nielsen(lmbda=5.0, n=50_000)
    0.0001
    """
    _check(lmbda=lmbda, n=n)
    return lmbda / n


def lmbda_from_weight_decay(weight_decay: Number, n: Number) -> Number:
    r"""Nielsen's lmbda for the ``weight_decay`` of AdamW, Lion or SGD without momentum, :math:`\lambda = nL`.

    Where decay goes through a momentum, as in PyTorch's SGD, see ``lmbda_from_coupled``.

    Examples
    --------
    >>> lmbda_from_weight_decay(weight_decay=1e-4, n=50_000)
    5.0
    """
    _check(weight_decay=weight_decay, n=n)
    return weight_decay * n


def lmbda_from_absolute_decay(absolute_decay: Number, eta: Number, n: Number) -> Number:
    r"""Nielsen's lmbda for a decay that is not multiplied by the learning rate, :math:`\lambda = n\epsilon/\eta`.

    Parameters
    ----------
    absolute_decay : float or array
        Fraction of a weight removed per step (Loshchilov and Hutter, arXiv 1711.05101), dimensionless.
    eta : float or array
        Learning rate, dimensionless.
    n : int or array
        Training-set size, examples.

    Examples
    --------
    >>> round(lmbda_from_absolute_decay(absolute_decay=1e-5, eta=0.1, n=50_000), 12)
    5.0
    """
    _check(absolute_decay=absolute_decay, eta=eta, n=n)
    return n * absolute_decay / eta


def _check(**given: Number) -> None:
    """Refuse what is no number, and a plain number of examples or a learning rate that cannot be divided by."""
    checks.numeric(**given)
    for name in ("n", "m", "eta"):
        value = given.get(name, 1.0)
        if type(value) in (int, float) and (value < 0 or (value == 0 and name != "eta")):
            raise ValueError(f"{name}={checks.shown(value)}: give a number above 0")
    if "absolute_decay" in given and isinstance(given["eta"], int | float) and given["eta"] == 0:
        raise ValueError("eta=0: an absolute decay without a learning rate has no lmbda: give eta above 0")
