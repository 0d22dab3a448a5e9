"""What every proof shares: its context, and a test for zero that never guesses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from derivations.errors import ProofError
from derivations.prover.binders import refuse_capture
from derivations.prover.definitions import Definitions
from derivations.prover.evaluate import Environment

PROVED = "proved"
CHECKED = "checked, not proved"
UNEVALUATED = (sp.Limit, sp.Integral, sp.Sum, sp.Product)
_HIDDEN = (*UNEVALUATED, sp.Derivative, sp.Subs)


@dataclass(frozen=True)
class Context:
    """What a proof may use.

    Parameters
    ----------
    definitions : Definitions
        Definitions made in the derivation.
    assumptions : tuple of sympy.Basic
        Relations assumed.
    earlier : mapping of str to sympy.Basic
        Claims of the steps before this one.
    envs : tuple of Environment
        Draws inside the assumptions, for falsification.
    under : mapping of str to tuple of sympy.Basic
        Relations assumed for each of the steps before; where it has none, those assumed here.
    """

    definitions: Definitions = field(default_factory=Definitions)
    assumptions: tuple[sp.Basic, ...] = ()
    earlier: Mapping[str, sp.Basic] = field(default_factory=dict)
    envs: tuple[Environment, ...] = ()
    under: Mapping[str, tuple[sp.Basic, ...]] = field(default_factory=dict)

    def claim(self, name: str) -> sp.Basic:
        """Return the claim of an earlier step."""
        if name not in self.earlier:
            raise ProofError(f"uses {name!r}, which is no earlier step")
        return self.earlier[name]


class Proof:
    """A proof obligation: `prove` returns how the claim is known, or raises ProofError."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the earlier steps used; no claim can be known better than they are."""
        return ()

    @property
    def mentions(self) -> tuple[str, ...]:
        """Names of the earlier steps this claim is about, without using that they hold."""
        return ()

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Refute the claim where this proof knows more than its kind does (tightness, measured errors)."""

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Return the verdict, "proved" or a weaker word."""
        raise NotImplementedError


def is_zero(expr: sp.Expr) -> bool:
    """Whether an expression can be transformed into zero; False means only "not seen to be".

    Parameters
    ----------
    expr : sympy.Expr
        The expression.

    Returns
    -------
    bool

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> is_zero((1 - x**2) / (1 - x) - 1 - x)
    True
    """
    current = hide(expr)
    for transform in (
        lambda e: e,
        as_exponentials,
        sp.expand,
        lambda e: sp.expand_log(sp.expand(e), force=False),
        lambda e: sp.powsimp(sp.expand(e)),
        lambda e: sp.cancel(sp.together(e)),
        sp.radsimp,
        lambda e: sp.expand(sp.powdenest(e)),
        sp.simplify,
    ):
        current = transform(current)
        if current == 0:
            return True
    return False


def hide(expr: sp.Expr) -> sp.Expr:
    """Replace limits, integrals, sums, products and derivatives by symbols, so that nothing evaluates them.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> hide(sp.Integral(x, (x, 0, 1)) - sp.Integral(x, (x, 0, 1)) + x)
    x
    """
    return _hide(expr, {})


def _hide(expr: sp.Basic, names: dict[sp.Basic, sp.Dummy]) -> sp.Basic:
    if not expr.has(*_HIDDEN):
        return expr
    # The derivative of a hidden integral, or of a defined symbol, would be 0: hide it as a whole.
    if isinstance(expr, _HIDDEN):
        return names.setdefault(expr, sp.Dummy())
    return expr.func(*(_hide(arg, names) for arg in expr.args))


def differentiate(expr: sp.Expr) -> sp.Expr:
    """Carry out derivatives and substitutions, and nothing else.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> differentiate(sp.Derivative(x**2, x) + sp.Integral(x, (x, 0, 1)))
    2*x + Integral(x, (x, 0, 1))
    """
    return expr.replace(
        lambda node: isinstance(node, sp.Derivative | sp.Subs) and not node.has(*UNEVALUATED),
        lambda node: node.doit(),
    )


def as_exponentials(expr: sp.Expr) -> sp.Expr:
    """Write b**e with a symbolic e as exp(e log b), which is its definition, with expanded exponents.

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> as_exponentials((x + 1)**y * (x + 1)**(-y))
    1
    """
    if not expr.args or isinstance(expr, sp.Sum | sp.Integral | sp.Derivative | sp.Subs | sp.Limit):
        return expr
    expr = expr.func(*(as_exponentials(arg) for arg in expr.args))
    if isinstance(expr, sp.Pow) and expr.exp.free_symbols:
        exponent = expr.exp if expr.base == sp.E else expr.exp * sp.log(expr.base)
        return sp.exp(sp.expand_mul(sp.cancel(exponent)))
    return expr


def demand_zero(expr: sp.Expr, what: str) -> None:
    """Raise ProofError unless the expression is zero."""
    if not is_zero(expr):
        raise ProofError(f"{what} leaves {sp.sstr(expr)[:200]}, not 0")


def demand(condition: bool | None, what: str) -> None:
    """Raise ProofError unless the condition is known to be true."""
    if condition is not True:
        raise ProofError(what)


def demand_kind(claim: sp.Basic, *kinds: type) -> None:
    """Raise ProofError unless the claim is of one of the kinds this proof can prove."""
    if not isinstance(claim, kinds):
        raise ProofError(f"a claim of the form {kinds[0].__name__} is needed here, not {type(claim).__name__}")


def known_positive(expr: sp.Expr, context: Context, *, or_zero: bool = False) -> bool:
    """Whether an expression is assumed to be positive, or is the logarithm of something seen to be on one side of 1.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> known_positive(-sp.log(1 - x), Context(assumptions=(x < 1,)))
    True
    """
    kinds = sp.Lt | sp.Gt | sp.Le | sp.Ge if or_zero else sp.Lt | sp.Gt
    expand = context.definitions.expand
    gaps = [a.gts - a.lts for a in context.assumptions if isinstance(a, kinds)]
    if expr.is_positive or any(sp.expand(expand(gap) - expand(expr)) == 0 for gap in gaps):
        return True
    if isinstance(expr, sp.log):
        return known_positive(expr.args[0] - 1, context)
    if isinstance(-expr, sp.log):
        (inside,) = (-expr).args
        return known_positive(inside, context) and known_positive(1 - inside, context)
    return False


def positively(expr: sp.Expr, positive: tuple[sp.Expr, ...], context: Context, *, or_zero: bool = False) -> sp.Expr:
    """Replace expressions that are known to be positive by positive symbols."""
    for known in positive:
        demand(known_positive(known, context, or_zero=or_zero), f"{known} > 0 is not assumed")
        symbol = sp.Dummy("known", nonnegative=True) if or_zero else sp.Dummy("known", positive=True)
        minus = known.could_extract_minus_sign() and known.is_Mul
        after = expr.subs(-known, -symbol) if minus else expr.subs(known, symbol)
        expr = refuse_capture(expr, after, known.free_symbols)
    return expr


def is_continuous(
    expr: sp.Expr, variable: sp.Symbol, rewrite: Callable[[sp.Expr], sp.Expr] = lambda expr: expr
) -> bool:
    """Whether an expression is continuous for every declared value of a variable; False means "not seen to be".

    Parameters
    ----------
    expr : sympy.Expr
        The expression.
    variable : sympy.Symbol
        The variable.
    rewrite : callable
        Brings an expression into a form in which SymPy sees its sign.

    Returns
    -------
    bool

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> is_continuous(sp.atan(1 / (1 + x)), x), is_continuous(sp.atan(1 / (1 - x)), x)
    (True, False)
    """
    if expr == variable or not expr.has(variable):
        return True
    if not all(is_continuous(arg, variable, rewrite) for arg in expr.args):
        return False
    if isinstance(expr, sp.Pow) and expr.base != sp.E:
        base, exponent = expr.args
        if exponent.is_integer and not exponent.has(variable):
            return bool(exponent.is_nonnegative or _sign(base, rewrite))
        if exponent.is_positive and not exponent.has(variable):
            return base.is_nonnegative is True or _sign(base, rewrite) == 1
        return _sign(base, rewrite) == 1
    if isinstance(expr, sp.log):
        return _sign(expr.args[0], rewrite) == 1
    if isinstance(expr, sp.asin):
        return _sign(1 - expr.args[0] ** 2, rewrite) == 1
    return isinstance(expr, sp.Add | sp.Mul | sp.Pow | sp.exp | sp.erf | sp.sin | sp.cos | sp.tanh | sp.atan | sp.Abs)


def _sign(expr: sp.Expr, rewrite: Callable[[sp.Expr], sp.Expr]) -> int:
    for transform in (lambda e: e, rewrite, lambda e: rewrite(sp.factor(sp.cancel(sp.together(e))))):
        form = transform(expr)
        if form.is_positive or form.is_negative:
            return 1 if form.is_positive else -1
    return 0


def is_regular(expr: sp.Expr, place: Mapping[sp.Symbol, sp.Expr]) -> bool:
    """Whether an elementary expression is analytic at a place: nothing divides by 0 or takes log or a root of 0.

    Parameters
    ----------
    expr : sympy.Expr
        The expression.
    place : mapping of sympy.Symbol to sympy.Expr
        The variables with their values, all finite.

    Returns
    -------
    bool

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> is_regular(sp.log(1 - x), {x: sp.S.Zero}), is_regular(sp.log(x), {x: sp.S.Zero})
    (True, False)
    """
    if not all(point.is_finite for point in place.values()):
        return False
    for node in sp.preorder_traversal(expr):
        if not node.has(*place):
            continue
        if isinstance(node, sp.Pow) and not (node.exp.is_integer and node.exp.is_nonnegative):
            base = node.base.subs(place)
            if not (base.is_nonzero if node.exp.is_integer else base.is_positive):
                return False
        elif isinstance(node, sp.log):
            if not node.args[0].subs(place).is_positive:
                return False
        elif not isinstance(node, _ANALYTIC):
            return False
    return True


_ANALYTIC = (
    sp.Add,
    sp.Mul,
    sp.Pow,
    sp.exp,
    sp.Symbol,
    sp.erf,
    sp.sin,
    sp.cos,
    sp.tanh,
    sp.core.function.AppliedUndef,
)
