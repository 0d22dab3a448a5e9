"""Write the table of docs/audit.md from the stored records: `python docs/audit_page.py`."""

import re
from pathlib import Path

from wd_jax.audit import catalogue

PAGE = Path(__file__).with_name("audit.md")
BEGIN, END = "<!-- catalogue -->\n", "\n<!-- /catalogue -->"


def replaced(text: str, block: str) -> str:
    """Put a block between the two marks of the page, in the place of what is there."""
    marked = re.compile(f"{BEGIN}.*?{END.lstrip()}", re.DOTALL)
    if len(marked.findall(text)) != 1:
        raise ValueError(f"docs/{PAGE.name} has no place for the table: {BEGIN.strip()} ... {END.strip()}")
    return marked.sub(lambda _: BEGIN + block + END, text)


def written(text: str) -> str:
    """Put the rows of the stored records into a page.

    Parameters
    ----------
    text : str
        The page, with its two marks.

    Returns
    -------
    str
        The page, with the table between them.
    """
    return replaced(text, catalogue.markdown(catalogue.rows(catalogue.stored())))


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
