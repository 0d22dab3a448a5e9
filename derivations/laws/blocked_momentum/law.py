"""Heavy ball, Nesterov's momentum and SGDW in blocks of K steps: exact, entry by entry, as `blocked_sgd` is."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.laws.blocked_momentum import block, cost, rules
from derivations.laws.blocked_momentum.block import a, c, dim, i, idle, units
from derivations.laws.blocked_momentum.block import rows as examples
from derivations.laws.blocked_momentum.rules import by_gradient, by_velocity, k, kept, r, s
from derivations.scope import Scope
from derivations.step import Assumption


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> ratio = build().formulas["operations_ratio"]
    >>> round(ratio(block_steps=10, m=10, n_in=784, n_hidden=30, cells=32), 3)
    2.18
    """
    steps = (*rules.steps(), *block.steps(), *block.budget(), *cost.steps())
    return Derivation(
        name="blocked_momentum",
        statement="Heavy ball and Nesterov's momentum with L2, and SGDW, give the same weights, velocities, "
        "pre-activations, budget and displacements when first layer and velocity are written once in K steps: exactly, "
        "for any data, loss, later layers and dimensions. It costs twice the products of the steps one by one, and "
        "less than twice those of blocks without momentum, and saves reading and writing both K - 1 times out of K.",
        assumptions=(
            Assumption("Momentum and decay, eta, mu and lmbda constant in the block; the first layer is dense."),
            Assumption(
                "The two roots differ and neither is 1, and the velocity moves the weight. Elsewhere, as at "
                "lmbda = 0 or mu = 0, the same identities hold for the powers and sums as the map makes them: both "
                "sides are polynomials in its entries."
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in cost.formulas(steps)},
        scope=Scope(("momentum", "nesterov", "sgdw")),
        validity=(
            Assumption(
                "In exact arithmetic. In floating point nothing grows as long as the map's own powers do not: no "
                "displacement is divided by a power."
            ),
            Assumption(
                "Operations: a multiplication and an addition count as two; elementwise work is left out but for the "
                "writing of weights and velocities."
            ),
        ),
        references=("All derived here; the rules are those of the law momentum.",),
        ranges={
            k: (0, 4),
            idle: (0, 2),
            dim: (1, 3),
            examples: (1, 2),
            units: (1, 2),
            a: (1, 4),
            i: (1, 4),
            c: (1, 4),
            r: (0.6, 0.8),
            s: (0.2, 0.5),
            kept: (0.85, 0.99),
            by_velocity: (0.1, 0.5),
            by_gradient: (0.1, 0.5),
            cost.K: (1.5, 20),
        },
    )
