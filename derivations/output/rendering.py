"""Show a derivation: plain Unicode for a terminal, Markdown for a code host, LaTeX for paper."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable

import sympy as sp

from derivations.output import at_zero, printing
from derivations.output.latex_text import escape
from derivations.output.shown import ShownDerivation, ShownFormula, ShownStep
from derivations.prover.report import Report
from derivations.symbols import QUANTITIES, Quantity

WIDTH = printing.WIDTH
_TICKS = {"proved": "✓", "definition": ":=", "checked, not proved": "?"}
# A displayed equation longer than this, in characters of LaTeX, is broken at its sign.
_LONG = 140


def tick(step: ShownStep, report: Report | None) -> str:
    """Return a step's kind, with what the report found."""
    if report is None or step.name not in report.verdicts:
        return step.kind
    verdict = report.verdicts[step.name]
    if step.kind == "approximation":
        return f"≈ {measured_error(verdict)}"
    return f"{_TICKS[verdict]} {step.kind}" + (f" [{verdict}]" if verdict == "checked, not proved" else "")


def why(step: ShownStep) -> str:
    """Return why a step holds, and what its proof asks to be accepted besides the core's rules.

    Examples
    --------
    >>> from derivations import derive
    >>> why(derive("muon").step("norm_grows"))
    'So |W|^2 grows with t,'
    """
    said = f"Its proof uses a rule of its own besides the prover's core: {step.principle}" if step.principle else ""
    return " ".join(words for words in (step.reason, said) if words)


def measured_error(verdict: str) -> str:
    """Write a measured error with the symbols of the page: "approximation (error ≤ 0.01 for 2 ≤ s_z ≤ 40)"."""
    words = re.sub(r"[A-Za-z]\w*", lambda m: QUANTITIES[m[0]].unicode if m[0] in QUANTITIES else m[0], verdict)
    return words.replace("<=", "≤").replace(">=", "≥")


def _earned(report: Report | None) -> list[str]:
    """Say what the ticks mean; nothing where none was earned."""
    if report is None:
        return []
    counts = Counter("approximation" if v.startswith("approximation") else v for v in report.verdicts.values())
    return [f"Checked just now, each step: {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}."]


def quantities(derivation: ShownDerivation) -> list[Quantity]:
    """Return what stands in the steps and formulas, in the order of the catalogue of symbols."""
    used = {s for step in derivation.steps for s in step.claim.free_symbols}
    used |= {s for formula in derivation.formulas.values() for s in formula.symbols}
    return [quantity for quantity in QUANTITIES.values() if quantity.symbol in used]


def unit_in_words(unit: str) -> str:
    """Return a unit as a reader says it; a pure number has none.

    Examples
    --------
    >>> unit_in_words("1"), unit_in_words("epochs")
    ('dimensionless', 'epochs')
    """
    return "dimensionless" if unit == "1" else unit


def signature(formula: ShownFormula) -> str:
    """Return how a formula is called, its parameters by name."""
    return f"{formula.name}({', '.join(formula.parameters)})"


def text(derivation: ShownDerivation, report: Report | None = None) -> str:
    """Return plain Unicode, at most 100 columns wide.

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
    lines = [derivation.name, "=" * len(derivation.name), *wrapped(derivation.statement), "", "Assumptions"]
    lines += _bullets(a.sentence for a in derivation.assumptions)
    lines += ["", "Scope", *_bullets(f"{asked}: {answer}" for asked, answer in derivation.scope.rows())]
    lines += ["", "Symbols"]
    for q in quantities(derivation):
        lines += wrapped(
            f"{q.unicode} ({q.name}): {prose(q.meaning)} [{unit_in_words(q.unit)}]", "  ", "      ", greek=False
        )
    lines += ["", "Steps", *_earned(report)]
    for k, step in enumerate(derivation.steps, start=1):
        lines += [
            *wrapped(f"{k}. {step.name} ({tick(step, report)})", "  ", "     ", greek=False),
            _indent(_claim_text(step, WIDTH - 7), 7),
            *wrapped(why(step), "     "),
            "",
        ]
    lines += ["Formulas"]
    for formula in derivation.formulas.values():
        lines += [
            *wrapped(f"{signature(formula)}:", "  ", "      ", greek=False),
            *wrapped(f"{formula.meaning} [{unit_in_words(formula.unit)}]", "     "),
            _indent(printing.unicode(formula.expr, WIDTH - 7), 7),
        ]
        lines += [row for c in formula.conditions() for row in wrapped(f"valid for {c}", "     ", "       ")]
        lines += wrapped(error_said(formula), "     ", "       ", greek=False)
        lines += wrapped(own_scope(derivation, formula), "     ", "       ")
        lines += wrapped(at_zero.remark(formula), "     ", "       ", greek=False)
        lines += [""]
    lines += ["Validity", *_bullets(a.sentence for a in derivation.validity)]
    lines += ["", "References", *_bullets(derivation.references)]
    return "\n".join(lines) + "\n"


def own_scope(derivation: ShownDerivation, formula: ShownFormula) -> str:
    """Return what a formula is for, where that is not what its derivation is for."""
    own = formula.scope is not None and formula.scope != derivation.scope
    return f"for {formula.scope.line()}" if own and formula.scope is not None else ""


def error_said(formula: ShownFormula) -> str:
    """Return how far an approximation is off, empty for what is exact."""
    return "" if formula.approximation is None else formula.approximation.line()


def _claim_text(step: ShownStep, width: int) -> str:
    if step.kind != "approximation":
        return printing.unicode(step.claim, width)
    return printing.unicode(step.claim.lhs, width) + "\n≈\n" + printing.unicode(step.claim.rhs, width)


_GREEK = {"eta": "η", "lmbda": "λ", "epsilon": "ε", "kappa": "κ", "mu": "μ", "sigma": "σ", "delta": "δ", "pi": "π",
          "rho": "ρ", "tau": "τ"}  # fmt: skip


def prose(words: str) -> str:
    """Write Greek letters and inner products as such: <W,g> would be a tag in Markdown."""
    words = re.sub(r"<(\|?[^<>|]*\|?,[^<>]*)>", r"⟨\1⟩", words)
    return re.sub(rf"\b({'|'.join(_GREEK)})\b", lambda match: _GREEK[match[0]], words)


def wrapped(words: str, first: str = "", rest: str | None = None, greek: bool = True) -> list[str]:
    """Return words as rows of at most `WIDTH` columns, indented by `first` and then by `rest`."""
    words = prose(words) if greek else words
    rest = first if rest is None else rest
    return textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _bullets(items: Iterable[str]) -> list[str]:
    return [row for item in items for row in wrapped(item, "  - ", "    ")]


def _indent(block: str, width: int) -> str:
    return "\n".join(" " * width + row.rstrip() for row in block.splitlines())


def claim_latex(claim: sp.Basic, kind: str) -> str:
    """Return a claim as LaTeX; an approximation is not written as an equality."""
    if kind == "approximation":
        return rf"{printing.latex(claim.lhs)} \approx {printing.latex(claim.rhs)}"
    return printing.latex(claim)


def _escape_markdown(words: str) -> str:
    return re.sub(r"([\\`*_$<>|~])", r"\\\1", prose(words))


def _block(formula: str) -> list[str]:
    """Return a displayed formula: at the margin and between blank lines, where every Markdown reader sees it."""
    return ["", "$$", formula, "$$", ""]


def markdown(derivation: ShownDerivation, report: Report | None = None) -> str:
    """Return Markdown; formulas stand in math blocks."""
    lines = [f"# {_escape_markdown(derivation.name)}", "", _escape_markdown(derivation.statement)]
    lines += ["", "## Assumptions", "", *(f"- {_escape_markdown(a.sentence)}" for a in derivation.assumptions)]
    rows = derivation.scope.rows()
    lines += ["", "## Scope", "", *(f"- {_escape_markdown(f'{asked}: {answer}')}" for asked, answer in rows)]
    lines += ["", "## Symbols", ""]
    lines += [f"- ${q.latex}$ (`{q.name}`): {_escape_markdown(q.meaning)}" for q in quantities(derivation)]
    lines += ["", "## Steps", "", *_earned(report)]
    for k, step in enumerate(derivation.steps, start=1):
        lines += ["", f"### {k}. {_escape_markdown(step.name)} ({tick(step, report)})"]
        lines += [*_block(claim_latex(step.claim, step.kind)), _escape_markdown(why(step))]
    lines += ["", "## Formulas"]
    for formula in derivation.formulas.values():
        meaning = f"{_escape_markdown(formula.meaning)} [{_escape_markdown(unit_in_words(formula.unit))}]"
        lines += ["", f"`{signature(formula)}`: {meaning}", *_block(formula.latex())]
        if formula.validity:
            lines += ["valid for " + ", ".join(f"${printing.latex(c)}$" for c in formula.validity)]
        remark = at_zero.remark(formula, lambda expr: f"${printing.latex(expr)}$")
        own = (*map(_escape_markdown, (error_said(formula), own_scope(derivation, formula))), remark)
        lines += [line for words in own if words for line in ("", words)]
    lines += ["", "## Validity", "", *(f"- {_escape_markdown(a.sentence)}" for a in derivation.validity)]
    lines += ["", "## References", "", *(f"- {_escape_markdown(reference)}" for reference in derivation.references)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def fragment(derivation: ShownDerivation) -> str:
    """Return the claims as one LaTeX block, for a notebook."""
    rows = [rf"\text{{{escape(step.name)}}} &: {claim_latex(step.claim, step.kind)}" for step in derivation.steps]
    return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"


def latex(derivation: ShownDerivation, report: Report | None = None) -> str:
    """Return a complete LaTeX document that needs amsmath and amssymb only."""
    rows = [
        r"\documentclass{article}",
        r"\usepackage[utf8]{inputenc}",
        r"\usepackage{amsmath,amssymb}",
        r"\allowdisplaybreaks \sloppy \setcounter{secnumdepth}{0}",
        r"\setlength{\oddsidemargin}{0pt}\setlength{\textwidth}{\dimexpr\paperwidth-2in}",
        r"\begin{document}",
        rf"\section{{{escape(derivation.name)}}}",
        escape(prose(derivation.statement)),
        r"\subsection{Assumptions}",
        *_list([escape(prose(a.sentence)) for a in derivation.assumptions]),
        r"\subsection{Scope}",
        *_list([escape(f"{asked}: {answer}") for asked, answer in derivation.scope.rows()]),
        r"\subsection{Symbols}",
        *_list([rf"${q.latex}$: {escape(q.meaning)}" for q in quantities(derivation)]),
        r"\subsection{Steps}",
        *(escape(sentence) for sentence in _earned(report)),
    ]
    for step in derivation.steps:
        title = rf"\paragraph{{{escape(step.name)}}} ({escape(tick(step, report))}) {escape(prose(why(step)))}"
        rows += [title, _display(step.claim, step.kind)]
    rows += [r"\subsection{Formulas}"]
    for formula in derivation.formulas.values():
        where = ", ".join(f"${printing.latex(c)}$" for c in formula.validity)
        words = f"{escape(formula.meaning)} [{escape(unit_in_words(formula.unit))}]"
        words += f"; valid for {where}" if where else ""
        remark = at_zero.remark(formula, lambda e: f"${printing.latex(e)}$")
        own = (*map(escape, (error_said(formula), own_scope(derivation, formula))), remark)
        words += "".join(f"; {remark}" for remark in own if remark)
        rows += [rf"\paragraph{{{escape(formula.name)}}} {words}", rf"\[ {formula.latex()} \]"]
    rows += [r"\subsection{Validity}", *_list([escape(prose(a.sentence)) for a in derivation.validity])]
    rows += [r"\subsection{References}", *_list([escape(reference) for reference in derivation.references])]
    return "\n".join([*rows, r"\end{document}", ""])


def _display(claim: sp.Basic, kind: str) -> str:
    """Return a displayed claim; a long one is broken at its sign."""
    whole = claim_latex(claim, kind)
    if len(whole) < _LONG:
        return rf"\[ {whole} \]"
    if isinstance(claim, sp.And | sp.Equivalent):
        rows = [_display_row(arg) for arg in claim.args]
    elif isinstance(claim, sp.Eq) or kind == "approximation":
        sign = r"\approx" if kind == "approximation" else "="
        rows = [printing.latex(claim.lhs), rf"\quad {sign} {printing.latex(claim.rhs)}"]
    else:
        return rf"\[ {whole} \]"
    return r"\begin{gather*}" + r" \\ ".join(rows) + r"\end{gather*}"


def _display_row(claim: sp.Basic) -> str:
    return printing.latex(claim)


def _list(items: list[str]) -> list[str]:
    return [r"\begin{itemize}", *(rf"\item {item}" for item in items), r"\end{itemize}"] if items else []
