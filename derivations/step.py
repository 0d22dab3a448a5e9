"""One step of a derivation: a claim, why it holds, and the proof it carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp
from mpmath import mp
from sympy.core.function import AppliedUndef

from derivations.errors import ProofError
from derivations.kinds import KINDS, ONE_SIDED, kind_of
from derivations.output import printing, views
from derivations.output.rendering import claim_latex, measured_error
from derivations.prover import falsify
from derivations.prover.binders import well_formed
from derivations.prover.definitions import read
from derivations.prover.measured import MeasuredError, NumbersOnly
from derivations.prover.proof import Context, Proof
from derivations.prover.rules.algebra import Root
from derivations.prover.rules.evolution import SolvesEquation


def equation(left: sp.Expr, right: sp.Expr) -> sp.Eq:
    """Return `left = right` as it stands, without SymPy deciding it.

    Examples
    --------
    >>> equation(sp.Integer(1), sp.Integer(1))
    Eq(1, 1)
    """
    return sp.Eq(left, right, evaluate=False)


def solved(equation_: sp.Eq, unknown: sp.Symbol, value: sp.Expr) -> sp.Equivalent:
    """Return the claim that an equation holds exactly where the unknown has the value.

    Examples
    --------
    >>> x, a = sp.symbols("x a", positive=True)
    >>> solved(equation(2 * x, a), x, a / 2)
    Equivalent(Eq(x, a/2), Eq(2*x, a))
    """
    return sp.Equivalent(equation_, equation(unknown, value))


@dataclass(frozen=True)
class Assumption:
    """A condition under which everything that follows is derived.

    Parameters
    ----------
    sentence : str
        The condition in words.
    relation : sympy.Rel
        The condition as a SymPy fact; draws for falsification satisfy it. An equality must have a symbol or a
        component of a vector on its left.
    steps : tuple of str
        Names of the steps it is needed for; empty: all. What uses such a step must be among them.
    """

    sentence: str
    relation: sp.Basic = sp.true
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Step:
    """One typed step; a prompt and a notebook show its claim, its kind and how it is known.

    Parameters
    ----------
    name : str
        Short name, unique in the derivation.
    claim : sympy.Basic
        One relation; limits, integrals, sums and O(...) stand unevaluated in it.
    reason : str
        Why it holds, for a reader.
    proof : Proof or None
        The proof obligation; None for a definition only.
    kind : str
        One of `KINDS`; empty: what follows from claim and proof (`kind_of`). A copy with another claim keeps its kind.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> Step("s", equation(x, sp.Integer(2)), "").kind
    'definition'
    """

    name: str
    claim: sp.Basic
    reason: str
    proof: Proof | None = None
    kind: str = ""

    def __post_init__(self) -> None:
        """Find the kind where none is written; refuse a kind that says more, or less, than the proof."""
        if not self.kind:
            object.__setattr__(self, "kind", kind_of(self.claim, self.proof))
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: unknown kind {self.kind!r}, one of {', '.join(KINDS)}")
        if (self.proof is None) != (self.kind == "definition"):
            raise ValueError(f"{self.name}: exactly the definitions go without a proof")
        if isinstance(self.proof, MeasuredError) != (self.kind == "approximation"):
            raise ValueError(f"{self.name}: an approximation carries a measured error, and nothing else does")

    @property
    def principle(self) -> str:
        """What its proof asks to be accepted besides the core's rules, in a sentence; empty for most."""
        return "" if self.proof is None else self.proof.principle

    @property
    def known(self) -> str:
        """How it is known, in words; that the proof goes through is what `Derivation.check` finds.

        Examples
        --------
        >>> from derivations import derive
        >>> derive("epoch_decay").step("solution").known
        'proof: Base and step: the closed form starts right and obeys the recursion'
        """
        if self.proof is None:
            return "by definition"
        if isinstance(self.proof, MeasuredError):
            return f"measured, not proved: {measured_error(self.proof.stated)}"
        if isinstance(self.proof, NumbersOnly):
            return "checked with numbers, not proved"
        words = (type(self.proof).__doc__ or type(self.proof).__name__).strip().splitlines()[0]
        return f"proof: {words.rstrip('.').replace('`', '')}"

    def side(self, which: str = "right") -> sp.Expr:
        """Return a side of the claim that a formula may be.

        Parameters
        ----------
        which : str
            "right": the root of a solution, the polynomial of a series, else the right-hand side. "left": the left-hand
            side of an equality or an inequality.

        Returns
        -------
        sympy.Expr

        Raises
        ------
        ValueError
            If the claim has no such side.

        Examples
        --------
        >>> x, a = sp.symbols("x a", positive=True)
        >>> Step("s", solved(equation(2 * x, a), x, a / 2), "", Root(x, sp.Integer(2))).side()
        a/2
        """
        if which == "right" and isinstance(self.proof, Root):
            return self.proof.split(self.claim)[1]
        if which == "right" and isinstance(self.claim, sp.Rel):
            return self.claim.rhs.removeO() if self.kind == "series" else self.claim.rhs
        if which == "left" and isinstance(self.claim, sp.Rel) and self.kind not in ONE_SIDED:
            return self.claim.lhs
        raise ValueError(f"side={which!r}: {self.kind} {self.name!r} has none that a formula may be")

    def falsify(self, context: Context) -> None:
        """Try to refute the claim with numbers.

        Parameters
        ----------
        context : Context
            Definitions and draws.

        Raises
        ------
        ProofError
            If a number contradicts the claim.
        """
        claim = self.claim
        if self.kind == "definition":
            _declared(claim, context)
            return
        if claim in (sp.true, sp.false):
            raise ProofError(f"the claim reduces to {claim}")
        if self.kind == "inequality":
            if not isinstance(claim, sp.Rel) or isinstance(claim, sp.Eq | sp.Ne):
                raise ProofError("an inequality is needed")
            falsify.inequality(claim, context.envs)
        elif isinstance(claim, sp.Eq) and claim.lhs == claim.rhs:
            raise ProofError("says nothing: both sides are the same expression")
        elif isinstance(self.proof, Root):
            pass
        elif not isinstance(claim, sp.Eq):
            raise ProofError("an equation is needed")
        elif self.kind == "limit":
            falsify.limit(claim, context.envs[:3])
        elif self.kind == "series":
            falsify.series(claim, context.envs[:3])
        elif self.kind in ("equality", "solution") and not isinstance(self.proof, SolvesEquation):
            falsify.equality(claim, context.envs)
        if self.proof is not None:
            self.proof.falsify(claim, context)

    def prove(self, context: Context) -> str:
        """Discharge the proof obligation.

        Parameters
        ----------
        context : Context
            Definitions, assumptions and earlier claims.

        Returns
        -------
        str
            The verdict.

        Raises
        ------
        ProofError
            If the proof does not go through.
        """
        well_formed(self.claim, context.definitions.behind(self.claim))
        return "definition" if self.proof is None else self.proof.prove(self.claim, context)

    def mathml(self) -> str:
        """Return the claim as presentation MathML, for a web page.

        Examples
        --------
        >>> x = sp.Symbol("x")
        >>> Step("s", equation(x, sp.Integer(2)), "").mathml().count("<mo>=</mo>")
        1
        """
        return printing.mathml(self.claim, approximate=self.kind == "approximation")

    def line(self) -> str:
        """Return the claim on one line of Unicode.

        Examples
        --------
        >>> x = sp.Symbol("x")
        >>> Step("s", equation(x, sp.Integer(2)), "").line()
        'x = 2'
        """
        if self.kind == "approximation":
            return f"{printing.line(self.claim.lhs)} ≈ {printing.line(self.claim.rhs)}"
        return printing.line(self.claim)

    def latex(self) -> str:
        r"""Return the claim as LaTeX.

        Examples
        --------
        >>> x = sp.Symbol("x")
        >>> Step("s", equation(x, sp.Integer(2)), "").latex()
        'x = 2'
        """
        return claim_latex(self.claim, self.kind)

    def __repr__(self) -> str:
        """Return name, kind, claim and how it is known, on one line."""
        return views.step_text(self)

    def _repr_html_(self) -> str:
        return views.step_html(self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def read_off(steps: Sequence[Step], name: str, side: str, symbols: tuple[sp.Symbol, ...]) -> sp.Expr:
    """Return the side of a step's claim that a formula of these symbols is.

    Where it has symbols or functions that the steps define and that are none of these, their definitions are put in.

    Parameters
    ----------
    steps : sequence of Step
        All steps of the derivation.
    name : str
        Name of the step.
    side : str
        "right", or "left" (see `Step.side`).
    symbols : tuple of sympy.Symbol
        The formula's arguments.

    Returns
    -------
    sympy.Expr

    Raises
    ------
    ValueError
        If there is no such step, or its claim has no such side.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> steps = (Step("y", equation(y, 2 * x), ""), Step("z", equation(sp.Symbol("z"), y**2), ""))
    >>> read_off(steps, "z", "right", (y,)), read_off(steps, "z", "right", (x,))
    (y**2, 4*x**2)
    """
    found = next((step for step in steps if step.name == name), None)
    if found is None:
        raise ValueError(f"step={name!r} is no step: use one of {', '.join(step.name for step in steps)}")
    expr = found.side(side)
    if expr.atoms(AppliedUndef) or not expr.free_symbols <= set(symbols):
        return read(step.claim for step in steps if step.kind == "definition").expand(expr)
    return expr


def _declared(claim: sp.Basic, context: Context) -> None:
    """Demand of a defined symbol, at every draw, what is declared of it: every proof relies on that."""
    if not (isinstance(claim, sp.Eq) and isinstance(claim.lhs, sp.Symbol)):
        return
    for env in context.envs:
        value = falsify.number(claim.rhs, env)
        if not falsify.admits(claim.lhs, value):
            raise ProofError(f"{claim.lhs} = {mp.nstr(value, 6)} at {falsify.show(env, claim)}, not as it is declared")
