"""The slider of the first figure: two sweeps as one, over what both have."""

import numpy as np
import pytest

import wd_jax as wd
from experiments import registry
from experiments.exercise.preset import PRESETS, preset
from experiments.exercise.tail_off import late_weights, slider
from experiments.exercise.tail_off.analysis import BY_LMBDA, SLIDER

pytestmark = pytest.mark.numeric
SMALL = {"hidden": 6, "widths": (4, 6), "batch_size": 30, "eta": 1.0, "lmbda": 25.0, "epochs": 20, "width_seeds": 3}
SMALL |= {"lmbdas": (15.0, 25.0), "lmbdas_of_slider": (5.0, 15.0, 40.0), "seeds_of_slider": 2, "epochs_of_slider": 12}


def test_two_sweeps_are_one_over_what_both_have() -> None:
    chosen = preset("digits", "quick", **SMALL)
    swept = registry.load("claim_3").sweep(chosen, wd.data.digits(), progress=False)
    stored = [swept[name] for name in (BY_LMBDA, SLIDER)]
    found = slider.moving(stored, chosen)
    assert [stop["lmbda"] for stop in found["stops"]] == [0.0, 5.0, 15.0, 25.0, 40.0]
    assert (found["seeds"], found["epochs"][-1]) == (2, 12)
    for stop in found["stops"]:
        runs = stored[0] if stop["lmbda"] in chosen.lmbdas else stored[1]
        at = runs.weight_rms.sel(lmbda=stop["lmbda"], epoch=found["epochs"], layer=1, seed=[0, 1])
        assert stop["curves"]["hidden"]["mean"] == pytest.approx(at.mean("seed").values.tolist(), rel=1e-3)
    late = late_weights.measure(stored[0]).weight_rms.sel(lmbda=25.0, part="layer 1").mean("seed")
    rest = found["stops"][3]["rest"]["hidden"]
    assert rest == pytest.approx(float(late), rel=1e-3) if np.isfinite(late) else rest is None
    assert found["stops"][0]["supply"] is None


def test_no_word_depends_on_it() -> None:
    experiment, chosen, mine = registry.load("claim_3"), preset("digits", "quick", **SMALL), wd.data.digits()
    stored = experiment.sweep(chosen, mine, progress=False)
    whole, without = (experiment.analyse(chosen, mine, one) for one in (stored, stored | {SLIDER: None}))
    assert [str(verdict) for verdict in without.verdicts] == [str(verdict) for verdict in whole.verdicts]
    assert set(stored) == set(experiment.sweeps)


def test_every_preset_adds_some_values_and_zero() -> None:
    for one in PRESETS.values():
        added = slider.lmbdas(one)
        assert added[0] == 0.0 and len(added) > 2 and not set(added) & set(one.lmbdas)
        assert one.seeds_of_slider <= one.width_seeds and one.epochs_of_slider < one.epochs
