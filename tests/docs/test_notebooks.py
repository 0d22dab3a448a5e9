"""The notebooks to download: valid, and their code is the code of the page, which the site's build runs."""

import doctest
import importlib
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import wd_jax
from tests.docs.test_tutorials import TUTORIALS, code_of

pytestmark = pytest.mark.numeric
DOCS = Path(__file__).parents[2] / "docs"
nbformat = pytest.importorskip("nbformat", reason="only `make docs` needs nbformat and myst-nb")
pytest.importorskip("myst_nb", reason="only `make docs` needs nbformat and myst-nb")


@pytest.fixture(scope="module")
def notebooks():
    """The site's own extension."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("extensions.notebooks")
    sys.path.remove(str(DOCS))


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_notebook_is_valid_and_has_the_code_of_its_page(notebooks, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    made = nbformat.reads(nbformat.writes(notebooks.notebook(text, wd_jax.__version__)), as_version=4)
    nbformat.validate(made)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert "\n".join(cell.source for cell in code).split() == code_of(text).split() and len(code) >= 10
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert made.cells[0].source.startswith("# ") and f"wd_jax {wd_jax.__version__}" in made.cells[0].source
    assert ".md)" not in "".join(cell.source for cell in made.cells if cell.cell_type == "markdown")
    assert made.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_every_word_of_a_page_is_in_its_notebook(notebooks, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    made = notebooks.notebook(text, wd_jax.__version__)
    told = [cell.source for cell in made.cells if cell.cell_type == "markdown"]
    assert told[0].count("\n\n*This notebook is") == 1
    told[0] = "\n\n".join(part for part in told[0].split("\n\n") if not part.startswith("*This notebook is"))
    prose = re.sub(r"^```\{code-cell\}.*?^```$", "", text.split("---\n", 2)[2], flags=re.MULTILINE | re.DOTALL)
    plain = notebooks.LINK.sub(r"*\g<words>*", prose)
    assert "\n".join(told).split() == plain.split() and len(plain.split()) > 300


def test_the_link_stands_below_the_title_of_a_tutorial_only(notebooks) -> None:
    source = ["---\nfile_format: mystnb\n---\n# Title\n\nText.\n"]
    notebooks._link(None, "tutorials/a-page", source)
    assert '# Title\n\n<p class="notebook"><a href="a-page.ipynb" download>' in source[0]
    other = ["# Title\n"]
    notebooks._link(None, "how-to/a-page", other)
    assert other == ["# Title\n"]


def test_the_build_writes_a_notebook_beside_each_tutorial(notebooks, tmp_path: Path) -> None:
    app = SimpleNamespace(
        srcdir=DOCS,
        outdir=tmp_path,
        builder=SimpleNamespace(format="html"),
        config=SimpleNamespace(release="1.0"),
    )
    notebooks._write(app, None)
    assert sorted(tmp_path.rglob("*.ipynb")) == [tmp_path / "tutorials" / f"{page.stem}.ipynb" for page in TUTORIALS]
    assert all(json.loads(path.read_text(encoding="utf-8"))["nbformat"] == 4 for path in tmp_path.rglob("*.ipynb"))


@pytest.mark.parametrize("text", [":::{note}\nx\n:::", "See {doc}`x`.", "```{figure} x.png\n```"])
def test_what_only_the_site_understands_is_refused(notebooks, text: str) -> None:
    with pytest.raises(ValueError, match="which a notebook does not know"):
        notebooks.notebook(f"# Title\n\n{text}\n", "1.0")


def test_the_examples_of_the_extension_run(notebooks) -> None:
    found = doctest.testmod(notebooks)
    assert found.attempted and not found.failed
