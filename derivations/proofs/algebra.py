"""Equalities that algebra decides: the difference becomes zero, or the root satisfies its equation."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations import falsify
from derivations.errors import ProofError
from derivations.proofs.base import PROVED, Context, Proof, demand, demand_kind, demand_zero, is_zero


@dataclass(frozen=True)
class Identity(Proof):
    """Expand the definitions, rewrite with earlier equalities, and reduce the difference to zero.

    Parameters
    ----------
    using : tuple of str
        Names of earlier equality steps; the left-hand side of each is replaced by its right-hand side.
    keep : bool
        Leave defined symbols alone (for claims that hold for any value of them).
    positive : tuple of sympy.Expr
        Expressions that an assumption says are positive; each is replaced by a positive symbol.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> Identity().prove(sp.Eq((x + 1)**2, x**2 + 2*x + 1, evaluate=False), Context())
    'proved'
    """

    using: tuple[str, ...] = ()
    keep: bool = False
    positive: tuple[sp.Expr, ...] = ()

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Reduce lhs - rhs to zero."""
        demand_kind(claim, sp.Eq)
        difference = claim.lhs - claim.rhs
        for name in self.using:
            earlier = context.claim(name)
            difference = difference.subs(earlier.lhs, earlier.rhs)
        if not self.keep:
            difference = context.definitions.expand(difference)
        for expr in self.positive:
            demand(_assumed_positive(expr, context), f"{expr} > 0 is not assumed")
            difference = difference.subs(expr, sp.Dummy("positive", positive=True))
        demand_zero(difference.doit(), "the difference of both sides")
        return PROVED


def _assumed_positive(expr: sp.Expr, context: Context) -> bool:
    expand = context.definitions.expand
    gaps = [a.gts - a.lts for a in context.assumptions if isinstance(a, sp.Lt | sp.Gt)]
    return any(sp.expand(expand(gap) - expand(expr)) == 0 for gap in gaps)


@dataclass(frozen=True)
class Root(Proof):
    """Show that a value solves an equation, and that no other positive value does.

    The claim is `Equivalent(equation, Eq(unknown, value))`. The equation must be strictly monotone in the unknown, so
    that the root is unique.

    Parameters
    ----------
    unknown : sympy.Symbol
        The unknown, positive.
    slope : sympy.Expr
        Derivative of lhs - rhs by the unknown, in a form whose sign SymPy decides.
    positive : tuple of sympy.Expr
        Expressions that an assumption says are positive; each is replaced by a positive symbol.

    Examples
    --------
    >>> x, a = sp.symbols("x a", positive=True)
    >>> Root(x, 2 * x).prove(sp.Equivalent(sp.Eq(x**2, a), sp.Eq(x, sp.sqrt(a))), Context())
    'proved'
    """

    unknown: sp.Symbol
    slope: sp.Expr
    positive: tuple[sp.Expr, ...] = ()

    def split(self, claim: sp.Basic) -> tuple[sp.Eq, sp.Expr]:
        """Return the equation and the value."""
        demand_kind(claim, sp.Equivalent)
        roots = [arg for arg in claim.args if isinstance(arg, sp.Eq) and arg.lhs == self.unknown]
        demand(len(claim.args) == 2 and len(roots) == 1, f"Equivalent(equation, {self.unknown} = value) is needed")
        (equation,) = (arg for arg in claim.args if arg != roots[0])
        demand_kind(equation, sp.Eq)
        return equation, roots[0].rhs

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Put the value into the equation at every draw."""
        equation, value = self.split(claim)
        demand(not value.has(self.unknown), "the value contains the unknown")
        envs = [env.at(self.unknown, falsify.number(value, env)) for env in context.envs]
        falsify.equality(equation, envs)

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Substitute, and decide the sign of the derivative."""
        demand(self.unknown.is_nonnegative, "the unknown is not declared positive or non-negative")
        equation, value = self.split(claim)

        expand, gap = context.definitions.expand, equation.lhs - equation.rhs
        for difference, what in (
            (gap.subs(self.unknown, value), "the root put into its equation"),
            (sp.diff(gap, self.unknown) - self.slope, "the derivative by the unknown"),
        ):
            plain = expand(difference)
            # A quantity known to be positive helps where logarithms meet, and hides a relation elsewhere: try both.
            if not is_zero(plain):
                demand_zero(self._positively(plain, context), what)
        sign = self._positively(expand(self.slope), context)
        if not (sign.is_positive or sign.is_negative):
            raise ProofError("the equation is not seen to be strictly monotone, so the root may not be the only one")
        return PROVED

    def _positively(self, expr: sp.Expr, context: Context) -> sp.Expr:
        for known in self.positive:
            demand(_assumed_positive(known, context), f"{known} > 0 is not assumed")
            expr = expr.subs(known, sp.Dummy("positive", positive=True))
        return expr


@dataclass(frozen=True)
class Termwise(Proof):
    """Prove an identity between sums over the same range, term by term, for any number of terms.

    Examples
    --------
    >>> a, d, i = sp.IndexedBase("a"), sp.Symbol("d", integer=True, positive=True), sp.Idx("i")
    >>> claim = sp.Eq(sp.Sum((2*a[i])**2, (i, 1, d)), 4*sp.Sum(a[i]**2, (i, 1, d)), evaluate=False)
    >>> Termwise().prove(claim, Context())
    'proved'
    """

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Replace each sum by its summand: legitimate where both sides are linear in the sums, checked here."""
        demand_kind(claim, sp.Eq)
        difference = context.definitions.expand(claim.lhs - claim.rhs)
        sums = sorted(difference.atoms(sp.Sum), key=str)
        demand(len({s.limits for s in sums}) == 1, "the sums have different ranges")
        ((index, *_),) = sums[0].limits
        markers = {s: sp.Dummy(f"sum{k}") for k, s in enumerate(sums)}
        linear = sp.expand(difference.subs(markers))
        demand(not linear.has(index), "the index stands outside a sum")
        total = sp.S.Zero
        for one_sum, marker in markers.items():
            coefficient = linear.coeff(marker)
            demand(not coefficient.free_symbols & set(markers.values()), "not linear in the sums")
            total += coefficient * one_sum.function
            linear -= coefficient * marker
        demand_zero(sp.expand(linear), "what stands outside the sums")
        demand_zero(sp.expand(total), "the summand")
        return PROVED
