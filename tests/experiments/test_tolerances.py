"""The registry of tolerances is the only place where one is written, is whole, and is what the report prints."""

import ast
import re
from pathlib import Path

import pytest

import experiments
from experiments.exercise import tolerances
from experiments.exercise.initialisation import published
from experiments.exercise.preset import PRESETS, Preset, preset
from experiments.exercise.settings_tolerances import of_settings, registry
from experiments.exercise.tolerances import CONSTANTS
from experiments.tolerance import Tolerance, table
from wd_jax.stats.outcome import Outcome

pytestmark = pytest.mark.numeric
EXPERIMENTS = Path(experiments.__file__).parent
NUMBERS_LIVE_IN = ("tolerances.py", "preset.py")
NO_VERDICT = ("stored_sweep.py", "figure.py")  # what a file must hold, and how a figure looks
DEFINITIONS = (0.0, 0.5, 1.0)  # exponents that the claims name, bounds, "over half"
NAMED = re.compile(r"WITHIN|FACTOR|LESS|SPANS|COVERAGE|WINDOW|LATE\b|FIRST|LAST")
FIRST_COMMIT = "2026-11-21"
MODULES = [
    path
    for path in sorted(EXPERIMENTS.rglob("*.py"))
    if path.name not in (*NUMBERS_LIVE_IN, *NO_VERDICT) and "laboratory" not in path.parts
]
"""Of the exercise; a law of the laboratory brings its own tolerances, and its page shows those of its verdicts."""


def written_elsewhere(source: str) -> list[str]:
    """Numbers that could decide a word and are written down in this file."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value not in DEFINITIONS:
            found.append(f"line {node.lineno}: {node.value}")
        if isinstance(node, ast.Assign) and NAMED.search(ast.unparse(node.targets[0])):
            numbers = [n for n in ast.walk(node.value) if isinstance(n, ast.Constant) and not isinstance(n.value, str)]
            found += [f"line {node.lineno}: {ast.unparse(node)}"] * bool(numbers)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_tolerance_is_written_outside_the_registry(path: Path) -> None:
    if path.name == "settings_tolerances.py":
        return  # a part of the registry: its dates have names that the rule would take for tolerances
    assert written_elsewhere(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", ["MOVES_LESS = 0.01", "FACTOR = 2", "x = slice(last * 0.8, None)", "within = 5e-3"])
def test_the_rule_sees_them(source: str) -> None:
    assert written_elsewhere(source)


def test_every_registered_number_is_listed_and_read() -> None:
    named = {name: one for name, one in vars(tolerances).items() if isinstance(one, Tolerance)}
    assert sorted(map(id, named.values())) == sorted(map(id, CONSTANTS))
    assert len({one.name for one in registry(Preset("digits"))}) == len(registry(Preset("digits")))
    code = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    library = {"SLOWEST", "QUESTIONS", "WINDOW", "LEVEL"}  # written in wd_jax, which may not import the experiments
    assert {name for name in named if not re.search(rf"\btolerances\.{name}\.value", code)} == library


def test_dates_are_days_since_the_first_commit() -> None:
    for one in registry(Preset("digits")):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", one.date) and one.date >= FIRST_COMMIT, one.name


@pytest.mark.parametrize("name", experiments.names("laboratory"))
def test_a_law_of_the_laboratory_registers_its_own(name: str) -> None:
    law = experiments.load(name)
    for settings in law.presets.values():
        found = law.tolerances(settings)
        assert found and len({one.name for one in found}) == len(found)
        for one in found:
            assert name in one.claims and re.fullmatch(r"\d{4}-\d\d-\d\d", one.date) and one.date >= FIRST_COMMIT


def test_only_the_exercise_is_judged_again_by_its_hold_out() -> None:
    assert "benchmarks.holdout" in table(registry(Preset("digits"))).note
    law = experiments.load("ridge")
    assert "holdout" not in table(law.tolerances(law.preset("none", "quick"))).note


def test_what_was_chosen_after_looking_says_what_had_been_seen() -> None:
    after = {one.name for one in registry(Preset("digits")) if one.chosen == "after"}
    assert after >= {"MOVES_LESS", "THRESHOLD_FACTOR", "WINDOW", "ERRORS_FACTOR", "epochs", "values of lmbda"}
    with pytest.raises(ValueError, match=r"X: chosen before looking, and seen='all': give chosen=\"after\""):
        Tolerance("X", (1,), (0.1,), "", "", FIRST_COMMIT, seen="all")


def test_each_decides_verdicts_that_there_are(outcomes: dict[str, Outcome]) -> None:
    """Words that no statement holds would keep a tolerance chosen after looking from being judged again."""
    statements = [(v.claim, v.statement) for outcome in outcomes.values() for v in outcome.verdicts]
    on_mnist = Path(published.__file__).read_text(encoding="utf-8")
    for one in registry(Preset("digits")):
        if "MNIST only" in one.allows:
            assert one.words in on_mnist, one.name
            continue
        for claim in one.claims:
            assert any(claim == number and one.words in statement for number, statement in statements), one.name


def test_tolerances_of_verdicts_are_registered(outcomes: dict[str, Outcome]) -> None:
    known = {value for one in CONSTANTS for value in one.values} | {0.0}  # 0: a bound, as lmbda_crit below lmbda
    assert {v.tolerance for outcome in outcomes.values() for v in outcome.verdicts} <= known


def test_settings_said_to_be_chosen_before_looking_are_still_those() -> None:
    """Whoever changes one has results before him: change its row in `settings_tolerances` and this line together."""
    before = {one.name: one.values for one in of_settings(preset("digits", "quick")) if one.chosen == "before"}
    assert before == {
        "epochs_of_book": (30,),
        "epochs_of_starts": (240,),
    }


def test_the_table_shows_the_values_of_the_run() -> None:
    for one in PRESETS.values():
        rows = {row[-1]: row for row in table(registry(one)).rows}
        assert rows["epochs"][1] == f"{one.epochs}" and rows["epochs"][2] == "after"
        assert len(rows) == len(registry(one)) and rows["EXPONENT_WITHIN"][1] == "0.08333"


def test_both_reports_print_it(reproduced) -> None:
    shown = table(registry(preset("digits", "quick")))
    html, text = ((reproduced.folder / name).read_text(encoding="utf-8") for name in ("report.html", "report.md"))
    assert f'<h2 id="heading-tolerances">{shown.title}</h2>' in html and '<a href="#tolerances">' in html
    section = html.partition('<section id="tolerances"')[2].partition("</section>")[0]
    assert section.count('<th scope="row">') == len(shown.rows)
    assert section.count("<td>after</td>") == sum(row[2] == "after" for row in shown.rows)
    assert "<td>24</td>" in section  # the epochs of that run, not of the preset
    part = text.partition(f"## {shown.title}")[2].partition("\n## ")[0]
    assert part.count("\n| ") == len(shown.rows) + 2 and "python -m benchmarks.holdout" in part
    assert "fixed before" not in html + text
