"""Numbers that README and the exercise's page state, against a full run: `WD_JAX_RUN` names one.

What does not depend on a run's settings is held against the small run of the tests as well.
"""

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

import experiments
from experiments import explorer_preset, run_files, stored_settings
from wd_jax.stats.outcome import Outcome
from wd_jax.stats.tally import tally
from wd_jax.stats.verdict import Verdict

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[2]
# Another machine rounds otherwise, and training repeats what it rounds: half a per cent.
TRAINED = 0.005
README, EXERCISE = "README.md", "docs/exercise.md"
ONE, PLAIN = r"([\d.]+)", r"([\d.]+) \[([\d.]+), ([\d.]+)\]"
SIGNED = r"−([\d.]+) \[−([\d.]+), −([\d.]+)\]"


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, and what it said when it was judged again."""

    folder: Path
    outcomes: dict[str, Outcome]

    @property
    def verdicts(self) -> list[Verdict]:
        """Of all claims."""
        return [verdict for outcome in self.outcomes.values() for verdict in outcome.verdicts]


@dataclass(frozen=True)
class Of:
    """Numbers of the one verdict whose statement and scope begin so.

    Attributes
    ----------
    statement, scope : str
        Their beginnings.
    what : str
        The measured number, its interval (with the number first, ends from small to large), its half-width (likewise)
        or the prediction.
    over : float or "predicted"
        Unit of the page: the numbers are divided by it.
    """

    statement: str
    scope: str
    what: Literal["measured", "interval", "half", "predicted"] = "interval"
    over: float | Literal["predicted"] = 1.0

    def verdict(self, run: Run) -> Verdict:
        """Find it; exactly one must be there."""
        found = [v for v in run.verdicts if v.statement.startswith(self.statement) and v.scope.startswith(self.scope)]
        assert len(found) == 1, f"{len(found)} verdicts begin with {self.statement!r} and {self.scope!r}"
        return found[0]

    def __call__(self, run: Run) -> list[float]:
        """Give the numbers as the page has them."""
        verdict = self.verdict(run)
        over = verdict.predicted if self.over == "predicted" else self.over
        low, high = sorted(end / over for end in verdict.ci95)
        value = verdict.measured / over
        given = {"measured": [value], "interval": [value, low, high], "half": [value, (high - low) / 2]}
        return (given | {"predicted": [verdict.predicted / over]})[self.what]


def answered(name: str, pattern: str) -> Callable[[Run], list[float]]:
    """Give numbers of an outcome's answer."""

    def numbers(run: Run) -> list[float]:
        found = re.search(pattern, run.outcomes[name].answer)
        assert found, f"the answer of {name} has no {pattern}: {run.outcomes[name].answer}"
        return [float(number) for number in found.groups()]

    return numbers


def cell(name: str, title: str, row: str) -> Callable[[Run], list[float]]:
    """Give the number beside a row's label in a table of an outcome."""

    def number(run: Run) -> list[float]:
        (table,) = (table for table in run.outcomes[name].tables if table.title == title)
        return [float(cells[1]) for cells in table.rows if cells[0] == row]

    return number


def kinds(run: Run) -> list[float]:
    """Count predictions, those that follow from others, rivals and identities."""
    found = tally(run.verdicts)
    return [found.predictions, found.dependent, found.rivals, found.identities]


def words(run: Run) -> list[float]:
    """Count predictions by word; one that does not occur is left out."""
    return [*tally(run.verdicts).words.values()]


@dataclass(frozen=True)
class Stated:
    """A sentence: its page, a pattern with a group for each number, and what says them in a run.

    `of_any` marks numbers that do not depend on a run's settings, so that the small run of the tests has them too.
    """

    page: str
    pattern: str
    of: Callable[[Run], Sequence[Any]]
    of_any: bool = False


BUDGET, MOVES, PULLS = "decay is over half", "decay moves", "decay pulls"
NOISE = "lmbda_crit of decay against noise"
LAMBDA = "late weights scale as lmbda^(-1/2)"
OTHER_SEEDS, OTHER_WIDTHS = (
    "late weights from the norm balance, fitted",
    "late weights between two widths",
)
SAME, LOWEST, FACTOR = "both starts have the same weight_rms", "weights from N(0,1) come", "all weights: factor"
LIMITS, ERRORS = "both starts approach the same weight_rms", "both starts make the same share of errors"
CLAIM_2, CLAIM_3 = "claim_2_epoch_decay", "claim_3_tail_off"
LIMIT = "relative error of the limit"
TIMES = r"([\d.]+) to ([\d.]+) times 1/√n_w"

SPAN = r"[−-]([\d.]+) to [−-]([\d.]+)"


def negated(of: Of) -> Callable[[Run], list[float]]:
    """Give numbers whose minus signs stand in the sentence."""
    return lambda run: [-number for number in of(run)]


def powers(part: str) -> Callable[[Run], list[float]]:
    """Give the least and the largest local exponent of a part over the widths, without their signs."""
    return answered(CLAIM_3, rf"(?:power|,) -([\d.]+) to -([\d.]+) from width to width \({part}\)")


def slid(run: Run) -> dict[float, dict[str, Any]]:
    """Give what the first figure of a run's page has at each lmbda."""
    presets = stored_settings.read(run.folder / run_files.SETTINGS).presets
    found = explorer_preset.moving(run.folder, presets)
    assert found is not None
    return {stop["lmbda"]: stop for stop in found["stops"]}


def grown(run: Run) -> list[float]:
    """How many times as large the layers' weights are at the end without decay."""
    curves = slid(run)[0.0]["curves"]
    return [curves[name]["mean"][-1] / curves[name]["mean"][0] for name in ("hidden", "output")]


def supplies(run: Run) -> list[float]:
    """The lmbda of the largest Q, and that Q and the one at 40 over Q at 5."""
    Q = {lmbda: stop["supply"] for lmbda, stop in slid(run).items() if stop["supply"]}
    most = max(Q, key=Q.__getitem__)
    return [most, Q[most] / Q[5.0], Q[40.0] / Q[5.0]]


def growth(part: str) -> Callable[[Run], list[float]]:
    """Give by how many per cent a part's Q grows from the first value of lmbda to the last."""

    def percent(run: Run) -> list[float]:
        (table,) = (t for t in run.outcomes[CLAIM_3].tables if t.title == "Weights late in the run, by lmbda")
        values = [float(str(row[6]).split()[0]) for row in table.rows if row[1] == part]
        return [100 * (values[-1] / values[0] - 1)]

    return percent


STATED = (
    Stated(README, rf"traffic once λ > {PLAIN} \(hidden", Of(BUDGET, "layer 1")),
    Stated(README, rf"\(hidden layer\) and {PLAIN} \(output", Of(BUDGET, "layer 2")),
    Stated(README, rf"gradient only for λ > {ONE} and", Of(MOVES, "layer 1", "measured")),
    Stated(README, rf"gradient only for λ > [\d.]+ and {ONE}, and pulls", Of(MOVES, "layer 2", "measured")),
    Stated(README, rf"full-batch gradient only for λ > {ONE} and", Of(PULLS, "layer 1", "measured")),
    Stated(README, rf"full-batch gradient only for λ > [\d.]+ and {ONE}:", Of(PULLS, "layer 2", "measured")),
    Stated(README, r"within 20 % for (\d+); the output", answered(CLAIM_2, r"within 20 % for (\d+) epochs, those of")),
    Stated(README, rf"{SPAN} in the network", powers("network")),
    Stated(README, rf"{SPAN} in the output", powers("layer 2")),
    Stated(README, rf"{SPAN} in the hidden layer \(it", powers("layer 1")),
    Stated(README, rf"not 1/√n_w but {ONE} to {ONE} times that", answered(CLAIM_3, TIMES)),
    Stated(README, rf"hidden layer's smallest rms weight is {ONE}", Of(LOWEST, "hidden", "measured")),
    Stated(README, rf"and 1/√n_in is {ONE}\.", Of(LOWEST, "hidden", "predicted"), of_any=True),
    Stated(README, rf"decay is over half of the first epoch once λ > {ONE} \(", Of(BUDGET, "layer 1", "measured")),
    Stated(README, rf"first epoch once λ > \S+ \(hidden layer\) and {ONE} \(", Of(BUDGET, "layer 2", "measured")),
    Stated(README, rf"goes as n_w to the power {SPAN}, from width", powers("network")),
    Stated(README, rf"from width to width, but is {ONE} to {ONE} times 1/√n_w", answered(CLAIM_3, TIMES)),
    Stated(
        README,
        r"On digits: (\d+) predictions, (\d+) of which follow from others: .*?; (\d+) rivals; (\d+) identities",
        kinds,
        of_any=True,
    ),
    Stated(README, r"follow from others: (\d+) hold, (\d+) fail, (\d+) undecided", words),
    Stated(EXERCISE, rf"‖W‖², step by step \| {PLAIN}", Of(BUDGET, "layer 1")),
    Stated(EXERCISE, rf"‖W‖², step by step \|[^|]*\| {PLAIN}", Of(BUDGET, "layer 2")),
    Stated(EXERCISE, rf"gradient does \| {PLAIN}", Of(MOVES, "layer 1")),
    Stated(EXERCISE, rf"gradient does \|[^|]*\| {PLAIN}", Of(MOVES, "layer 2")),
    Stated(EXERCISE, rf"at the start \| {PLAIN}", Of(PULLS, "layer 1")),
    Stated(EXERCISE, rf"at the start \|[^|]*\| {PLAIN}", Of(PULLS, "layer 2")),
    Stated(EXERCISE, rf"measured, it is {ONE}\n\[{ONE}, {ONE}\] times", Of(NOISE, "layer 1", over="predicted")),
    Stated(EXERCISE, rf"hidden layer and {PLAIN} times in the output", Of(NOISE, "layer 2", over="predicted")),
    Stated(EXERCISE, r"differs from exp\(−κ\) by −([\d.e-]+), where",
           lambda run: [-x for x in cell(CLAIM_2, "Factor per epoch", f"{LIMIT}, measured")(run)]),
    Stated(EXERCISE, r"leading correction says −([\d.e-]+)\.",
           lambda run: [-x for x in cell(CLAIM_2, "Factor per epoch", f"{LIMIT}, leading order")(run)]),
    Stated(EXERCISE, rf"\| the hidden layer \| {PLAIN}: ", Of(FACTOR, "layer 1 (hidden), epoch 1", over="predicted")),
    Stated(EXERCISE, rf"\| the hidden layer \|[^|]*s \| {PLAIN}: ",
           Of(FACTOR, "layer 1 (hidden), epochs", over="predicted")),
    Stated(EXERCISE, rf"\| the output layer \| {PLAIN}: ", Of(FACTOR, "layer 2 (output), epoch 1", over="predicted")),
    Stated(EXERCISE, rf"\| the output layer \|[^|]*s \| {PLAIN}: ",
           Of(FACTOR, "layer 2 (output), epochs", over="predicted")),
    Stated(EXERCISE, r"\| for (\d+) epochs \|", answered(CLAIM_2, r"within 20 % for (\d+) epochs, those of")),
    Stated(EXERCISE, rf"\| the network \| {SPAN} \|", powers("network")),
    Stated(EXERCISE, rf"\| the hidden layer \| {SPAN} \|", powers("layer 1")),
    Stated(EXERCISE, rf"\| the output layer \| {SPAN} \|", powers("layer 2")),
    Stated(EXERCISE, rf"layer are {ONE} times as large as at the start, those of the output layer {ONE} times", grown),
    Stated(EXERCISE, rf"at λ = (\d+), {ONE} times that at λ = 5, and at λ = 40 it is {ONE} times that", supplies),
    Stated(EXERCISE, rf"network's weights stop at {ONE} to {ONE} times 1/√n_w", answered(CLAIM_3, TIMES)),
    Stated(EXERCISE, r"network's Q changes by −(\d+) % only; the", answered(CLAIM_3, r"-(\d+)% \(network\)")),
    Stated(EXERCISE, r"hidden layer's grows by\n(\d+) %", answered(CLAIM_3, r"\+(\d+)% \(layer 1\)")),
    Stated(EXERCISE, r"output layer's falls by (\d+) %", answered(CLAIM_3, r"-(\d+)% \(layer 2\)")),
    Stated(EXERCISE, rf"near a line\) \| {PLAIN}", Of(OTHER_WIDTHS, "layer 1", over="predicted")),
    Stated(EXERCISE, rf"near a line\) \|[^|]*\| {PLAIN}", Of(OTHER_WIDTHS, "layer 2", over="predicted")),
    Stated(EXERCISE, rf"seeds are alike\) \| {PLAIN}", Of(OTHER_SEEDS, "layer 1", over="predicted")),
    Stated(EXERCISE, rf"seeds are alike\) \|[^|]*\| {PLAIN}", Of(OTHER_SEEDS, "layer 2", over="predicted")),
    Stated(EXERCISE, rf"it is {SIGNED} from λ = 5 to 10", negated(Of(LAMBDA, "layer 1"))),
    Stated(EXERCISE, rf"hidden layer and\n{SIGNED} in the output", negated(Of(LAMBDA, "layer 2"))),
    Stated(EXERCISE, rf"rms weight of the hidden layer \| {PLAIN}", Of(SAME, "layer 1")),
    Stated(EXERCISE, rf"rms weight of the hidden layer \|[^|]*\| {ONE} \|", Of(SAME, "layer 1", "predicted")),
    Stated(EXERCISE, rf"rms weight of the output layer \| {PLAIN}", Of(SAME, "layer 2")),
    Stated(EXERCISE, rf"rms weight of the output layer \|[^|]*\| {ONE} \|", Of(SAME, "layer 2", "predicted")),
    Stated(EXERCISE, rf"errors, validation \| {ONE} % \[{ONE}, {ONE}\]", Of(ERRORS, "", over=0.01)),
    Stated(EXERCISE, rf"errors, validation \|[^|]*\| {ONE} % \|", Of(ERRORS, "", "predicted", 0.01)),
    Stated(EXERCISE, rf"slower than the run, is {PLAIN} in the output layer: \*holds", Of(LIMITS, "layer 2")),
    Stated(EXERCISE, r"5 to 20 by (\d+) % in the hidden", growth("layer 1")),
    Stated(EXERCISE, r"and by (\d+) % in the output layer\.", growth("layer 2")),
    Stated(EXERCISE, r"the means differ by ([\d.]+) % at most",
           lambda run: [max(abs(Of(SAME, f"layer {k}", "measured", "predicted")(run)[0] - 1) * 100 for k in (1, 2))]),
    Stated(EXERCISE, rf"smallest rms weight is {ONE}\n\[{ONE}, {ONE}\]", Of(LOWEST, "hidden")),
    Stated(EXERCISE, rf"and 1/√n_in is {ONE}:", Of(LOWEST, "hidden", "predicted"), of_any=True),
    Stated(EXERCISE, r"= ([\d.]+)\\ \\text\{epochs\}", Of("weights from N(0,1) reach", "weights on dead", "predicted")),
    Stated(EXERCISE, rf"dead pixels are there at {ONE}\.",
           Of("weights from N(0,1) reach", "weights on dead", "measured")),
    Stated(EXERCISE, r"of a run has all (\d+) verdicts", lambda run: [len(run.verdicts)], of_any=True),
    Stated(
        EXERCISE,
        r"Of the \d+, (\d+) are predictions, (\d+) are\s+rivals .*?and (\d+) are identities.*?; (\d+) of the\s+pred",
        lambda run: [kinds(run)[k] for k in (0, 2, 3, 1)],
        of_any=True,
    ),
)  # fmt: skip
"""What is typed in a page about the run on digits, and where a run has it."""

NOT_MEASURED = {
    README: r"η = 0\.1|lmbda=\[0\.5, 5\.0\]|eta=0\.1|within 0\.15|3\.11|0\.1 --lmbda|(?<=eta=)0\.1",
    EXERCISE: r"η = 0\.1|κ = 0\.05|factor of 1\.1|within 0\.15",
}
"""Numbers with a decimal point that are settings, or of MNIST."""
SECTIONS = {README: r"## The question, and the answer\n(.*?)\n## ", EXERCISE: r"(.*)"}
"""Where every number with a decimal point must be in the table, or a setting."""
IDS = [f"{Path(one.page).stem}: {one.pattern[:50]}" for one in STATED]
OF_ANY = [one for one in STATED if one.of_any]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def stated(one: Stated) -> re.Match[str]:
    found = re.search(one.pattern, text_of(one.page), re.DOTALL)
    assert found, f"{one.page} no longer has {one.pattern}"
    return found


def unit(number: str) -> float:
    """One in the last digit that is printed; zeros at the end of a whole number are not counted as digits."""
    digits, _, power = number.partition("e")
    _, point, decimals = digits.partition(".")
    last = -len(decimals) if point else len(digits) - len(digits.rstrip("0"))
    return 10.0 ** (last + int(power or 0))


def assert_said(one: Stated, run: Run) -> None:
    printed, measured = stated(one).groups(), one.of(run)
    assert len(printed) == len(measured), f"{one.page}: {printed} against {measured}"
    for text, number in zip(printed, measured, strict=True):
        assert abs(float(text) - number) <= max(unit(text), TRAINED * abs(number)), f"{one.page}: {text}, not {number}"


@pytest.fixture(scope="module")
def small(reproduced, outcomes: dict) -> Run:
    return Run(reproduced.folder, outcomes)


@pytest.fixture(scope="module")
def full() -> Run:
    folder = Path(os.environ.get("WD_JAX_RUN") or "")
    if not os.environ.get("WD_JAX_RUN") or not (folder / "verdicts.json").is_file():
        pytest.skip("WD_JAX_RUN does not name a folder that `wd-jax reproduce` wrote")
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    if (settings["dataset"], settings["size"]) != ("digits", "quick"):
        pytest.skip("WD_JAX_RUN names a run of another data set or preset")
    return Run(folder, {outcome.name: outcome for outcome in experiments.open(folder).outcomes})


@pytest.mark.parametrize("one", STATED, ids=IDS)
def test_what_a_page_states_is_what_is_measured(one: Stated, full: Run) -> None:
    assert_said(one, full)


@pytest.mark.parametrize("one", OF_ANY, ids=lambda one: one.pattern[:50])
def test_what_no_setting_changes_is_so_in_the_small_run(one: Stated, small: Run) -> None:
    assert_said(one, small)


@pytest.mark.parametrize("one", STATED, ids=IDS)
def test_a_page_has_the_sentence_and_a_run_has_its_verdict(one: Stated, small: Run) -> None:
    """So no row is out of use: neither its sentence nor what it is held against has gone."""
    printed = stated(one).groups()
    assert all(float(number) >= 0 for number in printed)
    if isinstance(one.of, Of):
        assert one.of.verdict(small) and len(one.of(small)) == len(printed)


@pytest.mark.parametrize("page", SECTIONS)
def test_no_number_of_a_page_is_left_out(page: str) -> None:
    """Every number with a decimal point is in the table, or a setting."""
    text = text_of(page)
    section = re.search(SECTIONS[page], text, re.DOTALL)
    assert section
    spans = [found.span() for found in re.finditer(NOT_MEASURED[page], text)]
    spans += [
        found.span() for found in re.finditer(r"<!-- (\w+) -->.*?<!-- /\1 -->", text, re.DOTALL)
    ]  # programs write
    matches = [stated(one) for one in STATED if one.page == page]
    spans += [match.span(k) for match in matches for k in range(1, len(match.groups()) + 1)]
    left = [
        text[max(0, found.start() - 40) : found.end() + 10]
        for found in re.compile(r"\d+\.\d+").finditer(text, *section.span(1))
        if not any(start <= found.start() and found.end() <= end for start, end in spans)
    ]
    assert not left, f"{page}: numbers without a row in STATED: {left}"


@pytest.mark.parametrize(
    "number, last", [("0.072", 0.001), ("330", 10), ("77", 1), ("1.0420e-5", 1e-9), ("18.5", 0.1), ("2.0", 0.1)]
)
def test_a_printed_number_is_right_to_its_last_digit(number: str, last: float) -> None:
    assert unit(number) == pytest.approx(last, rel=1e-12)
