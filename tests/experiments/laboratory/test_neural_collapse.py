"""Neural collapse: the simulation against a loop in NumPy, and what the analysis says of right and wrong numbers."""

from collections.abc import Callable

import jax
import numpy as np
import pytest
import xarray as xr

from experiments.laboratory.neural_collapse import NAME, Settings, analyse, descend, edge, measure, predicted, targets
from wd_jax.figures import style

pytestmark = pytest.mark.numeric
TINY = Settings("none", seeds=2, classes=3, class_size=4, features=4, shares=(0.3, 0.6, 1.4), steps=3000)


@pytest.fixture(scope="module")
def measured() -> xr.Dataset:
    """A small run."""
    return measure(TINY, None)


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


def test_its_shape(measured: xr.Dataset) -> None:
    outcome = analyse(TINY, None, {NAME: measured})
    assert [one.verdict for one in outcome.verdicts] == ["holds"] * 7
    assert "not hold" not in outcome.answer
    with style.style("one"):
        assert len(outcome.draw().axes) == 2


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
def test_each_verdict_can_fail(place: int, change: Callable, measured: xr.Dataset) -> None:
    outcome = analyse(TINY, None, {NAME: change(measured)})
    assert outcome.verdicts[place].verdict == "fails" and "does not hold everywhere" in outcome.answer


def test_a_missing_number_is_not_passed_over(measured: xr.Dataset) -> None:
    gone = measured.assign(value=measured.value.where(measured.seed > 0))
    assert analyse(TINY, None, {NAME: gone}).verdicts[0].verdict == "undecided"


def test_training_that_diverges_is_said() -> None:
    wild = measure(Settings("none", seeds=1, shares=(0.3, 0.6), ratios=(1.0, 2.0), eta=50.0, steps=60), None)
    assert analyse(TINY, None, {NAME: wild}).verdicts[0].verdict == "undecided"
