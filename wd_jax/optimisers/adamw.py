"""Adam with decoupled decay: AdamW, and the same with Nesterov's momentum.

Loshchilov and Hutter, arXiv 1711.05101; Dozat, *Incorporating Nesterov momentum into Adam*, 2016.
"""

from typing import TYPE_CHECKING

from wd_jax.optimisers import averages
from wd_jax.optimisers.decays.ways import named
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper

AVERAGES = ("a <- beta1*a + (1 - beta1)*g", "s <- beta2*s + (1 - beta2)*g^2")
"""The two means that Adam keeps, of the gradient and of its square."""
ADAM = "u = eta * (a / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + 1e-8)"
NADAM = "u = eta * (beta1*a / (1 - beta1^(t+1)) + (1 - beta1)*g / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + 1e-8)"


def adamw(decay: str = "decoupled") -> Rule:
    """Adam's direction; the decay is not divided by the root of the second moment.

    Parameters
    ----------
    decay : {"decoupled", "cautious", "absolute", "corrected"}
        How weights decay.

    Examples
    --------
    >>> adamw().names
    ('eta', 'lmbda', 'init_scale', 'beta1', 'beta2')
    >>> adamw(decay="cautious").name
    'adamw_cautious'
    """
    name, way = named("adamw", decay)
    return Rule(
        name, adam_direction, (averages.beta1(name), averages.beta2(name)), (*AVERAGES, ADAM), way, by_element=True
    )


def adamc() -> Rule:
    """Give AdamC: Adam whose decay is lowered once more as a schedule lowers eta, ``adamw(decay="corrected")``.

    Its share is eta*(eta/eta_peak)*lmbda/n per step, eta_peak the largest of the run (Defazio, arXiv 2506.02285).

    Examples
    --------
    >>> adamc() == adamw(decay="corrected"), adamc().name
    (True, 'adamw_corrected')
    """
    return adamw(decay="corrected")


def nadamw(decay: str = "decoupled") -> Rule:
    """Adam's direction with Nesterov's momentum, as in optax; the decay as in `adamw`.

    Parameters
    ----------
    decay : {"decoupled", "cautious", "absolute", "corrected"}
        How weights decay.

    Examples
    --------
    >>> nadamw().names == adamw().names
    True
    """
    name, way = named("nadamw", decay)
    return Rule(name, _nesterov, (averages.beta1(name), averages.beta2(name)), (*AVERAGES, NADAM), way, by_element=True)


def adam_direction(hyper: "Hyper") -> "optax.GradientTransformation":
    """Give Adam's direction."""
    import optax

    return optax.scale_by_adam(b1=hyper.beta1, b2=hyper.beta2)


def _nesterov(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.scale_by_adam(b1=hyper.beta1, b2=hyper.beta2, nesterov=True)
