"""Adam with L2 in its averages, as PyTorch's Adam with weight_decay: the decay is divided by the gradient's size.

Kingma and Ba, arXiv 1412.6980; what L2 becomes in it is Loshchilov and Hutter's, arXiv 1711.05101.
"""

from wd_jax.optimisers import averages
from wd_jax.optimisers.adamw import ADAM, AVERAGES, adam_direction
from wd_jax.optimisers.decays import coupled
from wd_jax.optimisers.rule import Rule


def adam_l2() -> Rule:
    """Adam whose gradient is that of the whole cost, the L2 term included: its decay has no rate of its own.

    Examples
    --------
    >>> adam_l2().update_rule.split("; ")[0]
    'g = (1/m) sum of gradients + lmbda/n*w'
    """
    return Rule(
        "adam_l2",
        adam_direction,
        (averages.beta1("adam_l2"), averages.beta2("adam_l2")),
        (*AVERAGES, ADAM),
        coupled.DECAY,
        by_element=True,
    )
