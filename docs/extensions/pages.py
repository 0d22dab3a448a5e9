"""Write generated pages: only what has changed, and nothing that is no longer made."""

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = "generated"
"""Folder of the generated pages, inside docs/ and outside git."""


def write(folder: Path, pages: Mapping[str, str]) -> None:
    """Make a folder hold exactly these pages; an unchanged one keeps its time, so that Sphinx does not read it again.

    Parameters
    ----------
    folder : Path
        The folder, made if it is not there.
    pages : mapping of str to str
        Text by file name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in {path.name for path in folder.iterdir()} - set(pages):
        (folder / stale).unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def plain(words: str) -> str:
    r"""Write words so that Markdown shows them as they are.

    Examples
    --------
    >>> plain("a_b < *c*")
    'a\\_b \\< \\*c\\*'
    """
    return re.sub(r"([!-/:-@\[-`{-~])", lambda match: match[0] if match[0] in ".,;:-()'/=" else "\\" + match[0], words)


def raw(block: str) -> str:
    """Put HTML into a page as one block: Markdown ends a block of HTML at the first empty line."""
    return re.sub(r"\n\s*\n", "\n", f"<div>{block}</div>")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], label: str) -> str:
    """Return a table as HTML that scrolls inside its own box on a narrow screen.

    Parameters
    ----------
    head : sequence of str
        Names of the columns, as text.
    rows : sequence of sequence of str
        Cells, as HTML.
    label : str
        What it is a table of, for whoever hears the page.
    """
    names = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return raw(
        f'<div class="table-wrapper" role="region" tabindex="0" aria-label="{html.escape(label)}">'
        f'<table class="docutils"><thead><tr>{names}</tr></thead><tbody>{cells}</tbody></table></div>'
    )
