"""Show a derivation: plain Unicode for a terminal, Markdown for a code host, LaTeX for paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sympy as sp

from derivations import printing

if TYPE_CHECKING:
    from derivations.derivation import Derivation, Report
    from derivations.step import Step

_TICKS = {"proved": "✓", "definition": ":=", "checked, not proved": "?"}


def _tick(step: Step, report: Report | None) -> str:
    if report is None or step.name not in report.verdicts:
        return step.kind
    verdict = report.verdicts[step.name]
    return f"{_TICKS.get(verdict, '≈')} {step.kind}" + (
        "" if verdict in _TICKS and verdict != "checked, not proved" else f" [{verdict}]"
    )


def text(derivation: Derivation, report: Report | None = None) -> str:
    """Return plain Unicode.

    Parameters
    ----------
    derivation : Derivation
        What to show.
    report : Report or None
        Verdicts earned just now; without it the steps carry their kind only.

    Returns
    -------
    str
    """
    lines = [derivation.name, "=" * len(derivation.name), _prose(derivation.statement), "", "Assumptions"]
    lines += [f"  - {_prose(a.sentence)}" for a in derivation.assumptions]
    lines += ["", "Steps"]
    for k, step in enumerate(derivation.steps, start=1):
        lines += [
            f"  {k}. {step.name} ({_tick(step, report)})",
            _indent(_claim_text(step), 7),
            f"     {_prose(step.reason)}",
            "",
        ]
    lines += ["Formulas"]
    for formula in derivation.formulas.values():
        lines += [
            f"  {formula.name}({', '.join(formula.parameters)}): {formula.meaning} [{formula.unit}]",
            _indent(formula.unicode(), 7),
        ]
        lines += [f"     valid for {printing.line(condition)}" for condition in formula.validity]
    lines += ["", "Validity", *(f"  - {_prose(a.sentence)}" for a in derivation.validity)]
    lines += ["", "References", *(f"  - {reference}" for reference in derivation.references)]
    return "\n".join(lines) + "\n"


def _claim_text(step: Step) -> str:
    picture = printing.unicode(step.claim)
    if step.kind == "approximation":
        return printing.unicode(step.claim.lhs) + "\n≈\n" + printing.unicode(step.claim.rhs)
    return picture


_GREEK = {"eta": "η", "lmbda": "λ", "epsilon": "ε", "kappa": "κ"}


def _prose(words: str) -> str:
    return re.sub(rf"\b({'|'.join(_GREEK)})\b", lambda match: _GREEK[match[0]], words)


def _indent(block: str, width: int) -> str:
    return "\n".join(" " * width + row.rstrip() for row in block.splitlines())


def _claim_latex(claim: sp.Basic, kind: str) -> str:
    if kind == "approximation":
        return rf"{printing.latex(claim.lhs)} \approx {printing.latex(claim.rhs)}"
    return printing.latex(claim)


def markdown(derivation: Derivation, report: Report | None = None) -> str:
    """Return Markdown; formulas stand in math blocks."""
    lines = [f"# {derivation.name}", "", _prose(derivation.statement), "", "## Assumptions", ""]
    lines += [f"- {_prose(a.sentence)}" for a in derivation.assumptions]
    lines += ["", "## Steps", ""]
    for k, step in enumerate(derivation.steps, start=1):
        lines += [
            f"{k}. **{step.name}** ({_tick(step, report)}). {_prose(step.reason)}",
            "",
            f"   $${_claim_latex(step.claim, step.kind)}$$",
            "",
        ]
    lines += ["## Formulas", ""]
    for formula in derivation.formulas.values():
        lines += [
            f"- `{formula.name}({', '.join(formula.parameters)})`: {formula.meaning} [{formula.unit}]",
            "",
            f"  $${formula.latex()}$$",
            "",
        ]
    lines += ["## Validity", "", *(f"- {_prose(a.sentence)}" for a in derivation.validity)]
    lines += ["", "## References", "", *(f"- {reference}" for reference in derivation.references)]
    return "\n".join(lines) + "\n"


def fragment(derivation: Derivation) -> str:
    """Return the claims and formulas as one LaTeX block, for a notebook."""
    rows = [rf"\text{{{_escape(step.name)}}} &: {_claim_latex(step.claim, step.kind)}" for step in derivation.steps]
    return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"


def latex(derivation: Derivation, report: Report | None = None) -> str:
    """Return a complete LaTeX document that needs amsmath only."""
    rows = [
        r"\documentclass{article}",
        r"\usepackage[T1]{fontenc}",
        r"\usepackage[utf8]{inputenc}",
        r"\usepackage{amsmath,amssymb}",
        r"\begin{document}",
        rf"\section*{{{_escape(derivation.name)}}}",
        _escape(_prose(derivation.statement)),
        r"\subsection*{Assumptions}",
    ]
    rows += _list([_escape(_prose(a.sentence)) for a in derivation.assumptions])
    rows += [r"\subsection*{Steps}"]
    for step in derivation.steps:
        rows += [
            rf"\paragraph{{{_escape(step.name)}}} ({_escape(_tick(step, report))}) {_escape(_prose(step.reason))}",
            rf"\[ {_claim_latex(step.claim, step.kind)} \]",
        ]
    rows += [r"\subsection*{Formulas}"]
    for formula in derivation.formulas.values():
        rows += [rf"\paragraph{{{_escape(formula.name)}}} {_escape(formula.meaning)}", rf"\[ {formula.latex()} \]"]
    rows += [r"\subsection*{Validity}", *_list([_escape(_prose(a.sentence)) for a in derivation.validity])]
    rows += [r"\subsection*{References}", *_list([_escape(reference) for reference in derivation.references])]
    return "\n".join([*rows, r"\end{document}", ""])


def _list(items: list[str]) -> list[str]:
    return [r"\begin{itemize}", *(rf"\item {item}" for item in items), r"\end{itemize}"] if items else []


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "$": r"\$",
    "{": r"\{",
    "}": r"\}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "~": r"\textasciitilde{}",
    "✓": r"$\checkmark$",
    "η": r"$\eta$",
    "λ": r"$\lambda$",
    "ε": r"$\varepsilon$",
    "κ": r"$\kappa$",
    "≈": r"$\approx$",
}


def _escape(words: str) -> str:
    return re.sub("|".join(re.escape(key) for key in _SPECIAL), lambda match: _SPECIAL[match[0]], words)
