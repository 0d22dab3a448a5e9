"""Files cut short, foreign or damaged: a log that says so, or one clear line; never a traceback."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audit.logs import written
from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.audit.logs.reading import read

pytestmark = pytest.mark.numeric
CUT = ("cut short", "no end", "being written")


def read_or_say(path: Path) -> TrainingLog | None:
    """Read a log, or see that the refusal is one line that names the file."""
    try:
        return read(path)
    except LogError as error:
        said = str(error)
        assert said.startswith(str(path)), said
        assert "\n" not in said, said
        assert len(said) < 600, said
        return None


@pytest.mark.parametrize("name", written.ALL)
def test_a_log_cut_at_every_byte_is_read_to_its_last_whole_record_or_refused(tmp_path: Path, name: str) -> None:
    text = written.ALL[name].encode()
    whole = read_or_say(_file(tmp_path, text))
    for end in range(len(text)):
        cut = text[:end]
        log = read_or_say(_file(tmp_path, cut))
        if log is None:
            continue
        assert len(log.time) <= len(whole.time)
        for layer, norm in log.norms.items():
            known = whole.norms[layer][: len(norm)]
            np.testing.assert_array_equal(norm[~np.isnan(norm)], known[~np.isnan(norm)])
        if not cut.endswith(b"\n") and not cut.endswith(b"}"):
            assert any(word in note for note in log.notes for word in CUT), log.notes


def _file(folder: Path, content: bytes) -> Path:
    (folder / "log").write_bytes(content)
    return folder / "log"


@pytest.mark.parametrize("name", ["hook", "lines"])
def test_a_gzip_file_cut_at_every_byte(tmp_path: Path, name: str) -> None:
    zipped = gzip.compress(written.ALL[name].encode())
    for end in range(len(zipped)):
        read_or_say(_file(tmp_path, zipped[:end]))


@pytest.mark.parametrize("name", written.ALL)
@settings(max_examples=60)
@given(data=st.data())
def test_bytes_that_were_changed(tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject) -> None:
    content = bytearray(written.ALL[name].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_say(_file(tmp_path_factory.mktemp("damaged"), bytes(content)))


@settings(max_examples=100)
@given(content=st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    read_or_say(_file(tmp_path_factory.mktemp("any"), content))


@settings(max_examples=100)
@given(content=st.text('{}[]",:0123456789.eE+-\n stepochlrwigd_/', max_size=120))
def test_any_text(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    read_or_say(_file(tmp_path_factory.mktemp("any"), content.encode()))


FOREIGN = {
    "empty": (b"", "it is empty"),
    "blank": (b"\n\n \n", "it is empty"),
    "picture": (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    "page": (b"<!DOCTYPE html><html>", "a web page"),
    "parquet": (b"PAR1\x15\x04", "a Parquet file"),
    "pickle": (b"\x80\x04\x95", "a pickle"),
    "UTF-16": ("step,lr\n1,2\n".encode("utf-16"), "UTF-16 text: save it as UTF-8"),
    "prose": (b"The training went well.\nVery well.\n", "text without columns"),
    "other table": (b"name,age\nBen,3\n", "none of its columns \\('name', 'age'\\) is one that a training log has"),
    "numbers only": (b"1,2,3\n4,5,6\n", "its first line holds numbers"),
    "no record": (b"step,weight_norm/a\n", "no row has a step"),
    "only a head": (b"step,weight_norm/a", "no record follows"),
    "other JSON": (b'{"name": "Ben"}', "no column of numbers is in it"),
    "cut JSON": (b'{"log_history": [{"step": 1', "cut short or damaged"),
    "no history": (b'{"log_history": []}', "its log_history is empty"),
    "checkpoint": (b"\x10\0\0\0\0\0\0\0" + b'{"a":1}', "one checkpoint"),
}


@pytest.mark.parametrize(("content", "said"), FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_no_log_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(LogError, match=said):
        read(_file(tmp_path, content))


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="cannot be read \\(no such file or directory\\)"):
        read(tmp_path / "log.csv")
    with pytest.raises(LogError, match="no log is in this folder; read here are CSV"):
        read(tmp_path)
    with pytest.raises(LogError, match="null"):
        read("a\0b")
    with pytest.raises(LogError, match="a list where a log is expected"):
        read([1, 2])  # pyrefly: ignore[bad-argument-type]


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LogError, match="no ordinary file"):
        read(tmp_path / "pipe")


@pytest.mark.parametrize(("unit", "steps"), [("batch", None), (None, 0), (None, -1), (None, float("nan"))])
def test_bad_arguments(tmp_path: Path, unit: str, steps: float) -> None:
    with pytest.raises(LogError, match=r"give"):
        read(_file(tmp_path, written.HOOK.encode()), unit=unit, steps_per_epoch=steps)  # pyrefly: ignore


def test_rows_with_too_many_cells_are_left_out(tmp_path: Path) -> None:
    log = read(_file(tmp_path, b"step,weight_norm/a\n1,2\n2,3,4\n3,4\n4,5,6,7\n5,1,\n"))
    assert log.time.tolist() == [1, 3, 5]
    assert any(note.startswith("Lines with more cells") and note.endswith("left out: 2.") for note in log.notes)


def test_a_line_of_names_that_comes_again_is_left_out(tmp_path: Path) -> None:
    log = read(_file(tmp_path, b"step,weight_norm/a\n1,2\nstep,weight_norm/a\n2,3\n"))
    assert log.time.tolist() == [1, 2]
    assert "Rows without a step, left out: 1." in log.notes


def test_several_logs_in_a_folder_are_named(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(written.HOOK)
    with pytest.raises(LogError, match=r"several logs \('a\.csv', 'b\.csv'\): name one"):
        read(tmp_path)
    (tmp_path / "metrics.csv").write_text(written.LIGHTNING)
    assert read(tmp_path).kind == "Lightning metrics.csv"


PEAK = r"""
import re, sys
from pathlib import Path
from wd_jax.audit.logs import records
from wd_jax.audit.logs.reading import read
records.MOST_NUMBERS = 400_000  # smaller, and then smaller files tell
log = read(sys.argv[1])
peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
print(peak[1], len(log.time))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says so in /proc")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    lines = [",".join(["0.1", *(["1.2345678901234567"] * 40)]) for _ in range(1000)]
    names = "step,lr," + ",".join(f"weight_norm/{layer}" for layer in range(40)) + "\n"
    for count in (30, 120):
        path = tmp_path / f"{count}.csv"
        with path.open("w") as file:
            file.write(names)
            for block in range(count):
                file.write("".join(f"{block * 1000 + index},{line}\n" for index, line in enumerate(lines)))
        done = subprocess.run([sys.executable, "-c", PEAK, path], capture_output=True, text=True, check=True)
        kibibytes, records = map(int, done.stdout.split())
        assert 2_000 < records <= 10_000
        peaks.append(kibibytes / 1024)
    assert peaks[1] - peaks[0] < 25, peaks
    assert peaks[1] < 300, peaks
