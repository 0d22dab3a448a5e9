"""Integrals over the half axis: another variable, and a family whose derivative by its parameter has arc tangents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import sympy as sp
from sympy.core.function import AppliedUndef

from derivations.prover.binders import BINDERS, bound, refuse_capture
from derivations.prover.known_signs import is_continuous
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.rules.algebra import restricted
from derivations.prover.zero import demand_zero


def _half_axis(integral: sp.Basic) -> tuple[sp.Expr, sp.Symbol]:
    """Return the integrand and the variable of an integral from 0 to oo."""
    demand_kind(integral, sp.Integral)
    ((variable, low, high),) = integral.limits
    demand(low == 0 and high == sp.oo, "the range must be from 0 to oo")
    demand(variable.is_positive, f"{variable} is not declared positive")
    return integral.function, variable


def factored(expr: sp.Expr) -> sp.Expr:
    """Write the base of every power, innermost first, as one fraction of factors.

    Examples
    --------
    >>> r = sp.Symbol("r", positive=True)
    >>> factored(sp.sqrt((1 + r)**2 - 1)).is_positive
    True
    """
    if not expr.args:
        return expr
    expr = expr.func(*map(factored, expr.args))
    return sp.factor(sp.together(expr.base)) ** expr.exp if isinstance(expr, sp.Pow) and expr.base != sp.E else expr


def known_for_any(
    symbol: sp.Symbol, step: str, sides: tuple[sp.Expr, ...], context: Context, allowed: tuple[sp.Basic, ...] = ()
) -> tuple[sp.Expr, ...]:
    """Write out what changes with a symbol in the sides of an earlier claim, so that a value may be put for the symbol.

    Parameters
    ----------
    symbol : sympy.Symbol
        The symbol.
    step : str
        The earlier step.
    sides : tuple of sympy.Expr
        The sides of its claim.
    context : Context
        Definitions and assumptions.
    allowed : tuple of sympy.Basic
        Assumptions that the value satisfies.

    Returns
    -------
    tuple of sympy.Expr

    Raises
    ------
    ProofError
        If the symbol stands for something, another assumption restricts it, or a function is not written out.
    """
    demand(symbol not in context.definitions.explicit, f"{symbol} is defined")
    sides = tuple(context.definitions.expand_moving(side, symbol) for side in sides)
    demand(not any(side.atoms(AppliedUndef) for side in sides), f"a function in {sides} may change with {symbol}")
    relations = context.under.get(step, context.assumptions)
    others = tuple(relation for relation in relations if relation not in allowed)
    seen = replace(context, earlier={step: sp.Tuple(*sides)}, under={step: others})
    demand(symbol not in restricted(step, seen), f"an assumption restricts {symbol}")
    return sides


def _is_positive(expr: sp.Expr) -> bool:
    if isinstance(expr, sp.log):
        (inside,) = expr.args
        return bool(inside.is_positive and sp.expand(sp.cancel(sp.together(inside**2)) - 1).is_positive)
    return factored(expr).is_positive is True


@dataclass(frozen=True)
class EqualFromZero(Proof):
    """Both sides agree at 0, are continuous from there on, and have the same derivative.

    Parameters
    ----------
    variable : sympy.Symbol
        What runs from 0, declared positive.

    Examples
    --------
    >>> t = sp.Symbol("t", positive=True)
    >>> EqualFromZero(t).prove(sp.Eq(sp.asin(t / sp.sqrt(1 + t**2)), sp.atan(t), evaluate=False), Context())
    'proved'
    """

    principle: ClassVar[str] = "Continuous functions that agree at 0 and have the same derivative agree."

    variable: sp.Symbol

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the start, that nothing jumps, and the derivatives."""
        demand_kind(claim, sp.Eq)
        demand(self.variable.is_positive, f"{self.variable} is not declared positive")
        difference = context.definitions.expand(claim.lhs - claim.rhs)
        from_zero = sp.Dummy("t", nonnegative=True)
        demand_zero(difference.subs(self.variable, 0), "the difference at 0")
        moved = difference.subs(self.variable, from_zero)
        for arc in moved.atoms(sp.asin):
            inside = sp.cancel(sp.together(1 - arc.args[0] ** 2))
            demand(inside.is_positive, f"{arc.args[0]} is not seen to stay inside (-1, 1)")
            demand(is_continuous(arc.args[0], from_zero), f"{arc.args[0]} is not seen to be continuous")
        without = moved.xreplace({arc: sp.atan(arc.args[0]) for arc in moved.atoms(sp.asin)})
        demand(is_continuous(without, from_zero), "a side is not seen to be continuous")
        demand_zero(sp.diff(difference, self.variable), "the difference of the derivatives")
        return PROVED


@dataclass(frozen=True)
class ChangeOfVariable(Proof):
    """The integral over another variable, through a smooth decreasing map of the half axis onto itself.

    Parameters
    ----------
    forward, back : sympy.Expr
        The variable on the left in terms of that on the right, and the inverse, both written with the claim's variable.
    using : tuple of str
        Earlier equalities; the left-hand side of each is replaced by its right-hand side in the new integrand.

    Examples
    --------
    >>> t = sp.Symbol("t", positive=True)
    >>> left, right = sp.Integral(sp.exp(-t), (t, 0, sp.oo)), sp.Integral(sp.exp(-1 / t) / t**2, (t, 0, sp.oo))
    >>> ChangeOfVariable(1 / t, 1 / t).prove(sp.Eq(left, right, evaluate=False), Context())
    'proved'
    """

    principle: ClassVar[str] = (
        "An integral may be taken over another variable through a smooth decreasing map of the half axis onto itself."
    )

    forward: sp.Expr
    back: sp.Expr
    using: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The equalities used."""
        return self.using

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check that the map is onto and decreasing, then the integrands."""
        demand_kind(claim, sp.Eq)
        old, t = _half_axis(claim.lhs)
        new, same = _half_axis(claim.rhs)
        demand(same == t, "write both integrals with the same variable")
        # x = log(1 + r), r > 0: SymPy sees that exp(x) exceeds 1.
        beyond = sp.Dummy("r", positive=True)
        there = sp.log(1 + beyond)
        demand_zero(self.back.subs(t, self.forward) - t, "the inverse of the map, less the variable,")
        inverse = factored(self.back.subs(t, there))
        demand_zero(factored(self.forward.subs(t, inverse)) - there, "the map of the inverse, less the variable,")
        demand(inverse.is_positive, "the inverse is not seen to be positive")
        demand(
            _is_positive(self.forward) or _is_positive(self.forward.subs(t, there)),
            "the map is not seen to be positive",
        )
        slope = sp.factor(sp.cancel(sp.simplify(sp.diff(self.forward, t))))
        demand(slope.is_negative, "the map is not seen to be decreasing")
        # Decreasing with an inverse on the whole half axis, so that its values are the half axis.
        moved = old.subs(t, self.forward)
        for name in self.using:
            earlier = context.claim(name)
            demand_kind(earlier, sp.Eq)
            moved = refuse_capture(moved, moved.subs(earlier.lhs, earlier.rhs), earlier.free_symbols)
            demand(t not in restricted(name, context), f"an assumption restricts {t}")
            demand(t not in context.definitions.explicit, f"{t} is defined")
        demand_zero(moved * -slope - new, "the difference of the integrands")
        return PROVED


@dataclass(frozen=True)
class ArcTangentFamily(Proof):
    """An integral with a parameter: it vanishes at 0, and its derivative integrates to arc tangents.

    The derivative of the integrand by the parameter lies between 0 and bound(z), which is integrable: so the integral
    exists, may be differentiated under its sign, and its derivative is continuous. At single values of the parameter
    where the primitive divides by 0 the derivative is known by that continuity.

    Parameters
    ----------
    parameter : sympy.Symbol
        The parameter, declared positive.
    arcs : tuple of (sympy.Expr, sympy.Expr)
        Coefficient k and slope c of each term k atan(c z) of the primitive, in z, of the derivative.
    bound : tuple of (sympy.Expr, sympy.Expr)
        Coefficient and slope of the arc tangent whose derivative is the bound; both without the parameter.
    except_at : sympy.Expr
        The value of the parameter at which coefficients may divide by 0.

    Examples
    --------
    >>> z, a = sp.symbols("z a", positive=True)
    >>> one = sp.S.One
    >>> claim = sp.Eq(sp.Integral(sp.atan(a*z)/(z*(1 + z**2)), (z, 0, sp.oo)), sp.pi*sp.log(1 + a)/2, evaluate=False)
    >>> arcs = ((1/(1 - a**2), one), (-a/(1 - a**2), a))
    >>> ArcTangentFamily(a, arcs, (one, one), one).prove(claim, Context())
    'proved'
    """

    principle: ClassVar[str] = (
        "An integral may be differentiated under its sign where an integrable function bounds the derivative; "
        "a continuous derivative is known where it is known nearby."
    )

    parameter: sp.Symbol
    arcs: tuple[tuple[sp.Expr, sp.Expr], ...]
    bound: tuple[sp.Expr, sp.Expr]
    except_at: sp.Expr

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the start, the bound, the primitive, and the derivative of the value."""
        demand_kind(claim, sp.Eq)
        integrand, z = _half_axis(claim.lhs)
        a, value = self.parameter, context.definitions.expand(claim.rhs)
        demand(a.is_positive, f"{a} is not declared positive")
        from_zero = sp.Dummy("a", nonnegative=True)
        demand_zero(integrand.subs(a, 0), "the integrand at 0")
        demand_zero(value.subs(a, 0), "the value at 0")
        for expr in (integrand, value, sp.diff(value, a)):
            demand(is_continuous(expr.subs(a, from_zero), from_zero), "a side is not seen to be smooth")
        slope = sp.factor(sp.diff(integrand, a))
        height, width = self.bound
        demand(not (height.has(a) or width.has(a)), "the bound has the parameter")
        demand(height.is_positive and width.is_positive, "the bound is not seen to be positive")
        share = sp.cancel(slope / sp.diff(height * sp.atan(width * z), z)).subs(a, from_zero)
        demand(share.is_positive, "the derivative is not seen to be positive")
        demand(sp.expand(1 / share - 1).is_nonnegative, "the derivative is not seen to stay below its bound")
        primitive = sp.S.Zero
        for k, c in self.arcs:
            demand(c.is_positive, f"{c} is not seen to be positive")
            demand(not (k.has(z) or c.has(z)), "coefficients and slopes must be constants")
            below = sp.factor(sp.denom(sp.together(k)))
            rest = sp.cancel(below / (a - self.except_at)) if not below.subs(a, self.except_at) else below
            demand(rest.is_positive or rest.is_negative, f"{below} may be 0 elsewhere")
            primitive += k * sp.atan(c * z)
        demand_zero(sp.diff(primitive, z) - slope, "the derivative of the primitive")
        # Arc tangents run from 0 to pi/2.
        total = sp.Add(*(k for k, _ in self.arcs)) * sp.pi / 2
        demand_zero(sp.diff(value, a) - total, "the derivative of the value")
        return PROVED


@dataclass(frozen=True)
class Special(Proof):
    """An earlier equality between an integral and its value, at one value of a symbol.

    Parameters
    ----------
    step : str
        The earlier step, proved for every value of the symbol.
    symbol : sympy.Symbol
        The symbol, which no assumption restricts.
    value : sympy.Expr
        What to put for it, of the sign that is declared for it.
    """

    principle: ClassVar[str] = "What is known for every value of a symbol is known for one."

    step: str
    symbol: sp.Symbol
    value: sp.Expr

    @property
    def sources(self) -> tuple[str, ...]:
        """The earlier step."""
        return (self.step,)

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Put the value, and compare."""
        demand_kind(claim, sp.Eq)
        earlier = context.claim(self.step)
        demand_kind(earlier, sp.Eq)
        sides = known_for_any(self.symbol, self.step, earlier.args, context)
        inside = set().union(*map(bound, earlier.atoms(*BINDERS)))
        demand(not inside & context.definitions.expand(self.value).free_symbols, f"{self.value} has a bound symbol")
        demand(self.value.is_integer or not self.symbol.is_integer, f"{self.value} is not seen to be an integer")
        demand(self.value.is_positive or not self.symbol.is_nonnegative, f"{self.value} is not seen to be positive")
        wanted = [side.subs(self.symbol, self.value) for side in sides]
        got = [context.definitions.expand_moving(side, self.symbol) for side in claim.args]
        demand(got == wanted, f"{claim} is not {earlier} at {self.value}")
        return PROVED
