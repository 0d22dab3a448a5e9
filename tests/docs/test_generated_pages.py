"""Pages made from the program: nothing of a derivation is missing, markup in words stays words; the API is whole."""

import dataclasses
import doctest
import importlib
import re
import sys
from pathlib import Path

import pytest
from tyro.conf import Positional

import derivations
import wd_jax
import wd_jax.data
from derivations import Assumption, Derivation, Formula, Report, Step
from derivations.step import equation
from derivations.symbols import symbols
from wd_jax.cli.registry import COMMANDS
from wd_jax.cli.tokens import named_as

pytestmark = pytest.mark.symbolic
DOCS = Path(__file__).parents[2] / "docs"
LONGEST = 6000  # of MathML: a formula of the catalogue's list fits a screen


@pytest.fixture(scope="module")
def extension():
    """Import one of the site's own Sphinx extensions by name; none of them needs Sphinx before the build."""
    sys.path.insert(0, str(DOCS))
    yield lambda name: importlib.import_module(f"extensions.{name}")
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def law() -> Derivation:
    return derivations.derive("epoch_decay")


@pytest.fixture(scope="module")
def text(extension, law: Derivation) -> str:
    said = {"definition": "definition", "approximation": "approximation (error <= 0.1)"}
    verdicts = {step.name: said.get(step.kind, "proved") for step in law.steps}
    return extension("catalogue").page(law, Report(law.name, verdicts))


def test_every_step_and_formula_is_on_the_page(law: Derivation, text: str) -> None:
    for number, step in enumerate(law.steps, start=1):
        assert f"### {number}. `{step.name}`" in text and f'id="step-{step.name}"' in text
    for name, formula in law.formulas.items():
        assert f"### `{name}`" in text and formula.mathml() in text
        for parameter in formula.parameters:
            assert f"<td><code>{parameter}</code></td>" in text
    assert text.count("✓") == sum(step.kind not in ("definition", "approximation") for step in law.steps)
    assert text.count("≈ approximation") == sum(step.kind == "approximation" for step in law.steps)


def test_the_list_counts_how_all_steps_are_known(extension, law: Derivation) -> None:
    """The number is computed, so no page need say that every step is proved."""
    known = ("definition", "proved", "proved", "approximation, 3e-4", "checked, not proved")
    first = Report(law.name, dict(zip("abcde", known, strict=True)))
    other = Report("other", {"a": "proved", "b": "definition"})
    text = extension("catalogue").index({"one": (law, first), "two": (law, other)})
    assert "In all 7 steps: 2 definitions, 3 proved, 1 approximation, 1 checked, not proved." in " ".join(text.split())


def test_the_page_opens_with_the_result(extension, law: Derivation, text: str) -> None:
    opening, rest = text.split("\n## ", 1)
    for name in extension("subjects").main_formulas(law.name):
        assert law.formulas[name].mathml() in opening and f"<code>{name}</code>: factor" in opening
    order = ["Where it may be used", "Assumptions", "Scope", "Formulas", "Symbols", "Steps", "References", "Cite this"]
    found = re.findall(r"^## (.*)$", "## " + rest, re.M)
    assert [section for section in order if section in found] == found
    assert f"```bibtex\n{law.bibtex()}\n```" in text


def test_every_law_has_a_subject_and_main_formulas_that_are_its_own(extension) -> None:
    """Who adds a law gives it a line in docs/extensions/subjects.py."""
    subjects = extension("subjects")
    listed = [name for laws in subjects.SUBJECTS.values() for name in laws]
    assert sorted(listed) == sorted(derivations.names())
    for name in listed:
        main = subjects.main_formulas(name)
        assert main and set(main) <= set(derivations.derive(name).formulas), name
        shown = [derivations.derive(name).formulas[one] for one in main]
        assert all(len(one.mathml()) < LONGEST for one in shown), f"{name}: too long for the list"
        meanings = {key: one.meaning for key, one in derivations.derive(name).formulas.items()}
        assert not any("the same" in subjects.full_meaning(name, one, meanings) for one in main)


def test_the_list_is_grouped_and_shows_formulas(extension, law: Derivation) -> None:
    text = extension("catalogue").index({law.name: (law, Report(law.name, {"limit": "proved"}))})
    assert "## Decay alone\n" in text and "## Numbers and programs" not in text
    assert law.formulas["per_epoch_factor"].mathml() in text and 'href="epoch_decay.html"' in text


def test_links_between_steps_lead_to_steps(text: str) -> None:
    used = set(re.findall(r'href="#(step-\w+)"', text))
    assert used and used <= set(re.findall(r'id="(step-\w+)"', text))


def test_a_block_of_html_has_no_empty_line(text: str) -> None:
    """Markdown would end the block there and read the rest as text."""
    for block in re.split(r"\n\s*\n", text):
        assert block.count("<div") == block.count("</div>"), block[:200]


def test_markup_in_words_stays_words(extension) -> None:
    (eta, w) = symbols("eta n")
    evil = "a_b <script>alert(1)</script> [x](javascript:1) `c` $d$ {e}`f`"
    law = Derivation(
        "evil", evil, (Assumption(evil),), (Step("s", equation(w, eta), evil, kind="definition"),),
        {"s": Formula("s", eta, (eta,), evil, "1", "s")}, (Assumption(evil),), (evil,),
    )  # fmt: skip
    page = extension("catalogue").page(law, Report("evil", {"s": "definition"}))
    assert "<script" not in page.replace("\\<script", "")
    words = [block for block in page.split("\n\n") if not block.startswith("<div>")]  # Markdown leaves HTML alone
    assert not re.search(r"(?<!\\)\[x", "\n".join(words)) and "\\$d\\$" in page


def test_unchanged_pages_keep_their_time_and_stale_ones_go(extension, tmp_path: Path) -> None:
    write = extension("pages").write
    write(tmp_path / "x", {"a.md": "1", "b.md": "2"})
    before = (tmp_path / "x" / "a.md").stat().st_mtime_ns
    write(tmp_path / "x", {"a.md": "1", "c.md": "3"})
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["a.md", "c.md"]
    assert (tmp_path / "x" / "a.md").stat().st_mtime_ns == before


def test_the_page_of_the_command_line_has_every_command_and_option(extension) -> None:
    sections = dict(re.findall(r"^## wd-jax (\w+)\n(.*?)(?=^## |\Z)", extension("command_line").page(), re.M | re.S))
    assert list(sections) == list(COMMANDS)
    for name, section in sections.items():
        for field in dataclasses.fields(COMMANDS[name].load()):
            positional = Positional in getattr(field.type, "__metadata__", ())
            assert positional or named_as(field.name) in section, field.name
    assert "\x1b" not in "".join(sections.values())


@pytest.mark.parametrize(
    ("page", "prefix", "module"),
    [
        ("wd_jax", "wd_jax", wd_jax),
        ("wd_jax", "wd_jax.probes", wd_jax.probes),
        ("data", "wd_jax.data", wd_jax.data),
        ("figures", "wd_jax.figures", wd_jax.figures),
        ("notebook", "wd_jax.notebook", wd_jax.notebook),
        ("report", "wd_jax.report", wd_jax.report),
        ("stats", "wd_jax.stats", wd_jax.stats),
        ("derivations", "derivations", derivations),
    ],
)
def test_the_reference_has_every_public_name(page: str, prefix: str, module) -> None:
    text = (DOCS / "api" / f"{page}.rst").read_text(encoding="utf-8")
    modules = {
        "conventions",
        "data",
        "figures",
        "notebook",
        "probes",
        "report",
        "rules",
        "schedules",
        "stats",
        "theory",
    }  # pages or sections of their own, or none
    for name in set(module.__all__) - modules:
        # Data are documented where they are defined: `derivations.scope.RULES`.
        assert re.search(rf":: {prefix}(\.\w+)?\.{name}\n", text), f"docs/api/{page}.rst lacks {name}"


def test_names_that_do_not_exist_are_told_from_those_without_a_page(extension) -> None:
    exists = extension("references").exists
    assert exists("wd_jax.engine.method") and exists("derivations.Formula.latex") and not exists("wd_jax.comparer")


@pytest.mark.parametrize("name", ["catalogue", "pages", "references", "subjects"])
def test_the_examples_in_the_extensions_run(extension, name: str) -> None:
    found = doctest.testmod(extension(name))
    assert found.attempted and not found.failed


def test_latex_becomes_mathml(extension) -> None:
    pytest.importorskip("latex2mathml", reason="only `make docs` needs latex2mathml")
    shown = extension("mathml").mathml(r"\frac{\eta\lambda}{n}", display=True)
    assert shown.startswith("<math") and 'display="block"' in shown and "<mfrac>" in shown
