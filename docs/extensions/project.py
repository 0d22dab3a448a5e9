"""Pages about the project itself: its changes, the versions that the site is for, and how to cite it."""

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .pages import raw

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
CHANGELOG, CITATION, VERSIONS = ROOT / "CHANGELOG.md", ROOT / "CITATION.cff", ROOT / "docs" / "versions.json"
ASKED = re.compile(r"^```\{project\} (?P<what>changes|versions|citation)\n```$", re.M)
PAGES = ("changelog", "versions", "cite")
FIELDS = {"title", "version", "date-released", "license"}


def changes(text: str) -> str:
    r"""Return the changelog without its heading, its links seen from docs/.

    Examples
    --------
    >>> changes("# Changelog\n\n## 1.0\n- [This](docs/this.md).\n")
    '## 1.0\n- [This](this.md).\n'
    """
    return re.sub(r"\A# [^\n]*\n+", "", text).replace("](docs/", "](")


def unreleased(text: str) -> bool:
    """Whether a changelog has changes that are in no released version."""
    return re.search(r"^## Unreleased\n+(?!## )\S", text, re.M) is not None


def versions(release: str, others: Sequence[dict[str, str]], ahead: bool) -> str:
    """Say which version the site is for, and where those of other versions are.

    Parameters
    ----------
    release : str
        Of the package the site was built from.
    others : sequence of dict
        Each with "version" and "url", as docs/versions.json lists them.
    ahead : bool
        Whether its sources have changes that are not released.

    Returns
    -------
    str
        Markdown.
    """
    said = f"This site is for **wd_jax {release}**"
    said += " with the changes that stand under *Unreleased* in the [changelog](changelog.md)." if ahead else "."
    rows = []
    for one in others:
        if set(one) != {"version", "url"}:
            raise ValueError(f"docs/versions.json: {one}: give each version exactly 'version' and 'url'")
        if one["version"] != release:
            rows.append(f"<li><a href={json.dumps(html.escape(one['url']))}>{html.escape(one['version'])}</a></li>")
    if not rows:
        return f"{said} No site of another version is listed beside it."
    return f"{said} Sites of other versions:\n\n" + raw(f"<ul>{''.join(rows)}</ul>")


def cited(text: str) -> str:
    """Return BibTeX for the package from its CITATION.cff.

    Parameters
    ----------
    text : str
        Of the file.
    """
    found = dict(re.findall(r'^([a-z-]+): "?([^"\n]+?)"?$', text, re.M))
    (author,) = re.findall(r"^  - name: (.+)$", text, re.M)
    if absent := FIELDS - set(found):
        raise ValueError(f"CITATION.cff has no {', '.join(sorted(absent))}")
    fields = {
        "author": f"{{{author}}}",
        "title": f"{{{found['title']}}}",
        "version": found["version"],
        "year": found["date-released"][:4],
        "note": f"{found['license']} licence",
    }
    lines = ",\n".join(f"  {name} = {{{_tex(value)}}}" for name, value in fields.items())
    return f"@software{{wd_jax,\n{lines}\n}}"


def _tex(value: str) -> str:
    return value.replace("_", r"\_")


def _filled(app: "Sphinx", page: str, source: list[str]) -> None:
    if page not in PAGES:
        return

    def found(match: re.Match[str]) -> str:
        log = CHANGELOG.read_text(encoding="utf-8")
        if match["what"] == "changes":
            return changes(log)
        if match["what"] == "versions":
            others = json.loads(VERSIONS.read_text(encoding="utf-8"))
            return versions(app.config.release, others, unreleased(log))
        return f"```bibtex\n{cited(CITATION.read_text(encoding='utf-8'))}\n```"

    source[0] = ASKED.sub(found, source[0])


def setup(app: "Sphinx") -> dict[str, Any]:
    """Fill the pages while their source is read."""
    app.connect("source-read", _filled)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
