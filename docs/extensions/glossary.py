"""The glossary's tables: symbols as the formulas define them, words as the reports do."""

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from derivations.output.rendering import unit_in_words
from derivations.symbols import QUANTITIES

from .pages import table

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE = "glossary"
ASKED = re.compile(r"^```\{words\} (?P<which>symbols|reports|laws)\n```$", re.M)
SYMBOLS = ("eta", "lmbda", "n", "m", "steps_per_epoch", "n_w", "n_in", "epsilon", "kappa", "weight_rms", "momentum")
"""The vocabulary: names that are the same in Python, on the command line, in results and in formulas."""


def symbols() -> str:
    """Return the table of the vocabulary's names."""
    rows = [(f"<code>{name}</code>", html.escape(_printed(name)), html.escape(_meaning(name))) for name in SYMBOLS]
    return table(("name", "printed", "meaning [unit]"), rows, "Names of the vocabulary")


def reports() -> str:
    """Return the table of the words of every report."""
    from wd_jax.report.words import GLOSSARY

    return table(("word", "meaning"), [tuple(map(html.escape, row)) for row in GLOSSARY], "Words of every report")


def laws() -> str:
    """Return the table of the words that single experiments add, each with where it is used."""
    rows = [(html.escape(word), html.escape(meaning), _where(where)) for word, meaning, where in of_experiments()]
    return table(("word", "meaning", "where"), rows, "Words of single experiments")


def of_experiments() -> list[tuple[str, str, tuple[str, ...]]]:
    """List word, meaning and experiments: a word with two meanings stands twice, each with its own places."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, word, meaning in _words():
        found.setdefault((word, meaning), []).append(name)
    return sorted(((*key, tuple(names)) for key, names in found.items()), key=lambda row: row[0].lower())


def _words() -> Iterator[tuple[str, str, str]]:
    import experiments

    for name in experiments.names():
        for word, meaning in experiments.load(name).glossary:
            yield name, word, meaning


def _where(names: tuple[str, ...]) -> str:
    from experiments import names as listed

    claims = listed("exercise")
    return ", ".join(
        f'<a href="{"exercise" if name in claims else f"laboratory/{name}"}.html">{html.escape(name)}</a>'
        for name in names
    )


def _printed(name: str) -> str:
    return QUANTITIES[name].unicode


def _meaning(name: str) -> str:
    quantity = QUANTITIES[name]
    return f"{quantity.meaning} [{unit_in_words(quantity.unit)}]"


def _filled(app: "Sphinx", page: str, source: list[str]) -> None:
    if page == PAGE:
        parts = {"symbols": symbols, "reports": reports, "laws": laws}
        source[0] = ASKED.sub(lambda match: parts[match["which"]](), source[0])


def setup(app: "Sphinx") -> dict[str, Any]:
    """Fill the page while its source is read."""
    app.connect("source-read", _filled)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
