"""What the widget is given of a sweep is what was measured, and what cannot be explored is refused in one line."""

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.notebook.given import MOST_RECORDS, given
from wd_jax.notebook.laws import DECOUPLED, SCHEDULES, law_of
from wd_jax.notebook.nearest import nearest
from wd_jax.notebook.setting import opened

pytestmark = pytest.mark.numeric


def test_bands_are_student_s_intervals_of_each_cell_layer_and_record(pair) -> None:
    found = given(pair)
    assert found.values.shape == (2, 2, 7, 3) and found.values.dtype == np.dtype("<f4")
    for i, lmbda in enumerate((0.5, 2.0)):
        for j, layer in enumerate((1, 2)):
            for k, epoch in enumerate(range(7)):
                one = wd.stats.t_interval(pair.weight_rms.sel(lmbda=lmbda, layer=layer, epoch=epoch))
                assert found.values[i, j, k] == pytest.approx([one.value, one.low, one.high], rel=1e-6)
    assert found.facts["epochs"] == list(range(7)) and found.facts["seeds"] == 2
    assert [layer["label"] for layer in found.facts["layers"]] == ["layer 1 (hidden)", "layer 2 (output)"]
    assert (
        found.facts["cells"][1] | {"lmbda": 2.0, "eta": 0.3, "batch_size": 5, "n": 23, "diverged": 0}
        == (found.facts["cells"][1])
    )
    numbers = {"lmbda": 0.5, "eta": 0.3, "momentum": None, "batch_size": 5}
    assert opened(found.facts, {}) == {**numbers, "choices": {}, "layer": 1}


def test_axes_in_any_order_are_drawn_rising(pair) -> None:
    turned = pair.isel(lmbda=[1, 0]).transpose("epoch", "layer", "seed", "lmbda", ...)
    assert np.array_equal(given(turned).values, given(pair).values)
    assert given(turned).facts["axes"] == [{"name": "lmbda", "values": [0.5, 2.0]}]


def test_sliders_lists_and_choices_follow_from_the_axes(setup32, tiny) -> None:
    asked = {"init": ["gaussian", "fan_in"], "batch_size": [5, 8], "eta": [0.1, 0.3]}
    facts = given(wd.sweep(setup32, tiny, lmbda=1.0, seeds=1, epochs=2, progress=False, **asked)).facts
    assert [slider["axis"] for slider in facts["sliders"]] == ["lmbda", "eta", "batch_size"]
    assert facts["lists"] == ["init"] and len(facts["cells"]) == 8
    sliders = {slider["axis"]: slider for slider in facts["sliders"]}
    assert sliders["eta"]["measured"] == [0.1, 0.3] and (sliders["eta"]["low"], sliders["eta"]["high"]) == (-2, 1)
    assert sliders["batch_size"]["measured"] == [5, 8] and sliders["batch_size"]["high"] == 1  # there are 23 examples
    assert {(cell["eta"], cell["batch_size"]) for cell in facts["cells"]} == {(0.1, 5), (0.1, 8), (0.3, 5), (0.3, 8)}


def test_momentum_has_a_slider_where_decay_goes_through_it(tiny) -> None:
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, optimiser="momentum")
    facts = given(wd.sweep(setup, tiny, lmbda=1.0, eta=0.1, momentum=0.9, seeds=1, epochs=1, progress=False)).facts
    assert [slider["axis"] for slider in facts["sliders"]] == ["lmbda", "eta", "momentum", "batch_size"]
    assert facts["cells"][0]["momentum"] == 0.9 and facts["cells"][0]["optimiser"] == "sgd"


def test_a_long_run_is_thinned_and_keeps_its_ends(pair) -> None:
    epoch = np.linspace(0, 6, 2001)
    long = xr.Dataset({"weight_rms": pair.weight_rms.interp(epoch=epoch)}).assign_coords(diverged_at=pair.diverged_at)
    found = given(long)
    assert len(found.facts["epochs"]) == MOST_RECORDS == found.values.shape[2]
    assert (found.facts["epochs"][0], found.facts["epochs"][-1]) == (0, 6)
    last = pair.weight_rms.isel(epoch=-1).mean("seed").values
    assert found.values[:, :, -1, 0] == pytest.approx(last, rel=1e-6)


def test_seeds_that_diverged_are_counted_and_left_out(setup32, tiny) -> None:
    with pytest.warns(UserWarning, match="lmbda"):
        runs = wd.sweep(setup32, tiny, lmbda=[1.0, 1e4], eta=0.3, seeds=2, epochs=4, progress=False)
    facts, values = given(runs).facts, given(runs).values
    assert [cell["diverged"] for cell in facts["cells"]] == [0, 2]
    assert np.isfinite(values[0]).all() and np.isnan(values[1, :, -1]).all()


def test_compensated_rounding_has_no_precision_to_doubt(pair) -> None:
    assert given(pair).facts["cells"][0]["precision"] == "float32"
    assert given(pair.assign_coords(rounding="compensated")).facts["cells"][0]["precision"] == ""


def test_a_layer_that_does_not_decay_is_told(pair) -> None:
    masked = pair.assign_coords(decays='{"0/w": true, "1/w": false}')
    assert [layer["decays"] for layer in given(masked).facts["layers"]] == [True, False]
    assert [layer["decays"] for layer in given(pair).facts["layers"]] == [True, True]


@pytest.mark.parametrize(
    ("broken", "error", "said"),
    [
        (lambda runs: "runs.nc", TypeError, r"give the whole result of sweep, such as wd.open\('runs.nc'\)"),
        (lambda runs: runs.mean("seed"), ValueError, "has no dimension seed"),
        (lambda runs: runs.drop_vars("weight_rms"), TypeError, "give the whole result of sweep"),
        (
            lambda runs: runs.isel(epoch=[0]),
            ValueError,
            "needs two records or more, and runs has one, of epoch 0: run wd.sweep",
        ),
        (lambda runs: runs.drop_vars("eta"), ValueError, "runs has no coordinate eta: give the whole result"),
        (lambda runs: runs * np.nan, ValueError, "needs weight_rms, which was not measured"),
        (lambda runs: runs * 0, ValueError, "no rms weight is above 0"),
        (
            lambda runs: runs.isel(lmbda=[0]).assign_coords(optimiser="adam_l2"),
            ValueError,
            "nothing can be moved: no axis is swept, and Adam and RMSprop divide .* Sweep some values of lmbda",
        ),
    ],
)
def test_what_cannot_be_explored_is_refused(pair, broken, error, said: str) -> None:
    with pytest.raises(error, match=f"^explorer: .*{said}") as refused:
        given(broken(pair))
    assert "\n" not in str(refused.value)


def test_more_numbers_than_a_notebook_holds_are_refused(pair, monkeypatch) -> None:
    monkeypatch.setattr("wd_jax.notebook.given.MOST_NUMBERS", 83)
    with pytest.raises(ValueError, match=r"2 cells are 0 million numbers.*runs.isel\(lmbda=slice"):
        given(pair)


def test_every_rule_has_a_law_or_a_reason() -> None:
    with_law = {rule.name for rule in wd.rules.RULES.values() if not law_of({"optimiser": rule.name}).why}
    assert with_law == {"sgd", "momentum", "nesterov", *DECOUPLED}
    for words in ("inverse_time", "cosine(last=0.1)", "wsd(warmup=0.2)"):
        assert "no formula for eta_schedule" in law_of({"eta_schedule": words}).why
    assert "no formula for lmbda_schedule 'cosine'" in law_of({"lmbda_schedule": "cosine"}).why
    assert "whose gradients are made up" in law_of({"gradients": "noise"}).why


def test_schedules_have_the_words_that_a_sweep_stores(tiny, setup32) -> None:
    asked = {"eta_schedule": list(SCHEDULES), "lmbda": 1.0, "eta": 0.1, "seeds": 1, "epochs": 1}
    facts = given(wd.sweep(setup32, tiny, progress=False, **asked)).facts
    assert [cell["schedule"] for cell in facts["cells"]] == list(SCHEDULES.values())
    assert {cell["why"] for cell in facts["cells"]} == {""}


def test_an_epoch_of_other_steps_has_no_line(pair) -> None:
    other = pair.assign_coords(steps_per_epoch=pair.steps_per_epoch + 1)
    assert {cell["why"] for cell in given(other).facts["cells"]} == {
        "An epoch of this run has 6 steps, not n/m: no line is drawn."
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [(0.0, 0.0), (0.4, 0.5), (0.9, 0.5), (1.1, 2.0), (50.0, 2.0)],
)
def test_the_nearest_is_so_by_its_factor(asked: float, found: float) -> None:
    axes = [{"name": "lmbda", "values": [0.0, 0.5, 2.0]}, {"name": "init", "values": ["a", "b"]}]
    assert nearest(axes, {"lmbda": asked, "init": "b"}) == {"lmbda": found, "init": "b"}


def test_momentum_is_near_by_the_steps_it_remembers() -> None:
    axes = [{"name": "momentum", "values": [0.0, 0.9, 0.99]}]
    assert nearest(axes, {"momentum": 0.96}) == {"momentum": 0.9}
    assert nearest(axes, {"momentum": 0.97}) == {"momentum": 0.99}
