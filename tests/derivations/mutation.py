"""Corrupt the claim of a step: a derivation whose check survives this proves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

import sympy as sp
from sympy.core.function import AppliedUndef

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.step import Step

Path = tuple[int, ...]
Place = tuple[Path, sp.Basic]
# Symbols put in place of each occurrence of another one.
OTHERS = 2


@dataclass(frozen=True)
class Mutant:
    """A corrupted claim.

    Parameters
    ----------
    step : str
        Name of the step.
    kind : str
        sign, coefficient, exponent, dropped term or wrong symbol.
    claim : sympy.Basic
        The corrupted claim.
    """

    step: str
    kind: str
    claim: sp.Basic

    @property
    def label(self) -> str:
        """A name for lists of survivors."""
        return f"{self.step}/{self.kind}: {self.claim}"


def mutants(derivation: Derivation, most: int | None = None) -> Iterator[Mutant]:
    """Yield every corruption of every step that is not a definition.

    Parameters
    ----------
    derivation : Derivation
        The derivation.
    most : int, optional
        Of each kind in each step, at places that are drawn with the step's name as the seed; all by default.

    Yields
    ------
    Mutant

    Examples
    --------
    >>> from derivations import derive
    >>> len({mutant.kind for mutant in mutants(derive("epoch_decay"))})
    5
    """
    known = _known(derivation)
    for step in derivation.steps:
        if step.kind != "definition":
            yield from _of_step(step, known, most)


def formula_mutants(derivation: Derivation, most: int | None = None) -> Iterator[tuple[str, Formula]]:
    """Yield every corruption of every formula, and every sub-expression in its place, with the kind of corruption.

    Parameters
    ----------
    derivation : Derivation
        The derivation.
    most : int, optional
        Of each kind in each formula, at places that are drawn with its name as the seed; all by default.

    Yields
    ------
    tuple of (str, Formula)

    Examples
    --------
    >>> from derivations import derive
    >>> any(kind == "sub-expression" for kind, _ in formula_mutants(derive("epoch_decay")))
    True
    """
    known = _known(derivation)
    for formula in derivation.formulas.values():
        inside = (node for node in sp.preorder_traversal(formula.expr) if isinstance(node, sp.Expr))
        parts = [("sub-expression", node) for node in dict.fromkeys(inside) if node != formula.expr]
        parts = _drawn(parts, most, formula.name)[:most]
        for kind, expr in (*_corrupt(formula.expr, known, ((),), most, formula.name), *parts):
            if expr != formula.expr:
                signature = tuple(dict.fromkeys((*formula.symbols, *known)))
                yield kind, replace(formula, expr=expr, symbols=signature)


def _known(derivation: Derivation) -> list[sp.Symbol]:
    free = {
        s
        for step in derivation.steps
        for s in step.claim.free_symbols
        if isinstance(s, sp.Symbol)
        and not isinstance(s, sp.Idx)
        and not any(str(b.label) == s.name for b in step.claim.atoms(sp.IndexedBase))
    }
    return sorted(free, key=str)


def _of_step(step: Step, known: Sequence[sp.Symbol], most: int | None) -> Iterator[Mutant]:
    tops = tuple((k,) for k in range(len(step.claim.args)))
    for kind, claim in _corrupt(step.claim, known, tops, most, step.name):
        yield Mutant(step.name, kind, claim)


def _corrupt(
    whole: sp.Basic, known: Sequence[sp.Symbol], tops: Sequence[Path], most: int | None, seed: str
) -> Iterator[tuple[str, sp.Basic]]:
    """Yield corruptions with their kind, each once; `tops` are the places of whole sides."""
    places = list(_places(whole, ()))
    for kind in _CORRUPTIONS:
        yield from islice(_of_kind(kind, whole, known, tops, _drawn(places, most, f"{seed}/{kind}")), most)


def _of_kind(
    kind: str, whole: sp.Basic, known: Sequence[sp.Symbol], tops: Sequence[Path], places: Sequence[Place]
) -> Iterator[tuple[str, sp.Basic]]:
    seen = {whole, sp.true}
    for path, node in places:
        for changed in _CORRUPTIONS[kind](path in tops, node, known):
            claim = _replace(whole, path, changed)
            if claim not in seen:
                seen.add(claim)
                yield kind, claim


def _drawn(places: list, most: int | None, seed: str) -> list:
    """Mix the places if only some of them are wanted, the same way each time."""
    return places if most is None else Random(seed).sample(places, len(places))


def _places(node: sp.Basic, path: Path) -> Iterator[Place]:
    """Yield every sub-expression that a corruption may change: not the variables and ranges of limits and sums."""
    if isinstance(node, sp.Order | sp.Indexed):
        return
    if isinstance(node, sp.Expr):
        yield path, node
    inside = (
        node.args[:1] if isinstance(node, sp.Limit | sp.Integral | sp.Sum | sp.Product | sp.Derivative) else node.args
    )
    if isinstance(node, sp.Subs | AppliedUndef):
        inside = node.args[:1] if isinstance(node, sp.Subs) else ()
    for k, arg in enumerate(inside):
        yield from _places(arg, (*path, k))


def _replace(node: sp.Basic, path: Path, new: sp.Basic) -> sp.Basic:
    if not path:
        return new
    args = list(node.args)
    args[path[0]] = _replace(args[path[0]], path[1:], new)
    return node.func(*args, evaluate=False) if isinstance(node, sp.Rel) else node.func(*args)


def _sign(top: bool, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Add):
        for term in node.args:
            if not term.has(sp.Order):
                yield node - 2 * term
    elif top and not node.has(sp.Order):
        yield -node


def _coefficient(top: bool, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Add):
        for term in node.args:
            if not term.has(sp.Order):
                yield node + term
    elif top:
        yield 2 * node


def _exponent(top: bool, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Pow) and node.base != sp.E:
        yield node.base ** (node.exp + 1) if node.exp != -1 else node.base**-2
    elif isinstance(node, sp.Symbol):
        yield node**2


def _dropped(top: bool, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Add):
        for term in node.args:
            if not term.has(sp.Order):
                yield node - term


def _wrong(top: bool, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Symbol):
        others = [s for s in known if s != node]
        if others:
            first = len(str(node)) * 7
            yield from (others[(first + k) % len(others)] for k in range(min(OTHERS, len(others))))


_CORRUPTIONS = {
    "sign": _sign,
    "coefficient": _coefficient,
    "exponent": _exponent,
    "dropped term": _dropped,
    "wrong symbol": _wrong,
}
