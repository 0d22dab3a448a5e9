"""Inequalities: a value at a point and the sign of a derivative, or an increasing image of an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from mpmath import mp

from derivations.errors import ProofError
from derivations.prover import falsify
from derivations.prover.known_signs import is_continuous, positively
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.zero import demand_zero


@dataclass(frozen=True)
class Tightness:
    """Where and how fast the two sides meet: rhs - lhs ~ gap as variable -> point.

    A bound that is merely true survives a changed coefficient; this one does not.

    Parameters
    ----------
    variable : sympy.Symbol
        The variable that moves; a defined symbol may be moved on its own.
    gap : sympy.Expr
        Leading behaviour of rhs - lhs.
    point : sympy.Expr
        Where they meet.
    direction : str
        "+" or "-".
    """

    variable: sp.Symbol
    gap: sp.Expr
    point: sp.Expr = sp.S.Zero
    direction: str = "+"

    def falsify(self, claim: sp.Rel, context: Context) -> None:
        """Demand that (rhs - lhs)/gap tends to 1 at every draw."""
        for env in context.envs[:3]:
            here = env.at(self.variable, falsify.approach(self.point, sp.Symbol(self.direction), env)[-2])
            ratio = falsify.number((claim.rhs - claim.lhs) / self.gap, here)
            if abs(ratio - 1) > mp.mpf("1e-3"):
                raise ProofError(f"the bound is not tight as stated: (rhs - lhs)/gap = {mp.nstr(ratio, 8)}, not 1")


@dataclass(frozen=True)
class UnitInterval:
    """The domain 0 < variable < 1, as the image of t > 0 under t/(1+t)."""

    variable: sp.Symbol

    def parametrise(self, context: Context) -> tuple[sp.Expr, sp.Symbol]:
        """Return the parametrisation and its parameter, after checking that it is onto the assumed domain."""
        x, t = self.variable, sp.Dummy("t", positive=True)
        demand(x.is_positive, f"{x} is not declared positive")
        wanted = context.definitions.expand(x < 1)
        assumed = [a for a in context.assumptions if a == (x < 1) or context.definitions.expand(a) == wanted]
        demand(bool(assumed), f"{x} < 1 is not assumed")
        image, inverse = t / (1 + t), x / (1 - x)
        demand_zero(image.subs(t, inverse) - x, "t/(1+t) at t = x/(1-x)")
        demand_zero(inverse.subs(x, image) - t, "x/(1-x) at x = t/(1+t)")
        demand(image.is_positive and sp.cancel(1 - image).is_positive, "t/(1+t) leaves the unit interval")
        rest = sp.Dummy("rest", positive=True)
        demand(inverse.subs(1 - x, rest).is_positive, "x/(1-x) is not seen to be positive")
        return image, t


@dataclass(frozen=True)
class PositiveAxis:
    """The domain variable > 0."""

    variable: sp.Symbol

    def parametrise(self, context: Context) -> tuple[sp.Expr, sp.Symbol]:
        """Return a positive parameter for itself."""
        demand(self.variable.is_positive, f"{self.variable} is not declared positive")
        t = sp.Dummy("t", positive=True)
        return t, t


@dataclass(frozen=True)
class Monotone(Proof):
    """The gap rhs - lhs is 0 at 0, continuous from there on, and its derivative is positive on the domain.

    Parameters
    ----------
    domain : UnitInterval or PositiveAxis
        Where the claim is to hold; it must follow from the assumptions.
    tight : Tightness
        Where both sides meet, so that no weaker bound passes.
    """

    domain: UnitInterval | PositiveAxis
    tight: Tightness

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Check the tightness."""
        demand_kind(claim, sp.Rel)
        self.tight.falsify(claim, context)

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the value at 0, then decide the derivative's sign after reparametrisation."""
        demand_kind(claim, sp.Le, sp.Lt, sp.Ge, sp.Gt)
        x = self.domain.variable
        # What is defined through the variable moves with it.
        gap = context.definitions.expand_moving(claim.gts - claim.lts, x)
        demand_zero(gap.subs(x, 0), "the gap at 0")
        image, t = self.domain.parametrise(context)
        from_zero = sp.Dummy("t", nonnegative=True)
        moved = context.definitions.expand(gap.subs(x, image)).subs(t, from_zero)
        demand(is_continuous(moved, from_zero), "the gap is not seen to be continuous")
        slope = sp.factor(sp.cancel(sp.diff(gap, x).subs(x, image)))
        demand(slope.is_positive, f"the derivative of the gap, {slope}, is not seen to be positive")
        return PROVED


@dataclass(frozen=True)
class IncreasingImage(Proof):
    """Apply an increasing function to both sides of an earlier inequality.

    Parameters
    ----------
    step : str
        The earlier inequality.
    image : sympy.Lambda
        The function; its derivative must be seen to be positive for every real argument.
    tight : Tightness
        Where both sides meet.
    """

    step: str
    image: sp.Lambda
    tight: Tightness

    @property
    def sources(self) -> tuple[str, ...]:
        """The earlier inequality."""
        return (self.step,)

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Check the tightness."""
        demand_kind(claim, sp.Rel)
        self.tight.falsify(claim, context)

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check both images and the sign of the derivative."""
        earlier, expand = context.claim(self.step), context.definitions.expand
        demand(type(earlier) is type(claim), "the two relations differ")
        y = sp.Dummy("y", real=True)
        image = expand(self.image(y))
        demand(is_continuous(image, y), "the function is not seen to be continuous")
        demand(expand(sp.diff(image, y)).is_positive, "the function is not seen to be increasing")
        for got, source in zip(claim.args, earlier.args, strict=True):
            demand_zero(expand(got - self.image(source)), "a side of the image")
        return PROVED


@dataclass(frozen=True)
class NonNegativeGap(Proof):
    """The gap rhs - lhs is an expression that is seen not to be negative.

    Parameters
    ----------
    gap : sympy.Expr
        The gap, in a form whose sign SymPy decides.
    nonnegative : tuple of sympy.Expr
        Expressions that an assumption says are not negative; each is replaced by a non-negative symbol.
    tight : Tightness
        Where both sides meet.

    Examples
    --------
    >>> x, y = sp.symbols("x y", real=True)
    >>> tight = Tightness(x, (x - y)**2, y)
    >>> NonNegativeGap((x - y)**2, (), tight).prove(sp.Le(2*x*y, x**2 + y**2, evaluate=False), Context())
    'proved'
    """

    gap: sp.Expr
    nonnegative: tuple[sp.Expr, ...]
    tight: Tightness

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Check the tightness, and the gap against its stated form."""
        demand_kind(claim, sp.Rel)
        self.tight.falsify(claim, context)
        for env in context.envs[:3]:
            left, right, gap = (falsify.number(part, env) for part in (claim.lhs, claim.rhs, self.gap))
            if not falsify.close(right - left, gap, max(abs(left), abs(right))):
                raise ProofError(f"the gap is not as stated at {falsify.show(env, claim)}")

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Compare the gap with its stated form, and decide the sign of that."""
        demand_kind(claim, sp.Le)
        expand = context.definitions.expand
        demand_zero(expand(claim.rhs - claim.lhs - self.gap), "the gap against its stated form")
        seen = positively(expand(self.gap), self.nonnegative, context, or_zero=True)
        demand(seen.is_nonnegative, f"{self.gap} is not seen to be non-negative")
        return PROVED
