"""What the first screen's figure is given: the measured sweep, without runs that have no number."""

import json
import math

import numpy as np
import pytest
import xarray as xr

from wd_jax.report.moving import POINTS, TIMESCALES, html, of_runs

pytestmark = pytest.mark.numeric


def sweep(lmbdas: list[float] | None = None, epochs: int = 50) -> xr.Dataset:
    """A made-up sweep: weights of layer k that start at k and shrink by a seed's own factor."""
    values = [5.0] if lmbdas is None else lmbdas
    seed, layer, epoch, lmbda = (
        xr.DataArray(one, dims=name, coords={name: one})
        for name, one in (("seed", [0, 1, 2]), ("layer", [1, 2]), ("epoch", range(epochs + 1)), ("lmbda", values))
    )
    rms = layer * np.exp(-0.01 * lmbda * epoch) * (1 + 0.1 * seed)
    facts = {"eta": 0.1, "n": 100, "m": 10, "n_w": ("layer", [30, 10]), "n_in": ("layer", [6, 5])}
    runs = xr.Dataset({"weight_rms": rms}).assign_coords(facts)
    return runs if lmbdas else runs.isel(lmbda=0)


def test_curves_are_mean_lowest_and_highest_of_the_seeds() -> None:
    found = of_runs(sweep([1.0, 5.0]), "mine", {"network": [0.5, math.nan]}, [0.25, math.nan])
    assert [stop["lmbda"] for stop in found["stops"]] == [1.0, 5.0] and found["n_w"] == 40 and found["n_in"] == 6
    curve = found["stops"][1]["curves"]["output"]
    at = np.exp(-0.05 * np.array(found["epochs"]))
    for how, times in (("mean", 2.2), ("low", 2.0), ("high", 2.4)):
        assert curve[how] == pytest.approx(times * at, rel=1e-3)
    network = found["stops"][0]["curves"]["network"]["low"][0]
    assert network == pytest.approx(math.sqrt((30 * 1 + 10 * 4) / 40), rel=1e-3)
    assert [stop["rest"]["network"] for stop in found["stops"]] == [0.5, None]
    assert (found["supply"], found["stops"][1]["supply"]) == (0.25, None)
    json.dumps(found, allow_nan=False)


def test_it_opens_with_the_runs_own_value_where_its_balance_is_known() -> None:
    runs = sweep([0.0, 1.0, 5.0, 7.0])
    for supply, own, reference in (
        ([math.nan, math.nan, 0.2, 0.3], 7.0, 3),
        ([math.nan, math.nan, 0.2, 0.3], 1.0, 2),
        ([math.nan] * 4, 5.0, 2),
        ([math.nan] * 4, 6.0, 3),
        ([math.nan, 0.1, 0.2, 0.3], None, 1),
        ((), None, 1),
    ):
        found = of_runs(runs, "mine", None, supply, own)
        assert (found["reference"], found["supply"]) == (reference, found["stops"][reference]["supply"])
        assert f'value="{reference}"' in html(found)


def test_each_value_has_its_own_last_epoch() -> None:
    runs = sweep([1.0, 5.0], epochs=50)
    shorter = runs.where((runs.lmbda == 1.0) | (runs.epoch <= 20))
    first, second = (of_runs(shorter, "mine", ends=[50.0, 20.0])["stops"][k] for k in (0, 1))
    assert (first["lost"], second["lost"]) == (0, 0)
    found = of_runs(shorter, "mine", ends=[50.0, 20.0])
    assert len(first["curves"]["hidden"]["mean"]) == len(found["epochs"])
    assert len(second["curves"]["hidden"]["mean"]) == sum(epoch <= 20 for epoch in found["epochs"])
    assert of_runs(shorter, "mine")["stops"][1]["lost"] == 3


def test_runs_without_a_number_are_left_out_and_counted() -> None:
    runs = sweep([1.0, 5.0])
    runs["weight_rms"] = runs.weight_rms.where(~((runs.lmbda == 5.0) & (runs.seed < 2) & (runs.epoch > 7)))
    first, second = of_runs(runs, "mine")["stops"]
    assert (first["lost"], second["lost"]) == (0, 2)
    assert second["curves"]["hidden"]["low"] == second["curves"]["hidden"]["high"]
    none = of_runs(runs.where(runs.lmbda < 5.0), "mine")["stops"][1]
    assert none["lost"] == 3 and none["curves"] == {}


def test_a_long_run_is_thinned_and_cut_where_all_is_at_rest() -> None:
    found = of_runs(sweep([2.0, 5.0], epochs=4000), "mine")["epochs"]
    assert len(found) <= POINTS + 12 and found[:3] == [0.0, 1.0, 2.0]
    assert found[-1] <= TIMESCALES * 10 / (0.1 * 2.0)
    assert of_runs(sweep([0.0, 5.0], epochs=40), "mine")["epochs"][-1] <= TIMESCALES * 10 / (0.1 * 5.0)
    assert of_runs(sweep([0.0], epochs=40), "mine")["epochs"][-1] == 40


def test_one_value_has_no_slider_and_names_show_as_text() -> None:
    one, two = html(of_runs(sweep(), "<b>")), html(of_runs(sweep([1.0, 5.0]), "mine"))
    assert "range" not in one and "&lt;b&gt;" in one and 'max="1"' in two and "on mine" in two
    assert "in balance" not in two and "in balance" in html(of_runs(sweep([1.0, 5.0]), "mine", None, [0.5, 0.7]))
