"""What a user typed shows as text and never runs; what gets into the page all the same is stopped by its policy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wd_jax.report import explorer_precision, explorer_schedules
from wd_jax.report.contents import Picture
from wd_jax.report.explorer import CONTROLS, REQUIRED, explorer
from wd_jax.report.page import page
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

pytestmark = pytest.mark.browser
SCRIPT = "<script>window.ran = 1</script>"
PICTURE = "<img src=x onerror=window.ran=1>"
EVIL = f"</script></style></title>--> \"' {{{{ 7 * 7 }}}} &amp; {SCRIPT} {PICTURE}"


@pytest.fixture(scope="session")
def nasty_folder(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One claim of the run in a folder whose path is markup, judged again there by the command line."""
    settings = json.loads((run_folder / "settings.json").read_text(encoding="utf-8"))
    name = settings["experiments"][1]
    folder = tmp_path_factory.mktemp("nasty") / f"{PICTURE}<script>window.ran = 1<" / "script>\"' {{ 7 * 7 }} &amp;"
    folder.mkdir(parents=True)
    shutil.copy(run_folder / "settings.json", folder)
    for stored in run_folder.glob(f"{name}*/FORMAT"):
        shutil.copytree(stored.parent, folder / stored.parent.name)
    done = subprocess.run(
        [sys.executable, "-m", "wd_jax.cli", "report", str(folder)],
        capture_output=True, text=True, check=False, env=os.environ | {"JAX_NUM_CPU_DEVICES": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def test_a_path_that_is_markup_shows_as_text(open_page, nasty_folder: Path) -> None:
    one = open_page(nasty_folder / "report.html")
    one.unfold()
    text = one.page.locator("body").inner_text()
    for part in (PICTURE, SCRIPT, "{{ 7 * 7 }} &amp;"):
        assert part in text
    assert one.page.evaluate("window.ran") is None


def test_titles_labels_and_presets_that_are_markup_show_as_text(open_page, tmp_path: Path) -> None:
    verdict = Verdict(EVIL, "prediction", EVIL, EVIL, 1.0, 2.0, (1.5, 2.5), 0.1, "fails", EVIL)
    outcome = Outcome("claim", EVIL, EVIL, (verdict,), (Table(EVIL, (EVIL,), ((EVIL,),), EVIL),), lambda: None)
    program = "".join(f"function {name}() {{ return 1; }}\n" for name in REQUIRED)
    preset = {"label": EVIL, "note": EVIL, "values": {control.name: 1 for control in CONTROLS}}
    data = {"precision": explorer_precision.data(), "schedules": explorer_schedules.data()}
    part = explorer(program, data | {"presets": [preset]})
    svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran = 1"><script>window.ran = 1</script></svg>'
    path = tmp_path / "evil.html"
    text = page([outcome], {"claim": Picture(svg, svg)}, {}, {EVIL: EVIL, "command": EVIL}, part)
    path.write_text(text, encoding="utf-8")
    one = open_page(path)
    one.unfold()
    one.page.locator("#explorer-said p").first.wait_for()
    text = one.page.locator("body").inner_text()
    assert text.count(EVIL) > 12
    assert one.page.evaluate("window.ran") is None
    assert one.page.locator("img").count() == 1 and one.page.locator("body script").count() == 2


ADD_SCRIPT = """text => {
  const script = document.createElement("script");
  script.textContent = text;
  document.body.append(script);
}"""
ADD_HANDLER = """text => {
  const button = document.createElement("button");
  button.setAttribute("onclick", text);
  document.body.append(button);
  button.click();
}"""
ADD_ADDRESS = """text => {
  const link = document.createElement("a");
  link.href = "javascript:" + text;
  document.body.append(link);
  link.click();
}"""
ADD_TIMER = "text => setTimeout(text, 0)"
ADDED = pytest.mark.parametrize(
    "add", [ADD_SCRIPT, ADD_HANDLER, ADD_ADDRESS, ADD_TIMER], ids=["script", "handler", "address", "timer"]
)


@ADDED
def test_the_policy_stops_a_script_that_is_added(report, add: str) -> None:
    one = report()
    one.page.evaluate(add, "window.ran = 1")
    one.page.wait_for_timeout(100)
    assert one.page.evaluate("window.ran") is None
    assert one.complaints and all("Content Security Policy" in text for text in one.complaints)
    one.complaints.clear()


@ADDED
def test_without_the_policy_it_would_run(open_page, tmp_path: Path, add: str) -> None:
    page = tmp_path / "open.html"
    page.write_text("<!doctype html><body></body>")
    one = open_page(page)
    one.page.evaluate(add, "window.ran = 1")
    one.page.wait_for_function("() => window.ran === 1")


def test_the_policy_stops_a_request(report) -> None:
    one = report()
    assert one.page.evaluate("fetch('http://127.0.0.1:9/x').then(() => 'sent', () => 'stopped')") == "stopped"
    assert one.foreign == [] and "Content Security Policy" in one.complaints[0]
    one.complaints.clear()
