"""Derivations as the report shows them: checked again, in MathML, in the words of the field."""

from typing import TYPE_CHECKING

from wd_jax.report.contents import Proof, ProofFormula, ProofStep

if TYPE_CHECKING:
    from derivations import Derivation, Formula, Report


def proof(derivation: "Derivation", checked: "Report") -> Proof:
    """Write a derivation for a page.

    Parameters
    ----------
    derivation : Derivation
        The law.
    checked : Report
        What its check found just now.

    Returns
    -------
    Proof

    Examples
    --------
    >>> import derivations
    >>> law = derivations.derive("epoch_decay")
    >>> proof(law, law.check()).steps[0].verdict
    'definition'
    """
    from derivations.output.rendering import measured_error, prose, why

    return Proof(
        name=derivation.name,
        statement=prose(derivation.statement),
        assumptions=tuple(prose(assumption.sentence) for assumption in derivation.assumptions),
        steps=tuple(
            ProofStep(
                name=step.name,
                kind=step.kind,
                verdict=measured_error(checked.verdicts[step.name])
                if step.kind == "approximation"
                else checked.verdicts[step.name],
                reason=prose(why(step)),
                text=step.line(),
                mathml=step.mathml(),
            )
            for step in derivation.steps
        ),
        formulas=tuple(_formula(formula) for formula in derivation.formulas.values()),
        validity=tuple(prose(assumption.sentence) for assumption in derivation.validity),
        references=derivation.references,
    )


def _formula(formula: "Formula") -> ProofFormula:
    from derivations.output.rendering import error_said

    return ProofFormula(
        name=formula.name,
        signature=f"{formula.name}({', '.join(formula.parameters)})",
        meaning=formula.meaning,
        unit="dimensionless" if formula.unit == "1" else formula.unit,
        conditions=formula.conditions(),
        error=error_said(formula),
        mathml=formula.mathml(),
    )
