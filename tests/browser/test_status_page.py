"""The status page of a run in a real browser: nothing is asked for, and both colour schemes can be read."""

import dataclasses
import os
from pathlib import Path

import pytest

import wd_jax as wd
from wd_jax.sweeps.live.curves import Curves
from wd_jax.sweeps.live.page import page
from wd_jax.sweeps.live.state import state, watched
from wd_jax.sweeps.store import drivers
from wd_jax.sweeps.store.failures import Failure

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, and beside its page one as it would be while it goes on."""
    root = tmp_path_factory.mktemp("status") / "run"
    setup, data = wd.Setup(widths=(64, 10, 10)), wd.data.digits()
    wd.sweep(setup, data, lmbda=[0.5, 5.0, 50.0], eta=0.1, seeds=4, epochs=4, progress=False, out=root)
    store = watched(root)
    now = state(store)
    driver = dataclasses.replace(drivers.new("threads", now.plan, ("made up",)), pid=os.getpid())
    failure = Failure("a" * 32, 2, "ValueError: " + "long words " * 30, "", "a-host", 0.0)
    live = dataclasses.replace(now, word="running", workers=(driver,), left=100.0, failures=(failure,), tasks_failed=1)
    live = dataclasses.replace(live, steps_done=now.steps // 3, rate=1e5)
    (root / "live.html").write_text(page(live, Curves(store).look(60.0)), encoding="utf-8")
    stale = dataclasses.replace(live, at=now.at - 3600)
    (root / "stale.html").write_text(page(stale, Curves(store).look(60.0)), encoding="utf-8")
    return root


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 360])
@pytest.mark.parametrize("name", ["status", "live"])
def test_it_opens_and_nothing_is_wider_than_the_screen(name, width, scheme, root, open_page) -> None:
    opened = open_page(root / f"{name}.html", color_scheme=scheme, viewport={"width": width, "height": 900})
    assert opened.page.locator("h1").inner_text() == str(root)
    assert opened.page.locator("figure").count() == 3 and opened.page.locator("polyline").count() == 9
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert not opened.complaints and not opened.foreign
    if folder := os.environ.get("WD_JAX_SCREENSHOTS"):
        opened.page.screenshot(path=Path(folder) / f"status-{name}-{width}-{scheme}.png", full_page=True)


def test_it_says_when_nobody_has_written_it_for_long(root, open_page) -> None:
    assert open_page(root / "live.html").page.locator(".lost").is_hidden()
    stale = open_page(root / "stale.html")
    assert stale.page.locator(".lost").is_visible() and "60 min ago" in stale.page.locator("footer").inner_text()
    assert not stale.page.locator(".state").is_visible()  # it said that the run goes on


def test_it_loads_itself_again(root, open_page) -> None:
    opened = open_page(root / "live.html")
    text = (root / "live.html").read_text(encoding="utf-8")
    (root / "live.html").write_text(text.replace("running, 100 s left", "running, 7 s left"), encoding="utf-8")
    opened.page.get_by_text("running, 7 s left").wait_for(timeout=20_000)
    assert not opened.complaints and not opened.foreign
