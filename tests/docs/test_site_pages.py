"""Gallery, glossary, which law, questions, changelog, versions, citation: made from the program, nothing left out."""

import doctest
import importlib
import json
import re
import sys
from pathlib import Path

import pytest

import derivations
import experiments
import wd_jax
from derivations.symbols import QUANTITIES
from wd_jax.report.words import GLOSSARY

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OF_PROGRAMS = {"blocked_sgd", "blocked_momentum"}  # no case of a reader's: the last lines of the page


@pytest.fixture(scope="module")
def extension():
    """Import one of the site's own Sphinx extensions by name."""
    sys.path.insert(0, str(DOCS))
    yield lambda name: importlib.import_module(f"extensions.{name}")
    sys.path.remove(str(DOCS))


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def filled(module, name: str) -> str:
    source = [page(name)]
    module._filled(type("App", (), {"config": type("Config", (), {"release": wd_jax.__version__})}), name, source)
    return source[0]


@pytest.mark.parametrize("name", ["showcase", "project", "glossary"])
def test_nothing_asked_for_is_left_on_a_page(extension, name: str, monkeypatch) -> None:
    module = extension(name)
    if name == "showcase":
        monkeypatch.setattr(module, "records", lambda: [])
    for one in getattr(module, "PAGES", (getattr(module, "PAGE", ""),)):
        text = filled(module, one)
        assert text != page(one) and not re.search(r"^```\{(gallery|project|words)\}", text, re.M)


def test_the_gallery_has_readmes_pictures_and_those_that_are_stored(extension, tmp_path: Path, monkeypatch) -> None:
    showcase, laboratory = extension("showcase"), extension("laboratory")
    gallery = importlib.import_module("gallery")
    text = showcase.readme()
    assert [name for name in re.findall(r"\]\(figures/(\w+)\.png\)", text)] == [one.name for one in gallery.PICTURES]
    assert "](docs/" not in text and "](mnist.md)" in text and "[the-exercise](tutorials/the-exercise.md)" in text
    law = {"title": "A", "question": "How?", "answer": "So 1.5. Or not.", "alt": "A", "command": "wd-jax laboratory x"}
    for file, name in (
        ("ridge", "ridge"),
        ("momentum", "momentum"),
        ("momentum.mnist", "momentum"),
        ("fresh_seeds", ""),
    ):
        (tmp_path / f"{file}.json").write_text(json.dumps(law | {"name": name}))
    monkeypatch.setattr(laboratory, "RESULTS", tmp_path)
    found = showcase.from_laboratory()
    names = re.findall(r"\]\(figures/laboratory/(\w+)\.png\)", found)
    assert names == ["momentum", "momentum_mnist", "ridge"]  # in the order of the laboratory's list
    assert "[A](laboratory/ridge.md)" in found and "So 1.5." in found and "Or not" not in found


def test_the_glossary_has_the_words_of_the_program_and_each_once(extension) -> None:
    glossary = extension("glossary")
    text = filled(glossary, "glossary")
    assert set(glossary.SYMBOLS) <= set(QUANTITIES)
    for name in glossary.SYMBOLS:
        assert f"<td><code>{name}</code></td>" in text and glossary.html.escape(QUANTITIES[name].meaning) in text
    for word, _ in GLOSSARY:
        assert glossary.html.escape(word) in text
    for name in experiments.names():
        for word, meaning in experiments.load(name).glossary:
            assert glossary.html.escape(word) in text and glossary.html.escape(meaning) in text
    terms = re.findall(r"^(\S[^\n]*)\n: ", page("glossary"), re.M)
    assert len(terms) >= 29 and len(set(terms)) == len(terms)
    assert {"member", "cell", "group", "task", "record", "method", "budget"} <= set(terms)  # of the vocabulary
    assert not {word for word, _ in GLOSSARY} & set(terms), "a word of the reports is explained by them"
    for word in ("holds", "fails", "diverged", "undecided"):
        assert f"*{word}*" in page("glossary")


def test_which_law_leads_to_every_law_and_every_page_of_the_laboratory() -> None:
    text = page("which-law")
    laws = set(re.findall(r"\(generated/catalogue/(\w+)\.md\)", text)) - {"index"}
    assert laws == set(derivations.names()) and OF_PROGRAMS <= laws
    pages = set(re.findall(r"\(laboratory/(\w+)\.md\)", text)) - {"index"}
    assert pages == set(experiments.names("laboratory"))
    anchors, used = set(re.findall(r"^\(([\w-]+)\)=$", text, re.M)), set(re.findall(r"\]\(#([\w-]+)\)", text))
    assert used == anchors, "every question is asked somewhere"


def test_every_question_says_where_it_was_asked_and_leads_on() -> None:
    sections = re.split(r"^## ", page("faq"), flags=re.M)[1:]
    assert len(sections) >= 12
    for section in sections:
        title, asked, *_ = section.split("\n")
        assert re.match(r"\[[^\]]+\]\(https://(github\.com/[\w.-]+/[\w.-]+/(issues|pull)/\d+|discuss\.)", asked), title
        answer = re.sub(r"^```.*?^```$", "", section, flags=re.M | re.S)
        assert re.search(r"\]\((?!https)[\w/-]+\.md\)", answer), f"{title}: leads nowhere"


def test_versions_say_what_the_site_is_for_and_which_there_are(extension) -> None:
    project = extension("project")
    assert "for **wd_jax 1.0**." in project.versions("1.0", [], ahead=False)
    assert "under *Unreleased*" in project.versions("1.0", [], ahead=True)
    others = [{"version": "1.0", "url": "here.html"}, {"version": "0.9", "url": "../0.9/<index>.html"}]
    text = project.versions("1.0", others, ahead=False)
    assert '<a href="../0.9/&lt;index&gt;.html">0.9</a>' in text and "here.html" not in text
    with pytest.raises(ValueError, match="exactly 'version' and 'url'"):
        project.versions("1.0", [{"version": "0.9"}], ahead=False)
    listed = json.loads((DOCS / "versions.json").read_text(encoding="utf-8"))
    assert project.versions(wd_jax.__version__, listed, ahead=False)
    assert project.unreleased("## Unreleased\n- new\n") and not project.unreleased("## Unreleased\n\n## 1.0\n- old\n")


def test_the_citation_is_that_of_the_file(extension) -> None:
    project = extension("project")
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    entry = project.cited(text)
    assert entry.startswith("@software{wd_jax,\n") and entry.count("{") == entry.count("}")
    assert f"version = {{{wd_jax.__version__}}}" in entry and "author = {{the wd\\_jax developers}}" in entry
    with pytest.raises(ValueError, match="no date-released"):
        project.cited(text.replace("date-released", "released"))


def test_the_changelog_is_the_repositorys(extension) -> None:
    project = extension("project")
    text = filled(project, "changelog")
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^##.*$", log, re.M)
    assert headings and re.findall(r"^##.*$", text, re.M) == headings and "](docs/" not in text


def test_no_script_of_the_site_asks_a_network() -> None:
    for script in (DOCS / "_static").glob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"https?://|fetch\(|XMLHttpRequest|import\(|sendBeacon|WebSocket", text), script.name


@pytest.mark.parametrize("name", ["showcase", "project", "glossary"])
def test_the_examples_in_the_extensions_run(extension, name: str) -> None:
    assert not doctest.testmod(extension(name)).failed
