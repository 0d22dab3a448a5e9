"""What a prompt and a notebook show of a formula and of a derivation: what it is, and what to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

import sympy as sp

from derivations.output import at_zero, printing
from derivations.output.rendering import prose, signature, why, wrapped
from derivations.output.shown import ShownDerivation, ShownFormula, ShownStep
from derivations.symbols import QUANTITIES, Quantity

MOST_ROWS = 8
"""Rows of one expression at a prompt; the rest is a call away."""
LONGEST_CLAIM = 100
"""Characters of a step's claim at a prompt."""


def formula_text(formula: ShownFormula) -> str:
    """Return what a formula says at a prompt: the expression, its parameters, where it holds, a call.

    Parameters
    ----------
    formula : Formula
        What to show.

    Returns
    -------
    str
        Several lines of at most 100 columns.
    """
    lines = wrapped(f"Formula {signature(formula)}: {meaning(formula)}", rest="  ", greek=False)
    expression = wrapped(f"= {formula.line()}", "  ", "    ", greek=False)
    if len(expression) > MOST_ROWS:
        expression = [*expression[: MOST_ROWS - 1], "    ... and so on: print(formula.unicode()) shows it whole"]
    lines += expression
    rows = [(q.name, q.unicode, _with_unit(prose(q.meaning), q.unit)) for q in _parameters(formula)]
    names, signs = (max(map(len, column), default=0) for column in ([r[0] for r in rows], [r[1] for r in rows]))
    for name, sign, words in rows:
        lines += wrapped(f"{name:<{names}}  {sign:<{signs}}  {words}", "  ", " " * (names + signs + 6), greek=False)
    lines += [row for c in formula.conditions() for row in wrapped(f"valid for {c}", "  ", "    ", greek=False)]
    lines += [row for words in _use(formula) for row in wrapped(words, "  ", "    ")]
    return "\n".join([*lines, *wrapped(f"try it: {call(formula)}", "  ", "    ", greek=False)])


def formula_html(formula: ShownFormula) -> str:
    """Return the same for a notebook, the expression in MathML."""
    rows = [
        (f"<code>{escape(q.name)}</code>", _inline(q.symbol), escape(_with_unit(prose(q.meaning), q.unit)))
        for q in _parameters(formula)
    ]
    valid = "".join(f"<p>valid for {_inline(condition)}</p>" for condition in formula.validity)
    said = "".join(f"<p>{escape(prose(words))}</p>" for words in _use(formula))
    return (
        f"<div><p><strong><code>{escape(formula.name)}</code></strong>: {escape(meaning(formula))}</p>"
        f"<p>{formula.mathml()}</p>{_table(('parameter', 'symbol', 'meaning'), rows)}{valid}{said}"
        f"<p>try it: <code>{escape(call(formula))}</code></p></div>"
    )


def derivation_text(derivation: ShownDerivation) -> str:
    """Return what a derivation says at a prompt: its statement, its formulas, and how to prove and to read it.

    Parameters
    ----------
    derivation : Derivation
        What to show.

    Returns
    -------
    str
        Several lines of at most 100 columns.
    """
    counts = f"{_count(derivation.steps, 'step')}, {_count(derivation.formulas, 'formula')}"
    lines = [f"Derivation {derivation.name}: {counts}", *wrapped(derivation.statement, "  ")]
    lines += [*wrapped(f"for {derivation.scope.line()}", "  "), "formulas"]
    lines += [row for line in listed(derivation.formulas) for row in wrapped(line, "  ", "      ", greek=False)]
    commands = _next(derivation)
    width = max(map(len, commands))
    return "\n".join([*lines, "next", *(f"  {code:<{width}}  {words}" for code, words in commands.items())])


def derivation_html(derivation: ShownDerivation) -> str:
    """Return the same for a notebook, with the steps in a fold-out."""
    formulas = [
        (f"<code>{escape(signature(f))}</code>", f.mathml(), escape(meaning(f))) for f in derivation.formulas.values()
    ]
    commands = "".join(
        f"<li><code>{escape(code)}</code> {escape(words)}</li>" for code, words in _next(derivation).items()
    )
    assumptions = "".join(f"<li>{escape(prose(a.sentence))}</li>" for a in derivation.assumptions)
    steps = "".join(map(_step_html, derivation.steps))
    return (
        f"<div><p><strong>{escape(derivation.name)}</strong>: {escape(prose(derivation.statement))}</p>"
        f"<p>for {escape(prose(derivation.scope.line()))}</p>"
        f"{_table(('formula', 'expression', 'meaning'), formulas)}"
        f"<details><summary>{_count(derivation.assumptions, 'assumption')}</summary><ul>{assumptions}</ul></details>"
        f"<details><summary>{_count(derivation.steps, 'step')}</summary><ol>{steps}</ol></details>"
        f"<p>next</p><ul>{commands}</ul></div>"
    )


def step_text(step: ShownStep) -> str:
    """Return what a step says at a prompt, on one line: its name and kind, the claim, and how it is known.

    Parameters
    ----------
    step : Step
        What to show; of a very long claim the beginning.

    Returns
    -------
    str
    """
    claim = step.line()
    shown = claim if len(claim) <= LONGEST_CLAIM else f"{claim[: LONGEST_CLAIM - 4].rstrip()} ..."
    return f"Step {step.name} ({step.kind}): {shown}; {step.known}"


def step_html(step: ShownStep) -> str:
    """Return the same for a notebook, the claim in MathML and whole, with the reason."""
    reason = why(step)
    return (
        f"<div><p><strong><code>{escape(step.name)}</code></strong> ({escape(step.kind)})</p><p>{step.mathml()}</p>"
        + (f"<p>{escape(prose(reason))}</p>" if reason else "")
        + f"<p>{escape(step.known)}</p></div>"
    )


def listed(formulas: Mapping[str, ShownFormula]) -> list[str]:
    """Return a line for each formula: how it is called and what it is."""
    calls = {name: signature(formula) for name, formula in formulas.items()}
    width = min(40, max(map(len, calls.values()), default=0))
    return [f"{calls[name]:<{width}}  {meaning(formula)}" for name, formula in formulas.items()]


def meaning(formula: ShownFormula) -> str:
    """Return what a formula is, with its unit unless it is a pure number."""
    return _with_unit(prose(formula.meaning), formula.unit)


def call(formula: ShownFormula) -> str:
    """Return a call that can be typed, with its result where numbers are known for which the formula holds.

    Examples
    --------
    >>> from derivations import derive
    >>> call(derive("epoch_decay").formulas["per_epoch_factor"])
    'per_epoch_factor(eta=0.1, lmbda=5, n=50000, m=10) = 0.951229'
    """
    values = formula.example()
    if values is None:
        return f"{formula.name}({', '.join(f'{name}=...' for name in formula.parameters)})"
    arguments = ", ".join(f"{name}={value}" for name, value in values.items())
    return f"{formula.name}({arguments}) = {formula(**values):.6g}"


def _use(formula: ShownFormula) -> list[str]:
    """Return what it is for, and what it is without decay where its expression does not say."""
    scope = f"for {formula.scope.line()}" if formula.scope is not None else ""
    error = "" if formula.approximation is None else formula.approximation.line()
    return [words for words in (error, scope, at_zero.remark(formula)) if words]


def _parameters(formula: ShownFormula) -> list[Quantity]:
    return [QUANTITIES.get(s.name, Quantity(s, "a number", "1", s.name, s.name)) for s in formula.symbols]


def _next(derivation: ShownDerivation) -> dict[str, str]:
    first = next(iter(derivation.formulas), None)
    commands = {
        "derivation.check()": "tries to falsify every step, then proves it",
        "print(derivation.text())": "the steps, written out; .markdown(), .latex() too",
    }
    return commands | (
        {f"derivation.formulas[{first!r}]": "one formula: its parameters and how to call it"} if first else {}
    )


def _step_html(step: ShownStep) -> str:
    return f"<li><strong>{escape(step.name)}</strong> ({step.kind})<br>{step.mathml()}{escape(prose(why(step)))}</li>"


def _inline(expr: sp.Basic) -> str:
    return printing.mathml(expr).replace(' display="block"', "", 1)


def _with_unit(words: str, unit: str) -> str:
    return words if unit == "1" else f"{words} [{unit}]"


def _count(items: Iterable[object], noun: str) -> str:
    number = len(list(items))
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table of cells that are HTML already."""
    head = "".join(f'<th scope="col" style="text-align:left">{column}</th>' for column in columns)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
