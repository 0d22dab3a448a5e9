"""Case 15: compiled programs that are torn, flipped or cannot be kept: the same bits, a word, and none used again."""

import json
import os
import shutil
import stat
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

import wd_jax
from wd_jax import compile_cache, seals

pytestmark = pytest.mark.fault
LINE = "sweep --dataset teacher --widths 16 3 4 --lmbda 1 --epochs 1 --no-budget --no-moved --json --out"


def run(cache: Path, out: Path) -> tuple[dict[str, np.ndarray], str, dict]:
    """Train with a cache there; give the numbers, what was said, and what JAX counted."""
    code = (
        "import atexit, collections, json, sys; from jax import monitoring; seen = collections.Counter();"
        "monitoring.register_event_listener(lambda event, **_: seen.update([event.rpartition('/')[2]]));"
        "from wd_jax.cli import main; code = main(sys.argv[1:]);"
        "print(json.dumps(seen), file=sys.stderr); sys.exit(code)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    command = [sys.executable, "-c", code, *LINE.split(), str(out)]
    done = subprocess.run(
        command,
        env=environment | {"XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    *lines, counted = done.stderr.strip().splitlines()
    runs = wd_jax.open(out)
    warned = "\n".join(line for line in lines if line.startswith("warning: "))
    return {name: runs[name].values for name in runs.data_vars}, warned, json.loads(counted)


def entries(cache: Path) -> list[Path]:
    return sorted(cache.rglob(f"*{seals.ENTRY}"))


def contents(cache: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in cache.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, np.ndarray]]:
    """A cache that one run has filled, a copy of it, and the numbers of that run."""
    folder = tmp_path_factory.mktemp("filled")
    numbers, warned, counted = run(folder / "cache", folder / "run.nc")
    assert warned == "" and counted["cache_misses"] >= 4 and "cache_hits" not in counted
    return folder / "cache", Path(shutil.copytree(folder / "cache", folder / "copy")), numbers


@pytest.fixture
def kept(filled) -> Path:
    """The cache as that run left it. Always in one place: JAX's keys know the folder's name."""
    shutil.rmtree(filled[0])
    return Path(shutil.copytree(filled[1], filled[0]))


def same(numbers: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> bool:
    return {name: array.tobytes() for name, array in numbers.items()} == {
        name: array.tobytes() for name, array in others.items()
    }


def test_damaged_entries_are_removed_and_compiled_again(kept: Path, filled, tmp_path: Path) -> None:
    names = {path.name for path in entries(kept)}
    truncated, flipped, emptied, replaced = entries(kept)[:4]
    os.truncate(truncated, truncated.stat().st_size // 2)
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 1
    flipped.write_bytes(content)
    emptied.write_bytes(b"")
    replaced.write_bytes(entries(kept)[4].read_bytes())  # another program, whole: no compression notices that
    numbers, warned, counted = run(kept, tmp_path / "run.nc")
    assert "4 compiled programs were damaged: removed" in warned and "\n" not in warned
    assert counted["cache_misses"] == 4 and counted["cache_hits"] == len(names) - 4
    assert same(numbers, filled[2])
    assert {path.name for path in entries(kept)} == names
    assert seals.check(truncated.parent) == seals.Checked(len(names), 0, 0, sum(map(size, entries(kept))))


def size(path: Path) -> int:
    return path.stat().st_size


def test_what_a_killed_run_left_is_not_used_and_others_cannot_write_there(kept: Path, filled, tmp_path: Path) -> None:
    torn = next(path for path in entries(kept) if path.name.startswith("jit_advance"))
    torn.with_name(f"{torn.name}.sha256").unlink()
    os.truncate(torn, torn.stat().st_size - 1)
    folders = (torn.parent, torn.parent.parent, torn.parent.parent.parent)
    for folder in folders:
        folder.chmod(0o777)
    numbers, warned, counted = run(kept, tmp_path / "run.nc")
    assert warned == "" and counted["cache_misses"] == 1  # a kill is no fault of the disk: no word
    assert same(numbers, filled[2])
    assert seals.check(torn.parent).kept == len(entries(filled[1]))
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700, 0o755]


def test_a_folder_that_cannot_be_used_is_said_and_done_without(filled, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    numbers, warned, counted = run(tmp_path / "cache", tmp_path / "run.nc")
    assert warned.endswith("compiled programs are not kept for the next run") and str(tmp_path / "cache") in warned
    assert "cache_misses" not in counted
    assert same(numbers, filled[2])


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write_is_said(tmp_path: Path) -> None:
    tmp_path.joinpath("cache").mkdir(mode=0o500)
    assert "permission denied" in run(tmp_path / "cache", tmp_path / "run.nc")[1]


def test_a_folder_of_the_users_choice_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"x{seals.ENTRY}").write_bytes(b"torn")
    monkeypatch.setenv(compile_cache.VARIABLE, str(tmp_path))
    assert compile_cache.use() == tmp_path
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {f"x{seals.ENTRY}": b"torn"}


@pytest.mark.parametrize("seed", range(4))
def test_no_flip_and_no_cut_passes_for_whole(seed: int, tmp_path: Path) -> None:
    """Besides JAX: whatever one bit does, or one byte that is lost, an entry is the sealed one or it is gone."""
    draw = np.random.default_rng(seed)
    content = zlib.compress(draw.bytes(2000))
    for trial in range(50):
        entry = tmp_path / f"p{trial}{seals.ENTRY}"
        entry.write_bytes(content)
        assert seals.seal(tmp_path) == 1
        bad = bytearray(content)
        place = int(draw.integers(len(bad)))
        if trial % 2:
            bad[place] ^= 1 << int(draw.integers(8))
        else:
            del bad[place]
        entry.write_bytes(bad)
        assert seals.check(tmp_path) == seals.Checked(0, 1, 0, 0) and list(tmp_path.iterdir()) == []
    for cut in range(1, len(content), 97):
        (tmp_path / f"c{seals.ENTRY}").write_bytes(content[:cut])
        assert seals.seal(tmp_path) == 0  # being written, or torn
