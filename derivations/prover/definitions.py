"""Read the definitions of a derivation: what each new symbol or function stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp
from mpmath import mp
from sympy.core.function import AppliedUndef

from derivations.errors import ProofError
from derivations.prover.binders import BINDERS, bound
from derivations.prover.evaluate import Environment, evaluate


@dataclass(frozen=True)
class Evolution:
    """A function given by where it starts and how it goes on, in steps or continuously.

    Parameters
    ----------
    variable : sympy.Symbol
        The step k or the time t.
    start : sympy.Expr
        Its value at 0.
    rule : sympy.Expr
        f(k+1), or the derivative f'(t), in terms of f(k) or f(t).
    continuous : bool
        Whether `rule` is the derivative.
    """

    variable: sp.Symbol
    start: sp.Expr
    rule: sp.Expr
    continuous: bool


@dataclass(frozen=True)
class Definitions:
    """All definitions made so far.

    Parameters
    ----------
    explicit : dict
        Symbol to expression.
    functions : dict
        Undefined function to `sympy.Lambda`.
    evolutions : dict
        Undefined function to `Evolution`.
    stated : dict
        The same function to the equations as they stand, for a falsification that shares nothing with their reading.

    Examples
    --------
    >>> from derivations.symbols import symbols
    >>> epsilon, eta, lmbda, n = symbols("epsilon eta lmbda n")
    >>> read([sp.Eq(epsilon, eta * lmbda / n)]).expand(1 - epsilon)
    -eta*lmbda/n + 1
    """

    explicit: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)
    functions: dict[Any, sp.Lambda] = field(default_factory=dict)
    evolutions: dict[Any, Evolution] = field(default_factory=dict)
    stated: dict[Any, tuple[sp.Eq, ...]] = field(default_factory=dict)

    @property
    def introduced(self) -> set[Any]:
        """Every symbol and function defined."""
        return {*self.explicit, *self.functions, *self.evolutions}

    @property
    def variables(self) -> set[sp.Symbol]:
        """The variables of all functions."""
        arguments = {v for body in self.functions.values() for v in body.variables}
        return arguments | {evolution.variable for evolution in self.evolutions.values()}

    def expand(self, expr: sp.Basic) -> sp.Basic:
        """Replace defined symbols and functions until none is left."""
        for _ in range(len(self.explicit) + len(self.functions) + 1):
            before, present = expr, _names(expr)
            expr = expr.subs({s: e for s, e in self.explicit.items() if s in present})
            for function, body in self.functions.items():
                if function in present:
                    expr = put(expr, function, body)
            if expr == before:
                break
        return expr

    def expand_moving(self, expr: sp.Basic, variable: sp.Symbol) -> sp.Basic:
        """Replace defined functions and the defined symbols that change when a variable does; not the variable itself.

        Examples
        --------
        >>> x, d, e = sp.symbols("x d e")
        >>> read([sp.Eq(d, x**2), sp.Eq(e, 7)]).expand_moving(d + e + x, x)
        e + x**2 + x
        """
        kept = {s: e for s, e in self.explicit.items() if s != variable}
        others = replace(self, explicit=kept)
        moving = {s: e for s, e in kept.items() if others.expand(e).has(variable)}
        return replace(self, explicit=moving).expand(expr)

    def behind(self, expr: sp.Basic) -> set[sp.Basic]:
        """Return the symbols in what the defined symbols and functions of an expression stand for."""
        found: set[sp.Basic] = set()
        for name in _names(expr):
            if name in self.explicit:
                found |= {name} | self.expand(self.explicit[name]).free_symbols
            elif name in self.functions:
                body = self.functions[name]
                found |= self.expand(body.expr).free_symbols - set(body.variables)
        return found

    def environment(self, values: dict[Any, Any], vectors: dict[Any, list[Any]]) -> Environment:
        """Return the numeric environment at one draw."""
        functions: dict[Any, Any] = {f: _call(body) for f, body in self.functions.items()}
        functions |= {f: _iterate(f, e) for f, e in self.evolutions.items() if not e.continuous}
        return Environment(values, vectors, self.explicit, functions, expand=self.expand)


def put(expr: sp.Basic, function: Any, body: sp.Lambda) -> sp.Basic:
    """Put the body of a function in its place, unless the body binds a symbol of the argument.

    Examples
    --------
    >>> f, a, z = sp.Function("f"), *sp.symbols("a z")
    >>> put(f(3) + 1, f, sp.Lambda(a, a**2))
    10
    >>> put(f(z), f, sp.Lambda(a, sp.Integral(a * z, (z, 0, 1))))
    Traceback (most recent call last):
        ...
    derivations.errors.ProofError: f binds a symbol of the argument in f(z)
    """
    inside = set().union(*map(bound, body.expr.atoms(*BINDERS)))
    for applied in expr.atoms(function) if inside else ():
        if inside & applied.free_symbols:
            raise ProofError(f"{function} binds a symbol of the argument in {applied}")
    return expr.replace(function, body)


def read(claims: Iterable[sp.Basic]) -> Definitions:
    """Collect the claims of definition steps.

    Parameters
    ----------
    claims : iterable of sympy.Eq or sympy.And
        `Eq(symbol, expr)`, `Eq(f(x), expr)`, or for a recursion `And(Eq(f(0), start), Eq(f(k+1), rule))`
        and for a differential equation `And(Eq(f(0), start), Eq(Derivative(f(t), t), rule))`.

    Returns
    -------
    Definitions

    Raises
    ------
    ProofError
        If a claim is none of these, or defines a symbol twice or through itself.
    """
    known = Definitions()
    for claim in claims:
        head = _add(known, claim)
        if head in known.introduced:
            raise ProofError(f"{head} is defined twice")
        known = _merge(known, head, claim)
        taken = known.variables & set(known.explicit)
        if taken:
            raise ProofError(f"{min(taken, key=str)} is defined, and is the variable of a function")
    return known


def _names(expr: sp.Basic) -> set[Any]:
    """Return every symbol and function in an expression, in one go through it."""
    found = expr.atoms(sp.Symbol, AppliedUndef)
    return {node.func if isinstance(node, AppliedUndef) else node for node in found}


def _add(known: Definitions, claim: sp.Basic) -> Any:
    if isinstance(claim, sp.And):
        heads = {f.func for arg in claim.args if isinstance(arg, sp.Eq) for f in arg.lhs.atoms(AppliedUndef)}
        if len(heads) == 1:
            return heads.pop()
    elif isinstance(claim, sp.Eq) and isinstance(claim.lhs, sp.Symbol | AppliedUndef):
        head = claim.lhs if isinstance(claim.lhs, sp.Symbol) else claim.lhs.func
        if claim.rhs.has(head):
            raise ProofError(f"{head} is defined through itself")
        return head
    raise ProofError(f"not a definition: {claim}")


def _merge(known: Definitions, head: Any, claim: sp.Basic) -> Definitions:
    if isinstance(claim, sp.And):
        evolutions = {**known.evolutions, head: _evolution(head, claim)}
        return replace(known, evolutions=evolutions, stated={**known.stated, head: claim.args})
    if isinstance(head, sp.Symbol):
        return replace(known, explicit={**known.explicit, head: claim.rhs})
    body = sp.Lambda(claim.lhs.args, claim.rhs)
    return replace(known, functions={**known.functions, head: body})


def _evolution(head: Any, claim: sp.And) -> Evolution:
    """Read exactly one initial value f(0) and exactly one rule, for f(k+1) or for f'(t), in terms of f(k) or f(t)."""
    starts = [a for a in claim.args if isinstance(a, sp.Eq) and a.lhs == head(0)]
    rules = [a for a in claim.args if isinstance(a, sp.Eq) and a.lhs != head(0)]
    if len(claim.args) != 2 or len(starts) != 1 or len(rules) != 1:
        raise ProofError(f"{head} needs exactly one initial value and one rule")
    (start,), (rule,) = starts, rules
    if isinstance(rule.lhs, sp.Derivative):
        evolution = Evolution(_time(head, rule.lhs), start.rhs, rule.rhs, True)
    else:
        evolution = Evolution(_counter(head, rule.lhs), start.rhs, rule.rhs, False)
    variable = evolution.variable
    if start.rhs.has(head) or start.rhs.has(variable):
        raise ProofError(f"the initial value of {head} must be a constant")
    if rule.rhs.atoms(head) - {head(variable)} or rule.rhs.has(sp.Derivative):
        raise ProofError(f"the rule of {head} may use {head}({variable}) only")
    return evolution


def _time(head: Any, slope: sp.Derivative) -> sp.Symbol:
    (variable, order), *more = slope.variable_count
    if more or order != 1 or slope.expr != head(variable):
        raise ProofError(f"the rule of {head} must give its first derivative")
    if not (isinstance(variable, sp.Symbol) and variable.is_nonnegative):
        raise ProofError(f"{variable} must be a non-negative symbol")
    return variable


def _counter(head: Any, successor: sp.Expr) -> sp.Symbol:
    (argument, *_) = successor.args or (sp.S.Zero,)
    for variable in argument.free_symbols:
        if successor == head(variable + 1) and variable.is_integer and variable.is_nonnegative:
            return variable
    raise ProofError(f"the rule must be for {head}(k+1), k a non-negative integer symbol, not for {successor}")


def _call(body: sp.Lambda) -> Any:
    def value(*args: Any) -> Any:
        *numbers, env = args
        for variable, value in zip(body.variables, numbers, strict=True):
            env = env.at(variable, value)
        return evaluate(body.expr, env)

    return value


def _iterate(head: Any, evolution: Evolution) -> Any:
    previous = sp.Dummy("previous")
    rule = evolution.rule.subs(head(evolution.variable), previous)

    def call(step: Any, env: Environment) -> Any:
        value = evaluate(evolution.start, env)
        for k in range(int(mp.nint(step))):
            value = evaluate(rule, env.at(evolution.variable, mp.mpf(k)).at(previous, value))
        return value

    return call
