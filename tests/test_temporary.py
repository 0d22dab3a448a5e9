"""Hidden files of killed writers go, those of living writers and of everybody else stay."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wd_jax import files, temporary

pytestmark = pytest.mark.numeric

WRITER = """
import sys, time
from pathlib import Path
from wd_jax import files
def save(aside):
    aside.write_bytes(b"half")
    print(aside.name, flush=True)
    time.sleep(600)
files.publish(Path(sys.argv[1]), save)
"""


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """What a writer leaves that was killed in the middle."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "runs.nc")],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    left = tmp_path / process.stdout.readline().strip()
    assert temporary.sweep(tmp_path) == () and left.exists()  # it lives
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=60)
    process.stdout.close()
    assert left.read_bytes() == b"half"
    return left


def aged(path: Path, hours: float) -> Path:
    path.write_bytes(b"half")
    then = path.stat().st_mtime - 3600 * hours
    os.utime(path, (then, then))
    return path


def test_the_next_claim_removes_what_a_killed_writer_left(killed: Path) -> None:
    files.claim_file(killed.parent / "other")
    assert list(killed.parent.iterdir()) == []


def test_what_is_not_known_to_be_dead_stays_a_day(killed: Path) -> None:
    folder, host, own = killed.parent, killed.name.split(".")[-4], f"{os.getpid()}.0123abcd.nc"
    stay = [
        aged(folder / f".wd_jax.runs.nc.another-machine.{killed.name.split('.')[-3]}.0123abcd.nc", 1),
        aged(folder / f".wd_jax.runs.nc.{host}.{own}", 1),
        aged(folder / ".runs.nc.0123abcd.nc", 1),  # as version 0.2.0 named them
        *(aged(folder / name, 1000) for name in (".notes.nc", ".wd_jax.nc", ".a.0123abcd.zip", "x.nc.0123abcd.nc")),
    ]
    go = [
        aged(folder / ".wd_jax.runs.nc.another-machine.1.0123abcd.nc", 25),
        aged(folder / ".runs.nc.89abcdef.nc", 25),
    ]
    (folder / ".wd_jax.link.nc.other.1.0123abcd.nc").symlink_to(stay[0])
    (folder / ".wd_jax.folder.nc.other.1.0123abcd.nc").mkdir()
    assert set(temporary.sweep(folder)) == {killed, *go}
    assert all(path.exists() for path in stay) and len(list(folder.iterdir())) == len(stay) + 2


def test_names_of_any_length_and_letters(tmp_path: Path) -> None:
    for name in ("x" * 252 + ".nc", "🧪" * 60 + ".nc", "a.b c.nc", "none"):
        aside = temporary.beside(tmp_path / name)
        aside.touch()
        assert temporary.is_ours(aside) and aside.name.endswith(Path(name).suffix)
        assert temporary.sweep(tmp_path) == ()
