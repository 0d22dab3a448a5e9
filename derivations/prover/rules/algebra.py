"""Equalities that algebra decides: the difference becomes zero, or the root satisfies its equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from mpmath import mp

from derivations.errors import ProofError
from derivations.prover import falsify
from derivations.prover.binders import bound, refuse_capture
from derivations.prover.definitions import put
from derivations.prover.known_signs import is_continuous, positively
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.zero import demand_zero, differentiate, is_zero


@dataclass(frozen=True)
class Identity(Proof):
    """Expand the definitions, rewrite with earlier equalities, and reduce the difference to zero.

    Parameters
    ----------
    using : tuple of str
        Names of earlier equality steps; the left-hand side of each is replaced by its right-hand side, a function's
        closed form for any argument.
    keep : bool
        Leave defined symbols alone (for claims that hold for any value of them).
    positive : tuple of sympy.Expr
        Expressions that an assumption says are positive; each is replaced by a positive symbol.
    given : tuple of sympy.Eq
        Assumed equalities; the left-hand side of each is replaced by its right-hand side.
    less : tuple of (str, sympy.Expr)
        Earlier equality steps, each subtracted from the claim after multiplication by the factor beside it.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> Identity().prove(sp.Eq((x + 1)**2, x**2 + 2*x + 1, evaluate=False), Context())
    'proved'
    """

    using: tuple[str, ...] = ()
    keep: bool = False
    positive: tuple[sp.Expr, ...] = ()
    given: tuple[sp.Eq, ...] = ()
    less: tuple[tuple[str, sp.Expr], ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The steps in `using` and `less`."""
        return (*self.using, *(name for name, _ in self.less))

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Reduce lhs - rhs to zero."""
        demand_kind(claim, sp.Eq)
        difference = claim.lhs - claim.rhs
        for name, factor in self.less:
            earlier = context.claim(name)
            demand_kind(earlier, sp.Eq)
            demand_finite(factor, context)
            difference -= factor * (earlier.lhs - earlier.rhs)
        for name in self.using:
            earlier = context.claim(name)
            demand_kind(earlier, sp.Eq)
            difference = _rewrite(difference, name, context)
        difference = substitute(difference, self.given, context)
        if self.keep:
            for node in difference.atoms(sp.Derivative, sp.Subs):
                fixed = all(context.definitions.expand_moving(node.expr, v) == node.expr for v in bound(node))
                demand(fixed, f"{node} is not known while a symbol in it is kept")
        else:
            difference = substitute(context.definitions.expand(difference), self.given, context)
        # Derivatives first: what is seen to be positive still moves with their variable.
        demand_zero(positively(differentiate(difference), self.positive, context), "the difference of both sides")
        return PROVED


def demand_finite(factor: sp.Expr, context: Context) -> None:
    """Raise ProofError if an expression divides by what may be 0 wherever the assumptions hold: 0/0 proves anything.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> demand_finite(1 / (a + b), Context())
    >>> demand_finite(1 / (a - b), Context(assumptions=(sp.Eq(a, b),)))
    Traceback (most recent call last):
        ...
    derivations.errors.ProofError: the factor 1/(a - b) may divide by 0
    """
    for power in factor.atoms(sp.Pow):
        if power.exp.is_nonnegative or power.base.is_nonzero:
            continue
        numbers = [falsify.number(power.base, env) for env in context.envs]
        seen = bool(numbers) and all(abs(number) > mp.mpf("1e-20") for number in numbers)
        demand(seen, f"the factor {factor} may divide by 0")


def substitute(expr: sp.Expr, given: tuple[sp.Eq, ...], context: Context) -> sp.Expr:
    """Replace the left-hand side of assumed equalities by the right-hand side."""
    for relation in given:
        demand(relation in context.assumptions, f"{relation} is not assumed")
        after = expr.xreplace({relation.lhs: relation.rhs})
        # An equality for every component of a vector holds under a sum over them.
        expr = refuse_capture(expr, after, {s for s in relation.free_symbols if not isinstance(s, sp.Idx)})
    return expr


def _rewrite(expr: sp.Expr, name: str, context: Context) -> sp.Expr:
    earlier = context.claim(name)
    assumed = restricted(name, context)
    head = getattr(earlier.lhs, "func", None)
    if head not in context.definitions.evolutions:
        # An equality holds for every value of its symbols that no assumption restricts.
        return refuse_capture(expr, expr.subs(earlier.lhs, earlier.rhs), earlier.free_symbols & assumed)
    (variable,) = earlier.lhs.args
    demand(variable.is_Symbol and variable not in assumed, f"{earlier.lhs} is not known for every {variable}")
    for applied in expr.atoms(head):
        (argument,) = applied.args
        demand(argument.is_nonnegative, f"{argument} is not seen to be non-negative")
        demand(argument.is_positive or not variable.is_positive, f"{argument} is not seen to be positive")
        demand(argument.is_integer or not variable.is_integer, f"{argument} is not seen to be an integer")
    return refuse_capture(expr, put(expr, head, sp.Lambda(variable, earlier.rhs)), earlier.free_symbols & assumed)


def restricted(name: str, context: Context) -> set[sp.Basic]:
    """Return the symbols for some values of which an earlier claim may fail: those that its assumptions restrict.

    An equality that gives a symbol met nowhere else a value restricts nothing.
    """
    earlier, relations = context.claim(name), context.under.get(name, context.assumptions)
    symbols = [context.definitions.expand(relation).free_symbols for relation in relations]
    met = earlier.free_symbols | context.definitions.behind(earlier)
    found: set[sp.Basic] = set()
    for position, relation in enumerate(relations):
        others = met.union(*(s for k, s in enumerate(symbols) if k != position))
        if not (isinstance(relation, sp.Eq) and relation.lhs.is_Symbol and relation.lhs not in others):
            found |= symbols[position]
    return found


@dataclass(frozen=True)
class Root(Proof):
    """Show that a value solves an equation, and that no other positive value does.

    The claim is `Equivalent(equation, Eq(unknown, value))`. The value must lie in the domain: of the sign declared for
    the unknown, and inside every assumption. Both sides must differ by a function that is continuous and strictly
    monotone on an interval that contains the domain, so that the root is unique.

    Parameters
    ----------
    unknown : sympy.Symbol
        The unknown, positive.
    slope : sympy.Expr
        Derivative of lhs - rhs by the unknown, in a form whose sign SymPy decides.
    positive : tuple of sympy.Expr
        Expressions that an assumption says are positive; each is replaced by a positive symbol.
    about : str or None
        The earlier equality that the equation is, or whose right-hand side is the left-hand side of the equation.

    Examples
    --------
    >>> x, a = sp.symbols("x a", positive=True)
    >>> Root(x, 2 * x).prove(sp.Equivalent(sp.Eq(x**2, a), sp.Eq(x, sp.sqrt(a))), Context())
    'proved'
    """

    unknown: sp.Symbol
    slope: sp.Expr
    positive: tuple[sp.Expr, ...] = ()
    about: str | None = None

    @property
    def mentions(self) -> tuple[str, ...]:
        """The step the equation comes from."""
        return () if self.about is None else (self.about,)

    def split(self, claim: sp.Basic) -> tuple[sp.Eq, sp.Expr]:
        """Return the equation and the value."""
        demand_kind(claim, sp.Equivalent)
        roots = [arg for arg in claim.args if isinstance(arg, sp.Eq) and arg.lhs == self.unknown]
        demand(len(claim.args) == 2 and len(roots) == 1, f"Equivalent(equation, {self.unknown} = value) is needed")
        (equation,) = (arg for arg in claim.args if arg != roots[0])
        demand_kind(equation, sp.Eq)
        return equation, roots[0].rhs

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Put the value into the equation and into the assumptions at every draw."""
        equation, value = self.split(claim)
        demand(not context.definitions.expand(value).has(self.unknown), "the value contains the unknown")
        for env in context.envs:
            number = falsify.number(value, env)
            here = env.at(self.unknown, number)
            falsify.equality(equation, [here])
            inside = falsify.admits(self.unknown, number)
            if not inside or not all(falsify.satisfied(relation, here) for relation in context.assumptions):
                raise ProofError(f"the value leaves the domain at {falsify.show(env, claim)}")

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Substitute, decide the sign of the derivative, and see that nothing jumps."""
        demand(self.unknown.is_nonnegative, "the unknown is not declared positive or non-negative")
        equation, value = self.split(claim)
        if self.about is not None:
            source = context.claim(self.about)
            known = source == equation or source.rhs == equation.lhs
            demand(known, f"the equation is not about {self.about!r}")
        expand, gap = context.definitions.expand, equation.lhs - equation.rhs

        def seen(expr: sp.Expr) -> sp.Expr:
            return positively(expr, self.positive, context)

        for difference, what in (
            (gap.subs(self.unknown, value), "the root put into its equation"),
            (sp.diff(expand(gap), self.unknown) - self.slope, "the derivative by the unknown"),
        ):
            plain = expand(difference)
            # A quantity known to be positive helps where logarithms meet, and hides a relation elsewhere: try both.
            bases = tuple(known for known in self.positive if not known.has(sp.log))
            if not (is_zero(plain) or is_zero(positively(plain, bases, context))):
                demand_zero(seen(plain), what)
        sign = seen(expand(self.slope))
        if not (sign.is_positive or sign.is_negative):
            raise ProofError("the equation is not seen to be strictly monotone, so the root may not be the only one")
        demand(is_continuous(expand(gap), self.unknown, seen), "the equation is not seen to be continuous")
        for known in self.positive:
            inside = expand(known).replace(sp.log, lambda argument: argument)
            demand(is_zero(sp.diff(inside, self.unknown, 2)), f"{known} > 0 may be more than one interval")
        self._inside(value, seen, context)
        return PROVED

    def _inside(self, value: sp.Expr, seen: Callable[[sp.Expr], sp.Expr], context: Context) -> None:
        """Demand that the value lies where the equation is monotone: of the unknown's sign, the known still positive.

        What SymPy does not see to be positive or otherwise must be so at every draw.
        """
        expand = context.definitions.expand
        found, known = expand(value), [expand(known) for known in self.positive if known.has(self.unknown)]
        if not known and not expand(self.slope).has(self.unknown):
            return  # affine in the unknown, so monotone over all numbers
        for expr in (found, *(expr.subs(self.unknown, found) for expr in known)):
            if expr.is_positive or seen(expr).is_positive:
                continue
            demand(expr.is_positive is None, f"{expr} is not positive, so the root is outside")
            numbers = [falsify.number(expr, env) for env in context.envs]
            inside = all(not isinstance(number, mp.mpc) and number > 0 for number in numbers)
            demand(bool(numbers) and inside, f"{expr} is not seen to be positive, so the root may be outside")


@dataclass(frozen=True)
class Termwise(Proof):
    """Prove an identity between sums over the same range, term by term, for any number of terms.

    Parameters
    ----------
    given : tuple of sympy.Eq
        Assumed equalities; the left-hand side of each is replaced by its right-hand side.

    Examples
    --------
    >>> a, d, i = sp.IndexedBase("a"), sp.Symbol("d", integer=True, positive=True), sp.Idx("i")
    >>> claim = sp.Eq(sp.Sum((2*a[i])**2, (i, 1, d)), 4*sp.Sum(a[i]**2, (i, 1, d)), evaluate=False)
    >>> Termwise().prove(claim, Context())
    'proved'
    """

    given: tuple[sp.Eq, ...] = ()

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Replace each sum by its summand: legitimate where both sides are linear in the sums, checked here."""
        demand_kind(claim, sp.Eq)
        difference = substitute(context.definitions.expand(claim.lhs - claim.rhs), self.given, context)
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
