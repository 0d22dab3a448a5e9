"""Downloading: pooch is asked with a hash, the second mirror is tried, and what goes wrong is one line."""

import logging
import sys
import types
from pathlib import Path

import pytest

from wd_jax.data import DatasetError, mnist
from wd_jax.data._mnist import FILES
from wd_jax.data.download import MIRRORS, SHA256_GZ, fetch

pytestmark = pytest.mark.numeric
NAME = "t10k-labels-idx1-ubyte"


def fake_pooch(monkeypatch: pytest.MonkeyPatch, folder: Path, working: set[str]) -> list[dict]:
    """Put a pooch in place that answers from the mirrors in `working`, and note what it is asked."""
    asked: list[dict] = []

    def retrieve(**request: object) -> str:
        asked.append(request)
        if not any(str(request["url"]).startswith(mirror) for mirror in working):
            raise OSError("no route\nto host")
        return str(folder / str(request["fname"]))

    module = types.ModuleType("pooch")
    module.__dict__.update(
        retrieve=retrieve, os_cache=lambda name: folder / name, get_logger=lambda: logging.getLogger("x")
    )
    monkeypatch.setitem(sys.modules, "pooch", module)
    return asked


def test_the_hash_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fake_pooch(monkeypatch, tmp_path, set(MIRRORS))
    assert fetch(NAME) == tmp_path / f"{NAME}.gz"
    assert [request["known_hash"] for request in asked] == [f"sha256:{SHA256_GZ[NAME]}"]


def test_the_second_mirror_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fake_pooch(monkeypatch, tmp_path, {MIRRORS[1]})
    fetch(NAME)
    assert [str(request["url"]) for request in asked] == [f"{mirror}{NAME}.gz" for mirror in MIRRORS]


def test_no_mirror_is_one_line_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_pooch(monkeypatch, tmp_path, set())
    with pytest.raises(DatasetError, match=r"no mirror gave it \(no route to host; .*check the network") as caught:
        mnist(download=True)
    assert "\n" not in str(caught.value)


def test_without_pooch_the_remedy_is_an_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DatasetError, match=r"needs pooch: pip install 'wd-jax\[data\]'"):
        fetch(NAME)


def test_every_file_has_a_hash() -> None:
    assert {file.name for file in FILES.values()} == set(SHA256_GZ)
