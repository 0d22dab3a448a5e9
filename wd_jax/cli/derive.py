"""``wd-jax derive``: list the derivations, print one, prove it again."""

import collections
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from wd_jax import siblings
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalName
from wd_jax.cli.parsing import nearest

if TYPE_CHECKING:
    from derivations import Derivation, Formula, Report


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Print a derivation step by step, each step checked again; without NAME, list the derivations."""

    name: OptionalName = ""
    """Which derivation."""
    format: Literal["text", "latex", "markdown", "json"] = "text"
    """How to write it."""
    check: bool = False
    """Try to falsify each step, then prove it; exit code 1 if a step fails. With NAME that is done anyway."""
    skip_check: bool = False
    """Print without proving anything: no step has a tick then."""

    def run(self) -> Output:
        """Look the derivation up, check it if asked, and write it."""
        siblings.check("derivations")
        import derivations

        known = derivations.names()
        if self.name and self.name not in known:
            raise UsageError(f"{self.name}: no such derivation: {nearest(self.name, known)}see `wd-jax derive`")
        if self.check and self.skip_check:
            raise UsageError("--check, --skip-check: one asks for what the other leaves out: give one of them")
        chosen = [derivations.derive(name) for name in ([self.name] if self.name else known)]
        wanted = self.check or (self.name and not self.skip_check)
        reports = [_checked(derivation) if wanted else None for derivation in chosen]
        if self.name:
            record, text = describe(chosen[0], reports[0]), _written(chosen[0], self.format, reports[0])
        else:
            listed = [_row(derivation, report) for derivation, report in zip(chosen, reports, strict=True)]
            record, text = {"derivations": listed}, _listing(listed)
        output = Output(text, record)
        return Output(output.to_json(), record) if self.format == "json" else output


def describe(derivation: "Derivation", report: "Report | None" = None) -> dict[str, Any]:
    """Reduce a derivation to what JSON can hold.

    Parameters
    ----------
    derivation : derivations.Derivation
        What to describe.
    report : derivations.Report, optional
        What its check found; its verdicts are then included.

    Returns
    -------
    dict
        Name, statement, assumptions, scope, steps, formulas, validity, references, and the text in three forms.
    """
    return {
        **_row(derivation, report),
        "assumptions": [item.sentence for item in derivation.assumptions],
        "scope": derivation.scope.record(),
        "steps": [
            {"name": step.name, "kind": step.kind, "reason": step.reason, "principle": step.principle}
            for step in derivation.steps
        ],
        "formulas": {name: _formula(formula) for name, formula in derivation.formulas.items()},
        "validity": [item.sentence for item in derivation.validity],
        "references": list(derivation.references),
        "text": derivation.text(report),
        "latex": derivation.latex(report),
        "markdown": derivation.markdown(report),
    }


def _formula(formula: "Formula") -> dict[str, Any]:
    """Describe a formula in every form; `javascript` is None where it is not elementary."""
    from derivations import PrintingError

    try:
        javascript = formula.javascript()
    except PrintingError:
        javascript = None
    return {
        "parameters": formula.parameters,
        "describe": formula.describe(),
        "meaning": formula.meaning,
        "unit": formula.unit,
        "validity": list(formula.conditions()),
        "approximation": None if formula.approximation is None else formula.approximation.record(),
        "scope": None if formula.scope is None else formula.scope.record(),
        "without_decay": formula.at_lmbda_0(),
        "line": formula.line(),
        "latex": formula.latex(),
        "mathml": formula.mathml(),
        "javascript": javascript,
    }


def _checked(derivation: "Derivation") -> "Report":
    """Check a derivation; a step that fails is the command's failure, in one line."""
    from derivations import DerivationError

    try:
        return derivation.check()
    except DerivationError as error:
        raise ValueError(f"{error}: mend the step or its certificate") from error


def _row(derivation: "Derivation", report: "Report | None") -> dict[str, Any]:
    """Give what the list says of a derivation."""
    row = {"name": derivation.name, "statement": derivation.statement}
    return row if report is None else row | {"verdicts": dict(report.verdicts)}


def _written(derivation: "Derivation", form: str, report: "Report | None") -> str:
    """Give the derivation in one of the forms people read."""
    return {"latex": derivation.latex, "markdown": derivation.markdown}.get(form, derivation.text)(report)


def _listing(rows: list[dict[str, Any]]) -> str:
    """One derivation a line of 100 columns, with a count of verdicts if it was checked."""
    width = max((len(row["name"]) for row in rows), default=0)
    return "\n".join(f"{row['name']:<{width}}  {_shortened(row, 98 - width)}" for row in rows)


def _shortened(row: dict[str, Any], width: int) -> str:
    """Shorten a statement to what fits beside the count of its verdicts."""
    counted = _counted(row)
    return textwrap.shorten(row["statement"], max(width - len(counted), 30), placeholder=" …") + counted


def _counted(row: dict[str, Any]) -> str:
    """Count the verdicts: a step that numbers alone support is not proved, and is not counted as if it were."""
    counts = collections.Counter(row.get("verdicts", {}).values())
    return f"  [{', '.join(f'{count} {verdict}' for verdict, count in counts.items())}]" if counts else ""
