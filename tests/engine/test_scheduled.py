"""Members trained by a schedule: against the book's loop, against the exact product of factors, and by other ways."""

import dataclasses

import jax
import numpy as np
import optax
import pytest

import wd_jax as wd
from tests.fixtures import OF_ENDS
from wd_jax.engine import member
from wd_jax.engine.minibatches import host_orders

pytestmark = pytest.mark.numeric
ETA, LMBDA, EPOCHS, STEPS = 0.3, 2.0, 6, 5
SETUP = wd.Setup(
    (6, 5, 3), batch_size=5, dtype="float64", eta_schedule="cosine", lmbda_schedule="warm_up(0.4, start=0.1)"
)
PROBES = wd.Probes(effective_eta=True, keep_weights=True)
TOLERANCE = 1e-10
VARIABLES = ("weight_norm2", "cost", "penalty", "budget_decay", "budget_drift", "budget_noise", "moved_by_decay")


def fall(total: int) -> np.ndarray:
    return 0.5 * (1 + np.cos(np.pi * np.arange(total) / total))


def rise(total: int) -> np.ndarray:
    return np.minimum(0.1 + 0.9 * np.arange(total) / (0.4 * total), 1.0)


@pytest.fixture(scope="module")
def runs(tiny):
    return wd.sweep(SETUP, tiny, eta=ETA, lmbda=[LMBDA, 5.0], epochs=EPOCHS, probes=PROBES, progress=False)


@pytest.fixture(scope="module")
def loop(tiny, initial, numpy_run):
    rates = (ETA * fall(EPOCHS * STEPS)).reshape(EPOCHS, STEPS), (LMBDA * rise(EPOCHS * STEPS)).reshape(EPOCHS, STEPS)
    orders = host_orders(np.array([0]), 0, EPOCHS, tiny.n, "reshuffle")[0]
    return numpy_run(SETUP, tiny, *rates, initial(SETUP, 0), orders)


@pytest.mark.parametrize("name", [*VARIABLES, OF_ENDS[0], "weights_1", "biases_2"])
def test_as_the_book_with_other_rates_in_each_step(runs, loop, name: str) -> None:
    mine = runs[name].sel(lmbda=LMBDA).isel(seed=0)
    mine = mine.transpose("epoch", ...) if "epoch" in mine.dims else mine
    np.testing.assert_allclose(mine, loop[name], rtol=TOLERANCE, atol=TOLERANCE)


def test_what_is_kept_of_the_rates(runs, tiny) -> None:
    eta, lmbda = ETA * fall(EPOCHS * STEPS), LMBDA * rise(EPOCHS * STEPS)
    at = runs.sel(lmbda=LMBDA)
    np.testing.assert_allclose(at.eta_mean, [eta[0], *eta.reshape(EPOCHS, STEPS).mean(1)], rtol=1e-13)
    np.testing.assert_allclose(at.lmbda_last, [lmbda[0], *lmbda.reshape(EPOCHS, STEPS)[:, -1]], rtol=1e-13)
    exact = np.log1p(-eta * lmbda / tiny.n).reshape(EPOCHS, STEPS).sum(1)
    np.testing.assert_allclose(at.decay_log_factor, [0, *exact], rtol=1e-12)
    assert (
        np.isnan(runs.per_step_factor).all() and np.isnan(runs.decay_kept).all() and runs.method.values[0] == "generic"
    )


def test_one_member_alone(runs, tiny) -> None:
    with jax.enable_x64(True):
        one, records = wd.train(SETUP, wd.Hyper(ETA, LMBDA), tiny, key=0, epochs=EPOCHS, probes=PROBES)
    np.testing.assert_allclose(records["weight_norm2"].T, runs.weight_norm2.sel(lmbda=LMBDA, seed=0), rtol=1e-12)
    np.testing.assert_allclose(records["penalty"], runs.penalty.sel(lmbda=LMBDA, seed=0), rtol=1e-12)
    np.testing.assert_allclose(one.params[0]["w"], runs.weights_1.sel(lmbda=LMBDA, seed=0), rtol=1e-12)


def test_a_function_for_eta_has_its_values(runs, tiny) -> None:
    """The largest is the label, and the result is that of its shape."""
    setup = dataclasses.replace(SETUP, eta_schedule="constant")
    optax_s = optax.cosine_decay_schedule(ETA, EPOCHS * STEPS)
    found = wd.sweep(setup, tiny, eta=optax_s, lmbda=[LMBDA, 5.0], epochs=EPOCHS, probes=PROBES, progress=False)
    assert found.eta.item() == pytest.approx(ETA, rel=1e-15) and found.eta_schedule.item() == "of_optax(schedule)"
    np.testing.assert_allclose(found.weight_norm2, runs.weight_norm2, rtol=1e-12)


RULES = ("sgd", "adamw_corrected", "lion_absolute")


def test_decay_alone_is_the_product_of_its_factors() -> None:
    """Two records an epoch; the numbers of the factor are the host's, those of the weights the program's."""
    setup = wd.Setup((16, 8, 4), batch_size=16, dtype="float64", lmbda_schedule="wsd")
    schedules = ["cosine", "linear", "inverse_time"]
    runs = wd.sweep(
        setup, wd.data.null(n=50), optimiser=list(RULES), eta_schedule=schedules, eta=0.2, lmbda=[1.0, 20.0], epochs=5,
        probes=wd.Probes(records_per_epoch=2, splits=(), moved=False), progress=False,
    )  # fmt: skip
    measured = np.log(runs.weight_rms / runs.weight_rms.isel(epoch=0))
    off = abs(measured - runs.decay_log_factor.cumsum("epoch"))
    assert float(off.max()) < 1e-10 and float(measured.isel(epoch=-1).max()) < -1e-4
    final = measured.isel(epoch=-1, seed=0, layer=0).sel(lmbda=20.0)
    squared = np.log1p(-0.2 * 20.0 / 50 * fall(20) ** 2 * WSD).sum()
    assert float(final.sel(optimiser="adamw_corrected", eta_schedule="cosine")) == pytest.approx(squared, rel=1e-10)
    absolute = final.sel(optimiser="lion_absolute")
    np.testing.assert_allclose(absolute, absolute[0], rtol=1e-12)  # the schedule of eta changes nothing there


WSD = np.concatenate([np.arange(2) / 2, np.ones(14), 1 - np.arange(4) / 4])


def test_another_schedule_compiles_nothing(tiny, monkeypatch) -> None:
    seen, advance = [], member.advance
    monkeypatch.setattr(member, "advance", lambda *given: seen.append(1) or advance(*given))
    settings = {"epochs": 2, "probes": wd.Probes(splits=(), moved=False), "progress": False, "eta": 0.1}
    for words in ("cosine", "linear", wd.schedules.of_optax(optax.exponential_decay(1.0, 3, 0.5))):
        wd.sweep(wd.Setup((6, 2, 3), batch_size=7, eta_schedule=words), tiny, **settings)
    assert len(seen) == 1


def test_blocks_have_one_rate(tiny) -> None:
    with pytest.raises(ValueError, match="method='blocked': eta_schedule=cosine: a block takes its steps at one eta"):
        wd.dry_run(SETUP, tiny, epochs=2, method="blocked")
    too_long = dataclasses.replace(SETUP, eta_schedule="wsd(0.9, 0.9)", dtype="float32")
    with pytest.raises(ValueError, match="shorten them, or train longer"):
        wd.train(too_long, wd.Hyper(), tiny, key=0, epochs=2)
