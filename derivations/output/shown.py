"""What outputs ask of a formula, a step and a derivation; so that nothing here imports what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import sympy as sp

from derivations.prover.approximation import Approximation
from derivations.scope import Scope
from derivations.without_decay import WithoutDecay


class ShownFormula(Protocol):
    """A named expression with its parameters; `derivations.Formula` is one."""

    @property
    def name(self) -> str:
        """Name by which it is called."""
        ...

    @property
    def expr(self) -> sp.Expr:
        """The one natural expression."""
        ...

    @property
    def symbols(self) -> tuple[sp.Symbol, ...]:
        """Its arguments, in the order of the signature."""
        ...

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments, in the same order."""
        ...

    @property
    def meaning(self) -> str:
        """One phrase saying what the number is."""
        ...

    @property
    def unit(self) -> str:
        """Unit of the number."""
        ...

    @property
    def validity(self) -> tuple[sp.Rel, ...]:
        """Conditions under which it may be used."""
        ...

    @property
    def scope(self) -> Scope | None:
        """What it is for."""
        ...

    @property
    def without_decay(self) -> WithoutDecay | None:
        """What it says at lmbda = 0, where its expression has no value there."""
        ...

    @property
    def approximation(self) -> Approximation | None:
        """Its measured error; None: it is exact."""
        ...

    @property
    def stable(self) -> sp.Expr:
        """The form that every numeric output evaluates."""
        ...

    @property
    def compiled_validity(self) -> tuple[tuple[sp.Rel, list[sp.Symbol], Callable[..., Any]], ...]:
        """Each condition with its symbols and a NumPy function of them."""
        ...

    def __call__(self, *unnamed: Any, **values: Any) -> Any:
        """Return the number."""
        ...

    def valid(self, **values: Any) -> bool:
        """Whether all conditions of use hold."""
        ...

    def violations(self, **values: Any) -> tuple[str, ...]:
        """Return the violated conditions."""
        ...

    def may_be_zero(self, names: frozenset[str]) -> bool:
        """Whether there is a value where the positive symbols of these names are 0."""
        ...

    def conditions(self) -> tuple[str, ...]:
        """Return the conditions of use as text."""
        ...

    def example(self) -> dict[str, float] | None:
        """Return numbers for which it holds."""
        ...

    def line(self) -> str:
        """Return the expression on one line of Unicode."""
        ...

    def mathml(self) -> str:
        """Return presentation MathML of the expression."""
        ...

    def latex(self) -> str:
        """Return LaTeX of the expression."""
        ...


class ShownAssumption(Protocol):
    """A condition in words; `derivations.Assumption` is one."""

    @property
    def sentence(self) -> str:
        """The condition."""
        ...


class ShownStep(Protocol):
    """One claim and why it holds; `derivations.Step` is one."""

    @property
    def name(self) -> str:
        """Short name."""
        ...

    @property
    def kind(self) -> str:
        """What kind of claim it is."""
        ...

    @property
    def claim(self) -> sp.Basic:
        """One relation."""
        ...

    @property
    def reason(self) -> str:
        """Why it holds, for a reader."""
        ...

    @property
    def principle(self) -> str:
        """What its proof asks to be accepted besides the core's rules."""
        ...

    @property
    def known(self) -> str:
        """How it is known, in words."""
        ...

    def mathml(self) -> str:
        """Return the claim as presentation MathML."""
        ...

    def line(self) -> str:
        """Return the claim on one line of Unicode."""
        ...


class ShownDerivation(Protocol):
    """A law with its steps and formulas; `derivations.Derivation` is one."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def statement(self) -> str:
        """The law in words."""
        ...

    @property
    def assumptions(self) -> Sequence[ShownAssumption]:
        """What is assumed."""
        ...

    @property
    def steps(self) -> Sequence[ShownStep]:
        """The steps, in order."""
        ...

    @property
    def formulas(self) -> Mapping[str, ShownFormula]:
        """Its results."""
        ...

    @property
    def validity(self) -> Sequence[ShownAssumption]:
        """Conditions under which the result may be used."""
        ...

    @property
    def references(self) -> Sequence[str]:
        """Sources."""
        ...

    @property
    def scope(self) -> Scope:
        """What its formulas are for."""
        ...
