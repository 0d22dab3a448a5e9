"""The explorer in a browser: controls move curves and numbers, numbers are Python's, and nothing typed breaks it."""

import math
import re

import pytest

import wd_jax as wd

pytestmark = pytest.mark.browser
NAMES = ("eta", "lmbda", "n", "m", "n_in", "momentum", "epochs", "n_w", "Q")
NIELSEN = {"eta": 0.1, "lmbda": 5, "n": 50_000, "m": 10, "n_in": 784}

STATE = """() => ({
  numbers: [...document.querySelectorAll("[id^=explorer-out-]")].map(one => [one.id, one.textContent]),
  curves: [...document.querySelectorAll("svg[id^=explorer] path[data-curve]")].map(one => one.getAttribute("d")),
})"""
MOVED = f"""before => {{
  const now = ({STATE})(), differ = key => JSON.stringify(now[key]) !== JSON.stringify(before[key]);
  return differ("numbers") && differ("curves");
}}"""
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Explorer:
    """The explorer's controls and what they show, by the vocabulary's names."""

    def __init__(self, page) -> None:
        self.page = page
        page.evaluate("document.querySelector('.explorer-advanced').open = true")

    def slider(self, name: str):
        return self.page.locator(f"#explorer-{name}-slider")

    def field(self, name: str):
        return self.page.locator(f"#explorer-{name}")

    def problem(self, name: str) -> str:
        return self.page.locator(f"#explorer-{name}-problem").inner_text()

    def type(self, **values) -> None:
        for name, value in values.items():
            self.field(name).fill(str(value))
        self.page.evaluate(DRAWN)

    def choose(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f"select#explorer-{name}").select_option(value)
        self.page.evaluate(DRAWN)

    def state(self) -> dict:
        self.page.evaluate(DRAWN)
        return self.page.evaluate(STATE)

    def shown(self, name: str) -> float | None:
        """A number as it stands on the page; None for a dash."""
        text = self.page.locator(f"#explorer-out-{name}").inner_text()
        return None if text == "–" else float(text.replace("−", "-").replace("\u202f", ""))

    def said(self, pattern: str) -> str:
        """The status line, once it says what is looked for."""
        self.page.locator("#explorer-said").filter(has_text=re.compile(pattern)).wait_for()
        return self.page.locator("#explorer-said").text_content()


@pytest.fixture
def explorer(report) -> Explorer:
    return Explorer(report().page)


@pytest.mark.parametrize("name", NAMES)
def test_a_slider_moves_its_field_the_curves_and_the_numbers(explorer: Explorer, name: str) -> None:
    explorer.choose(schedule="cosine")  # at a constant rate the length of the run moves no curve
    before, typed = explorer.state(), explorer.field(name).input_value()
    explorer.slider(name).press("PageUp")
    explorer.page.wait_for_function(MOVED, arg=before)
    assert float(explorer.field(name).input_value()) > float(typed)


def test_a_mouse_moves_a_slider(explorer: Explorer) -> None:
    before, box = explorer.state(), explorer.slider("lmbda").bounding_box()
    explorer.slider("lmbda").click(position={"x": box["width"] * 0.9, "y": box["height"] / 2})
    explorer.page.wait_for_function(MOVED, arg=before)
    assert float(explorer.field("lmbda").input_value()) > 100


@pytest.mark.parametrize("name", NAMES)
def test_a_typed_number_moves_its_slider_the_curves_and_the_numbers(explorer: Explorer, name: str) -> None:
    explorer.choose(schedule="cosine")
    before, position = explorer.state(), explorer.slider(name).input_value()
    typed = 0.73 if name == "momentum" else float(explorer.field(name).input_value()) * 7
    explorer.type(**{name: f"{typed:g}"})
    explorer.page.wait_for_function(MOVED, arg=before)
    assert explorer.slider(name).input_value() != position


@pytest.mark.parametrize("name", NAMES)
def test_arrow_keys_go_one_stop_and_back(explorer: Explorer, name: str) -> None:
    explorer.slider(name).press("PageUp")
    position, typed = int(explorer.slider(name).input_value()), explorer.field(name).input_value()
    for key, step in (("ArrowRight", 1), ("ArrowLeft", 0), ("ArrowUp", 1), ("ArrowDown", 0)):
        explorer.slider(name).press(key)
        assert int(explorer.slider(name).input_value()) == position + step, key
        assert (explorer.field(name).input_value() == typed) == (step == 0), key


@pytest.mark.parametrize(
    "name, text, word",
    [
        ("eta", "fast", "not a number"),
        ("eta", "0,1", "comma"),
        ("eta", "<b>1</b>", "not a number"),
        ("lmbda", "-1", "above 0"),
        ("lmbda", "1e400", "between"),
        ("n", "1.5", "whole number"),
        ("m", "", "empty"),
        ("n_in", "0", "whole number"),
        ("momentum", "1", "from 0 to"),
        ("n_w", "Infinity", "not a number"),
        ("Q", "NaN", "not a number"),
    ],
)
def test_bad_text_is_said_and_changes_nothing(explorer: Explorer, name: str, text: str, word: str) -> None:
    good, before = explorer.field(name).input_value(), explorer.state()
    explorer.type(**{name: text})
    assert word in explorer.problem(name)
    assert explorer.field(name).get_attribute("aria-invalid") == "true"
    assert explorer.field(name).get_attribute("aria-describedby") == f"explorer-{name}-problem"
    assert explorer.state() == before
    explorer.type(**{name: good})
    assert explorer.problem(name) == "" and explorer.field(name).get_attribute("aria-invalid") is None
    assert explorer.state() == before


def test_a_minibatch_larger_than_the_data_is_said(explorer: Explorer) -> None:
    explorer.type(n=100, m=101)
    assert "larger than" in explorer.problem("m")
    assert explorer.shown("per_epoch_factor") is None and explorer.state()["curves"] == []
    explorer.type(m=100)
    assert explorer.problem("m") == "" and len(explorer.state()["curves"]) >= 4


def test_a_step_that_would_remove_more_than_the_weight_is_said(explorer: Explorer) -> None:
    explorer.type(eta=10, lmbda=100, n=1000, m=10)
    assert "lower η or λ" in explorer.said("Out of range")
    assert explorer.shown("per_epoch_factor") is None
    assert explorer.shown("per_epoch_factor_limit") == pytest.approx(math.exp(-100), rel=1e-8)


@pytest.mark.parametrize("lmbda, warned", [(1e-2, True), (1e-1, True), (5, False)])
def test_a_decay_that_float32_loses_is_warned_of(explorer: Explorer, lmbda: float, warned: bool) -> None:
    explorer.type(**NIELSEN | {"lmbda": lmbda})
    # n_in is typed last: while the others are, the same factor belongs to another n.
    said = explorer.said(f"multiplied by {(1 - 0.1 * lmbda / 50_000) ** 5000:.6g} per epoch.*1/nin = 0.03571")
    assert ("float32 warning" in said) == warned and ("float64" in said) == warned


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_presets_are_pressed_by_key(explorer: Explorer, key: str) -> None:
    buttons = explorer.page.locator(".explorer-presets button")
    labels = [label for label in buttons.all_inner_texts() if "10" in label]
    assert buttons.count() >= 3 and labels
    hundred = buttons.filter(has_text="100").first
    explorer.type(eta=3)
    hundred.press(key)
    assert [float(explorer.field(name).input_value()) for name in ("lmbda", "n", "m", "n_in")] == [5, 50_000, 10, 784]
    assert explorer.field("eta").input_value() in ("0.1", "0.5")


def test_reset_gives_back_the_setting_the_page_opened_with(explorer: Explorer) -> None:
    before, typed = explorer.state(), [explorer.field(name).input_value() for name in NAMES]
    explorer.type(eta=3, lmbda=40, momentum=0.9, Q=1)
    explorer.field("m").fill("many")
    assert explorer.state() != before
    explorer.page.locator("#explorer-reset").press("Enter")
    assert [explorer.field(name).input_value() for name in NAMES] == typed
    assert explorer.state() == before and explorer.problem("m") == ""


PREDICTED = ("per_step_decay", "per_epoch_factor", "per_epoch_factor_limit", "relative_error_of_limit",
             "half_life_epochs", "epochs_to_fan_in", "epochs_to_fan_in_exact")  # fmt: skip


@pytest.mark.parametrize(
    "setting",
    [NIELSEN, NIELSEN | {"eta": 0.5}, {"eta": 0.1, "lmbda": 5, "n": 1200, "m": 10, "n_in": 64},
     {"eta": 0.5, "lmbda": 3, "n": 25, "m": 10, "n_in": 7}, {"eta": 3, "lmbda": 300, "n": 1000, "m": 1000, "n_in": 30},
     {"eta": 1e-3, "lmbda": 0.01, "n": 1_000_000, "m": 256, "n_in": 100}],
    ids=lambda setting: ",".join(f"{value:g}" for value in setting.values()),
)  # fmt: skip
def test_the_numbers_are_those_of_the_command_line(explorer: Explorer, setting: dict) -> None:
    explorer.type(**setting)
    wanted = wd.predict(**setting).record()
    for name in PREDICTED:
        digits = 9 if "factor" in name else 6
        assert explorer.shown(name) == pytest.approx(wanted[name], rel=0.51 * 10 ** (1 - digits)), name
    assert explorer.page.evaluate("values => window.wdJaxExplorer.evaluate(values).per_epoch_factor", setting | {
        "momentum": 0, "n_w": 1, "Q": 1,
    }) == pytest.approx(wanted["per_epoch_factor"], rel=1e-13)  # fmt: skip


SCHEDULES = {"constant": None, "linear": "linear", "cosine": "cosine", "wsd": "wsd",
             "warm_up_cosine": "warm_up(0.1, then=cosine)"}  # fmt: skip


@pytest.mark.parametrize("optimiser, predicts", [("decoupled", "adamw"), ("sgd", "sgd")])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_run_leaves_what_the_command_line_says(
    explorer: Explorer, optimiser: str, predicts: str, schedule: str
) -> None:
    explorer.choose(optimiser=optimiser, schedule=schedule)
    explorer.type(**NIELSEN, epochs=7)
    setting = {"eta": 0.1, "lmbda": 5, "n": 50_000, "m": 10, "epochs": 7}
    wanted = wd.predict(**setting, optimiser=predicts, eta_schedule=SCHEDULES[schedule])
    assert explorer.shown("run_factor") == pytest.approx(wanted.retained, rel=1e-8)
    assert explorer.shown("run_timescale") == pytest.approx(wanted.timescale_share, rel=1e-5)
    how = "a constant" if schedule == "constant" else "the"
    explorer.said(rf"A run of 35\u202f000 steps with {how} learning rate.* leaves {wanted.retained:.4g} of a weight")
    assert explorer.page.locator("#explorer-key-run").is_visible() == (schedule != "constant")


def test_the_preset_of_adamw_is_the_worked_case(explorer: Explorer) -> None:
    explorer.page.locator(".explorer-presets button").filter(has_text="AdamW").press("Enter")
    explorer.page.evaluate(DRAWN)
    wanted = wd.predict(optimiser="adamw", eta=3e-4, weight_decay=0.1, steps=100_000, eta_schedule="cosine")
    assert explorer.shown("run_factor") == pytest.approx(wanted.retained, rel=1e-8)
    assert explorer.shown("weight_decay") == 0.1 and explorer.shown("per_step_decay") == 3e-5
    assert "Keep float32 master weights" in explorer.said("bfloat16 warning")
    explorer.choose(precision="float32")
    assert "large enough to be kept" in explorer.said("float32: ")
    explorer.choose(optimiser="absolute")
    assert explorer.shown("run_factor") == pytest.approx(wanted.retained_at_constant_rate, rel=1e-8)


def test_lists_are_worked_by_key_and_reset_gives_back_what_the_page_opened_with(explorer: Explorer) -> None:
    before = explorer.state()
    for name in ("optimiser", "schedule", "precision"):
        one = explorer.page.locator(f"select#explorer-{name}")
        opened = one.input_value()
        one.press("End")
        assert one.input_value() != opened and one.evaluate("one => one.labels.length") == 1
    explorer.page.evaluate(DRAWN)
    assert explorer.shown("run_factor") is None and explorer.state()["curves"] == []
    assert "no rate of its own" in explorer.said("L2 term")
    explorer.page.locator("#explorer-reset").press("Enter")
    assert explorer.state() == before


def test_the_plateau_is_where_the_gradient_supplies_what_decay_takes(explorer: Explorer) -> None:
    explorer.type(**NIELSEN, n_w=23_820, Q=0.004)
    assert explorer.shown("plateau_rms") == pytest.approx(math.sqrt(50_000 * 0.004 / (5 * 23_820)), rel=1e-5)


def test_the_plots_say_their_numbers(explorer: Explorer) -> None:
    for lmbda in (5, 8):
        explorer.type(**NIELSEN | {"lmbda": lmbda})
        plot = explorer.page.locator("#explorer-factor")
        assert plot.get_attribute("role") == "img"
        assert f"{(1 - 0.1 * lmbda / 50_000) ** 5000:.6g}" in plot.get_attribute("aria-label")


def test_the_factor_plot_says_the_values_at_its_ends(explorer: Explorer) -> None:
    explorer.type(**NIELSEN | {"eta": 1e-3})
    low, high = ((1 - 1e-3 * lmbda / 50_000) ** 5000 for lmbda in (1e-3, 1e4))
    said = explorer.page.locator("#explorer-factor").get_attribute("aria-label")
    assert f"falling from {low:.4g} at λ = 0.001 to {high:.4g} at λ = 10\u202f000." in said


def test_beside_q_stands_what_it_is_at_this_setting(explorer: Explorer) -> None:
    source = explorer.page.locator("#explorer-source")
    opened = source.text_content()
    assert opened.startswith("Here Q")
    for name in ("eta", "lmbda", "m", "momentum"):
        explorer.type(**{name: 0.5 if name == "momentum" else 7})
        caveat = source.text_content()
        assert re.fullmatch(r"Q (was measured|is an example) at η = .*; it changes with the setting\.", caveat), name
        assert caveat in explorer.said("it changes with the setting")
        explorer.page.locator("#explorer-reset").press("Enter")
        explorer.page.evaluate(DRAWN)
        assert source.text_content() == opened
    explorer.type(Q=3)
    assert source.text_content() == "These are your own numbers."


@pytest.mark.parametrize("key", ["Home", "End"])
def test_no_extreme_shows_what_is_not_a_number(explorer: Explorer, key: str) -> None:
    for name in NAMES:
        explorer.slider(name).press(key)
        explorer.page.evaluate(DRAWN)
        text = explorer.page.locator("#explorer").evaluate("one => one.innerText + one.innerHTML")
        assert not re.search(r"NaN|Infinity|undefined|\[object", text), name


def test_controls_are_large_enough_for_a_finger(report) -> None:
    explorer = Explorer(report(viewport={"width": 390, "height": 844}, has_touch=True).page)
    boxes = explorer.page.locator("#explorer-controls").locator("input, select, button, summary").evaluate_all(
        "all => all.map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])"
    )  # fmt: skip
    assert len(boxes) > 2 * len(NAMES)
    assert [text for text, box in boxes if box["width"] < 24 or box["height"] < 24] == []
    explorer.page.locator("#explorer-reset").tap()


def test_pictures_before_and_after(report, picture) -> None:
    for scheme in ("light", "dark"):
        explorer = Explorer(report(color_scheme=scheme).page)
        explorer.type(eta=0.5, lmbda=50, momentum=0.9)
        explorer.field("m").fill("many")
        picture(explorer.page, f"explorer-{scheme}")


def test_without_scripts_the_page_says_so_and_keeps_the_rest(report) -> None:
    page = report(java_script_enabled=False).page
    assert "needs JavaScript" in page.locator("#explorer").inner_text()
    assert page.locator("table").count() >= 4 and page.locator("#explorer-controls[disabled]").count() == 1
