"""The explorer evaluates what the derivations print, holds no formula of its own, and shows a user's text as text."""

import dataclasses
import functools
import json
import math
import re
import shutil
import subprocess
from html import unescape
from importlib import resources

import numpy as np
import pytest

import wd_jax as wd
from experiments import explorer_preset, run_folder
from wd_jax import conventions
from wd_jax.report import explorer_data as glue
from wd_jax.report.explorer import CONTROLS, CURVES, HANDWRITTEN, REQUIRED, ROWS, SCALES, explorer
from wd_jax.report.mathematics import typeset

pytestmark = pytest.mark.numeric

POINTS = 300
# Near critical damping the two roots all but meet: what stands under their square root is a small difference.
TOLERANCE = {name: 5e-11 for name in ("momentum_per_epoch_factor", "lmbda_of_slow_mode", "lmbda_of_nesterov")}
EVIL = '</script><script>alert("1")</script>'
# Runs the page's own script without a page: it finds the data, and no element to draw into.
RUNNER = """
const fs = require("fs");
const { script, data, cases, settings, runs } = JSON.parse(fs.readFileSync(0));
globalThis.window = {};
globalThis.document = { getElementById: (id) => id === "explorer-data" ? { textContent: JSON.stringify(data) } : null };
(0, eval)(script);
const { formulas, evaluate, alongTheRun, inWords, supplyWords, precisionWords } = window.wdJaxExplorer;
const said = (values, supply = supplyWords(values, data.presets[0]), result = evaluate(values)) =>
  ({ setting: inWords(values, result, supply.caveat), note: supply.note, precision: precisionWords(values, result) });
const write = (x) => typeof x === "number" && !Number.isFinite(x) ? String(x) : x;
process.stdout.write(JSON.stringify({
  formulas: cases.map(([name, values]) => write(formulas[name](values))),
  records: settings.map((values) => evaluate(values)),
  said: settings.map((values) => said(values)),
  runs: runs.map(([values, shares]) => [alongTheRun(values, shares), evaluate(values)]),
  globals: Object.keys(window),
  frozen: Object.isFrozen(window.wdJaxExplorer) && Object.isFrozen(formulas),
}));
"""


@functools.cache
def gathered():
    return glue.gather()


@functools.cache
def printed():
    return glue.formulas()


def in_node(part, cases=(), settings=(), runs=()):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the page's script cannot be run here")
    asked = {"cases": list(cases), "settings": list(settings), "runs": list(runs)}
    given = json.dumps({"script": part.script, "data": part.data} | asked)
    done = subprocess.run([node, "-e", RUNNER], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def draw(random, count):
    """Settings all over the sliders, and beyond the limit on epsilon."""

    def log(low, high):
        return 10 ** random.uniform(low, high, count)

    n = np.round(log(1, 7))
    columns = {
        "eta": log(-4, 1), "lmbda": log(-3, 4), "n": n, "m": np.maximum(1, np.round(n ** random.uniform(0, 1, count))),
        "n_in": np.round(log(0, 5)), "momentum": 1 - log(-3, 0), "n_w": np.round(log(1, 9)), "Q": log(-6, 3),
        "weight_rms_0": log(-2, 1), "weight_rms_plateau": log(-4, 0), "epoch": log(-2, 3),
    }  # fmt: skip
    columns["weight_rms_plateau"] *= columns["weight_rms_0"]
    columns |= {f"{part}_steps": np.round(log(0, 5)) for part in ("total", "warmup", "stable", "cooldown")}
    columns["step"] = np.round(columns["total_steps"] * random.uniform(0, 1, count))
    return [dict(zip(columns, map(float, row), strict=True)) for row in zip(*columns.values(), strict=True)]


def test_the_page_computes_what_python_computes():
    """Every function of the page's script against the formula's 30-digit number."""
    cases, wanted = [], []
    for values in draw(np.random.default_rng(5), POINTS):
        for name, formula in printed().items():
            given = {parameter: values[parameter] for parameter in formula.parameters}
            if formula.valid(**given):
                exact = formula.number(30, **given)
                if 1e-250 < abs(exact) < 1e250:
                    cases.append((name, given))
                    wanted.append(exact)
    counts = {name: sum(case == name for case, _ in cases) for name in REQUIRED}
    assert min(counts.values()) >= 100, counts
    for (name, given), found, exact in zip(cases, in_node(gathered(), cases)["formulas"], wanted, strict=True):
        assert abs(found - exact) <= TOLERANCE.get(name, 1e-12) * abs(exact), (name, given, found, float(exact))


def test_every_function_the_page_calls_is_printed():
    assert set(printed()) == set(REQUIRED)
    script = "".join(source(name) for name in HANDWRITTEN)
    called = set(re.findall(r"formulas\.(\w+)", script)) | set(re.findall(r'number\("(\w+)"', script))
    runs = re.findall(r"`run_(?:\$\{what\}|(\w+))_\$\{schedule\}`", script)
    assert len(runs) == 3 and set(re.findall(r'\brun\("(\w+)"', script)) | set(runs) == {
        "", "factor", "factor_limit", "timescale",
    }  # fmt: skip
    assert called | {name for name in REQUIRED if name.startswith("run_")} == set(REQUIRED)
    shown = {name for _, *names in ROWS for name in names if name}
    assert {name for name in shown if not name.startswith("run_")} <= set(REQUIRED)


SETTINGS = [
    {"eta": 0.1, "lmbda": 5.0, "n": 50_000, "m": 10, "n_in": 784},
    {"eta": 0.5, "lmbda": 0.1, "n": 1205, "m": 10, "n_in": 64},
    {"eta": 3.0, "lmbda": 1000.0, "n": 4096, "m": 4096, "n_in": 1},
]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_page_says_what_predict_says(setting):
    extra = {"momentum": 0.0, "n_w": 23_820, "Q": 0.22}
    (record,) = in_node(gathered(), settings=[setting | extra])["records"]
    wanted = wd.predict(**setting).record()
    for name in ("per_step_decay", "per_epoch_factor", "per_epoch_factor_limit", "relative_error_of_limit",
                 "half_life_epochs", "epochs_to_fan_in", "epochs_to_fan_in_exact", "steps_per_epoch"):  # fmt: skip
        assert record[name] == pytest.approx(wanted[name], rel=1e-12, abs=1e-300), name
    if setting["n_in"] > 1:
        left = record["per_epoch_factor"] ** record["epochs_to_fan_in_exact"]
        assert left == pytest.approx(setting["n_in"] ** -0.5, rel=1e-9)
    # No momentum is momentum 0, and the plateau is the size at which decay takes what Q brings.
    assert record["momentum_per_epoch_factor"] == pytest.approx(wanted["per_epoch_factor"], rel=1e-11)
    balance = setting["lmbda"] / setting["n"] * extra["n_w"] * record["plateau_rms"] ** 2
    assert balance == pytest.approx(extra["Q"], rel=1e-12)


def test_the_factor_with_momentum_is_that_of_heavy_ball():
    setting = {"eta": 0.5, "lmbda": 2.0, "n": 1000, "m": 20, "n_in": 64, "momentum": 0.8, "n_w": 100, "Q": 1.0}
    critical = setting["n"] * (1 - math.sqrt(0.8)) ** 2 / setting["eta"]
    (record,) = in_node(gathered(), settings=[setting])["records"]
    weight, velocity, weights = 1.0, 0.0, []
    for _ in range(400):
        velocity = 0.8 * velocity + setting["lmbda"] / setting["n"] * weight
        weight -= setting["eta"] * velocity
        weights.append(weight)
    assert record["momentum_per_epoch_factor"] == pytest.approx(weights[-1] / weights[-51], rel=1e-9)
    halved = math.log(2) / math.log(weights[-51] / weights[-1])
    assert record["momentum_half_life_epochs"] == pytest.approx(halved, rel=1e-8)
    assert record["critical_lmbda"] == pytest.approx(critical, rel=1e-12)


def test_outside_its_validity_a_formula_gives_no_number():
    far = {"eta": 3.0, "lmbda": 5.0, "n": 10, "m": 1, "n_in": 64, "momentum": 0.9, "n_w": 100, "Q": 1.0}
    slow = far | {"eta": 1e-3, "n": 50_000, "lmbda": 1.0}
    oscillating = far | {"eta": 0.1, "lmbda": 5.0, "n": 100}
    records = in_node(gathered(), settings=[far, slow, oscillating])["records"]
    exact = ("per_epoch_factor", "relative_error_of_limit", "half_life_epochs", "epochs_to_fan_in_exact")
    assert [records[0][name] for name in exact] == [None] * 4 and not records[0]["decays"]
    assert all(records[1][name] is not None for name in (*exact, "momentum_per_epoch_factor"))
    assert records[2]["decays"] and records[2]["momentum_per_epoch_factor"] is None and not records[2]["overdamped"]


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_float32_is_warned_of_at_the_thresholds_of_conventions(momentum):
    """With momentum it is epsilon/(1 - mu) that a step has to take off a weight; 1 - mu is exact here."""
    lost, stuck, doubtful = conventions.FLOAT32_LOST, conventions.FLOAT32_STUCK, conventions.FLOAT32_DOUBTFUL
    setting = {"eta": 1.0, "n": 1, "m": 1, "n_in": 4, "momentum": momentum, "n_w": 10, "Q": 1.0}
    shares = (lost, lost * 1.001, stuck * 0.999, stuck, doubtful * 0.999, doubtful, 1e-3)
    found = in_node(gathered(), settings=[setting | {"lmbda": share * (1 - momentum)} for share in shares])
    levels = ["lost", "stuck", "stuck", "doubtful", "doubtful", "kept", "kept"]
    assert [record["precision"] for record in found["records"]] == levels
    words = {"lost": "does not move", "stuck": "one after the other", "doubtful": "by percents", "kept": "to be kept"}
    name = "ε/(1 − μ) = " if momentum else "float32 warning: ε = "
    for said, level in zip(found["said"], levels, strict=True):
        assert words[level] in said["precision"] and ("warning" in said["precision"]) == (level != "kept"), said
        assert name in said["precision"] or (not momentum and level == "kept")


def test_float32_is_not_judged_where_weights_oscillate():
    setting = {"eta": 0.1, "lmbda": 5.0, "n": 100, "m": 1, "n_in": 64, "momentum": 0.9, "n_w": 100, "Q": 1.0}
    found = in_node(gathered(), settings=[setting])
    assert found["records"][0]["precision"] is None and "not judged" in found["said"][0]["precision"]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_float32_does_what_the_thresholds_say(momentum):
    """Weights that only decay, step by step in float32, as SGD and PyTorch's heavy ball subtract it."""
    start = np.random.default_rng(3).normal(size=1000).astype(np.float32)

    def stopped(share, steps=1500):
        """Share of the weights that one more step leaves as they are."""
        epsilon, mu = np.float32(share * (1 - momentum)), np.float32(momentum)
        weight, velocity = start, start * np.float32(1 / (1 - momentum))
        for _ in range(steps):
            velocity = mu * velocity + weight
            weight = weight - epsilon * velocity
        return np.mean(weight - epsilon * (mu * velocity + weight) == weight)

    assert stopped(0.99 * conventions.FLOAT32_LOST) == 1
    assert 0.5 < stopped(4e-8) < 0.65 and 0.2 < stopped(5e-8) < 0.3
    assert stopped(1.01 * conventions.FLOAT32_STUCK) == 0


def test_a_plateau_away_from_the_preset_says_where_q_comes_from():
    part = gathered()
    opened = part.data["presets"][0]["values"]
    moved = [opened | {name: opened[name] * 2} for name in ("eta", "lmbda", "n", "m", "n_in", "n_w")]
    heavy, own = opened | {"momentum": 0.5}, opened | {"Q": 2.0}
    at, *elsewhere, own = in_node(part, settings=[opened, *moved, heavy, own])["said"]
    caveat = "Q is an example at η = 0.1, λ = 5, n = 50\u202f000, m = 10, n_in = 784, μ = 0, n_w = 23\u202f820; it"
    assert at["note"] == glue.EXAMPLE and "Q is an example" not in at["setting"]
    assert len(elsewhere) == 7
    for said in elsewhere:
        assert said["note"].startswith(caveat) and caveat in said["setting"]
    assert "The plateau is that of no momentum." in elsewhere[-1]["setting"] and "no momentum" not in at["setting"]
    assert own["note"] == "These are your own numbers." and "Q is your own number" in own["setting"]


def test_a_measured_q_is_said_to_be_measured():
    (preset,) = glue.nielsens()[:1]
    note = "Measured by this run."
    presets = [preset | {"note": note, "measured": True}]
    part = dataclasses.replace(gathered(), data={**gathered().data, "presets": presets})
    at, moved = in_node(part, settings=[preset["values"], preset["values"] | {"lmbda": 7.0}])["said"]
    assert at["note"] == note and "Q was measured at η = 0.1, λ = 5" in moved["note"] and note not in moved["note"]


def test_the_status_says_both_t_star():
    setting = {"eta": 1.0, "lmbda": 500.0, "n": 1000, "m": 10, "n_in": 784, "momentum": 0.0, "n_w": 10, "Q": 1e-6}
    (said,) = in_node(gathered(), settings=[setting])["said"]
    exact, limit = -math.log(784) / 200 / math.log(0.5), 10 / (2 * 500) * math.log(784)
    assert f"t* = {exact:.4g} (exact; the limit says {limit:.4g})" in said["setting"]


def source(name):
    return (resources.files("wd_jax.report") / "templates" / name).read_text(encoding="utf-8")


def code(text):
    """JavaScript without comments and texts; what stands in ${...} of a template stays."""
    text = re.sub(r"/\*.*?\*/|^\s*//.*?$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)
    return re.sub(r"`([^`]*)`", lambda found: " ".join(re.findall(r"\$\{([^}]*)\}", found[1])), text)


QUANTITY = r"(?:\w+\.)*\b(?:eta|lmbda|n|m|n_in|n_w|Q|momentum|epsilon|steps_per_epoch|epochs|total_steps|step)\b"
TRANSCENDENTAL = r"Math\.(?:exp|expm1|log|log10|log1p|log2|pow|sqrt|cbrt|hypot|a?(?:sin|cos|tan)h?)\b|\*\*"
ARITHMETIC = rf"{QUANTITY}\s*[-+*/]\s*(?:{QUANTITY}|[\w(]+)|[\w)]+\s*[-+*/]\s*{QUANTITY}"
COUNTING = {
    *("values.n / values.m", "values.n / steps_per_epoch", "epochs * steps_per_epoch"),
    *("share * total_steps", "share * lengths.total_steps", "share * at.epochs"),
    "result.total_steps * result",  # a bound for one step, for all of them
}


def handwritten(text):
    """What in a script looks like a formula of weight decay, besides counting steps."""
    bare = code(text)
    sums = [found[0].strip() for found in re.finditer(ARITHMETIC, bare)]
    return re.findall(TRANSCENDENTAL, bare) + [one for one in sums if one not in COUNTING]


@pytest.mark.parametrize("name", HANDWRITTEN)
def test_no_formula_is_written_by_hand(name):
    assert handwritten(source(name)) == []


@pytest.mark.parametrize(
    "line",
    ["return Math.exp(-x);", "x = eta * lmbda;", "y = 1 - epsilon;", "t = values.m / at.eta;", "q ** 2", "2 * at.lmbda",
     "`${eta * x}`"],
)  # fmt: skip
def test_the_scan_sees_a_formula(line):
    assert handwritten(line)


def test_the_scales_know_no_quantity():
    """Logarithms are for axes only: what has them names nothing of the model but the slider of momentum."""
    names = set(re.findall(r"\w+", code(source(SCALES))))
    assert not names & {"eta", "lmbda", "n", "m", "n_in", "n_w", "Q", "epsilon", "formulas", "values"}


def test_nothing_becomes_global_but_what_tests_need():
    found = in_node(gathered())
    assert found["globals"] == ["wdJaxExplorer"] and found["frozen"]


def test_a_users_text_stays_text():
    presets = [preset | {"label": EVIL, "note": EVIL} for preset in glue.nielsens()]
    program = "".join(f"function {name}() {{ return 1; }}\n" for name in REQUIRED)
    part = explorer(program, {"presets": presets, "precision": {}, "schedules": []})
    assert "<script" not in part.html and part.html.count("&lt;script&gt;") == 2
    assert part.data["presets"][0]["note"] == EVIL  # the page escapes what it writes as JSON
    assert "alert" not in part.script


def test_the_script_can_stand_in_a_page():
    part = gathered()
    assert not re.search(r"</script|<script|<!--", part.script, re.IGNORECASE)
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
                      ".style", "fetch(", "XMLHttpRequest", "localStorage"):  # fmt: skip
        assert forbidden not in part.script, forbidden
    assert not re.search(r"\son\w+\s*=|\sstyle\s*=|<link|<script|\ssrc\s*=", part.html)
    assert "url(" not in part.style and "@import" not in part.style


def test_every_control_is_labelled_and_told_of_its_problem():
    html = unescape(gathered().html)
    for control in CONTROLS:
        label = unescape(typeset(control.label))
        assert f'<label id="explorer-{control.name}-label" for="explorer-{control.name}">{label}</label>' in html
        slider = re.search(rf'<input type="range" id="explorer-{control.name}-slider"[^>]*>', html)
        field = re.search(rf'<input type="text" id="explorer-{control.name}"[^>]*>', html)
        assert slider and f'aria-labelledby="explorer-{control.name}-label"' in slider[0]
        assert field and f'aria-describedby="explorer-{control.name}-problem"' in field[0]
        assert f'id="explorer-{control.name}-problem"' in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)) and all(name.startswith("explorer") for name in ids)
    assert all(f'id="explorer-out-{name}"' in html for _, *names in ROWS for name in names if name)
    assert "<noscript>" in html


def test_the_colours_are_the_figures():
    style = gathered().style
    for name, (light, dark) in CURVES.items():
        assert f"--explorer-{name}: {light};" in style and f"--explorer-{name}: {dark};" in style
        assert f".explorer-curve-{name}" in style


def test_a_missing_formula_or_value_is_named():
    program = "".join(f"function {name}() {{ return 1; }}\n" for name in REQUIRED)
    data = {"presets": glue.nielsens(), "precision": {}, "schedules": []}
    with pytest.raises(ValueError, match="no function 'per_epoch_factor'; print that formula too"):
        explorer(program.replace("function per_epoch_factor(", "function other("), data)
    with pytest.raises(ValueError, match="no preset; give at least one"):
        explorer(program, data | {"presets": []})
    values = {name: value for name, value in glue.nielsens()[0]["values"].items() if name != "Q"}
    with pytest.raises(ValueError, match="preset 'half' has no Q"):
        explorer(program, data | {"presets": [{"label": "half", "note": "", "values": values}]})


def this_run(folder):
    return explorer_preset.of(folder, run_folder.settings(folder).presets)


def test_this_runs_setting_is_read_from_its_files(reproduced):
    preset = this_run(reproduced.folder)
    assert preset is not None
    assert preset["label"] == "This run: digits"
    setting = {"eta": 1.0, "lmbda": 15.0, "n": 1200, "m": 30, "n_in": 64, "momentum": 0.0, "n_w": 64 * 8 + 8 * 10,
               "epochs": 24}  # fmt: skip
    assert preset["values"] == setting | {"Q": pytest.approx(preset["values"]["Q"])}
    assert preset["measured"] == (preset["note"] != glue.EXAMPLE)
    part = glue.gather(preset)
    assert part.data["presets"][0] == preset and len(part.data["presets"]) == 4


def test_without_a_measured_plateau_q_is_said_to_be_an_example(reproduced, tmp_path):
    shutil.copy(reproduced.folder / "settings.json", tmp_path)
    assert this_run(tmp_path) is None
    shutil.copytree(reproduced.folder / "claim_2_epoch_decay", tmp_path / "claim_2_epoch_decay")
    preset = this_run(tmp_path)
    assert preset is not None and preset["values"]["Q"] == glue.EXAMPLE_Q and "example" in preset["note"]
    assert not preset["measured"]
    assert preset["values"]["n"] == 1200 and preset["values"]["eta"] == 1.0
