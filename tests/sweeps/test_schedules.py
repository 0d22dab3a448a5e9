"""Schedules in a sweep: axes, hashes, settings in words, files, the shell, and which laws are for such runs."""

import json

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.results.validity import doubts, lacking
from wd_jax.sweeps.task import Task

pytestmark = pytest.mark.numeric
DATA = wd.data.null(n=50)
SETUP = wd.Setup((16, 8, 4), batch_size=16, dtype="float64")
SHAPES = ["constant", "linear", "cosine", "wsd", "inverse_time", "cosine(end=0.1)"]
QUICK = wd.Probes(splits=(), moved=False, budget=False)


@pytest.fixture(scope="module")
def runs():
    return wd.sweep(SETUP, DATA, eta_schedule=SHAPES, lmbda=[1.0, 5.0], eta=0.1, epochs=5, probes=QUICK, progress=False)


def test_the_axis_has_the_words(runs, tmp_path) -> None:
    assert runs.eta_schedule.values.tolist() == SHAPES and lacking(runs) == "" and doubts(runs) == ()
    assert runs.total_steps.values.tolist()[1:3] == [20, 20] and np.isnan(runs.total_steps.values[-1])
    assert [int(runs[f"{part}_steps"].sel(eta_schedule="wsd")) for part in ("warmup", "stable", "cooldown")] == [
        2,
        14,
        4,
    ]
    assert np.isfinite(runs.per_step_factor.sel(eta_schedule="constant")).all()
    assert "see eta_schedule" in runs.eta.attrs["description"] and "see" not in runs.lmbda.attrs["description"]
    runs.isel(eta_schedule=2).to_netcdf(tmp_path / "one.nc")
    assert doubts(wd.open(tmp_path / "one.nc")) == ()


def test_the_words_claim_no_constant_rate(runs) -> None:
    facts = wd.summarise(runs.sel(eta_schedule="cosine")).facts
    assert facts["schedules"] == "eta_schedule = cosine: eta and lmbda are the largest"
    assert "per step at the largest" in facts["decay"] and "a schedule changes the decay" in facts["decay"]
    plan = wd.dry_run(SETUP, DATA, eta_schedule="cosine", lmbda=5.0, epochs=5)
    assert plan.record()["settings"]["half_life_epochs"] == []
    absolute = wd.dry_run(SETUP, DATA, optimiser="sgd_absolute", eta_schedule="cosine", lmbda=5.0, epochs=5)
    assert absolute.record()["settings"]["half_life_epochs"] > 0
    still = wd.dry_run(SETUP, DATA, lmbda=5.0, epochs=5)
    assert "schedules" not in still.facts() and "eta_schedule" not in still.tasks[0].json()


def test_a_task_holds_its_schedules() -> None:
    task, other = (wd.dry_run(SETUP, DATA, eta_schedule=one, epochs=5).tasks[0] for one in ("wsd", "wsd(warm_up=0.2)"))
    assert Task.from_json(task.json()) == task and task.hash != other.hash and task.program == other.program
    own = [wd.schedules.of_optax(lambda k, a=a: 1 - a * k / 20, "own") for a in (0.5, 0.6)]
    first, second = (wd.dry_run(SETUP, DATA, eta_schedule=one, epochs=5).tasks[0] for one in own)
    assert first.hash != second.hash and json.loads(first.json())["setup"]["eta_schedule"] == "of_optax(own)"
    with pytest.raises(ValueError, match="make the task anew"):
        Task.from_json(first.json())


@pytest.mark.parametrize("shape", ["linear", "cosine", "wsd"])
def test_the_law_of_a_schedule_is_for_its_runs(runs, shape: str) -> None:
    """Decay alone, so that the law's second order is off by at most its own bound, always to one side."""
    one = runs.sel(eta_schedule=shape)
    law = wd.theory.evaluate("schedules", f"log_factor_{shape}", one)
    measured = np.log(one.weight_rms.isel(epoch=-1) / one.weight_rms.isel(epoch=0))
    beyond = wd.theory.evaluate("schedules", "beyond_second_order", one)
    assert ((law - measured > 0) & (law - measured < 20 * beyond)).all()
    sums = wd.theory.evaluate("schedules", f"rate_sum_{shape}", one)
    assert float(sums) == pytest.approx(float(one.eta_mean[1:].sum() * 4), rel=1e-12)


def test_inverse_time_is_below_its_bound(runs) -> None:
    one = runs.sel(eta_schedule="inverse_time")
    bound = wd.theory.evaluate("schedules", "log_factor_inverse_time", one, total_steps=20)
    measured = np.log(one.weight_rms.isel(epoch=-1) / one.weight_rms.isel(epoch=0))
    assert (measured < bound).all() and (measured > 1.3 * bound).all()


def evaluated(runs, law: str, formula: str, **given):
    return wd.theory.evaluate(law, formula, runs, **given)


def test_laws_of_constant_rates_are_refused(runs) -> None:
    one = runs.sel(eta_schedule="cosine")
    with pytest.raises(ValueError) as caught:
        evaluated(one, "epoch_decay", "weight_rms")
    said = str(caught.value)
    assert "schedule='cosine': epoch_decay.weight_rms is for constant" in said and "schedules.log_factor_cosine" in said
    assert "decay_log_factor has the decay of each record" in said and "\n" not in said
    with pytest.raises(ValueError, match="is for cosine"):
        evaluated(runs.sel(eta_schedule="cosine(end=0.1)"), "schedules", "log_factor_cosine")
    with pytest.raises(ValueError, match="select that part of the result first"):
        evaluated(runs, "schedules", "log_factor_cosine")
    assert evaluated(one, "epoch_decay", "weight_rms", eta=0.05).notnull().all()  # a rate of the caller's own
    assert evaluated(runs.sel(eta_schedule="constant"), "epoch_decay", "weight_rms").notnull().all()


def test_a_schedule_of_lmbda_is_no_law_of_eta() -> None:
    settings = {"lmbda": 5.0, "epochs": 2, "probes": QUICK, "progress": False}
    runs = wd.sweep(SETUP, DATA, eta_schedule="cosine", lmbda_schedule="linear", **settings)
    with pytest.raises(ValueError, match="schedule='cosine, of lmbda linear'"):
        evaluated(runs, "schedules", "log_factor_cosine")
    assert runs.lmbda_schedule.item() == "linear" and doubts(runs) == ()
    assert "lmbda_schedule wsd is not what was run (linear)" in doubts(runs.assign_coords(lmbda_schedule="wsd"))[0]


REFUSED = {
    "longer than the run": (dict(eta_schedule="warm_up(40)"), "the warm-up takes 40 steps and the run has 20"),
    "negative in the run": (
        dict(eta=lambda k: 1 - k / 10.0),
        "eta=of_optax(function): step 11 of 20 has the value -0.1",
    ),
    "a shape for a size": (dict(eta=wd.schedules.cosine()), "give eta=0.1, eta_schedule='cosine'"),
    "twice": (dict(eta=lambda k: 0.1, eta_schedule="cosine"), "there is eta_schedule too"),
    "several lengths": (dict(eta=lambda k: 0.1, batch_size=[5, 10]), "give eta as a number, and eta_schedule="),
    "several functions": (dict(lmbda=[lambda k: 0.1]), "lmbda_schedule=[wd.schedules.of_optax("),
    "equal words": (dict(eta_schedule=["cosine", wd.schedules.cosine()]), "each only once"),
    "by another name": (dict(scheduler="cosine"), "give eta_schedule='cosine'"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=list(REFUSED))
def test_bad_schedules_are_refused_before_anything_runs(arguments: dict, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        wd.dry_run(SETUP, DATA, epochs=5, **arguments)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_member_has_no_function_for_a_number() -> None:
    with pytest.raises(ValueError, match="eta_schedule=wd"):
        wd.Hyper(eta=lambda k: 0.1)


def test_float32_warns_where_much_of_the_decay_is_distorted() -> None:
    setup = wd.Setup((16, 8, 4), batch_size=16, eta_schedule="linear")
    with pytest.warns(UserWarning, match="of the decay is taken in steps of the schedule in which float32 distorts"):
        wd.dry_run(setup, DATA, eta=0.01, lmbda=0.01, epochs=5)
    wd.dry_run(setup, DATA, eta=0.1, lmbda=5.0, epochs=5)  # its last steps are too small as well, and are few
    with pytest.raises(ValueError, match="float32 rounds to nothing"):
        wd.dry_run(setup, DATA, eta=0.01, lmbda=1e-4, epochs=5)


def test_the_shell_takes_them(capsys: pytest.CaptureFixture[str]) -> None:
    line = "sweep --dataset null --epochs 3 --eta-schedule cosine wsd --lmbda-schedule"
    assert main([*line.split(), "warm_up(0.2, then=linear)", "--dry-run", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (
        said["axes"]["eta_schedule"] == ["cosine", "wsd"]
        and said["settings"]["lmbda_schedule"] == "warm_up(0.2, then=linear)"
    )
    assert main([*line.split(), "no", "--dry-run"]) == 2
    assert capsys.readouterr().err.startswith("error: lmbda_schedule='no': choose constant, linear")
