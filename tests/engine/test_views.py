"""What plans and results say of themselves, at a prompt and in a notebook; what each variable says of itself."""

import dataclasses
import math
import xml.etree.ElementTree as ET

import pytest

import wd_jax as wd
from wd_jax.plan import make_plan
from wd_jax.variables import COORDINATES, VARIABLES

pytestmark = pytest.mark.numeric
NASTY = "<script>alert(1)</script>"


def shown_as_text(html: str) -> None:
    """Assert that a view is well formed and that a user's text is not part of the page."""
    ET.fromstring(html)
    assert "<script" not in html and "&lt;script&gt;" in html


def test_a_plan_counts_its_members(setup32, tiny) -> None:
    plan = make_plan(setup32, tiny, {"lmbda": [0.5, 2.0, 8.0], "hidden": [2, 3]}, 4, 6, wd.Probes())
    shown = repr(plan)
    assert shown.startswith("Plan of 24 members: 2 groups x 3 cells x 4 seeds\n")
    assert "lmbda = 0.5 2 8, hidden = 2 3" in shown and "eta = 0.1" in shown and "wd.dry_run(...)" in shown


def test_a_dry_run_says_what_a_sweep_will_take(setup32, tiny) -> None:
    planned = wd.dry_run(setup32, tiny, lmbda=[0.5, 2.0, 8.0], hidden=[2, 3], seeds=4, epochs=6)
    assert planned.member_steps == 24 * 5 * 6
    assert planned.record()["members"] == 24 and planned.record()["compiled_programs"] == planned.size.programs >= 2
    shown = repr(planned)
    assert shown.startswith("Planned sweep of 24 members: 2 groups x 3 cells x 4 seeds\n")
    for fact in ("dataset", "chunks", "memory", "time", "MiB", "wd.sweep(...)"):
        assert fact in shown
    shown_as_text(dataclasses.replace(planned, data=dataclasses.replace(tiny, name=NASTY))._repr_html_())


def test_a_dry_run_refuses_what_a_sweep_would(setup32, tiny) -> None:
    with pytest.raises(ValueError, match="did you mean 'lmbda'"):
        wd.dry_run(setup32, tiny, lmdba=1.0, epochs=1)
    with pytest.raises(ValueError, match="path='fast': choose one of"):
        wd.dry_run(setup32, tiny, path="fast", epochs=1)


def test_a_summary_says_what_was_found_and_its_next_lines_run(pair) -> None:
    summary = wd.summarise(pair)
    assert summary.facts["axes"] == "lmbda = 0.5 2" and summary.facts["members"] == "4, of 2 seed(s); 0 diverged"
    last = float(pair.weight_rms.sel(lmbda=2.0, layer=1, epoch=6).mean())
    assert summary.rows[1]["weight_rms_1"] == pytest.approx(last) and f"{last:.4g}" in repr(summary)
    names = {"runs": pair, "wd": wd}
    for line in summary.next:
        assert line in repr(summary)
        exec(line, names)
    ET.fromstring(summary._repr_html_())


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


def test_every_variable_says_what_it_is(setup32, tiny, tmp_path) -> None:
    probes = wd.Probes(full_gradient=True, keep_weights=True)
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
