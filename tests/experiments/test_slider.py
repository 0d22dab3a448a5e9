"""The slider of the first figure: two sweeps as one, over what both have."""

import shutil
from pathlib import Path

import pytest
import xarray as xr

import experiments
import wd_jax as wd
from experiments import explorer_preset, registry
from experiments.exercise.preset import PRESETS, preset
from experiments.exercise.tail_off import slider
from experiments.exercise.tail_off.analysis import BY_LMBDA, SLIDER

pytestmark = pytest.mark.numeric
SMALL = {"hidden": 12, "widths": (4, 6), "batch_size": 30, "eta": 0.3, "lmbda": 25.0, "epochs": 40, "width_seeds": 3}
SMALL |= {"lmbdas": (15.0, 25.0), "lmbdas_of_slider": (5.0, 15.0, 40.0), "seeds_of_slider": 2, "epochs_of_slider": 30}


def test_two_sweeps_are_one_over_what_both_have() -> None:
    chosen = preset("digits", "quick", **SMALL)
    swept = registry.load("claim_3").sweep(chosen, wd.data.digits(), progress=False)
    stored = [swept[name] for name in (BY_LMBDA, SLIDER)]
    found = slider.moving(stored, chosen)
    assert [stop["lmbda"] for stop in found["stops"]] == [0.0, 5.0, 15.0, 25.0, 40.0]
    assert (found["seeds"], found["epochs"][-1], found["reference"]) == (2, 40, 3)
    for stop in found["stops"]:
        runs = stored[0] if stop["lmbda"] in chosen.lmbdas else stored[1]
        epochs = [epoch for epoch in found["epochs"] if epoch <= runs.epoch.max()]
        at = runs.weight_rms.sel(lmbda=stop["lmbda"], epoch=epochs, layer=1, seed=[0, 1])
        assert stop["curves"]["hidden"]["mean"] == pytest.approx(at.mean("seed").values.tolist(), rel=1e-3)
    assert found["stops"][0]["supply"] is None


def test_where_parts_rest_stands_at_their_own_lambda() -> None:
    """Made to stand still: the hidden layer at a size of its own for each lmbda, the output layer for ever moving."""
    chosen = preset("digits", "quick", **SMALL)
    swept = registry.load("claim_3").sweep(chosen, wd.data.digits(), progress=False)

    def made(runs: xr.Dataset) -> xr.Dataset:
        moves = xr.where(runs.layer == 1, 1.0, 1 + 0.01 * runs.epoch)
        size = (1 / (1 + runs.lmbda) * moves).broadcast_like(runs.weight_rms).transpose(*runs.weight_rms.dims)
        norm2 = runs.n_w * size**2
        penalty = runs.lmbda / (2 * runs.n) * norm2.sum("layer")
        return runs.assign(weight_rms=size, weight_norm2=norm2, penalty=penalty)

    found = slider.moving([made(swept[BY_LMBDA]), made(swept[SLIDER])], chosen)
    for stop in found["stops"]:
        assert stop["rest"]["hidden"] == pytest.approx(1 / (1 + stop["lmbda"]), rel=1e-3)
        assert stop["rest"]["output"] is None and stop["rest"]["network"] is None


def test_no_word_depends_on_it() -> None:
    experiment, chosen, mine = registry.load("claim_3"), preset("digits", "quick", **SMALL), wd.data.digits()
    stored = experiment.sweep(chosen, mine, progress=False)
    whole, without = (experiment.analyse(chosen, mine, one) for one in (stored, stored | {SLIDER: None}))
    assert [str(verdict) for verdict in without.verdicts] == [str(verdict) for verdict in whole.verdicts]
    assert set(stored) == set(experiment.sweeps)


def test_a_run_without_it_is_judged_and_has_a_figure(tmp_path: Path) -> None:
    """As a run that was killed before it, or one of an earlier version."""
    settings = {**SMALL, "hidden": 4, "widths": (3, 4), "epochs": 12, "epochs_of_slider": 6}
    settings = {name: value for name, value in settings.items() if name != "seeds"}
    made = experiments.run("claim_3", out=tmp_path / "run", progress=False, **settings)
    shutil.rmtree(tmp_path / "run" / SLIDER)
    again = experiments.open(tmp_path / "run")
    assert [str(verdict) for verdict in again.verdicts] == [str(verdict) for verdict in made.verdicts]
    found = explorer_preset.moving(tmp_path / "run", again.presets)
    assert found is not None and [stop["lmbda"] for stop in found["stops"]] == [15.0, 25.0]


def test_every_preset_adds_some_values_and_zero() -> None:
    for one in PRESETS.values():
        added = slider.lmbdas(one)
        assert added[0] == 0.0 and len(added) > 2 and not set(added) & set(one.lmbdas)
        assert one.seeds_of_slider <= one.width_seeds and one.epochs_of_slider < one.epochs
