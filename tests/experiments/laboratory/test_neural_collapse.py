"""Neural collapse: the simulation against a loop in NumPy, and what the analysis says of right and wrong numbers."""

from collections.abc import Callable

import jax
import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from experiments.laboratory.neural_collapse import EXPERIMENT, network
from experiments.laboratory.neural_collapse.analysis import NAME, analyse, edge, of_network, predicted, with_own_decay
from experiments.laboratory.neural_collapse.free import Settings, descend, measure, targets
from wd_jax.figures import style
from wd_jax.stats.estimates import t_interval

pytestmark = pytest.mark.numeric
TINY = Settings(
    "digits", seeds=3, classes=3, class_size=4, features=4, shares=(0.3, 0.6, 1.4), steps=3000,
    network_size=3, hidden=(9, 24), network_decay=(0.0005, 0.002), network_steps=40,
)  # fmt: skip


@pytest.fixture(scope="module")
def data() -> wd.data.Dataset:
    """The digits."""
    return wd.data.digits()


@pytest.fixture(scope="module")
def stored(data: wd.data.Dataset) -> dict[str, xr.Dataset]:
    """A small run."""
    return {name: take(TINY, data) for name, take in EXPERIMENT.measurements.items()}


@pytest.fixture(scope="module")
def measured(stored: dict[str, xr.Dataset]) -> xr.Dataset:
    """Free features."""
    return stored[NAME]


@pytest.fixture(scope="module")
def good(stored: dict[str, xr.Dataset]) -> xr.Dataset:
    """A network that obeys the law of free features, but for a little noise."""
    made = stored[f"{NAME}_network"]
    noise = 1 + 1e-3 * xr.DataArray(np.random.default_rng(0).normal(size=made.value.shape), dims=made.value.dims)
    law = predicted(with_own_decay(made)).drop_vars(["decay_w", "decay_h"])
    same = made.last_norm2 * noise.isel({"class": 0})
    return made.assign(
        value=law * noise,
        before_norm2=same,
        spread=xr.full_like(made.spread, 1e-4),
        angle=xr.full_like(made.angle, 0.02),
    )


def test_gradient_descent_is_that_of_the_cost() -> None:
    generator, Y = np.random.default_rng(0), targets(TINY)
    W, H = generator.normal(size=(3, 4)), generator.normal(size=(4, 12))

    def cost(W: np.ndarray, H: np.ndarray) -> float:
        return ((W @ H - Y) ** 2).sum() / 24 + 0.03 / 2 * (W**2).sum() + 0.05 / 2 * (H**2).sum()

    with jax.enable_x64(True):
        slopes = jax.grad(cost, (0, 1))
        found = descend(W, H, Y, 0.03, 0.05, 0.2, 25)
        for _ in range(25):
            one, two = slopes(W, H)
            W, H = W - 0.2 * np.asarray(one), H - 0.2 * np.asarray(two)
    assert np.allclose(found[0], W, rtol=1e-11) and np.allclose(found[1], H, rtol=1e-11)


def test_the_law_is_that_of_the_derivation(measured: xr.Dataset) -> None:
    assert predicted(measured).values == pytest.approx(2 * np.array([[0.7] * 3, [0.4] * 3, [0.0] * 3]))


def test_a_line_finds_where_it_reaches_0(measured: xr.Dataset) -> None:
    assert edge(measured).values == pytest.approx(4 / 12**2, rel=1e-6)


def test_the_network_follows_its_cost() -> None:
    generator = np.random.default_rng(1)
    x, y = generator.normal(size=(7, 4)), generator.normal(size=(7, 2))
    layers = [np.array(one) for one in network.start((4, 6, 5, 2), seed=3)]
    with jax.enable_x64(True):
        found = network.train(tuple(layers), x, y, 0.03, 0.1, 20)
    for _ in range(20):
        z = x @ layers[0]
        hidden = np.maximum(z, 0)
        given = hidden @ layers[1]
        off = (given @ layers[2] - y) / 7
        back = off @ layers[2].T
        slopes = x.T @ (back @ layers[1].T * (z > 0)), hidden.T @ back, given.T @ off
        layers = [w - 0.1 * (slope + 0.03 * w) for w, slope in zip(layers, slopes, strict=True)]
    for one, wanted in zip(found, layers, strict=True):
        assert np.allclose(one, wanted, rtol=1e-11, atol=1e-13)


def test_its_examples_are_as_many_of_each_class(data: wd.data.Dataset) -> None:
    x, y = network.examples(data, 3, seed=1)
    assert x.shape == (30, 64) and np.array_equal(y, np.repeat(np.eye(10), 3, axis=0))
    assert len(np.unique(x, axis=0)) == 30


def test_what_is_seen_of_a_network(stored: dict[str, xr.Dataset], data: wd.data.Dataset) -> None:
    made = stored[f"{NAME}_network"].isel(decay=1, seed=2)
    x, y = network.examples(data, 3, seed=2)
    with jax.enable_x64(True):
        ended = network.train(network.start((64, 24, 9, 10), seed=2), x, y, 0.002, TINY.network_eta, 40)
        given = np.asarray(network.features(ended, x))
    last = np.asarray(ended[-1])
    means = given.reshape(10, 3, 9).mean(1)
    within = ((given - np.repeat(means, 3, axis=0)) ** 2).sum()
    unit = means / np.linalg.norm(means, axis=1, keepdims=True)
    values = np.linalg.svd(given @ last, compute_uv=False)[::-1]
    assert made.value.values == pytest.approx(values, rel=1e-9, abs=1e-12)
    assert float(made.spread) == pytest.approx(within / (given**2).sum(), rel=1e-9)
    assert float(made.angle) == pytest.approx(abs(unit @ unit.T - np.eye(10)).max(), rel=1e-9)
    assert float(made.last_norm2) == pytest.approx((last**2).sum(), rel=1e-9)
    own = 0.002 * float(made.last_norm2) / float(made.feature_norm2)
    assert float(with_own_decay(made).decay_h) == pytest.approx(own)


def test_its_shape(measured: xr.Dataset, good: xr.Dataset, data: wd.data.Dataset) -> None:
    outcome = analyse(TINY, data, {NAME: measured, f"{NAME}_network": good})
    assert [one.verdict for one in outcome.verdicts] == ["holds"] * 12
    assert "not hold" not in outcome.answer
    with style.style("one"):
        assert len(outcome.draw().axes) == 4


def _set(name: str, change: Callable[[xr.DataArray], xr.DataArray]) -> Callable[[xr.Dataset], xr.Dataset]:
    return lambda measured: measured.assign({name: change(measured[name])})


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (0, _set("value", lambda value: value * 1.001)),
        (1, _set("value", lambda value: value + 1e-4)),
        (2, _set("weight_norm2", lambda norm: norm * 1.001)),
        (3, _set("weight_norm2", lambda norm: norm * 1.001)),
        (4, _set("spread", lambda spread: spread + 1e-4)),
        (5, _set("angle", lambda angle: angle + 1e-4)),
        (6, _set("value", lambda value: value * (1 + 1e-3 * value.share))),
    ],
)
def test_each_verdict_of_free_features_can_fail(
    place: int, change: Callable, measured: xr.Dataset, good: xr.Dataset, data: wd.data.Dataset
) -> None:
    outcome = analyse(TINY, data, {NAME: change(measured), f"{NAME}_network": good})
    assert outcome.verdicts[place].verdict == "fails" and "does not hold everywhere" in outcome.answer


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (7, _set("before_norm2", lambda norm: norm * 1.05)),
        (8, _set("value", lambda value: value * 1.1)),
        (9, _set("value", lambda value: value.where(value["class"] > 0, 0.8 * value))),
        (10, _set("spread", lambda spread: spread + 0.1)),
        (11, _set("angle", lambda angle: angle + 0.5)),
    ],
)
def test_each_verdict_of_the_network_can_fail(
    place: int, change: Callable, measured: xr.Dataset, good: xr.Dataset, data: wd.data.Dataset
) -> None:
    outcome = analyse(TINY, data, {NAME: measured, f"{NAME}_network": change(good)})
    assert outcome.verdicts[place].verdict == "fails"


def test_a_missing_number_is_not_passed_over(measured: xr.Dataset, good: xr.Dataset, data: wd.data.Dataset) -> None:
    gone = measured.assign(value=measured.value.where(measured.seed > 0))
    lost = good.assign(value=good.value.where(good.seed > 0), spread=good.spread.where(good.seed > 0))
    words = [one.verdict for one in analyse(TINY, data, {NAME: gone, f"{NAME}_network": lost}).verdicts]
    assert [words[place] for place in (0, 8, 9, 10)] == ["undecided"] * 4


def test_the_worst_of_several_decays_is_judged_for_all_of_them(good: xr.Dataset) -> None:
    drawn = xr.DataArray(np.linspace(-1, 1, good.sizes["seed"]), dims="seed", coords={"seed": good.seed})
    spread = xr.DataArray([0.002, 0.006], dims="decay", coords={"decay": good.decay}) * (1 + 0.1 * drawn)
    found = of_network(TINY, good.assign(spread=spread))[3]
    alone, together = (t_interval(spread.values[1], cells) for cells in (1, 2))
    assert found.ci95 == pytest.approx(together.ci95) and found.ci95[1] > alone.ci95[1]
    assert found.cells == 2 and "for all 2 decays together" in found.why


def test_training_that_diverges_is_said(good: xr.Dataset, data: wd.data.Dataset) -> None:
    wild = measure(Settings("digits", seeds=1, shares=(0.3, 0.6), ratios=(1.0, 2.0), eta=50.0, steps=60), None)
    assert analyse(TINY, data, {NAME: wild, f"{NAME}_network": good}).verdicts[0].verdict == "undecided"
