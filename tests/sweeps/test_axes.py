"""What a sweep is labelled with: swept axes are dimensions in the order given, what else differs a coordinate."""

import json

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.results.variables import VARIABLES

pytestmark = pytest.mark.numeric
QUICK = wd.Probes(budget=False, moved=False, splits=())


def test_dimensions_in_the_order_given(pair) -> None:
    assert pair.weight_rms.dims == ("lmbda", "seed", "layer", "epoch")
    assert pair.cost.dims == ("lmbda", "seed", "split", "epoch")
    assert pair.dead_input_rms.dims == ("lmbda", "seed", "epoch")
    assert pair.diverged_at.dims == ("lmbda", "seed")
    assert set(pair.data_vars) <= {*VARIABLES, "diverged_at"}
    assert pair.lmbda.values.tolist() == [0.5, 2.0] and pair.seed.values.tolist() == [0, 1]
    assert pair.epoch.values.tolist() == list(range(7)) and pair.layer.values.tolist() == [1, 2]


def test_scalars_stay_scalar_coordinates(pair, tiny) -> None:
    expected = {"eta": 0.3, "init_scale": 1.0, "init": "gaussian", "optimiser": "sgd", "depth": 1, "hidden": 5}
    expected |= {"n": 23, "m": 5, "steps_per_epoch": 5}
    for name, value in expected.items():
        assert pair[name].ndim == 0 and pair[name].item() == value, name
    assert "momentum" not in pair.coords  # sgd has none
    assert pair.n_w.dims == ("layer",) and pair.n_w.values.tolist() == [30, 15]
    assert pair.n_in.values.tolist() == [6, 5]
    np.testing.assert_allclose(pair.per_step_factor, 1 - 0.3 * np.array([0.5, 2.0]) / 23, rtol=1e-8)


def test_each_member_carries_its_sweep_and_no_attribute_does(pair, tiny) -> None:
    assert pair.config.dims == pair.config_hash.dims == ("seed",)
    config = json.loads(pair.config.values[1])
    assert config["axes"] == {"lmbda": [0.5, 2.0]} and config["seeds"] == [[0, 1]] and config["epochs"] == 6
    assert config["setup"]["widths"] == [6, 5, 3] and config["scalars"] == {"eta": 0.3, "init_scale": 1.0}
    assert pair.dataset_sha256.item() == tiny.sha256 and pair["dtype"].item() == "float32"
    assert pair.dataset.item() == "tiny" and json.loads(pair.environment.item())["devices"] == ["cpu"]
    assert set(pair.attrs) == {"format", "convention"}


@pytest.fixture(scope="module")
def shapes(tiny):
    """Four programs: two batch sizes by two depths, traced axes around them, seeds chosen."""
    setup = wd.Setup(widths=(6, 4, 3))
    axes = {"eta": [0.1, 0.2], "batch_size": [23, 4], "lmbda": 1.0, "depth": [2, 0], "init_scale": [2.0, 1.0]}
    return wd.sweep(setup, tiny, **axes, seeds=[9, 2**31 - 1], epochs=1, probes=QUICK, progress=False)


def test_static_and_traced_axes_mix(shapes) -> None:
    assert shapes.weight_rms.dims == ("eta", "batch_size", "depth", "init_scale", "seed", "layer", "epoch")
    assert shapes.seed.values.tolist() == [9, 2**31 - 1] and shapes.batch_size.values.tolist() == [23, 4]
    assert shapes.m.dims == ("batch_size",) and shapes.steps_per_epoch.sel(batch_size=4).item() == 6
    assert shapes.n_w.sel(depth=2).values.tolist() == [24, 16, 12]
    assert shapes.n_w.sel(depth=0, layer=1).item() == 18
    assert shapes.weight_rms.sel(depth=0, layer=[2, 3]).isnull().all()
    assert shapes.weight_rms.sel(depth=2).notnull().all()
    assert shapes.hidden.sel(depth=2).item() == 4 and shapes.hidden.sel(depth=0).item() == 0


def test_every_cell_is_where_its_labels_say(shapes, tiny) -> None:
    """One member run by itself with the labels' values; another program, so float32 tolerance."""
    labels = {"eta": 0.2, "batch_size": 4, "depth": 2, "init_scale": 2.0, "seed": 9}
    setup = wd.Setup(widths=(6, 4, 4, 3), batch_size=4)
    one = wd.sweep(setup, tiny, eta=0.2, lmbda=1.0, init_scale=2.0, seeds=[9], epochs=1, probes=QUICK, progress=False)
    np.testing.assert_allclose(one.weight_rms.squeeze(), shapes.weight_rms.sel(labels), rtol=1e-5)
    start = shapes.weight_rms.isel(epoch=0)
    np.testing.assert_allclose(start.sel(init_scale=2.0), 2 * start.sel(init_scale=1.0), rtol=1e-6)


def test_init_hidden_and_optimiser_axes(tiny) -> None:
    setup = wd.Setup(widths=(6, 4, 3), batch_size=23)
    axes = {"init": ["fan_in", "gaussian"], "hidden": [2, 3], "optimiser": ["sgdw", "sgd"], "momentum": 0.5}
    runs = wd.sweep(setup, tiny, **axes, eta=0.1, lmbda=1.0, epochs=2, probes=QUICK, progress=False)
    assert runs.weight_rms.dims == ("init", "hidden", "optimiser", "seed", "layer", "epoch")
    assert runs.n_w.sel(hidden=3).values.tolist() == [18, 9]
    assert runs.momentum.dims == ("optimiser",) and runs.momentum.sel(optimiser="sgdw").item() == 0.5
    assert runs.momentum.isnull().sel(optimiser="sgd").item()  # sgd reads none
    ratio = runs.weight_norm2.sel(init="gaussian", epoch=0) / runs.weight_norm2.sel(init="fan_in", epoch=0)
    np.testing.assert_allclose(ratio.sel(layer=2, hidden=3), 3, rtol=1e-6)


def test_how_often_is_recorded_and_evaluated(tiny) -> None:
    probes = wd.Probes(budget=False, moved=False, splits=("test",), evaluate_every=2, records_per_epoch=5)
    setup = wd.Setup(widths=(6, 4, 3), batch_size=5)
    runs = wd.sweep(setup, tiny, eta=0.1, epochs=3, probes=probes, progress=False).isel(seed=0)
    np.testing.assert_allclose(runs.epoch, np.arange(16) / 5)
    assert runs.weight_rms.notnull().all() and (runs.weight_rms.diff("epoch") != 0).all()
    assert runs.split.values.tolist() == ["test"] and "budget_decay" not in runs
    evaluated = np.isin(runs.epoch, [0, 2, 3])  # at the ends of every second epoch, and of the last
    np.testing.assert_array_equal(runs.cost.sel(split="test").notnull(), evaluated)
