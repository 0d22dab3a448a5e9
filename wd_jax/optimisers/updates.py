"""What one step of each optimiser does, as an equation: a result states the update it was made with."""

DECAY = "w <- (1 - eta*lmbda/n) w - u"
"""The part that all optimisers share; u is the gradient's part."""

CONVENTION = (
    f"nielsen: {DECAY}, biases without the decay; u depends on the optimiser, and the coordinate update_rule says how"
)
"""True of every result, whatever its optimiser: it may stand where no coordinate goes, in an attribute."""

_STEPS = {
    "sgd": ("u = eta*g",),
    "sgdw": ("v <- momentum*v + g", "u = eta*v"),
    "adamw": (
        "a <- beta1*a + (1 - beta1)*g",
        "s <- beta2*s + (1 - beta2)*g^2",
        "u = eta * (a / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + 1e-8)",
    ),
    "lion": ("u = eta*sign(beta1*a + (1 - beta1)*g)", "a <- beta2*a + (1 - beta2)*g after that"),
}


def update_rule(optimiser: str) -> str:
    """State the update of one optimiser.

    Parameters
    ----------
    optimiser : str
        As in `wd_jax.Setup`.

    Returns
    -------
    str
        Its equations in the vocabulary's names; g is the minibatch's mean gradient, t the number of the step.

    Examples
    --------
    >>> update_rule("sgd")
    'g = (1/m) sum of gradients; u = eta*g; w <- (1 - eta*lmbda/n) w - u; biases not decayed'
    """
    return "; ".join(("g = (1/m) sum of gradients", *_STEPS[optimiser], DECAY, "biases not decayed"))
