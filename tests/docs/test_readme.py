"""README's first screen and its links; its code blocks are run by test_code_blocks.py."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_example_is_short() -> None:
    """A Python example of 12 lines stands on the first screen."""
    first = re.search(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert first and len(first[1].splitlines()) <= 12
    assert TEXT[: first.start()].count("\n") + 2 < 40


def test_the_files_it_links_to_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        if not re.match(r"[a-z]+:", target):
            assert (ROOT / target).exists(), f"README links to {target}"


ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"}
IN_WORDS = {10: "ten", 11: "eleven", 12: "twelve"} | TENS
IN_WORDS |= {ten + k: f"{word}-{one}" for ten, word in TENS.items() for k, one in enumerate(ONES, start=1)}


def test_what_can_be_counted_is_counted_right() -> None:
    import derivations
    import experiments
    from wd_jax.figures.kinds import KINDS

    assert f"There are {IN_WORDS[len(derivations.names())]}, from the four claims" in TEXT
    assert f"in\none of {IN_WORDS[len(KINDS) + len(experiments.names('exercise'))]} ways" in TEXT
    exercise = (ROOT / "docs" / "exercise.md").read_text(encoding="utf-8")
    (steps,) = re.findall(r"epoch_decay\.md\), in (\d+) steps", exercise)
    assert int(steps) == len(derivations.derive("epoch_decay").steps)


def test_not_every_step_is_said_to_be_proved() -> None:
    """Steps that are definitions or approximations exist: a page that says all are proved says too much."""
    import derivations

    kinds = {step.kind for name in derivations.names() for step in derivations.derive(name).steps}
    assert {"definition", "approximation"} < kinds
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    for page in (page for page in pages if "_build" not in page.parts):
        found = re.search(r"(every|each|all) steps? (is |are )?proved(?! or|, or)", page.read_text(encoding="utf-8"))
        assert not found, f"{page.name}: {found and found[0]}"
