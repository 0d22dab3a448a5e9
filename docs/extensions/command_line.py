"""The page of the command line: what each command prints for --help."""

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from .pages import FOLDER, write

if TYPE_CHECKING:
    from sphinx.application import Sphinx

INTRODUCTION = """# Command line

This is what `wd-jax --help` and the `--help` of each command print. An error is one line, `error: <thing>: <remedy>`,
on standard error; exit codes are 0 done, 1 failed, 2 bad usage, 130 interrupted. A claim that fails is a result: exit
code 0.
"""
COLUMNS = "100"


def page() -> str:
    """Return the page.

    Returns
    -------
    str
        Markdown.
    """
    from wd_jax.cli.registry import COMMANDS

    parts = [INTRODUCTION, _block(printed("--help"))]
    parts += [f"## wd-jax {name}\n\n{_block(printed(name, '--help'))}" for name in COMMANDS]
    return "\n".join(parts)


def printed(*arguments: str) -> str:
    """Return what `wd-jax` prints for some arguments, without colours, 100 columns wide.

    Parameters
    ----------
    *arguments : str
        As typed in a shell.

    Returns
    -------
    str
    """
    from wd_jax.cli import main
    from wd_jax.cli.parsing import ESCAPES

    wide = {"COLUMNS": COLUMNS, "NO_COLOR": "1"}
    screen = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)  # a terminal that knows every sign
    with mock.patch.dict(os.environ, wide), contextlib.redirect_stdout(screen):
        main(list(arguments))
    text = screen.buffer.getvalue().decode()
    return "\n".join(line.rstrip() for line in ESCAPES.sub("", text).strip("\n").splitlines())


def _block(text: str) -> str:
    return f"```text\n{text}\n```\n"


def generate(app: "Sphinx") -> None:
    """Write the page."""
    write(Path(app.srcdir) / FOLDER / "command-line", {"index.md": page()})


def setup(app: "Sphinx") -> dict[str, Any]:
    """Write the page before Sphinx looks for sources."""
    app.connect("builder-inited", generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
