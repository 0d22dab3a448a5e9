"""A law about weight decay: what it assumes, how it follows, and what can be computed from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp
from mpmath import mp
from sympy.core.function import AppliedUndef

from derivations import falsify, rendering
from derivations.definitions import Definitions, read
from derivations.errors import DerivationError, ProofError
from derivations.formula import Formula
from derivations.numeric import Environment
from derivations.proofs.base import Context, is_zero
from derivations.sampling import draw
from derivations.step import Assumption, Step

DRAWS = 6


@dataclass(frozen=True)
class Report:
    """What `Derivation.check` found.

    Parameters
    ----------
    derivation : str
        Name of the derivation.
    verdicts : dict
        Verdict of each step, in order.
    """

    derivation: str
    verdicts: dict[str, str]

    def text(self) -> str:
        """Return one line a step."""
        return "\n".join(f"{name}: {verdict}" for name, verdict in self.verdicts.items())


@dataclass(frozen=True)
class Derivation:
    """A law, derived step by step.

    Parameters
    ----------
    name : str
        Name under which `derive` finds it.
    statement : str
        The law in words.
    assumptions : tuple of Assumption
        What is assumed.
    steps : tuple of Step
        The steps, in order.
    formulas : mapping of str to Formula
        Its results.
    validity : tuple of Assumption
        Conditions under which the result may be used.
    references : tuple of str
        Sources, each with how it is known.
    ranges : mapping
        Ranges of the numbers drawn to falsify, where the usual ones do not fit.

    Examples
    --------
    >>> from derivations import derive
    >>> derive("epoch_decay").check().verdicts["limit"]
    'proved'
    """

    name: str
    statement: str
    assumptions: tuple[Assumption, ...]
    steps: tuple[Step, ...]
    formulas: Mapping[str, Formula]
    validity: tuple[Assumption, ...] = ()
    references: tuple[str, ...] = ()
    ranges: Mapping[sp.Symbol, tuple[float, float]] = field(default_factory=dict)

    def check(self, only: str | None = None) -> Report:
        """Try to falsify every step, then prove every step.

        Parameters
        ----------
        only : str or None
            Name of a single step to check, given the others.

        Returns
        -------
        Report

        Raises
        ------
        DerivationError
            Naming the step that is false or not proved.
        """
        context = self._context()
        chosen = [step for step in self.steps if only in (None, step.name)]
        if not chosen:
            raise KeyError(f"{self.name} has no step {only!r}")
        for step in chosen:
            self._named(step.name, lambda step=step: self._falsify(step, context))
        verdicts = {}
        for step in chosen:
            known = replace(context, earlier=self._before(step))
            verdicts[step.name] = self._named(step.name, lambda step=step, known=known: step.prove(known))
        if only is None:
            for formula in self.formulas.values():
                self._named(formula.name, lambda formula=formula: self._match(formula, context))
        return Report(self.name, verdicts)

    def with_claim(self, name: str, claim: sp.Basic) -> Derivation:
        """Return a copy in which one step claims something else."""
        steps = tuple(replace(step, claim=claim) if step.name == name else step for step in self.steps)
        return replace(self, steps=steps)

    def step(self, name: str) -> Step:
        """Return a step by its name."""
        return next(step for step in self.steps if step.name == name)

    def text(self, report: Report | None = None) -> str:
        """Return plain Unicode for a terminal."""
        return rendering.text(self, report)

    def markdown(self, report: Report | None = None) -> str:
        """Return Markdown with LaTeX formulas."""
        return rendering.markdown(self, report)

    def latex(self, report: Report | None = None) -> str:
        """Return a complete LaTeX document."""
        return rendering.latex(self, report)

    def _repr_latex_(self) -> str:
        return rendering.fragment(self)

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _named(self, name: str, action: Callable[[], Any]) -> Any:
        try:
            with mp.workdps(falsify.DIGITS):
                return action()
        except ProofError as error:
            raise DerivationError(self.name, name, str(error)) from error

    def _before(self, step: Step) -> dict[str, sp.Basic]:
        return {s.name: s.claim for s in self.steps[: self.steps.index(step)]}

    def _falsify(self, step: Step, context: Context) -> None:
        if step.kind == "definition":
            used = [s.claim for s in self.steps[: self.steps.index(step)]]
            heads = read([step.claim]).introduced
            if any(claim.has(head) for claim in used for head in heads):
                raise ProofError("a definition must introduce a symbol not used before")
        with mp.workdps(falsify.digits(step.claim, context.definitions)):
            step.falsify(context)

    def _context(self) -> Context:
        definitions = Definitions()
        claims: list[sp.Basic] = []
        for step in self.steps:
            if step.kind == "definition":
                claims.append(step.claim)
                definitions = self._named(step.name, lambda: read(claims))
        relations = tuple(a.relation for a in self.assumptions if a.relation != sp.true)
        return Context(definitions, relations, {}, self._draws(definitions, relations))

    def _draws(self, definitions: Definitions, relations: tuple[sp.Basic, ...]) -> tuple[Environment, ...]:
        everything = [*(step.claim for step in self.steps), *relations, *definitions.explicit.values()]
        free = set().union(*(claim.free_symbols for claim in everything))
        indexed = {i for claim in everything for i in claim.atoms(sp.Indexed)}
        bases = sorted({i.base for i in indexed}, key=str)
        drawn = sorted(
            (
                s
                for s in free
                if isinstance(s, sp.Symbol)
                and not isinstance(s, sp.Idx)
                and s not in definitions.explicit
                and s not in {b.label for b in bases}
            ),
            key=str,
        )
        used = {a.func for claim in everything for a in claim.atoms(AppliedUndef)}
        arbitrary = {f: _arbitrary(str(f)) for f in used - definitions.introduced}
        with mp.workdps(falsify.DIGITS):
            envs = draw(drawn, bases, relations, definitions, self.ranges, DRAWS)
        return tuple(replace(env, functions={**env.functions, **arbitrary}) for env in envs)

    def _match(self, formula: Formula, context: Context) -> None:
        """Demand that a formula stands in the claim that establishes it, as one side or inside one."""
        claims = [step.claim for step in self.steps if step.name == formula.step]
        if not claims:
            raise ProofError(f"is said to follow from {formula.step!r}, which is no step")
        expand = context.definitions.expand
        wanted = expand(formula.expr)
        relations = claims[0].args if isinstance(claims[0], sp.And | sp.Equivalent) else claims
        sides = [expand(side.removeO()) for relation in relations for side in relation.args]
        if not any(side.has(wanted) or _equal(side, wanted, context) for side in sides):
            raise ProofError(f"does not stand in step {formula.step!r}")


def _equal(left: sp.Expr, right: sp.Expr, context: Context) -> bool:
    try:
        return abs(falsify.number(left - right, context.envs[0])) < mp.mpf("1e-20") and is_zero(left - right)
    except ProofError:
        return False


def _arbitrary(name: str) -> Callable[..., Any]:
    """Return a smooth function with nothing special about it, the same one for the same name."""
    seed = sum(ord(letter) for letter in name) % 7 + 1

    def call(*args: Any) -> Any:
        *numbers, _ = args
        total = mp.mpf(seed) / 3
        for k, value in enumerate(numbers, start=1):
            total += value * (k + seed) / 5 + value**2 * (2 * k + 1) / 7 + mp.sin(value * k / (seed + 1))
        return total + mp.cos(mp.fsum(numbers) / seed)

    return call
