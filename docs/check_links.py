"""Follow every link inside the built site: `python docs/check_links.py FOLDER` prints the broken ones, exit code 1."""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKS = {"href", "src", "poster", "data"}


class _Page(HTMLParser):
    """What one page links to, and the anchors it has."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[int, str]] = []
        self.anchors: set[str] = set()
        self.remote: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        for name, value in attrs:
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value or "")
            elif name in LINKS and value and not urlsplit(value).scheme and not value.startswith("//"):
                self.links.append((line, value))
            elif name in LINKS and value and tag != "a" and urlsplit(value).scheme != "data":
                self.remote.append((line, value))


def read(path: Path) -> _Page:
    """Return the links and anchors of a page."""
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def broken(folder: Path) -> Iterator[str]:
    """Yield one line for each link that leads nowhere, and each thing a page would load from a network.

    Parameters
    ----------
    folder : Path
        The built site.

    Yields
    ------
    str
        File, line and link.
    """
    folder = folder.resolve()
    pages = {path: read(path) for path in sorted(folder.rglob("*.html"))}
    if not pages:
        yield f"{folder}: no page there: build the site first, `make docs`"
    for path, page in pages.items():
        here = path.relative_to(folder)
        for line, link in page.remote:
            yield f"{here}:{line}: {link}: loaded from a network"
        for line, link in page.links:
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_relative_to(folder):
                yield f"{here}:{line}: {link}: outside the site"
            elif not target.is_file():
                yield f"{here}:{line}: {link}: no such file"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                yield f"{here}:{line}: {link}: no such anchor"


def main(folder: str) -> int:
    """Print what is broken."""
    found = list(broken(Path(folder)))
    print("\n".join(found) or f"every link inside {folder} leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
