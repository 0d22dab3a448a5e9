"""README's first screen and its links; its code blocks are run by test_code_blocks.py."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_example_is_short() -> None:
    """DESIGN asks for a 12-line Python example on the first screen."""
    first = re.search(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert first and len(first[1].splitlines()) <= 12
    assert TEXT[: first.start()].count("\n") + 2 < 40


def test_the_files_it_links_to_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        if not re.match(r"[a-z]+:", target):
            assert (ROOT / target).exists(), f"README links to {target}"
