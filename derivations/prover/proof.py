"""A proof obligation, and what it may use: definitions, assumptions, earlier claims, numbers drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import sympy as sp

from derivations.errors import ProofError
from derivations.prover.definitions import Definitions
from derivations.prover.evaluate import Environment

PROVED = "proved"
CHECKED = "checked, not proved"


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
    """A proof obligation: `prove` returns how the claim is known, or raises ProofError.

    Attributes
    ----------
    principle : str
        What a reader has to accept besides the core, in a sentence. Empty for a rule of `prover.rules`, and for what
        ends in one of them.
    """

    principle: ClassVar[str] = ""

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


def demand(condition: bool | None, what: str) -> None:
    """Raise ProofError unless the condition is known to be true."""
    if condition is not True:
        raise ProofError(what)


def demand_kind(claim: sp.Basic, *kinds: type) -> None:
    """Raise ProofError unless the claim is of one of the kinds this proof can prove."""
    if not isinstance(claim, kinds):
        raise ProofError(f"a claim of the form {kinds[0].__name__} is needed here, not {type(claim).__name__}")
