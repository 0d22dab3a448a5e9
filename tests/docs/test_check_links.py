"""The link checker finds what is broken, and only that."""

import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.numeric
SCRIPT = Path(__file__).parents[2] / "docs" / "check_links.py"


@pytest.fixture(scope="module")
def check_links():
    spec = importlib.util.spec_from_file_location("check_links", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def site(folder: Path, body: str) -> Path:
    (folder / "sub").mkdir()
    (folder / "index.html").write_text(f'<h1 id="top">a</h1>{body}', encoding="utf-8")
    (folder / "sub" / "index.html").write_text('<p id="part two">b</p><a href="../index.html#top">up</a>')
    (folder / "style.css").write_text("")
    return folder


def test_good_links_pass(tmp_path: Path, check_links) -> None:
    links = ("#top", "sub/", "sub/index.html#part%20two", "style.css", "https://example.org/x", "mailto:a@example.org")
    folder = site(tmp_path, "".join(f'<a href="{link}">x</a>' for link in links) + '<img src="data:image/png;base64,">')
    assert list(check_links.broken(folder)) == []
    assert check_links.main(str(folder)) == 0


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('<a href="none.html">x</a>', "no such file"),
        ('<img src="none.png">', "no such file"),
        ('<a href="#nowhere">x</a>', "no such anchor"),
        ('<a href="sub/index.html#nowhere">x</a>', "no such anchor"),
        ('<a href="../../etc">x</a>', "outside the site"),
        ('<script src="https://example.org/x.js"></script>', "loaded from a network"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "loaded from a network"),
    ],
)
def test_a_broken_link_is_found(tmp_path: Path, check_links, body: str, why: str) -> None:
    found = list(check_links.broken(site(tmp_path, body)))
    assert len(found) == 1 and found[0].startswith("index.html:1: ") and found[0].endswith(why)
    assert check_links.main(str(tmp_path)) == 1


def test_an_empty_folder_is_no_site(tmp_path: Path, check_links) -> None:
    assert check_links.main(str(tmp_path)) == 1
