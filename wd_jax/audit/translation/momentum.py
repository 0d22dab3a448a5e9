r"""Decay that goes through a velocity: the share of a weight that a step takes in the long run, and its inverse.

Without gradient a weight and its velocity follow a linear recurrence whose larger root r is the factor of a step:
:math:`\delta^2 - (1-\mu+a\epsilon)\delta + \epsilon = 0` for :math:`\delta = 1-r`, where :math:`\epsilon` is the decay
per step that there would be without momentum and a says how far the update looks ahead (``AHEAD``). So
:math:`\epsilon = \delta(1-\mu-\delta)/(1-a\delta)` exactly. The first two are those of ``derive("momentum")``.
"""

import math
from collections.abc import Callable, Sequence

from wd_jax.inputs.library_conventions import coupled_decay

AHEAD: dict[str, Callable[[float], float]] = {
    "heavy ball": lambda momentum: 1.0,
    "nesterov": lambda momentum: 1 + momentum,
    "nesterov, chainer": lambda momentum: 1 + momentum + momentum**2,
}
"""a for each form of momentum: chainer moves by mu^2 v + (1 + mu) g, others by mu v + g, or by v."""


def share(epsilon: float, momentum: float, form: str = "heavy ball") -> float:
    r"""Share of a weight that a step takes once the velocity has settled, :math:`\delta`.

    Parameters
    ----------
    epsilon : float
        Decay per step without momentum, lr*weight_decay*(1 - dampening), dimensionless.
    momentum : float
        In [0, 1), dimensionless.
    form : str
        A key of `AHEAD`.

    Raises
    ------
    ValueError
        Where weights oscillate, so that there is no such share.

    Examples
    --------
    >>> round(share(5e-5, momentum=0.9), 9), round(share(5e-5, 0.9, "nesterov"), 9)
    (0.000502272, 0.000502044)
    """
    if form != "nesterov, chainer":
        return coupled_decay(epsilon, momentum, nesterov=form == "nesterov")
    apart = 1 - momentum + AHEAD[form](momentum) * epsilon
    squared = apart**2 - 4 * epsilon
    if squared < 0:
        raise ValueError(f"eta*weight_decay={epsilon:g}, momentum={momentum:g}: weights oscillate instead of decaying")
    return 2 * epsilon / (apart + math.sqrt(squared))


def epsilon_of(delta: float, momentum: float, form: str = "heavy ball") -> float:
    r"""Give the decay per step without momentum that takes a share :math:`\delta` a step with it: inverts `share`.

    Raises
    ------
    ValueError
        For a share that no decay reaches with this momentum (see `fastest`).

    Examples
    --------
    >>> round(epsilon_of(share(5e-5, momentum=0.9), momentum=0.9), 15)
    5e-05
    """
    edge = fastest(momentum, form)
    if delta > edge * (1 + 1e-12):
        raise ValueError(
            f"no decay through a momentum of {momentum:g} takes more than {edge:.4g} of a weight a step: beyond it "
            "weights oscillate"
        )
    return delta * (1 - momentum - delta) / (1 - AHEAD[form](momentum) * delta)


def fastest(momentum: float, form: str = "heavy ball") -> float:
    r"""Largest share per step that a decay through this momentum reaches: where the two roots meet.

    :math:`(1-\sqrt{1-a(1-\mu)})/a`: :math:`1-\sqrt\mu` for the heavy ball, :math:`(1-\mu)/(1+\mu)` for Nesterov's.

    Examples
    --------
    >>> round(fastest(0.9), 6), round(fastest(0.9, "nesterov"), 6)
    (0.051317, 0.052632)
    """
    ahead = AHEAD[form](momentum)
    return (1 - math.sqrt(max(0.0, 1 - ahead * (1 - momentum)))) / ahead


def path(
    epsilons: Sequence[float],
    momentum: float,
    form: str,
    dampening: float = 0.0,
    classic: bool = False,
    damp_first: bool = False,
) -> float:
    """Run the update itself on a weight of 1 without gradient, and give what is left of it.

    Parameters
    ----------
    epsilons : sequence of float [steps]
        lr*weight_decay of each step, dimensionless.
    momentum, form
        As for `share`.
    dampening : float
        PyTorch's: the velocity takes 1 - dampening of each gradient but the first.
    damp_first : bool
        Whether of the first too, as in MLX.
    classic : bool
        Whether the learning rate is inside of the velocity, so that a change of rate acts late.

    Examples
    --------
    >>> round(path([1e-3] * 10, 0.9, "heavy ball"), 7), round(path([1e-3] * 10, 0.9, "nesterov"), 7)
    (0.9589791, 0.9533366)
    >>> round(path([1e-3] * 10, 0.9, "nesterov, chainer", classic=True), 7)
    0.9482937
    """
    weight, velocity, taken = 1.0, 0.0, 1 - dampening if damp_first else 1.0
    now, ahead = {"heavy ball": (0.0, 1.0), "nesterov": (1.0, momentum)}.get(form, (1 + momentum, momentum**2))
    for epsilon in epsilons:
        inside, outside = (epsilon, 1.0) if classic else (1.0, epsilon)
        pull = inside * weight
        velocity = momentum * velocity + taken * pull
        weight -= outside * (now * pull + ahead * velocity)
        taken = 1 - dampening
    return weight
