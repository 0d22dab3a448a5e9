"""An integral that depends on a parameter: it vanishes at 0, and its derivative is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from derivations.laws.shared.gaussian import GaussianPrimitive, integral_of
from derivations.prover.known_signs import is_continuous, known_positive, positively
from derivations.prover.proof import PROVED, Context, Proof, demand
from derivations.prover.rules.integrals import continuous_between, is_gaussian
from derivations.prover.zero import demand_zero


@dataclass(frozen=True)
class ParameterIntegral(Proof):
    """Both sides vanish at parameter 0, are continuous from there on, and have the same derivative by the parameter.

    The integral runs over the axis or the half axis. The derivative of the integrand must be a Gaussian in z times what
    grows slowly, for every value of the parameter from 0 on, with coefficients that are continuous in it: one bell then
    bounds it near any value, so that the integral may be differentiated under its sign.

    Parameters
    ----------
    parameter : sympy.Symbol
        The parameter, declared positive.
    certificate : GaussianPrimitive
        Primitive, in z, of the derivative of the integrand by the parameter.
    positive : tuple of sympy.Expr
        Expressions that an assumption says are positive; each is replaced by a positive symbol. One with the parameter
        must be positive all the way from 0: positive there, and concave.

    Examples
    --------
    >>> z = sp.Symbol("z", real=True)
    >>> a = sp.Symbol("a", positive=True)
    >>> claim = sp.Eq(sp.Integral(sp.erf(a*z)*z*sp.exp(-z**2), (z, 0, sp.oo)), a/sp.sqrt(1 + a**2)/2, evaluate=False)
    >>> bell, width = sp.exp(-(1 + a**2)*z**2), 1 + a**2
    >>> slope = GaussianPrimitive(-z*bell/width/sp.sqrt(sp.pi), 1/width/sp.sqrt(width)/2, sp.sqrt(width))
    >>> ParameterIntegral(a, slope).prove(claim, Context())
    'proved'
    """

    principle: ClassVar[str] = (
        "An integral may be differentiated under its sign where one bell bounds the derivative; what starts "
        "at 0 and has the same derivative is equal."
    )

    parameter: sp.Symbol
    certificate: GaussianPrimitive
    positive: tuple[sp.Expr, ...] = ()

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the start, that nothing jumps, the bound, and the derivative."""
        integral, p = integral_of(claim, context), self.parameter
        ((variable, low, high),) = integral.limits
        integrand, value = integral.function, context.definitions.expand(claim.rhs)
        demand(p.is_nonnegative and p != variable, f"{p} is not declared positive")
        demand_zero(integrand.subs(p, 0), "the integrand at parameter 0")
        demand_zero(value.subs(p, 0), "the value at parameter 0")
        from_zero, slope = sp.Dummy("p", nonnegative=True), sp.diff(integrand, p)
        path = {self._on_path(known, from_zero, context): sp.Dummy("known", positive=True) for known in self.positive}

        def seen(expr: sp.Expr) -> sp.Expr:
            for known, symbol in path.items():
                expr = expr.subs(known, symbol)
            return expr

        for what in (integrand, slope):
            at = what.subs(p, from_zero)
            smooth = continuous_between(at, variable, low, seen) and is_continuous(at, from_zero, seen)
            demand(smooth, "the integrand is not seen to be continuous")
            united = sp.powsimp(sp.expand(seen(at)))
            demand(is_gaussian(united, variable), "the integral is not seen to converge absolutely")
        demand(is_continuous(value.subs(p, from_zero), from_zero, seen), "the value is not seen to be continuous")

        def here(expr: sp.Expr) -> sp.Expr:
            return positively(expr, self.positive, context)

        found = self.certificate.value(sp.Integral(slope, (variable, low, high)), context, here)
        # Roots that hide an equality cancel in the quotient.
        wanted = sp.diff(value, p)
        if sp.simplify(wanted / found) != 1:
            demand_zero(here(wanted - found), "the derivative by the parameter")
        return PROVED

    def _on_path(self, known: sp.Expr, from_zero: sp.Symbol, context: Context) -> sp.Expr:
        """Return what is known to be positive for every parameter between 0 and its value."""
        demand(known_positive(known, context), f"{known} > 0 is not assumed")
        known, p = context.definitions.expand(known), self.parameter
        if known.has(p):
            whole = known.subs(p, 0).is_positive and sp.diff(known, p, 2).is_nonpositive
            demand(bool(whole), f"{known} may not be positive all the way from {p} = 0")
        return known.subs(p, from_zero)
