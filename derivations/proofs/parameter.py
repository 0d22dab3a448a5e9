"""An integral that depends on a parameter: it vanishes at 0, and its derivative is known."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations.proofs.base import (
    PROVED,
    Context,
    Proof,
    demand,
    demand_kind,
    demand_zero,
    is_continuous,
    positively,
)
from derivations.proofs.integrals import _continuous_between, _is_gaussian


@dataclass(frozen=True)
class ParameterIntegral(Proof):
    """Differentiate under the integral sign, integrate the derivative over z from 0 to oo, and compare with the claim.

    The derivative of the integrand must be `factor * envelope * exp(-shrink)`: with a factor that is continuous in the
    parameter, an envelope that is a Gaussian times a power of z, without the parameter, and shrink >= 0, it is
    dominated near every value of the parameter, which is what the exchange needs.

    Parameters
    ----------
    parameter : sympy.Symbol
        The parameter, positive; both sides of the claim vanish at 0.
    factor, envelope, shrink : sympy.Expr
        The derivative of the integrand by the parameter.
    primitive : sympy.Expr
        Antiderivative of that derivative in z; a Gaussian times a power, so that it vanishes at oo.
    positive : tuple of sympy.Expr
        Expressions that an assumption says are positive; each is replaced by a positive symbol.

    Examples
    --------
    >>> z = sp.Symbol("z", real=True)
    >>> a = sp.Symbol("a", positive=True)
    >>> claim = sp.Eq(sp.Integral(sp.erf(a*z)*z*sp.exp(-z**2), (z, 0, sp.oo)), a/sp.sqrt(1 + a**2)/2, evaluate=False)
    >>> square = z**2 * sp.exp(-z**2)
    >>> certificate = ParameterIntegral(a, 2/sp.sqrt(sp.pi), square, a**2*z**2, z)
    >>> certificate.prove(claim, Context())
    Traceback (most recent call last):
        ...
    derivations.errors.ProofError: the primitive is not seen to vanish at oo
    """

    parameter: sp.Symbol
    factor: sp.Expr
    envelope: sp.Expr
    shrink: sp.Expr
    primitive: sp.Expr
    positive: tuple[sp.Expr, ...] = ()

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the value at 0, the domination, and the derivative."""
        demand_kind(claim, sp.Eq)
        demand_kind(claim.lhs, sp.Integral)
        a, expand = self.parameter, context.definitions.expand
        ((z, low, high),) = claim.lhs.limits
        demand(low == 0 and high == sp.oo, "the range must be from 0 to oo")
        demand(a.is_positive, f"{a} is not declared positive")
        # Squares of real numbers, and the half axis, where SymPy is to see signs.
        half = sp.Dummy("z", nonnegative=True)

        def seen(expr: sp.Expr) -> sp.Expr:
            return positively(expr, self.positive, context)

        integrand, value = expand(claim.lhs.function), expand(claim.rhs)
        demand_zero(integrand.subs(a, 0), "the integrand at 0")
        demand_zero(value.subs(a, 0), "the right-hand side at 0")
        slope = sp.diff(integrand, a)
        stated = self.factor * self.envelope * sp.exp(-self.shrink)
        demand_zero(slope - stated, "the derivative of the integrand")
        demand(not self.factor.has(z) and not self.envelope.has(a), "factor and envelope each have one variable")
        demand(is_continuous(self.factor, a, seen), "the factor is not seen to be continuous")
        demand(seen(self.shrink).subs(z, half).is_nonnegative, f"{self.shrink} is not seen to be non-negative")
        demand(_is_gaussian(self.envelope, z), "the envelope is not seen to be integrable")
        demand(_is_gaussian(seen(self.primitive), z), "the primitive is not seen to vanish at oo")
        demand(_continuous_between(seen(self.primitive), z, low), "the primitive is not seen to be continuous")
        demand_zero(
            _quotient(sp.diff(self.primitive, z), stated) - 1, "the derivative of the primitive over it, less 1,"
        )
        demand(bool(sp.diff(value, a).subs(a, 0).is_finite), "the right-hand side is not seen to be smooth at 0")
        demand_zero(sp.diff(value, a) + self.primitive.subs(z, 0), "the derivative of the right-hand side")
        return PROVED


def _quotient(above: sp.Expr, below: sp.Expr) -> sp.Expr:
    """Return the quotient with its exponentials united."""
    united = sp.powsimp(above / below, combine="exp", force=False)
    return united.replace(sp.exp, lambda exponent: sp.exp(sp.cancel(sp.together(exponent))))
