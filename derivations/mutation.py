"""Corrupt the claim of a step: a derivation whose check survives this proves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy.core.function import AppliedUndef

from derivations.derivation import Derivation
from derivations.step import Step

PER_KIND = 2
Path = tuple[int, ...]


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


def mutants(derivation: Derivation) -> Iterator[Mutant]:
    """Yield corruptions of every step that is not a definition, at most `PER_KIND` of a kind a step.

    Parameters
    ----------
    derivation : Derivation
        The derivation.

    Yields
    ------
    Mutant

    Examples
    --------
    >>> from derivations import derive
    >>> len({mutant.kind for mutant in mutants(derive("epoch_decay"))})
    5
    """
    known = sorted(
        {
            s
            for step in derivation.steps
            for s in step.claim.free_symbols
            if isinstance(s, sp.Symbol)
            and not isinstance(s, sp.Idx)
            and not any(str(b.label) == s.name for b in step.claim.atoms(sp.IndexedBase))
        },
        key=str,
    )
    for step in derivation.steps:
        if step.kind != "definition":
            yield from _of_step(step, known)


def _of_step(step: Step, known: Sequence[sp.Symbol]) -> Iterator[Mutant]:
    places = list(_places(step.claim, ()))
    for kind, corrupt in _CORRUPTIONS.items():
        seen: list[sp.Basic] = []
        for path, node in places:
            for changed in corrupt(path, node, known):
                claim = _replace(step.claim, path, changed)
                if claim != step.claim and claim != sp.true and claim not in seen:
                    seen.append(claim)
        for claim in seen if len(seen) <= PER_KIND else [seen[0], seen[-1]]:
            yield Mutant(step.name, kind, claim)


def _places(node: sp.Basic, path: Path) -> Iterator[tuple[Path, sp.Basic]]:
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


def _sign(path: Path, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Add):
        for term in node.args:
            if not term.has(sp.Order):
                yield node - 2 * term
    elif len(path) == 1 and not node.has(sp.Order):
        yield -node


def _coefficient(path: Path, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Add):
        for term in node.args:
            if not term.has(sp.Order):
                yield node + term
    elif len(path) == 1:
        yield 2 * node


def _exponent(path: Path, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Pow) and node.base != sp.E:
        yield node.base ** (node.exp + 1) if node.exp != -1 else node.base**-2
    elif isinstance(node, sp.Symbol):
        yield node**2


def _dropped(path: Path, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Add):
        for term in node.args:
            if not term.has(sp.Order):
                yield node - term


def _wrong(path: Path, node: sp.Basic, known: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    if isinstance(node, sp.Symbol):
        others = [s for s in known if s != node]
        if others:
            yield others[len(str(node)) * 7 % len(others)]


_CORRUPTIONS = {
    "sign": _sign,
    "coefficient": _coefficient,
    "exponent": _exponent,
    "dropped term": _dropped,
    "wrong symbol": _wrong,
}
