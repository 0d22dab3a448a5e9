"""What plans and results say of themselves, at a prompt and in a notebook; what each variable says of itself."""

import dataclasses
import math
import xml.etree.ElementTree as ET

import pytest

import wd_jax as wd
from wd_jax.measurement import ON_REQUEST
from wd_jax.results import run_settings
from wd_jax.results.variables import COORDINATES, VARIABLES

pytestmark = pytest.mark.numeric
NASTY = "<script>alert(1)</script>"


def shown_as_text(html: str) -> None:
    """Assert that a view is well formed and that a user's text is not part of the page."""
    ET.fromstring(html)
    assert "<script" not in html and "&lt;script&gt;" in html


def test_a_dry_run_says_what_a_sweep_will_take(setup32, tiny) -> None:
    planned = wd.dry_run(setup32, tiny, lmbda=[0.5, 2.0, 8.0], hidden=[2, 3], seeds=4, epochs=6)
    assert planned.member_steps == 24 * 5 * 6
    assert planned.record()["members"] == 24 and planned.record()["compiled_programs"] == planned.size.programs >= 2
    shown = repr(planned)
    assert shown.startswith("Planned sweep of 24 members: 2 groups x 3 cells x 4 seeds\n")
    assert "lmbda = 0.5 2 8, hidden = 2 3" in shown and "eta = 0.1" in shown
    for fact in ("dataset", "chunks", "memory", "time", "MiB", "wd.sweep(...)"):
        assert fact in shown
    shown_as_text(dataclasses.replace(planned, data=dataclasses.replace(tiny, name=NASTY))._repr_html_())


def test_a_dry_run_refuses_what_a_sweep_would(setup32, tiny) -> None:
    with pytest.raises(ValueError, match="did you mean 'lmbda'"):
        wd.dry_run(setup32, tiny, lmdba=1.0, epochs=1)
    with pytest.raises(ValueError, match="method='fast': choose one of"):
        wd.dry_run(setup32, tiny, method="fast", epochs=1)


def test_a_summary_says_what_was_found_and_its_next_lines_run(pair) -> None:
    summary = wd.summarise(pair)
    assert summary.facts["axes"] == "lmbda = 0.5 2" and summary.facts["members"] == "4, of 2 seeds; 0 diverged"
    last = float(pair.weight_rms.sel(lmbda=2.0, layer=1, epoch=6).mean())
    assert summary.rows[1]["weight_rms_1"] == pytest.approx(last) and f"{last:.4g}" in repr(summary)
    names = {"runs": pair, "wd": wd}
    for line in summary.next:
        assert line in repr(summary)
        exec(line, names)
    ET.fromstring(summary._repr_html_())


def test_a_plan_and_its_run_have_the_same_settings_in_the_same_words(tiny) -> None:
    """Of a plan they are read off its setups, of a run off its coordinates."""
    setup = wd.Setup(widths=(6, 4, 3), batch_size=23, activation="tanh")
    asked = {"lmbda": [0.5, 2.0, 0.0], "hidden": [2, 3], "optimiser": ["sgd", "adamw"], "batch_size": [5, 23]}
    asked |= {"eta": 0.3, "dtype": "float64", "sampling": "iid", "seeds": [0, 1, 7], "epochs": 1}
    planned = wd.dry_run(setup, tiny, **asked)
    runs = wd.sweep(setup, tiny, **asked, progress=False)
    of_plan, of_run = run_settings.of_plan(planned), run_settings.of_runs(runs)
    assert {name: set(values) for name, values in of_plan.items()} == {name: set(v) for name, v in of_run.items()}
    words = run_settings.facts(of_run)
    assert {name: planned.facts()[name] for name in words} == words == run_settings.facts(of_plan)
    assert {name: wd.summarise(runs).facts[name] for name in words} == words


def test_one_cell_says_which_it_was(tiny) -> None:
    """By hand: epsilon = 0.3 * 1.5 / 23, half-life ln 2 / (-5 ln(1 - epsilon)) epochs of 5 steps."""
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, optimiser="sgdw", loss="quadratic", init="fan_in")
    asked = {"lmbda": 1.5, "eta": 0.3, "momentum": 0.25, "init_scale": 2.0, "seeds": [4], "epochs": 1}
    runs = wd.sweep(setup, tiny, **asked, progress=False)
    planned, summary = wd.dry_run(setup, tiny, **asked), wd.summarise(runs)
    stated = (
        *("tiny, n = 23, n_in = 6, n_out = 3", "widths 6-5-3", "sgdw with momentum = 0.25", "v <- momentum*v + g"),
        *("sigmoid", "quadratic", "float32", "init fan_in, init_scale = 2", "m = 5, 5 steps per epoch, reshuffled"),
        *("eta = 0.3, lmbda = 1.5", "eta*lmbda/n = 0.0195652 per step", "lmbda/n = 0.0652174", "7.016 epochs"),
        "4 (1 seed)",
    )
    for shown in (repr(planned), repr(summary), summary.text):
        assert [words for words in stated if words not in shown] == []
    for page in (planned._repr_html_(), summary._repr_html_()):
        text = "".join(ET.fromstring(page).itertext())
        assert [words for words in stated if words not in text] == []
    for record in (planned.record(), summary.record):
        settings = record["settings"]
        assert settings["half_life_epochs"] == pytest.approx(math.log(2) / -5 / math.log(1 - 0.45 / 23))
        assert {
            "lmbda": 1.5,
            "eta": 0.3,
            "m": 5,
            "widths": "6-5-3",
            "momentum": 0.25,
            "seed": 4,
        }.items() <= settings.items()
    assert (
        "momentum" not in wd.dry_run(dataclasses.replace(setup, optimiser="sgd"), tiny, epochs=1).facts()["optimiser"]
    )


@pytest.mark.filterwarnings("ignore:eta=0.1, lmbda=230")
def test_no_decay_and_all_decay_have_a_half_life_in_words(setup32, tiny) -> None:
    with pytest.warns(UserWarning, match="a step wipes the weights out"):
        facts = wd.dry_run(setup32, tiny, lmbda=[0.0, 230.0], eta=0.1, epochs=1).facts()
    assert "half-life without gradient infinitely many 0 epochs" in facts["decay"]


def test_long_lists_are_shortened_in_words_alone(setup32, tiny) -> None:
    lmbdas = [0.123456789 * k for k in range(1, 26)]
    planned = wd.dry_run(setup32, tiny, lmbda=lmbdas, seeds=[*range(30), 99], epochs=1)
    assert planned.facts()["eta, lmbda"].endswith(
        "lmbda = 0.123456789 0.246913578 0.370370367 ... 3.086419725 (25 values)"
    )
    assert planned.facts()["seeds"] == "0 to 29, 99 (31 seeds)"
    assert planned.record()["settings"]["lmbda"] == lmbdas


def test_a_summary_names_the_diverged_and_escapes_names(setup32, tiny) -> None:
    data = dataclasses.replace(tiny, name=NASTY)
    runs = wd.sweep(setup32, data, eta=[0.1, 1e30], epochs=1, progress=False)
    summary = wd.summarise(runs)
    assert summary.rows[0]["test_accuracy"] >= 0
    assert math.isnan(summary.rows[1]["weight_rms_1"]) and math.isnan(summary.rows[1]["test_accuracy"])
    assert "1 of 2 members diverged and are left out of the means: lower eta" in repr(summary)
    assert "an interval takes two or more" in repr(summary)
    shown_as_text(summary._repr_html_())


def test_a_long_summary_says_how_much_is_missing(setup32, tiny) -> None:
    summary = wd.summarise(wd.sweep(setup32, tiny, eta=[0.01 * k for k in range(1, 31)], epochs=1, progress=False))
    assert len(summary.rows) == 30 and "... and 6 more" in repr(summary) and "... and 6 more" in summary._repr_html_()


def test_a_part_of_a_result_cannot_be_summarised(pair) -> None:
    for part in (pair.weight_rms, pair[["cost"]], 3):
        with pytest.raises(ValueError, match="without weight_rms: give the whole result of sweep or open"):
            wd.summarise(part)
    with pytest.raises(ValueError, match="no result of a sweep, with nothing along seed"):
        wd.summarise(pair.isel(seed=[]))


def test_every_variable_says_what_it_is(setup32, tiny, tmp_path) -> None:
    probes = wd.Probes(full_gradient=True, keep_weights=True, **dict.fromkeys(ON_REQUEST, True))
    choices = {"activation": ["tanh", "relu"], "loss": ["softmax"], "sampling": ["iid"], "batch_size": [5]}
    runs = wd.sweep(
        setup32, tiny, lmbda=[0.5, 2.0], epochs=2, probes=probes, progress=False, out=tmp_path / "runs", **choices
    )
    assert set(VARIABLES) <= set(runs.variables) and set(choices) <= set(runs.coords)
    for result in (runs, wd.open(tmp_path / "runs")):
        for name, variable in result.variables.items():
            described = {key: variable.attrs.get(key) for key in ("long_name", "units", "description")}
            assert all(described.values()), (name, described)
    assert runs.weight_rms.attrs["units"] == "1" and runs.n.attrs["units"] == "examples"


def test_every_coordinate_of_the_table_has_three_words() -> None:
    for name, words in COORDINATES.items():
        assert len(words) == 3 and all(words), name


@pytest.mark.parametrize(
    "decay, epochs",
    [(0.5, 1 / 3), (0.0, math.inf), (1.0, 0.0), (1.5, 1 / 3), (2.0, math.inf), (2.5e29, math.inf), (1e-3, 230.93)],
)
def test_a_half_life_is_infinite_where_weights_do_not_shrink(decay: float, epochs: float) -> None:
    """With three steps an epoch; from eta lmbda/n = 1 on signs turn, and from 2 on nothing shrinks."""
    found = run_settings._half_life(decay, 3.0)
    assert found == epochs if epochs in (0.0, math.inf) else found == pytest.approx(epochs, rel=1e-4)


def test_one_layer_can_be_summarised(setup32, tiny) -> None:
    runs = wd.sweep(setup32, tiny, lmbda=[0.5, 2.0], eta=0.3, seeds=2, epochs=2, progress=False)
    for part in (runs.sel(layer=1), runs.isel(epoch=-1, layer=0), runs.sel(lmbda=0.5, layer=2)):
        rows = wd.summarise(part).rows
        assert rows[0][f"weight_rms_{int(part.layer)}"] == pytest.approx(float(part.weight_rms.isel(
            **({"lmbda": 0} if "lmbda" in part.dims else {}), **({"epoch": -1} if "epoch" in part.dims else {})
        ).mean("seed")))  # fmt: skip
