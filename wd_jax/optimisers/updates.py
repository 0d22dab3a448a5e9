"""What one step of every rule does, as equations: a result states the update it was made with."""

GRADIENT = "g = (1/m) sum of gradients"
DECAY = "w <- (1 - eta*lmbda/n) w - u"
"""The part that all rules share; u is the gradient's part."""
BIASES = "biases not decayed"

CONVENTION = (
    f"nielsen: {DECAY}, biases without the decay; u depends on the optimiser, and the coordinate update_rule says how"
)
"""True of every result, whatever its rule: it may stand where no coordinate goes, in an attribute."""
