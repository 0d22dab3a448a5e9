"""Theory on a result's own record: what each symbol is bound to, and plain Python's numbers."""

import math
import warnings

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd

pytestmark = pytest.mark.numeric
N, M, STEPS = 23, 5, 5  # m does not divide n: 5 steps, the last one shorter


@pytest.fixture
def runs() -> xr.Dataset:
    rms = np.random.default_rng(0).uniform(0.5, 2, (2, 3, 2, 5))
    return xr.Dataset(
        {"weight_rms": (("lmbda", "seed", "layer", "epoch"), rms)},
        {"lmbda": [0.5, 2.0], "seed": [0, 1, 2], "layer": [1, 2], "epoch": np.arange(5), "eta": 0.3, "n": N, "m": M,
         "steps_per_epoch": STEPS, "n_w": ("layer", [30, 15]), "n_in": ("layer", [6, 5])},
    )  # fmt: skip


def test_m_is_the_one_that_makes_the_real_number_of_steps(runs: xr.Dataset) -> None:
    found = wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs)
    assert found.dims == ("lmbda",)
    for lmbda in (0.5, 2.0):
        assert float(found.sel(lmbda=lmbda)) == pytest.approx((1 - 0.3 * lmbda / N) ** STEPS, rel=1e-13)


def test_x_0_is_x_at_epoch_0(runs: xr.Dataset) -> None:
    found = wd.theory.evaluate("epoch_decay", "weight_rms", runs)
    assert set(found.dims) == {"lmbda", "seed", "layer", "epoch"}
    for (i, lmbda), j, k, t in (
        (p, j, k, t) for p in enumerate((0.5, 2.0)) for j in range(3) for k in (1, 2) for t in range(5)
    ):
        expected = float(runs.weight_rms[i, j, k - 1, 0]) * (1 - 0.3 * lmbda / N) ** (STEPS * t)
        assert float(found.sel(lmbda=lmbda, seed=j, layer=k, epoch=t)) == pytest.approx(expected, rel=1e-13)


def test_what_is_given_comes_before_what_is_measured(runs: xr.Dataset) -> None:
    start = wd.theory.evaluate("epoch_decay", "weight_rms", runs, weight_rms_0=1.0)
    assert set(start.dims) == {"lmbda", "epoch"}
    np.testing.assert_allclose(start.sel(lmbda=2.0), (1 - 0.3 * 2 / N) ** (STEPS * np.arange(5)), rtol=1e-13)


def test_a_setting_that_is_not_the_runs_own_is_refused(runs: xr.Dataset) -> None:
    runs = runs.assign_coords(beta1=0.5, optimiser="adamw")
    for given, message in (
        ({"beta1": 0.9}, "beta1=0.9: the run's own is 0.5: leave beta1 out, or, for a curve at other values"),
        ({"eta": 0.7}, "eta=0.7: the run's own is 0.3"),
        ({"lmbda": 2.0}, "lmbda=2: the run's own is 0.5 to 2"),
        ({"n": 24}, "n=24: the run's own is 23"),
        (
            {"lmbda": xr.DataArray([0.5, 3.0], {"lmbda": [0.5, 2.0]}, ("lmbda",)).rename(lmbda="layer")},
            "lmbda=0.5 to 3",
        ),
    ):
        with pytest.raises(ValueError) as caught:
            wd.theory.evaluate("adamw", "weight_rms", runs, **given)
        assert str(caught.value).startswith(message)
    with pytest.raises(ValueError, match="m=10: the run's own is 5"):
        wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs, m=10)
    with pytest.raises(ValueError, match="n_in=784: the run's own is 5 to 6"):
        wd.theory.evaluate("initialisation", "epochs_to_fan_in", runs, n_in=784)
    of_one_layer = wd.theory.evaluate("initialisation", "epochs_to_fan_in", runs, n_in=6)
    assert of_one_layer.sel(lmbda=2.0).item() == pytest.approx(N / STEPS * math.log(6) / (2 * 0.3 * 2), rel=1e-13)
    plain = wd.theory.evaluate("adamw", "weight_rms", runs)
    same = wd.theory.evaluate("adamw", "weight_rms", runs, beta1=0.5, eta=0.3, n=N, lmbda=runs.lmbda)
    xr.testing.assert_identical(plain.reset_coords(drop=True), same.reset_coords(drop=True))


def test_the_runs_own_minibatch_means_the_steps_that_there_really_are(runs: xr.Dataset) -> None:
    own = wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs)
    for m in (M, N / STEPS, runs.m):
        np.testing.assert_allclose(wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs, m=m), own, rtol=1e-14)


def test_a_list_is_a_grid_of_its_own(runs: xr.Dataset) -> None:
    found = wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs, lmbda=[0.0, 1.0, 9.0])
    assert found.dims == ("lmbda",) and found.lmbda.values.tolist() == [0.0, 1.0, 9.0]
    np.testing.assert_allclose(found, [(1 - 0.3 * lmbda / N) ** STEPS for lmbda in (0.0, 1.0, 9.0)], rtol=1e-14)
    epochs = wd.theory.evaluate("epoch_decay", "weight_rms", runs, weight_rms_0=1.0, epoch=range(2, 4))
    assert epochs.sel(epoch=3, lmbda=0.5).item() == pytest.approx((1 - 0.3 * 0.5 / N) ** (3 * STEPS), rel=1e-13)
    with pytest.raises(TypeError, match="weight_rms_0 is a plain array of 2 dimensions"):
        wd.theory.evaluate("epoch_decay", "weight_rms", runs, weight_rms_0=np.ones((3, 2)))
    with pytest.raises(TypeError, match="weight_rms_0='1': give a number or an array of numbers"):
        wd.theory.evaluate("epoch_decay", "weight_rms", runs, weight_rms_0="1")


def test_arrays_are_matched_by_the_names_of_their_dimensions(runs: xr.Dataset) -> None:
    Q = xr.DataArray([[4.0, 1.0], [9.0, 16.0]], {"layer": [1, 2], "lmbda": [0.5, 2.0]}, ("layer", "lmbda"))
    found = wd.theory.evaluate("tail_off", "plateau_rms", runs, Q=Q)
    for lmbda, layer, n_w in ((0.5, 1, 30), (2.0, 2, 15)):
        expected = math.sqrt(N * float(Q.sel(lmbda=lmbda, layer=layer)) / (lmbda * n_w))
        assert float(found.sel(lmbda=lmbda, layer=layer)) == pytest.approx(expected, rel=1e-14)
    with pytest.raises(ValueError, match="lmbda"):  # never by place
        wd.theory.evaluate("tail_off", "plateau_rms", runs, Q=Q.assign_coords(lmbda=[2.0, 0.5]))


def test_plain_numbers_alone_give_a_number(runs: xr.Dataset) -> None:
    found = wd.theory.evaluate("initialisation", "epochs_to_fan_in", xr.Dataset(), eta=0.1, lmbda=5.0, m=10, n_in=784)
    assert found.dims == () and float(found) == pytest.approx(10 / 0.5 * math.log(784) / 2, rel=1e-14)
    assert found.attrs["units"] == "epochs" and found.attrs["long_name"]


def test_whole_numbers_do_not_round_the_result(runs: xr.Dataset) -> None:
    runs = runs.assign_coords(eta=1)
    found = wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs.assign_coords(lmbda=[1, 2]))
    np.testing.assert_allclose(found, [(1 - 1 / N) ** STEPS, (1 - 2 / N) ** STEPS], rtol=1e-14)


@pytest.mark.parametrize(
    "name, formula, message",
    [
        ("tail_off", "plateau_rms", r"symbol 'Q' \(gradient side .*\) is not in the result: pass Q=\.\.\. to evaluate"),
        (
            "epoch_decay",
            "per_epoch_facto",
            r"epoch_decay has no formula 'per_epoch_facto': did you mean 'per_epoch_factor'\?",
        ),
    ],
)
def test_a_name_that_is_missing_is_named(name: str, formula: str, message: str, runs: xr.Dataset) -> None:
    with pytest.raises(KeyError, match=message):
        wd.theory.evaluate(name, formula, runs)


def test_an_unknown_derivation_is_named(runs: xr.Dataset) -> None:
    with pytest.raises(Exception, match="epoch_dekay"):
        wd.theory.evaluate("epoch_dekay", "per_epoch_factor", runs)


def test_use_outside_a_condition_warns_with_the_condition(runs: xr.Dataset) -> None:
    with pytest.warns(RuntimeWarning, match=r"epoch_decay\.per_epoch_factor: used outside its condition .*< 1"):
        wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs.assign_coords(lmbda=[1.0, 200.0]))


def test_a_diverged_member_breaks_no_condition_and_stays_nan(runs: xr.Dataset) -> None:
    runs.weight_rms[1, 2] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = wd.theory.evaluate("epoch_decay", "weight_rms", runs)
    assert bool(found.isel(lmbda=1, seed=2).isnull().all()) and int(found.isnull().sum()) == 2 * 5


def test_float32_records_are_evaluated_in_double_precision(runs: xr.Dataset) -> None:
    found = wd.theory.evaluate("epoch_decay", "weight_rms", runs.astype(np.float32))
    assert found.dtype == np.float64
    later = float(found.isel(lmbda=0, seed=0, layer=0, epoch=4) / found.isel(lmbda=0, seed=0, layer=0, epoch=0))
    assert later == pytest.approx((1 - 0.3 * 0.5 / N) ** 20, rel=1e-14)


def test_what_only_a_condition_of_use_asks_for_may_be_swept_too(runs: xr.Dataset) -> None:
    runs = runs.assign_coords(optimiser="adamw", beta1=("beta1", [0.2, 0.5]))  # no beta1 in sqrt(eta n/(2 lmbda))
    found = wd.theory.evaluate("adamw", "weight_rms_leading", runs)
    assert set(found.dims) == {"lmbda", "beta1"}
    for lmbda in (0.5, 2.0):
        np.testing.assert_allclose(found.sel(lmbda=lmbda), math.sqrt(0.3 * N / (2 * lmbda)), rtol=1e-13)
