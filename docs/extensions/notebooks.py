"""Each tutorial as a Jupyter notebook to download: the page's own cells, read as the page itself is read."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.application import Sphinx

FOLDER = "tutorials"
HEADING = re.compile(r"^# .+$", re.M)
LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]+)\]\((?P<target>(?!https?:)[^)\s]+)\)")
OF_MYST = re.compile(r"^(?::{3,}|`{3,}\{)|\{[a-z][\w:-]*\}`", re.M)
HERE = "*This notebook is the page “{title}” of the documentation of wd_jax {release}. It needs wd_jax in its kernel.*"


def notebook(text: str, release: str) -> "NotebookNode":
    r"""Make a notebook without results from a tutorial's source.

    Parameters
    ----------
    text : str
        MyST Markdown with code cells.
    release : str
        Version of wd_jax that it is for.

    Returns
    -------
    nbformat.NotebookNode
        Code as it stands on the page; text without links that lead nowhere from a notebook.

    Raises
    ------
    ValueError
        Where a text has a directive or a role, which a notebook would show as it is typed.

    Examples
    --------
    >>> made = notebook("# A page\n\nSee [the other](other.md).\n\n```{code-cell} ipython3\nx = 1\n```\n", "1.0")
    >>> [(cell.cell_type, cell.source.splitlines()[-1]) for cell in made.cells]
    [('markdown', 'See *the other*.'), ('code', 'x = 1')]
    """
    from myst_nb.core.read import read_myst_markdown_notebook

    made = read_myst_markdown_notebook(text)
    made.metadata = {key: made.metadata[key] for key in ("kernelspec",) if key in made.metadata}
    made.metadata["language_info"] = {"name": "python"}
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = {}
        if cell.cell_type == "markdown":
            if found := OF_MYST.search(cell.source):
                raise ValueError(f"cell {number} has {found[0]!r}, which a notebook does not know: write Markdown")
            cell["source"] = LINK.sub(r"*\g<words>*", cell.source)
    if title := HEADING.search(made.cells[0].source):
        said = HERE.format(title=title[0].removeprefix("# "), release=release)
        made.cells[0]["source"] = made.cells[0].source.replace(title[0], f"{title[0]}\n\n{said}", 1)
    return made


def linked(text: str, name: str) -> str:
    r"""Put the link to its notebook below a page's title.

    Examples
    --------
    >>> linked("---\nx: y\n---\n# A page\n\nText.\n", "a-page").splitlines()[3:7]
    ['# A page', '', '<p class="notebook"><a href="a-page.ipynb" download>Download as a Jupyter notebook</a></p>', '']
    """
    said = f'<p class="notebook"><a href="{name}.ipynb" download>Download as a Jupyter notebook</a></p>'
    return HEADING.sub(lambda title: f"{title[0]}\n\n{said}", text, count=1)


def _link(app: "Sphinx", page: str, source: list[str]) -> None:
    folder, _, name = page.rpartition("/")
    if folder == FOLDER:
        source[0] = linked(source[0], name)


def _write(app: "Sphinx", error: Exception | None) -> None:
    import nbformat

    if error is not None or app.builder.format != "html":
        return
    for source in sorted((Path(app.srcdir) / FOLDER).glob("*.md")):
        made = notebook(source.read_text(encoding="utf-8"), app.config.release)
        nbformat.validate(made)
        target = Path(app.outdir) / FOLDER / f"{source.stem}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(nbformat.writes(made) + "\n", encoding="utf-8")


def setup(app: "Sphinx") -> dict[str, Any]:
    """Put the links on the pages while they are read, and the notebooks beside them when they are written."""
    app.connect("source-read", _link)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
