"""The gallery page: README's pictures from the table of docs/gallery.py, the laboratory's from what is stored of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import laboratory
from .pages import plain

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE = "gallery"
ASKED = re.compile(r"^```\{gallery\} (?P<which>readme|laboratory)\n```$", re.M)
NO_RESULT = ("fresh_seeds",)
"""Files among the laboratory's results that are of no single law."""


def first_sentence(text: str) -> str:
    """Return the first sentence of an answer: a point ends it where a new sentence begins.

    Examples
    --------
    >>> first_sentence("It is 3.9e-12, i.e. nothing. With SGDW it is not.")
    'It is 3.9e-12, i.e. nothing.'
    """
    return re.split(r"(?<=\.)(?<!i\.e\.)(?<!e\.g\.)(?<!al\.)\s+(?=[A-Z\u0391-\u03a9\"])", text.strip(), maxsplit=1)[0]


def readme() -> str:
    """Return the pictures of README's gallery, each with its sentence and its command."""
    import gallery

    return _grid(_of_readme(gallery))


def from_laboratory() -> str:
    """Return the laboratory's pictures, each with its question and the first sentence of what was found."""
    return _grid(_of_law(record) for record in records())


def records() -> list[dict[str, Any]]:
    """Read every stored result, in the order of the laboratory's list; on other data sets after that on its own."""
    from experiments import names

    order = names("laboratory")
    there = [path for path in sorted(laboratory.RESULTS.glob("*.json")) if path.stem not in NO_RESULT]
    found = [json.loads(path.read_text(encoding="utf-8")) | {"file": path.stem} for path in there]
    return sorted(found, key=lambda record: (order.index(record["name"]), record["file"]))


def _of_readme(gallery: Any) -> Iterator[str]:
    for picture in gallery.PICTURES:
        said = picture.result.replace("](docs/", "](")
        page = picture.command.removeprefix("docs/")
        how = f"[{Path(page).stem}]({page})" if picture.of_tutorial else f"`{picture.command}`"
        yield f"![{picture.alt}](figures/{picture.name}.png)\n\n{said}\n\n{how}"


def _of_law(record: dict[str, Any]) -> str:
    figure = f"figures/{laboratory.FOLDER}/{record['file'].replace('.', '_')}.png"
    title = f"**[{plain(record['title'])}]({laboratory.FOLDER}/{record['name']}.md)**"
    said = f"{title} {plain(record['question'])} {plain(first_sentence(record['answer']))}"
    return f"![{plain(record['alt'])}]({figure})\n\n{said}\n\n`{record['command']}`"


def _grid(pictures: Any) -> str:
    boxes = "\n\n".join(f"::::{{container}} picture\n{picture}\n::::" for picture in pictures)
    return f":::::{{container}} gallery\n{boxes}\n:::::"


def _filled(app: "Sphinx", page: str, source: list[str]) -> None:
    if page == PAGE:
        parts = {"readme": readme, "laboratory": from_laboratory}
        source[0] = ASKED.sub(lambda match: parts[match["which"]](), source[0])


def setup(app: "Sphinx") -> dict[str, Any]:
    """Fill the page while its source is read."""
    app.connect("source-read", _filled)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
