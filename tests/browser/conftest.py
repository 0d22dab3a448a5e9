"""The report in a real browser, from disk and without a network: any complaint or request of a page fails its test."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AXE = Path(__file__).parents[2] / ".venv/axe/node_modules/axe-core/axe.min.js"


@dataclass(frozen=True)
class Opened:
    """A page, with what it said in the console and what it asked for."""

    page: "Page"
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """Requests for anything but the file itself and what it carries inside."""
        return [url for url in self.requests if url.split("#")[0] != self.address and not url.startswith("data:")]

    def unfold(self) -> None:
        """Open all fold-outs."""
        self.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's chromium, headless; playwright downloads none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is missing: pip install '.[browser]'")
    named = os.environ.get("WD_JAX_BROWSER")
    executable = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip("no browser found: apt-get install chromium, or name one in WD_JAX_BROWSER")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def run_folder(browser: "Browser", request: pytest.FixtureRequest) -> Path:
    """A finished run: the one WD_JAX_RUN names, or a small one made now, if there is a browser. Do not write there."""
    named = os.environ.get("WD_JAX_RUN")
    return Path(named) if named else request.getfixturevalue("reproduced").folder


@pytest.fixture
def open_page(browser: "Browser") -> Iterator[Open]:
    """(path, options of a browser context) -> Opened, offline; afterwards nothing may have been said or asked for."""
    opened: list[Opened] = []

    def open_page(path: Path, **options: Any) -> Opened:
        context = browser.new_context(**options)
        context.set_default_timeout(30_000)
        context.set_offline(True)
        one = Opened(context.new_page(), path.absolute().as_uri())
        opened.append(one)
        one.page.on("pageerror", lambda error: one.complaints.append(f"error: {error}"))
        one.page.on(
            "console",
            lambda said: said.type in ("error", "warning") and one.complaints.append(f"{said.type}: {said.text}"),
        )
        context.on("request", lambda request: one.requests.append(request.url))
        one.page.goto(one.address)
        return one

    yield open_page
    for one in opened:
        one.page.context.close()
    assert [one.complaints for one in opened] == [[] for _ in opened]
    assert [one.foreign for one in opened] == [[] for _ in opened]


@pytest.fixture
def report(open_page: Open, run_folder: Path) -> Callable[..., Opened]:
    """(options of a browser context) -> the run's report, opened."""
    return lambda **options: open_page(run_folder / "report.html", **options)


@pytest.fixture(scope="session")
def picture() -> Callable[["Page | Locator", str], None]:
    """(page or part of it, name) -> a picture in the folder WD_JAX_SCREENSHOTS names, where it names one."""
    folder = os.environ.get("WD_JAX_SCREENSHOTS")

    def take(what: "Page | Locator", name: str) -> None:
        if folder:
            whole = {"full_page": True} if hasattr(what, "goto") else {}
            what.screenshot(path=Path(folder) / f"{name}.png", timeout=60_000, **whole)

    return take


@pytest.fixture(scope="session")
def axe() -> str:
    """Source of axe-core, which finds what keeps people from using a page."""
    if not AXE.is_file():
        pytest.skip(f"axe-core is missing: npm install --prefix .venv/axe axe-core (looked for {AXE})")
    return AXE.read_text(encoding="utf-8")
