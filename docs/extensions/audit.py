"""The catalogue of optimisers on its page: a table that the reader can filter, and that is whole without a script."""

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .pages import raw

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from wd_jax.audit.catalogue import Row

PAGE = "audit"
SCRIPT, STYLE = "audit.js", "audit.css"
LEFT = ("After 1 step", "After 10", "After 10, rate halved at 5", "Bias after 10")
"""Columns of what is left of a weight of 1."""


def explorer(rows: "Sequence[Row]") -> str:
    """Return the controls and the table as HTML.

    Parameters
    ----------
    rows : sequence of Row
        Of the catalogue.

    Returns
    -------
    str
        HTML; the controls are hidden until the script shows them.
    """
    libraries = sorted({row.library for row in rows}, key=str.lower)
    kinds = sorted({row.kind for row in rows})
    return raw(
        f"""<div id="audit" class="audit">
<form class="audit-controls" role="search" aria-label="Filter the optimisers" hidden>
<label>Text<input type="search" id="audit-text" autocomplete="off" spellcheck="false"
 placeholder="adamw, 0.9043822, …"></label>
<label>Library<select id="audit-library">{_options("all libraries", libraries)}</select></label>
<label>How it decays<select id="audit-kind">{_options("every way", kinds)}</select></label>
<button type="reset">Show all</button>
</form>
<p class="audit-count" id="audit-count" role="status">{len(rows)} optimisers of {len(libraries)} libraries.</p>
<div class="table-wrapper" role="region" tabindex="0" aria-label="Optimisers and how they decay">
<table class="docutils" role="table">
<thead role="rowgroup">{_head()}</thead>
<tbody role="rowgroup">{"".join(map(_row, rows))}</tbody>
</table></div>
</div>"""
    )


def _options(all_of_them: str, names: Sequence[str]) -> str:
    rest = "".join(f"<option>{html.escape(name)}</option>" for name in names)
    return f'<option value="">{all_of_them}</option>{rest}'


def _head() -> str:
    def name(text: str, **attributes: str) -> str:
        more = "".join(f' {key}="{value}"' for key, value in attributes.items())
        return f'<th scope="col" role="columnheader"{more}>{text}</th>'

    left = "".join(name(text, **{"class": "number"}) for text in LEFT)
    return (
        f'<tr role="row">{name("Optimiser")}{name("How it decays")}{left}'
        f"{name('Not decayed')}{name('Default', **{'class': 'number'})}</tr>"
    )


def _row(row: "Row") -> str:
    _, _, *left, exempt, default, _ = row.cells()
    formula = f"<br><code>{html.escape(row.formula)}</code>" if "<-" in row.formula else ""
    kind = html.escape(", ".join(part for part in (row.kind, row.more) if part))
    said = ". ".join(part for part in ("" if formula else row.formula, row.note) if part)
    note = f'<p class="kind">{html.escape(said)}</p>' if said else ""
    numbers = "".join(
        f'<td role="cell" class="number" data-label="{label}">{html.escape(number)}</td>'
        for label, number in zip(LEFT, left, strict=True)
    )
    where = "measured here" if row.here else "stored"
    return (
        f'<tr role="row" data-library="{html.escape(row.library)}" data-kind="{html.escape(row.kind)}">'
        f'<th scope="row" role="rowheader" data-name="{html.escape(row.optimiser)}">{_breakable(row.optimiser)}'
        f'<p class="kind">{html.escape(row.library)} {html.escape(row.version)}, '
        f'<span class="date">{html.escape(row.date)}</span>, {where}</p></th>'
        f'<td role="cell" data-label="How it decays">{kind}{formula}{note}</td>{numbers}'
        f'<td role="cell" data-label="Not decayed">{html.escape(exempt) or "–"}</td>'
        f'<td role="cell" class="number" data-label="Default">{html.escape(default)}</td></tr>'
    )


def _breakable(name: str) -> str:
    """Let a long name break where its options begin, and after each of them."""
    return re.sub(r"([(,])", r"\1<wbr>", html.escape(name))


def _on_the_page(app: "Sphinx", name: str, source: list[str]) -> None:
    """Put the table that can be filtered in the place of the repository's; what is installed is measured now."""
    if name != PAGE:
        return
    import audit_page

    from wd_jax.audit import catalogue, present

    records = catalogue.stored()
    table = explorer(catalogue.rows(records, present.again(records)))
    source[0] = audit_page.replaced(source[0], audit_page.TABLE, f"\n{table}\n")


def _with_script(app: "Sphinx", name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if name == PAGE:
        app.add_css_file(STYLE)
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: "Sphinx") -> dict[str, Any]:
    """Fill the page while its source is read."""
    app.connect("source-read", _on_the_page)
    app.connect("html-page-context", _with_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
