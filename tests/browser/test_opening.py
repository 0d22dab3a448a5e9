"""The report opens from disk, alone: no complaint in the console, nothing fetched, every picture there."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
MEGABYTE = 1_000_000


def test_it_opens_silently_and_asks_for_nothing(report) -> None:
    one = report()
    one.unfold()
    for button in one.page.locator("button:visible").all():
        button.click()
    assert one.page.locator("h1").count() == 1
    assert (one.complaints, one.foreign) == ([], [])
    assert one.address in one.requests


def test_it_is_one_file_below_five_megabytes(open_page, run_folder: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.html"
    alone.write_bytes((run_folder / "report.html").read_bytes())
    assert alone.stat().st_size < 5 * MEGABYTE
    assert open_page(alone).page.locator("h1").count() == 1


def test_every_picture_is_there_and_described(report) -> None:
    pictures = report().page.locator("img").evaluate_all(
        "all => all.map(one => [one.alt, one.complete && one.naturalWidth > 0])"
    )  # fmt: skip
    assert len(pictures) >= 4
    assert all(len(text.split()) > 3 and drawn for text, drawn in pictures), pictures


def test_a_page_that_asks_and_complains_is_noticed(open_page, tmp_path: Path) -> None:
    page = tmp_path / "chatty.html"
    page.write_text(
        "<!doctype html><script>console.warn('so so'); fetch('http://127.0.0.1:9/x').catch(() => {}); throw 1</script>"
    )
    one = open_page(page)
    one.page.wait_for_function("() => performance.now() > 200")
    assert any("so so" in text for text in one.complaints) and any(text.startswith("error") for text in one.complaints)
    assert one.foreign == ["http://127.0.0.1:9/x"]
    one.complaints.clear()
    one.requests.clear()
