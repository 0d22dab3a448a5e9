"""How several laws begin: what one step removes, a weight that only decays, and the budget of the squared norm."""

from __future__ import annotations

import sympy as sp

from derivations.prover.rules import Induction, Termwise
from derivations.step import Step, equation
from derivations.symbols import symbols

eta, lmbda, n, m, epsilon, kappa, step, dim = symbols("eta lmbda n m epsilon kappa step dim")
w, g, i = sp.IndexedBase("w"), sp.IndexedBase("g"), sp.Idx("i")
WEIGHTS = (i, 1, dim)
STEP_DECAY = eta * lmbda / n
STEP_FACTOR = 1 - STEP_DECAY


def decay_per_step() -> Step:
    """Return the definition of epsilon.

    Examples
    --------
    >>> decay_per_step().claim
    Eq(epsilon, eta*lmbda/n)
    """
    return Step("decay_per_step", equation(epsilon, STEP_DECAY), "The share of a weight that one step removes.")


def decay_per_epoch() -> Step:
    """Return the definition of kappa.

    Examples
    --------
    >>> decay_per_epoch().claim
    Eq(kappa, eta*lmbda/m)
    """
    return Step("decay_per_epoch", equation(kappa, eta * lmbda / m), "The same, added up over n/m steps.")


def pure_decay(names: tuple[str, str], weight: sp.FunctionClass, start: sp.Expr, reason: str) -> tuple[Step, Step]:
    """Return the recursion of something that only decays, and its closed form.

    Parameters
    ----------
    names : tuple of str
        Names of the two steps.
    weight : sympy.FunctionClass
        The function of the number of steps.
    start : sympy.Expr
        Its value before the first.
    reason : str
        What it is, for a reader.

    Returns
    -------
    tuple of Step

    Examples
    --------
    >>> recursion, solution = pure_decay(("recursion", "solution"), sp.Function("w"), symbols("w_0")[0], "A weight.")
    >>> solution.claim
    Eq(w(step), w_0*(-eta*lmbda/n + 1)**step)
    """
    recursion = sp.And(equation(weight(0), start), equation(weight(step + 1), (1 - epsilon) * weight(step)))
    closed = equation(weight(step), start * STEP_FACTOR**step)
    return (
        Step(names[0], recursion, reason),
        Step(names[1], closed, "Induction over the steps.", Induction()),
    )


def budget() -> Step:
    """Return what a step makes of the squared norm, in its three parts.

    Examples
    --------
    >>> budget().kind
    'equality'
    """
    q = 1 - epsilon
    parts = (
        q**2 * sp.Sum(w[i] ** 2, WEIGHTS)
        - 2 * eta * q * sp.Sum(w[i] * g[i], WEIGHTS)
        + eta**2 * sp.Sum(g[i] ** 2, WEIGHTS)
    )
    return Step(
        "budget",
        equation(sp.Sum((q * w[i] - eta * g[i]) ** 2, WEIGHTS), parts),
        "Squared norm of d weights w after a step along the batch gradient g of the data cost: what decay leaves, the "
        "drift part, and the noise part.",
        Termwise(),
    )
