"""The benchmark of accelerators, where there is none: its checks can fail, its page says what was and was not found."""

import json
import math
import sys

import jax
import numpy as np
import pytest

from benchmarks import page
from benchmarks.accelerator import __main__ as command
from benchmarks.accelerator import agreement, phases, rates, running, words
from benchmarks.accelerator.trials import Trial, trials

pytestmark = pytest.mark.numeric
ROW = {"name": "SGD", "dtype": "float32", "off": 0.0, "within": 1e-5, "holds": True, "note": ""}
ABOUT = {"devices": ["made up"], "backend": "a backend"}


def test_the_distance_is_a_share_of_the_largest_number_and_names_the_variable() -> None:
    wanted = {"a": np.array([100.0, 1.0]), "b": np.array([1.0, np.nan]), "accuracy": np.array([0.5])}
    other = {"a": np.array([100.0, 2.0]), "b": np.array([1.0, np.nan]), "accuracy": np.array([0.9])}
    assert agreement.distance(wanted, wanted) == (0.0, "")
    assert agreement.distance(other, wanted) == (0.01, "a")
    assert agreement.distance(wanted | {"b": np.array([1.0, 1.0])}, wanted) == (math.inf, "b")


def test_a_device_that_computes_otherwise_fails_its_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up device whose weights are off by a thousandth, and by another amount each time."""
    cpu, plain, calls = jax.devices("cpu")[0], agreement.on, []

    def on(device, task, data):
        found = dict(plain(cpu, task, data))
        if device == "skewed":
            calls.append(task)
            found["weight_rms"] = found["weight_rms"] * (1 + 1e-3 * len(calls))
        return found

    monkeypatch.setattr(agreement, "on", on)
    trial = Trial("SGD")
    assert agreement.compared(trial, cpu, cpu, 1).holds
    assert not agreement.compared(trial, "skewed", cpu, 1).holds
    repeated = agreement.again(trial, "skewed", 1)
    assert not repeated.holds and repeated.note == "weight_rms"
    assert agreement.again(trial, cpu, 1).holds and agreement.alone(cpu, 1).holds
    assert not agreement.alone("skewed", 1).holds


def test_a_product_of_fewer_digits_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu, plain = jax.devices("cpu")[0], jax.numpy.matmul
    assert agreement.product(cpu).holds

    def short(a, b):
        return plain(a.astype("bfloat16"), b.astype("bfloat16")).astype("float32")

    monkeypatch.setattr(agreement.jnp, "matmul", short)
    assert not agreement.product(cpu).holds


def test_every_way_to_train_is_among_the_trials() -> None:
    found = trials()
    assert {trial.dtype for trial in found} >= {"float32", "float64"}
    assert {trial.method for trial in found} == {"generic", "blocked"}
    assert {trial.model for trial in found} == {"mlp", "conv", "transformer"}
    assert {trial.rule for trial in found} >= {"sgd", "momentum", "adamw", "adam_l2", "lion", "muon", "sgdw"}
    for trial in (Trial("SGD"), Trial("blocks", method="blocked")):
        task, data = trial.task(1)
        assert task.members == 8 and task.method == trial.method and task.data_sha256 == data.sha256


@pytest.mark.slow
def test_a_small_task_is_timed_with_each_method_and_beside_vmap() -> None:
    tiny = rates.Sizes(members=(2, 3), rules=(), n=20, epochs=1, product=16, repeats=1)
    cpu = jax.devices("cpu")[0]
    rows = {(row["name"], row["members"]): row for row in rates.rates([cpu], [cpu], tiny)}
    assert {row["error"] for row in rows.values()} == {None}
    for name in ("engine, generic", "engine, blocked", "plain jax.vmap"):
        row = rows[name, 3]
        assert row["rate"] == pytest.approx(3 * 2 / row["seconds"][0])  # three members, two steps


def test_a_part_is_ended_at_its_time_and_what_it_said_is_kept(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    script = 'import time; print(\'{"name": "first"}\', flush=True); time.sleep(600)'
    real = running.subprocess.Popen
    monkeypatch.setattr(running.subprocess, "Popen", lambda command, **how: real([sys.executable, "-c", script], **how))
    rows, why = running.collect("about", 3.0, True)
    assert rows == [{"name": "first"}] and why == "not finished after 3 s"
    script = "import sys; sys.exit('broken: no driver')"
    assert running.collect("about", 60.0, True) == ([], "ended with 1: broken: no driver")


def test_without_an_accelerator_it_says_so_and_leaves_the_page(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(command, "collect", lambda *_: ([ABOUT | {"devices": []}], ""))
    monkeypatch.setattr(command, "PAGE", None)  # touching it would raise
    assert command.main([]) == 0
    assert capsys.readouterr().err.startswith("no accelerator: ")
    monkeypatch.setattr(command, "collect", lambda *_: ([], "a driver failed"))
    assert command.main([]) == 1
    assert capsys.readouterr().err == "error: JAX cannot list its devices: a driver failed\n"


@pytest.mark.parametrize("holds", [True, False])
def test_what_was_found_fills_the_page(holds: bool, monkeypatch: pytest.MonkeyPatch, tmp_path, capsys) -> None:
    rate = {
        "name": "engine, generic",
        "members": 8,
        "steps": 1,
        "error": None,
        "first": 1.0,
        "seconds": [1.0],
        "rate": 5e3,
    }
    vmap = rate | {"name": "plain jax.vmap", "rate": 2.5e3}
    no_torch = {"name": "torch.func.vmap, compiled", "members": 8, "error": "ModuleNotFoundError: No module"}
    parts = {
        "about": ([ABOUT], ""),
        "agreement": ([ROW | {"holds": holds}, ROW | {"name": "Lion", "off": None, "holds": False}][: 2 - holds], ""),
        "rates": ([rate, vmap], "not finished after 9 s"),
        "torch": ([no_torch], ""),
    }
    monkeypatch.setattr(command, "collect", lambda phase, *_: parts[phase])
    target = tmp_path / "page.md"
    target.write_text("above\n<!-- accelerator -->\nbefore\n<!-- /accelerator -->\nbelow\n", encoding="utf-8")
    out = tmp_path / "found.json"
    assert command.main(["--page", str(target), "--out", str(out)]) == (0 if holds else 1)
    text = target.read_text(encoding="utf-8")
    assert text.startswith("above\n") and text.endswith("below\n") and "before" not in text
    assert ("All checks hold, 1 of 1." if holds else "**2 of 2 checks fail: SGD; Lion.**") in text
    assert "| engine, generic | 5 |" in text and "2.00 (8) times the rate of plain `jax.vmap`" in text
    assert "Measured on 1 x made up" in text and "rates, not finished after 9 s" in text and "No module" in text
    assert json.loads(out.read_text())["rates"][0]["rate"] == 5e3


def test_the_page_of_the_site_has_the_place_to_be_filled() -> None:
    assert "NEW" in page.filled(command.PAGE, "accelerator", "NEW")


def test_a_rehearsal_says_that_it_is_one() -> None:
    found = {
        "about": ABOUT,
        "machine": {},
        "rehearsal": True,
        "checks": [ROW],
        "rates": [],
        "ended": [],
        "seconds": 1.0,
    }
    assert words.body(found).startswith("Rehearsed on the CPU alone")


def test_devices_are_listed_as_they_are() -> None:
    (about,) = phases.about(True)
    assert about["platform"] == "cpu" and about["devices"]
    assert next(phases.about(False))["devices"] == [d.device_kind for d in jax.devices() if d.platform != "cpu"]
