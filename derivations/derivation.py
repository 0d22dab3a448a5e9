"""A law about weight decay: what it assumes, how it follows, and what can be computed from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field, replace
from functools import cached_property
from typing import Any

import sympy as sp
from mpmath import mp
from sympy.core.function import UndefinedFunction

from derivations import established, references
from derivations.errors import DerivationError, ProofError, UnknownNameError, nearest
from derivations.formula import Formula
from derivations.formulas import Formulas
from derivations.output import javascript, rendering, views
from derivations.prover import falsify
from derivations.prover.approximation import confined
from derivations.prover.contents import mentioned
from derivations.prover.definitions import Definitions, read
from derivations.prover.facts import Facts, arbitrary
from derivations.prover.measured import MeasuredError, NumbersOnly
from derivations.prover.proof import CHECKED, PROVED, Context
from derivations.prover.report import Report
from derivations.prover.sampling import draw
from derivations.scope import Scope
from derivations.step import Assumption, Step
from derivations.without_decay import WithoutDecay

DRAWS = 6


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
    scope : Scope
        Update rules, gradients and sampling that its formulas are for.
    scopes : mapping of str to Scope
        Those of single formulas, by name, where they differ.
    without_decay : mapping of str to WithoutDecay
        What single formulas say at lmbda = 0, by name, where their expression has no value there.

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
    scope: Scope = field(default_factory=Scope)
    scopes: InitVar[Mapping[str, Scope] | None] = None
    without_decay: InitVar[Mapping[str, WithoutDecay] | None] = None

    def __post_init__(
        self, scopes: Mapping[str, Scope] | None, without_decay: Mapping[str, WithoutDecay] | None
    ) -> None:
        """Refuse two steps of one name, whose verdicts would hide each other; tell each formula its scope."""
        seen: set[str] = set()
        for step in self.steps:
            if step.name in seen:
                raise DerivationError(self.name, step.name, "another step has this name")
            seen.add(step.name)
        scopes, without_decay = scopes or {}, without_decay or {}
        unknown = {*scopes, *without_decay} - set(self.formulas)
        if unknown:
            raise UnknownNameError(f"{self.name} has no formula {', '.join(sorted(unknown))}")
        told = {
            name: replace(
                formula,
                scope=scopes.get(name, formula.scope or self.scope),
                without_decay=without_decay.get(name, formula.without_decay),
            )
            for name, formula in self._with_boxes().items()
        }
        object.__setattr__(self, "formulas", Formulas(self.name, told))

    def _with_boxes(self) -> Mapping[str, Formula]:
        """Return the formulas, every approximation among them confined to the box in which its error was measured."""
        measured = {step.name: step.proof for step in self.steps if isinstance(step.proof, MeasuredError)}
        due = {
            name: step
            for name, formula in self.formulas.items()
            if (step := formula.box or formula.step) in measured and formula.approximation is None
        }
        if not due:
            return self.formulas
        definitions = read(step.claim for step in self.steps if step.kind == "definition")
        boxed = {}
        for name, step in due.items():
            formula = self.formulas[name]
            symbols, validity, error = confined(formula.symbols, formula.validity, step, measured[step], definitions)
            boxed[name] = replace(formula, symbols=symbols, validity=validity, approximation=error)
        return {name: boxed.get(name, formula) for name, formula in self.formulas.items()}

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
        UnknownNameError
            A `KeyError`, if no step is called `only`.
        """
        chosen = list(self.steps) if only is None else [self.step(only)]
        for step in chosen:
            self._named(step.name, lambda step=step: self._falsify(step))
        verdicts = {step.name: self._named(step.name, lambda step=step: self._prove(step)) for step in chosen}
        if only is None:
            for formula in self.formulas.values():
                self.check_formula(formula)
        return Report(self.name, verdicts)

    def check_formula(self, formula: Formula) -> None:
        """Demand that a formula is what its step establishes: a whole side of the claim.

        Of a solution it must be the root, of a series the polynomial, of a limit, an approximation or a definition the
        right-hand side, of an inequality the side that no earlier step has established.

        Parameters
        ----------
        formula : Formula
            The formula, of this derivation or not.

        Raises
        ------
        DerivationError
            Naming the formula.
        """
        self._named(formula.name, lambda: self._match(formula))
        self._named(formula.name, lambda: self._match_at_zero(formula))

    def with_claim(self, name: str, claim: sp.Basic) -> Derivation:
        """Return a copy in which one step claims something else."""
        steps = tuple(replace(step, claim=claim) if step.name == name else step for step in self.steps)
        copy = replace(self, steps=steps)
        if self.step(name).kind != "definition" and mentioned(claim) <= self._facts.names:
            copy.__dict__["_facts"] = self._facts  # the same definitions and assumptions, so the same draws
        return copy

    def step(self, name: str) -> Step:
        """Return a step by its name.

        Raises
        ------
        UnknownNameError
            A `KeyError`, naming the nearest step or all of them.
        """
        for step in self.steps:
            if step.name == name:
                return step
        raise UnknownNameError(f"{self.name} has no step {name!r}: {nearest(name, tuple(s.name for s in self.steps))}")

    def text(self, report: Report | None = None) -> str:
        """Return plain Unicode for a terminal."""
        return rendering.text(self, report)

    def markdown(self, report: Report | None = None) -> str:
        """Return Markdown with LaTeX formulas."""
        return rendering.markdown(self, report)

    def latex(self, report: Report | None = None) -> str:
        """Return a complete LaTeX document."""
        return rendering.latex(self, report)

    def javascript(self) -> str:
        """Return a JavaScript program with a function for each formula (see `Formula.javascript`)."""
        return javascript.program(self.formulas)

    def bibtex(self) -> str:
        """Return BibTeX: an entry for each work that the references name, with what they say of it and no more.

        A field that is not known is left out and named in the entry's note; a reference that names no published work is
        a comment.

        Returns
        -------
        str
            "" if no reference names a published work.

        Examples
        --------
        >>> from derivations import derive
        >>> print(derive("low_rank_memory").bibtex())
        @misc{galanti2022,
          author = {T. Galanti and Z. Siegel and A. Gupte and T. Poggio},
          year = {2022},
          eprint = {2206.05794},
          archiveprefix = {arXiv},
          note = {title not recorded here; year of the first version, from the arXiv number}
        }
        """
        return references.bibtex(self.references)

    def __repr__(self) -> str:
        """Return the statement, the formulas, and how to prove and to read the derivation."""
        return views.derivation_text(self)

    def _repr_html_(self) -> str:
        return views.derivation_html(self)

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

    @cached_property
    def _facts(self) -> Facts:
        definitions = Definitions()
        claims: list[sp.Basic] = []
        for step in self.steps:
            if step.kind == "definition":
                claims.append(step.claim)
                definitions = self._named(step.name, lambda: read(claims))
        steps = {step.name for step in self.steps}
        for assumption in self.assumptions:
            if set(assumption.steps) - steps:
                raise DerivationError(self.name, assumption.sentence, "names a step that does not exist")
        relations = [a.relation for a in self.assumptions if a.relation != sp.true]
        everything = [*(step.claim for step in self.steps), *relations, *definitions.explicit.values()]
        free = set().union(*(claim.free_symbols for claim in everything))
        bases = sorted({i.base for claim in everything for i in claim.atoms(sp.Indexed)}, key=str)
        labels = {b.label for b in bases}
        drawn = sorted(
            (
                s
                for s in free - labels - set(definitions.explicit)
                if isinstance(s, sp.Symbol) and not isinstance(s, sp.Idx)
            ),
            key=str,
        )
        names = {*labels}.union(*map(mentioned, everything))
        smooth = {f: arbitrary(str(f)) for f in names - definitions.introduced if isinstance(f, UndefinedFunction)}
        return Facts(definitions, tuple(drawn), tuple(bases), smooth, names)

    @cached_property
    def _sides(self) -> dict[str, tuple[list[sp.Expr], list[sp.Expr]]]:
        """What a formula may be, by step, as it stands and expanded: many formulas may be compared with one."""
        return {}

    def _context(self, step: Step) -> Context:
        facts, relations = self._facts, self._relations(step)
        if relations not in facts.envs:
            with mp.workdps(falsify.DIGITS):
                facts.envs[relations] = draw(
                    facts.drawn, facts.bases, relations, facts.definitions, self.ranges, DRAWS, facts.arbitrary
                )
        known = self._known(step)
        under = {name: self._relations(self.step(name)) for name in known}
        return Context(facts.definitions, relations, known, facts.envs[relations], under)

    def _relations(self, step: Step) -> tuple[sp.Basic, ...]:
        found = self._facts.relations.get(step.name)
        if found is None:
            held = [a for a in self.assumptions if not a.steps] + self._scope(step)
            found = self._facts.relations[step.name] = tuple(a.relation for a in held if a.relation != sp.true)
        return found

    def _scope(self, step: Step) -> list[Assumption]:
        return [a for a in self.assumptions if step.name in a.steps]

    def _known(self, step: Step) -> dict[str, sp.Basic]:
        """Return the claims that a step says it uses, if it may."""
        sources = () if step.proof is None else step.proof.sources
        before = {s.name: s for s in self.steps[: self.steps.index(step)]}
        for name in sources:
            if name not in before:
                raise ProofError(f"uses {name!r}, which is no earlier step")
            if before[name].kind == "approximation":
                raise ProofError(f"uses {name!r}, which is an approximation")
            for assumption in self._scope(before[name]):
                if step.name not in assumption.steps:
                    raise ProofError(f"uses {name!r} without its assumption: {assumption.sentence}")
        mentions = () if step.proof is None else step.proof.mentions
        return {name: before[name].claim for name in (*sources, *mentions) if name in before}

    def _only_checked(self, step: Step) -> bool:
        """Whether a step, or one it uses, has no proof."""
        if step.proof is None:
            return False
        return isinstance(step.proof, NumbersOnly) or any(
            self._only_checked(self.step(name)) for name in step.proof.sources
        )

    def _falsify(self, step: Step) -> None:
        context = self._context(step)
        if step.kind == "definition":
            used = [s.claim for s in self.steps[: self.steps.index(step)]]
            heads = read([step.claim]).introduced
            if any(claim.has(head) for claim in used for head in heads):
                raise ProofError("a definition must introduce a symbol not used before")
        with mp.workdps(falsify.digits(step.claim, context.definitions)):
            step.falsify(context)

    def _prove(self, step: Step) -> str:
        verdict = step.prove(self._context(step))
        return CHECKED if verdict == PROVED and self._only_checked(step) else verdict

    def _match(self, formula: Formula) -> None:
        steps = [step for step in self.steps if step.name == formula.step]
        if not steps:
            raise ProofError(f"is said to follow from {formula.step!r}, which is no step")
        (step,) = steps
        context = self._context(step)
        if step.name not in self._sides:
            sides = self._established(step)
            self._sides[step.name] = sides, [context.definitions.expand(side) for side in sides]
        established.demand_side(formula, *self._sides[step.name], context)

    def _match_at_zero(self, formula: Formula) -> None:
        declared = formula.without_decay
        context = self._context(self.step(formula.step))
        sides: list[sp.Expr] = []
        if declared is not None and declared.step:
            expand = context.definitions.expand
            there = self._established(self.step(declared.step))
            sides = [
                declared.value for side in there if established.equal(expand(side), expand(declared.value), context)
            ]
        established.demand_at_zero(formula, sides, context.envs[:3])

    def _established(self, step: Step) -> list[sp.Expr]:
        """Return the sides of a claim that a formula may be."""
        return established.sides(step, self.steps[: self.steps.index(step)])
