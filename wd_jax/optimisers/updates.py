"""What is true of the update of every rule: a result says it where no coordinate goes, in an attribute."""

CONVENTION = (
    "nielsen: lmbda of the cost lmbda/(2n) sum of w^2, biases without the decay; how a rule decays depends on the "
    "optimiser, and the coordinate update_rule says it"
)
