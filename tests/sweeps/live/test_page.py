"""The status page: what it says, that it is one whole file, and that texts of a run stay texts."""

import dataclasses
import html
import re
from pathlib import Path

import pytest

import wd_jax as wd
from tests.sweeps.live.conftest import DATA
from wd_jax.sweeps.live import chart, words
from wd_jax.sweeps.live.curves import NOTHING, Curves, Line, Panel
from wd_jax.sweeps.live.page import BETWEEN, StatusPage, page
from wd_jax.sweeps.live.state import state, watched
from wd_jax.sweeps.store import drivers
from wd_jax.sweeps.store.failures import Failure

pytestmark = pytest.mark.numeric
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def running(folder: Path, **said):
    now = state(watched(folder), now=1000.0)
    driver = dataclasses.replace(drivers.new("threads", now.plan, ("made up",)), started=900.0, seen=999.0)
    return dataclasses.replace(now, word="running", workers=(driver,), rate=1234.0, left=90.0, **said)


def test_a_sweep_leaves_the_page_of_its_end(finished) -> None:
    text = (finished / "status.html").read_text(encoding="utf-8")
    assert "3 of 3 done" in text and "20 of 20 done" in text and ">done</p>" in text
    assert 'http-equiv="refresh"' not in text and "The run has ended" in text
    assert " ago" not in text.split("<script>")[0] and "threads, done, at 20" in text
    assert text.count("<figure>") == 3 and not list((finished / "run-1" / "tmp").iterdir())


def test_while_it_runs_the_page_loads_itself_again(finished) -> None:
    text = page(running(finished, tasks_done=1, steps_done=60), NOTHING)
    assert f'http-equiv="refresh" content="{BETWEEN:.0f}"' in text
    assert "running, 90 s left" in text and "1 of 3 done" in text and "1.23k member-steps/s" in text
    assert 'aria-valuenow="25.0"' in text and "for 100 s" in text


def test_a_run_without_anybody_says_what_to_do(halved) -> None:
    text = page(state(watched(halved)), NOTHING)
    assert "nothing works on it now" in text and "run the same command again" in text


def test_texts_of_a_run_are_texts(finished) -> None:
    failure = Failure("a" * 32, 1, HOSTILE, HOSTILE, HOSTILE, 0.0)
    driver = dataclasses.replace(drivers.new(HOSTILE, "f00d", (HOSTILE,), {HOSTILE: HOSTILE}), host=HOSTILE)
    now = running(finished, root=HOSTILE, dataset=HOSTILE, failures=(failure,))
    now = dataclasses.replace(now, workers=(driver,))
    panel = Panel(HOSTILE, (0.0, 1.0), (Line(HOSTILE, (1.0, 2.0)),))
    text = page(now, dataclasses.replace(NOTHING, members=1, panels=(panel,)))
    assert "<img" not in text and text.count("<script>") == 1 and "onerror=alert(2)&gt;" in text
    assert "&lt;script&gt;alert(1)" in text


def test_nothing_of_the_page_asks_for_anything(finished) -> None:
    text = page(running(finished), Curves(watched(finished)).look(60.0))
    assert not re.search(r"(src|href|url)\s*[=(]", text) and "http:" not in text and "https:" not in text
    assert "default-src 'none'" in html.unescape(text)


def test_the_page_is_written_now_and_then_and_at_the_end(halved) -> None:
    clock, target = [0.0], halved / "status.html"
    target.unlink()
    kept = StatusPage(watched(halved), lambda: clock[0])
    kept.look()
    assert target.exists()
    target.unlink()
    clock[0] = BETWEEN - 0.1
    kept.look()
    assert not target.exists()
    clock[0] = BETWEEN
    kept.look()
    assert target.exists()
    target.unlink()
    kept.end()
    assert target.exists()


def test_a_disk_that_takes_no_page_ends_no_run(halved, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wd_jax.sweeps.live.page.aside.replace", _full)
    StatusPage(watched(halved)).end()


def test_a_fault_of_the_page_is_said_once_and_ends_no_run(halved, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_, **__):
        raise KeyError("made up")

    monkeypatch.setattr("wd_jax.sweeps.live.page.state", broken)
    kept = StatusPage(watched(halved))
    with pytest.warns(UserWarning, match=r"not written \(KeyError: 'made up'\); the run goes on"):
        kept.end()
    kept.end()


def _full(*_) -> None:
    raise OSError(28, "No space left on device")


def test_a_sweep_whose_tasks_fail_shows_them(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wd_jax.sweeps import threads
    from wd_jax.sweeps.run_errors import IncompleteError

    def broken(*_, **__):
        raise ArithmeticError("made up <b>")

    monkeypatch.setattr(threads, "run_on", broken)
    with pytest.raises(IncompleteError):
        wd.sweep(wd.Setup(widths=(4, 2)), DATA, lmbda=1.0, epochs=1, progress=False, out=tmp_path / "run")
    text = (tmp_path / "run" / "status.html").read_text(encoding="utf-8")
    assert "ArithmeticError: made up &lt;b&gt;" in text and "1 failed" in text
    assert words.headline(state(watched(tmp_path / "run"))).startswith("failed")


def test_a_curve_goes_from_edge_to_edge_and_is_cut_where_there_is_no_number() -> None:
    nan = float("nan")
    found = chart.chart(Panel("x", (0.0, 1.0, 2.0, 3.0), (Line("a", (1.0, nan, 3.0, 2.0)), Line("b", (nan,) * 4))))
    first, second = found.lines
    assert len(first.points) == 2 and second.points == () and second.ends == "no number"
    corner = f"{chart.LEFT:.1f},{chart.HEIGHT - chart.BOTTOM:.1f}"
    assert first.points[0].startswith(corner)  # the least value, at the first epoch
    assert first.points[1].split()[0].endswith(f",{chart.TOP:.1f}")  # the largest
    assert not found.logarithmic and [tick.text for tick in found.y] == ["1", "2", "3"]


def test_numbers_of_many_sizes_have_a_logarithmic_scale() -> None:
    found = chart.chart(Panel("x", (0.0, 1.0, 2.0), (Line("a", (100.0, 10.0, 1.0)),)))
    heights = [float(point.split(",")[1]) for point in found.lines[0].points[0].split()]
    assert found.logarithmic and heights[1] == pytest.approx((heights[0] + heights[2]) / 2, abs=0.1)
    flat = chart.chart(Panel("x", (0.0, 1.0), (Line("a", (2.0, 2.0)),)))
    assert len(set(tick.at for tick in flat.y)) == 3


def test_words_for_a_terminal_hold_no_control_characters(finished) -> None:
    text = words.text(running(finished, root="a\x1b[2Jb"), Curves(watched(finished)).look(60.0))
    assert "\x1b" not in text and "lmbda = 5" in text and "█" in text


def test_a_page_that_takes_long_is_written_seldom(halved, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, written = [0.0], []

    def slow(*_) -> None:
        clock[0] += 2.0
        written.append(clock[0])

    monkeypatch.setattr("wd_jax.sweeps.live.page.aside.replace", slow)
    kept = StatusPage(watched(halved), lambda: clock[0])
    for _ in range(1000):
        kept.look()
        clock[0] += 1.0
    assert 2.0 * len(written) <= 0.011 * clock[0] + 2.0 and len(written) > 1


def test_the_scale_says_the_numbers_that_the_legend_says() -> None:
    """With two digits the top of a curve from 0.943 to 1.02 was called 1."""
    found = chart.chart(Panel("x", (0.0, 1.0), (Line("a", (1.016, 0.943)),)))
    assert [found.y[0].text, found.y[-1].text] == ["0.943", "1.02"] and found.lines[0].ends == "1.02 → 0.943"
