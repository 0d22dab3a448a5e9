"""Orders are uniform, and initial weights are the normal draws they should be: z-scores, 5 of them are a failure."""

import jax
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine.minibatches import INIT_STREAM, host_orders, member_key, stream
from wd_jax.models.mlp import initialise

pytestmark = pytest.mark.statistical


@pytest.mark.parametrize("sampling", ["reshuffle", "iid"])
def test_every_example_is_as_often_first_as_any_other(sampling: str) -> None:
    n, draws = 8, 4000
    first = host_orders(np.arange(draws), 0, 1, n, sampling)[:, 0, 0]
    counts = np.bincount(first, minlength=n)
    z = (counts - draws / n) / np.sqrt(draws * (1 / n) * (1 - 1 / n))
    assert abs(z).max() < 5


def test_successive_epochs_are_independent() -> None:
    n, draws = 8, 4000
    orders = host_orders(np.arange(draws), 0, 2, n, "reshuffle")
    same = (orders[:, 0] == orders[:, 1]).sum()  # n * draws chances of 1/n; covariance makes the variance draws
    assert abs(same - draws) / np.sqrt(draws) < 5


@pytest.mark.parametrize("init, scale", [("gaussian", 1.0), ("fan_in", 0.1)])
def test_initial_weights_are_normal_of_the_right_scale_and_biases_are_standard(init: str, scale: float) -> None:
    setup = wd.Setup(widths=(100, 200, 40), init=init)
    params = initialise(setup.model, stream(member_key(3), INIT_STREAM), setup.init)
    drawn = {
        "w": (np.asarray(params[0]["w"]) / scale).ravel(),
        "b": np.concatenate([np.asarray(layer["b"]) for layer in params]),
    }
    for values in drawn.values():
        size = values.size
        assert abs(values.mean()) * np.sqrt(size) < 5
        assert abs(values.var() - 1) * np.sqrt(size / 2) < 5
        assert abs((values**4).mean() - 3) * np.sqrt(size / 96) < 5
    second = np.asarray(params[1]["w"])
    expected = 1 if init == "gaussian" else 1 / np.sqrt(200)
    assert abs(second.std() / expected - 1) * np.sqrt(2 * second.size) < 5


def test_seeds_and_layers_share_no_numbers() -> None:
    setup = wd.Setup(widths=(10, 10, 10))
    keys = jax.vmap(lambda seed: stream(member_key(seed), INIT_STREAM))(np.arange(20, dtype=np.uint32))
    params = jax.vmap(lambda key: initialise(setup.model, key, setup.init))(keys)
    rows = np.concatenate([np.asarray(layer["w"]).reshape(20, -1) for layer in params])
    correlation = np.corrcoef(rows) - np.eye(len(rows))
    assert abs(correlation).max() * 10 < 5  # 780 pairs of 100 numbers
