"""README's gallery: every experiment and kind of figure is in it, each command parses, the pictures stay small."""

import importlib.util
import shlex
import sys
from pathlib import Path

import pytest

import experiments
from wd_jax.cli.parsing import parse
from wd_jax.cli.registry import COMMANDS
from wd_jax.figures.kinds import KINDS

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[2]
MOST_BYTES, MOST_IN_ALL = 120_000, 1_500_000


@pytest.fixture(scope="module")
def gallery():
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "docs" / "gallery.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gallery"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["gallery"]


def test_every_experiment_and_kind_is_shown(gallery) -> None:
    shown = {picture.name for picture in gallery.PICTURES}
    assert set(experiments.names("exercise")) <= shown  # the laboratory's laws have pages of their own
    rows = " ".join(f"{picture.command} {picture.result}" for picture in gallery.PICTURES)
    assert not [name for name in KINDS if f"wd-jax figure {name}" not in rows]
    tutorials = {page.stem.replace("-", "_") for page in (ROOT / "docs" / "tutorials").glob("*.md")}
    assert tutorials <= shown | {"index"}


def test_the_commands_parse(gallery) -> None:
    lines = {line for picture in gallery.PICTURES for line in (picture.command, *picture.before)}
    for line in sorted(lines):
        if line.endswith(".md"):
            assert (ROOT / line).is_file()
            continue
        name, *options = shlex.split(line)[1:]
        parse(COMMANDS[name].load(), f"wd-jax {name}", options)  # raises UsageError


def test_readme_shows_what_the_script_would_write(gallery) -> None:
    text = gallery.README.read_text(encoding="utf-8")
    times = gallery.known_times(text)
    assert set(times) == {picture.name for picture in gallery.PICTURES}, "remake with python docs/gallery.py"
    assert gallery.BEGIN + gallery.gallery(times) + gallery.END in text, "rewrite with python docs/gallery.py --table"


def test_the_pictures_are_there_and_small(gallery) -> None:
    sizes = {picture.stem: picture.stat().st_size for picture in gallery.FIGURES.glob("*.png")}
    assert set(sizes) == {picture.name for picture in gallery.PICTURES}
    assert not {name: size for name, size in sizes.items() if size > MOST_BYTES}
    assert sum(sizes.values()) < MOST_IN_ALL


def test_the_cells_of_a_page_run_in_order(gallery, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "a\n\n```{code-cell} ipython3\n---\nkey:\n  alt: b\n---\nx = 1\n```\n\n```{code-cell}\ny = x + 1\n```\n"
    )
    assert gallery.cells_of(page)["y"] == 2
