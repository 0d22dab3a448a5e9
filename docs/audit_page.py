"""Write the table of docs/audit.md from the stored records: `python docs/audit_page.py`."""

import re
from collections.abc import Sequence
from pathlib import Path

from wd_jax.audit import catalogue
from wd_jax.audit.catalogue import Row

PAGE = Path(__file__).with_name("audit.md")
TABLE, KINDS = "catalogue", "kinds"
"""Parts of the page that are written by the tool, between two marks each."""


def replaced(text: str, name: str, block: str) -> str:
    """Put a block between the two marks of a part, in the place of what is there."""
    begin, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    marked = re.compile(f"{begin}.*?{end.lstrip()}", re.DOTALL)
    if len(marked.findall(text)) != 1:
        raise ValueError(f"docs/{PAGE.name} has no place for the {name}: {begin.strip()} ... {end.strip()}")
    return marked.sub(lambda _: begin + block + end, text)


def written(text: str, rows: Sequence[Row]) -> str:
    """Put rows into a page.

    Parameters
    ----------
    text : str
        The page, with its marks.
    rows : sequence of Row
        Of the catalogue.

    Returns
    -------
    str
        The page, with the kinds and all rows between them.
    """
    return replaced(replaced(text, KINDS, catalogue.kinds(rows)), TABLE, catalogue.markdown(rows))


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), catalogue.rows(catalogue.stored())), encoding="utf-8")
