"""The decay that a control measures is that of weights without gradient, and one that is not as expected is told."""

import math
import warnings

import ml_dtypes
import numpy as np
import optax
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.engine import control
from wd_jax.sweeps import decay_measured

pytestmark = pytest.mark.numeric
QUICK = wd.Probes(budget=False, moved=False, splits=())
NULL = wd.data.null(n_in=4, n_out=3)
ETA, EPOCHS = 0.1, 10
STEPS = EPOCHS * 20


def swept(decays: list[float] | float, setup: dict | None = None, **beside) -> xr.Dataset:
    lmbda = np.asarray(decays) * NULL.n / ETA
    beside = {"eta": ETA, "epochs": EPOCHS} | beside
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = wd.Setup(widths=(4, 3), **(setup or {}))
        return wd.sweep(found, NULL, lmbda=lmbda.tolist(), probes=QUICK, progress=False, **beside)


def looped(decay: float, rounded) -> float:
    """Share that 128 weights keep in a loop of float32, each new weight rounded."""
    first = weights = rounded(control.spread().astype(np.float32))
    for _ in range(STEPS):
        weights = rounded(weights - np.float32(decay) * weights)
    return float(np.log(first.astype(np.float64) / weights).mean() / (-STEPS * math.log1p(-decay)))


def to_bfloat16(values: np.ndarray) -> np.ndarray:
    return values.astype(ml_dtypes.bfloat16).astype(np.float32)


@pytest.mark.parametrize("dtype, rounded", [("float32", np.float32), ("bfloat16", to_bfloat16)])
def test_it_is_what_a_loop_of_numpy_loses(dtype: str, rounded) -> None:
    decays = {"float32": [3.2e-8, 5e-8, 1e-6, 1e-3], "bfloat16": [2.5e-3, 5e-3, 0.02, 0.05]}[dtype]
    runs = swept(decays, {"dtype": dtype})
    assert runs.decay_measured.dims == ("lmbda",) and runs.decay_measured.attrs["units"] == "1"
    np.testing.assert_allclose(runs.decay_measured, [looped(decay, rounded) for decay in decays], atol=2e-3)
    np.testing.assert_allclose(runs.decay_measured, runs.decay_kept, atol=0.02)


@pytest.mark.parametrize(
    "dtype, optimiser",
    [
        *(("float32", "sgd"), ("float32", "muon"), ("float32", "lion_cautious")),
        *(("bfloat16", "sgd"), ("bfloat16", "adamw"), ("float64", "sgd")),
    ],
)
def test_compensated_all_of_it_acts(dtype: str, optimiser: str) -> None:
    runs = swept([1e-8, 1e-5, 0.01, 0.5], {"dtype": dtype, "rounding": "compensated", "optimiser": optimiser})
    np.testing.assert_allclose(runs.decay_measured, 1, rtol=1e-4)
    assert (runs.decay_kept == 1).all()


def test_a_velocity_has_to_build_up() -> None:
    """From v = 0 a heavy ball of 0.9 loses nine steps of 200: the sum of 0.9**k."""
    runs = swept(1e-5, {"optimiser": "momentum", "dtype": "float64"}, momentum=0.9)
    assert runs.decay_measured.item() == pytest.approx(1 - 9 / STEPS, abs=1e-3)


def test_there_is_none_where_no_decay_has_a_rate() -> None:
    assert np.isnan(swept([0.0, 1.0, 2.5], {"dtype": "float64"}, epochs=1).decay_measured).all()
    assert np.isnan(swept(1e-3, {"optimiser": "adam_l2"}, epochs=1).decay_measured)
    assert np.isnan(swept(1e-3, {"lmbda_schedule": "linear"}, epochs=1).decay_measured)
    own = wd.rule(lambda h: optax.chain(optax.add_decayed_weights(h.weight_decay), optax.scale(-h.eta)))
    assert np.isnan(swept(1e-3, {"rule": own}, epochs=1).decay_measured)


def test_a_long_control_stops_in_time_and_a_large_decay_before_it_underflows(monkeypatch) -> None:
    asked = []
    measured = control.logs_lost
    monkeypatch.setattr(control, "logs_lost", lambda *given: asked.append(given[5]) or measured(*given))
    runs = swept([1e-3, 0.5], epochs=400)
    np.testing.assert_allclose(runs.decay_measured, 1, rtol=1e-3)
    assert asked[0][:2].tolist() == [4096, 29]  # 20 / ln 2


def test_cells_that_differ_in_the_start_alone_are_measured_once(monkeypatch) -> None:
    sizes = []
    measured = decay_measured._measured
    monkeypatch.setattr(decay_measured, "_measured", lambda *given: sizes.append(len(given[2])) or measured(*given))
    runs = swept([1e-4, 1e-3], init_scale=[0.5, 1.0, 2.0], batch_size=[10, 20])
    assert sizes == [2, 2] and runs.decay_measured.notnull().all()  # batch sizes make other numbers of steps


def test_many_cells_go_in_parts() -> None:
    runs = swept(np.geomspace(1e-6, 1e-2, 70).tolist(), epochs=1)
    np.testing.assert_allclose(runs.decay_measured, 1, rtol=0.01)


def test_a_decay_that_is_not_what_is_expected_is_warned_of_once(monkeypatch) -> None:
    """As if the compiler had halved each cell's decay."""
    measured = control.logs_lost
    monkeypatch.setattr(control, "logs_lost", lambda *given: 0.5 * measured(*given))
    setup, lmbda = wd.Setup(widths=(4, 3)), [decay * NULL.n / ETA for decay in (1e-4, 1e-3)]
    with pytest.warns(UserWarning, match=r"a control .* lost 0.5 of the decay due in float32.* 1 \(2 cells\): see"):
        runs = wd.sweep(setup, NULL, eta=ETA, lmbda=lmbda, epochs=1, probes=QUICK, progress=False)
    np.testing.assert_allclose(runs.decay_measured, 0.5, rtol=1e-3)


def test_it_is_kept_in_a_file_and_joined(tmp_path) -> None:
    runs = swept([1e-4, 1e-3])
    runs.to_netcdf(tmp_path / "runs.nc", engine="scipy")
    xr.testing.assert_identical(wd.open(tmp_path / "runs.nc").decay_measured, runs.decay_measured)
    other = swept([1e-4, 1e-3], {"rounding": "compensated"})
    both = wd.concat([runs.drop_vars("decay_measured"), other])
    assert both.rounding.values.tolist() == ["nearest", "compensated"]
    assert both.decay_measured.notnull().sel(rounding="compensated").all()
