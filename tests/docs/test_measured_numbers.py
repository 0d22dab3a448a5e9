"""Numbers that README and the exercise's page state, against the verdicts of a full run: `WD_JAX_RUN` names one."""

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[2]
# Numbers are printed with two or three digits.
ROUNDED = 0.03
EXERCISE = "docs/exercise.md"
STATED = (
    # page, pattern with the numbers, start of the statement, start of the scope, divided by
    ("README.md", r"traffic once λ > ([\d.]+) \[([\d.]+), ([\d.]+)\]", "decay is over half", "layer 1", 1),
    ("README.md", r"hidden layer\) and ([\d.]+) \[([\d.]+), ([\d.]+)\]", "decay is over half", "layer 2", 1),
    ("README.md", r"only for λ > ([\d.]+) and", "decay moves", "layer 1", 1),
    ("README.md", r"full-batch gradient only for λ > ([\d.]+) and", "decay pulls", "layer 1", 1),
    ("README.md", r"rms weight of the network goes as n_w\^\(([-\d.]+)", "plateau scales as n_w^(-1/2)", "network", 1),
    (EXERCISE, r"traffic in ‖W‖² \| ([\d.]+) \[([\d.]+), ([\d.]+)\]", "decay is over half", "layer 1", 1),
    (EXERCISE, r"gradient does \| ([\d.]+) \[([\d.]+), ([\d.]+)\]", "decay moves", "layer 1", 1),
    (EXERCISE, r"at the start \| ([\d.]+) \[([\d.]+), ([\d.]+)\]", "decay pulls", "layer 1", 1),
    (EXERCISE, r"the hidden layer \| 1.003 .*?\| ([\d.]+) \[", "all weights", "layer 1 (hidden), epochs", -0.05),
    (EXERCISE, r"the output layer \| 1.31 .*?\| ([\d.]+) \[", "all weights", "layer 2 (output), epochs", -0.05),
    (EXERCISE, r"the network \| −([\d.]+) ±", "plateau scales as n_w^(-1/2)", "network", -1),
    (EXERCISE, r"the hidden layer \| −([\d.]+) ±", "plateau scales as n_w^(-1/2)", "layer 1", -1),
    (EXERCISE, r"the output layer \| −([\d.]+) ±", "plateau scales as n_w^(-1/2)", "layer 2", -1),
    (EXERCISE, r"rms weight of the hidden layer \| ([\d.]+) \[([\d.]+), ([\d.]+)\]", "both starts end", "layer 1", 1),
    (EXERCISE, r"smallest rms weight is ([\d.]+)\n\[([\d.]+), ([\d.]+)\]", "weights from N(0,1) come", "hidden", 1),
)  # fmt: skip


@pytest.fixture(scope="module")
def verdicts() -> list[dict]:
    folder = Path(os.environ.get("WD_JAX_RUN") or "")
    path = folder / "verdicts.json"
    if not os.environ.get("WD_JAX_RUN") or not path.is_file():
        pytest.skip("WD_JAX_RUN does not name a folder that `wd-jax reproduce` wrote")
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    if (settings["dataset"], settings["size"]) != ("digits", "quick"):
        pytest.skip("WD_JAX_RUN names a run of another data set or preset")
    return json.loads(path.read_text(encoding="utf-8"))["verdicts"]


@pytest.mark.parametrize(("page", "pattern", "statement", "scope", "over"), STATED)
def test_what_a_page_states_is_what_is_measured(page, pattern, statement, scope, over, verdicts) -> None:
    found = re.search(pattern, (ROOT / page).read_text(encoding="utf-8"))
    assert found, f"{page} no longer has {pattern}"
    verdict = next(v for v in verdicts if v["statement"].startswith(statement) and v["scope"].startswith(scope))
    measured = [verdict["measured"], *verdict["ci95"]][: len(found.groups())]
    assert [float(number) for number in found.groups()] == pytest.approx([m / over for m in measured], rel=ROUNDED)


def test_the_gallery_counts_the_verdicts(verdicts) -> None:
    said = re.search(
        r"Of (\d+) verdicts on digits (\d+) hold, (\d+) fail and (\d+) are undecided", (ROOT / "README.md").read_text()
    )
    words = Counter(verdict["verdict"] for verdict in verdicts)
    assert said
    assert [int(number) for number in said.groups()] == [
        len(verdicts),
        *(words[word] for word in ("holds", "fails", "undecided")),
    ]
