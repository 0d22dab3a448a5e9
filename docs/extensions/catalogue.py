"""The catalogue: a page for each derivation, written from it, every step checked while the site is built."""

import html
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import derivations
from derivations import Derivation, Formula, PrintingError, Report, Step
from derivations.output import at_zero, printing
from derivations.output.rendering import own_scope, prose, quantities, tick, unit_in_words, why
from derivations.symbols import Quantity, describe

from .pages import FOLDER, plain, raw, table, write
from .subjects import full_meaning, grouped, main_formulas

if TYPE_CHECKING:
    from sphinx.application import Sphinx

INTRODUCTION = """# Catalogue of derivations

Each law below is derived step by step. While this site was built, every step was first tried to be refuted, with
50-digit numbers drawn inside its assumptions, and then proved with SymPy, unless it is a definition or an
approximation; a step that does not go through stops the build. %s

A page says of each step how it is known: *proved*, a *definition*, an *approximation* with the largest error met,
or *checked, not proved*, where numbers alone support it. Most proofs use the prover's few core rules
and nothing else; where one uses a rule of its own besides, the page says what that rule rests on.

The laws are grouped by subject, each with its main formulas; [which law for my case?](../../which-law.md) asks its way
to one.

A formula is a Python function (`derivations.derive(name).formulas[formula](...)`), a NumPy or JAX function, LaTeX,
MathML, and JavaScript where it is elementary.
"""
OUTLINE = """```{toctree}
:hidden:

%s
```
"""


def title(name: str) -> str:
    """Return a heading for a derivation's name.

    Examples
    --------
    >>> title("adam_l2"), title("epoch_decay")
    ('Adam L2', 'Epoch decay')
    """
    words = name.replace("_", " ")
    return (words[0].upper() + words[1:]).replace("l2", "L2").replace("sgd", "SGD").replace("Adamw", "AdamW")


def index(checked: dict[str, tuple[Derivation, Report]]) -> str:
    """Return the page that lists them.

    Parameters
    ----------
    checked : mapping of str to (Derivation, Report)
        By name, each with what its check found.

    Returns
    -------
    str
        Markdown.
    """
    total = "In all {} steps: {}.".format(*_total([report for _, report in checked.values()]))
    parts = [INTRODUCTION % total]
    by_subject = grouped(tuple(checked))
    for subject, names in by_subject.items():
        rows = [(_named(name, checked[name][0]), _found(*checked[name])) for name in names]
        parts += [f"## {plain(subject)}\n", table(("law", "what it says"), rows, f"Laws: {subject}"), ""]
    return "\n".join([*parts, OUTLINE % "\n".join(name for names in by_subject.values() for name in names)])


def _named(name: str, derivation: Derivation) -> str:
    """Return a law's name in the list, with a link to its page."""
    counts = f"{len(derivation.steps)} steps, {len(derivation.formulas)} formulas"
    return f'<a href="{name}.html">{html.escape(title(name))}</a><p class="kind">{counts}</p>'


def _found(derivation: Derivation, report: Report) -> str:
    """Return what a law says in the list: its main formulas, then words."""
    steps = f'<p class="kind">Steps: {html.escape(_counted(report))}.</p>'
    return f"{_main(derivation)}{html.escape(prose(derivation.statement))}{steps}"


def _main(derivation: Derivation) -> str:
    """Return the formulas that say what a law found, each below its meaning, as HTML."""
    meanings = {name: formula.meaning for name, formula in derivation.formulas.items()}
    shown = ""
    for name in main_formulas(derivation.name):
        said = html.escape(prose(full_meaning(derivation.name, name, meanings)))
        shown += f'<p class="kind">{_code(name)}: {said}</p>{_displayed(derivation.formulas[name].mathml())}'
    return shown


def page(derivation: Derivation, report: Report) -> str:
    """Return the page of one derivation.

    Parameters
    ----------
    derivation : Derivation
        What to show.
    report : Report
        What its check found.

    Returns
    -------
    str
        Markdown; formulas are MathML.
    """
    name = derivation.name
    parts = [f"# {title(name)}", plain(prose(derivation.statement))]
    if found := _main(derivation):
        parts += [raw(f'<div class="result">{found}</div>')]
    parts += [f"In Python `derivations.derive({name!r})`, on the command line `wd-jax derive {name}`."]
    parts += [f"Checked while this page was built, each step: {_counted(report)}."]
    if derivation.validity:
        parts += ["## Where it may be used", *_bullets(a.sentence for a in derivation.validity)]
    parts += ["## Assumptions", *_bullets(a.sentence + _for(a.steps) for a in derivation.assumptions)]
    parts += ["## Scope", *_bullets(f"{asked}: {answer}" for asked, answer in derivation.scope.rows())]
    parts += ["## Formulas"]
    for formula in derivation.formulas.values():
        parts += _formula(derivation, formula)
    symbols = [(_inline(q.symbol), _code(q.name), _meaning(q)) for q in quantities(derivation)]
    parts += ["## Symbols", table(("symbol", "name", "meaning [unit]"), symbols, f"Symbols of {title(name)}")]
    parts += ["## Steps"]
    for number, step in enumerate(derivation.steps, start=1):
        parts += _step(number, step, report)
    if derivation.references:
        parts += ["## References", *_bullets(derivation.references)]
    parts += _cite(derivation)
    return "\n\n".join(parts) + "\n"


def _cite(derivation: Derivation) -> list[str]:
    """Say how this page and the law's sources are cited."""
    entries = derivation.bibtex().strip()
    said = f"[The package](../../cite.md), with this law's name, `{derivation.name}`"
    if not entries:
        return ["## Cite this", f"{said}. No published work stands in its references."]
    asked = f"What it rests on, from `derivations.derive({derivation.name!r}).bibtex()`"
    return ["## Cite this", f"{said}. {asked}:", f"```bibtex\n{entries}\n```"]


def _step(number: int, step: Step, report: Report) -> list[str]:
    used = [] if step.proof is None else dict.fromkeys((*step.proof.sources, *step.proof.mentions))
    links = ", ".join(map(_step_link, used))
    badge = f'<p class="kind">{html.escape(tick(step, report))}</p>'
    return [
        f"### {number}. `{step.name}`",
        raw(f'<div id="step-{html.escape(step.name)}" class="anchor"></div>{badge}{_displayed(step.mathml())}'),
        plain(prose(why(step))),
        *([raw(f'<p class="kind">Uses {links}.</p>')] if links else []),
    ]


def _formula(derivation: Derivation, formula: Formula) -> list[str]:
    arguments = [(_code(q.name), _inline(q.symbol), _meaning(q)) for q in map(describe, formula.symbols)]
    where = f"; valid for {', '.join(map(_inline, formula.validity))}" if formula.validity else ""
    return [
        f"### `{formula.name}`",
        f"{plain(prose(formula.meaning))}, {plain(unit_in_words(formula.unit))}.",
        raw(_displayed(formula.mathml())),
        raw(f'<p class="kind">From step {_step_link(formula.step)}{where}.</p>'),
        *(raw(f'<p class="kind">{words}.</p>') for words in _remarks(derivation, formula) if words),
        table(("argument", "symbol", "meaning [unit]"), arguments, f"Arguments of {formula.name}"),
        _javascript(formula),
    ]


def _remarks(derivation: Derivation, formula: Formula) -> tuple[str, str]:
    """Say what a formula alone is for, and what it is without decay, as HTML."""
    return html.escape(own_scope(derivation, formula)), at_zero.remark(formula, _inline)


def _javascript(formula: Formula) -> str:
    """Fold the JavaScript away; say so where there is none."""
    try:
        code = formula.javascript()
    except PrintingError:
        return "Not elementary: there is no JavaScript for it."
    return raw(f"<details><summary>As JavaScript</summary><pre>{html.escape(code)}</pre></details>")


def _displayed(mathml: str) -> str:
    return f'<div class="formula" tabindex="0">{mathml}</div>'


def _inline(expr: Any) -> str:
    return printing.mathml(expr).replace(' display="block"', "", 1)


def _step_link(name: str) -> str:
    return f'<a href="#step-{html.escape(name)}">{_code(name)}</a>'


def _code(name: str) -> str:
    return f"<code>{html.escape(name)}</code>"


def _meaning(quantity: Quantity) -> str:
    return html.escape(f"{prose(quantity.meaning)} [{unit_in_words(quantity.unit)}]")


def _for(steps: tuple[str, ...]) -> str:
    return f" (for {', '.join(steps)})" if steps else ""


def _bullets(sentences: Any) -> list[str]:
    return ["\n".join(f"- {plain(prose(sentence))}" for sentence in sentences)]


def _total(reports: Sequence[Report]) -> tuple[int, str]:
    """Give the number of steps of all laws together, and how they are known."""
    verdicts = {f"{report.derivation}.{name}": v for report in reports for name, v in report.verdicts.items()}
    return len(verdicts), _counted(Report("catalogue", verdicts))


def _counted(report: Report) -> str:
    counts = Counter("approximation" if v.startswith("approximation") else v for v in report.verdicts.values())
    return ", ".join(f"{count} {verdict}{'s' * (verdict in _NOUNS and count > 1)}" for verdict, count in counts.items())


_NOUNS = ("definition", "approximation")


def generate(app: "Sphinx") -> None:
    """Check every derivation and write its page."""
    checked = {}
    for name in derivations.names():
        derivation = derivations.derive(name)
        checked[name] = derivation, derivation.check()
    pages = {f"{name}.md": page(*both) for name, both in checked.items()}
    write(Path(app.srcdir) / FOLDER / "catalogue", {"index.md": index(checked), **pages})


def setup(app: "Sphinx") -> dict[str, Any]:
    """Write the pages before Sphinx looks for sources."""
    app.connect("builder-inited", generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
