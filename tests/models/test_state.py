"""A model with state: running statistics go from step to step, do not decay, and stand still in an evaluation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine.member import _sound
from wd_jax.engine.minibatches import INIT_STREAM, host_orders, member_key, stream

pytestmark = pytest.mark.numeric
ETA, LMBDA, EPOCHS, M = 0.1, 2.0, 2, 20
KEEP = 0.8


def init(key):
    first = jax.random.normal(key, (16, 4)) / 4
    return {"w": first}, {"mean": jnp.zeros(16), "steps": jnp.zeros((), jnp.int32)}


def apply(params, state, x, training):
    mean = jnp.mean(x, axis=0) if training else state["mean"]
    after = {"mean": KEEP * state["mean"] + (1 - KEEP) * mean, "steps": state["steps"] + 1}
    return (x - mean) @ params["w"], after


CENTRED = wd.model(init, apply, "centred", state=True)


@pytest.fixture(scope="module")
def data():
    """40 examples for training: two batches of 20, as long as each other."""
    random = np.random.default_rng(2)

    def split(size: int):
        return wd.data.Split(random.random((size, 16)), np.eye(4)[random.integers(0, 4, size)])

    return wd.data.Dataset("forty", split(40), split(10), split(10))


def test_against_a_loop(data) -> None:
    setup = wd.Setup(model=CENTRED, batch_size=M, dtype="float64", loss="quadratic", optimiser="sgdw")
    with jax.enable_x64(True):
        member, records = wd.train(setup, wd.Hyper(ETA, LMBDA, momentum=0.0), data, key=5, epochs=EPOCHS)
        params, of_model = jax.tree.map(np.asarray, (member.params, member.model_state))
        cost = np.asarray(records["cost"])[-1]
    with jax.enable_x64(False):
        w = np.asarray(init(stream(member_key(5), INIT_STREAM))[0]["w"], np.float64)
    mean = np.zeros(16)
    x, y = (np.asarray(one, np.float64) for one in (data.train.inputs, data.train.targets))
    for order in host_orders(np.array([5]), 0, EPOCHS, data.n, "reshuffle")[0]:
        for first in range(0, data.n, M):
            rows = order[first : first + M]
            here = x[rows] - x[rows].mean(0)
            a = 1 / (1 + np.exp(-(here @ w)))
            g = here.T @ ((a - y[rows]) * a * (1 - a)) / M
            w = w - ETA * LMBDA / data.n * w - ETA * g
            mean = KEEP * mean + (1 - KEEP) * x[rows].mean(0)
    np.testing.assert_allclose(params["w"], w, rtol=1e-10)
    np.testing.assert_allclose(of_model["mean"], mean, rtol=1e-12)
    assert of_model["mean"].dtype == np.float64 and of_model["steps"] == EPOCHS * data.n // M
    x, y = (np.asarray(one, np.float64) for one in (data.test.inputs, data.test.targets))
    outputs = 1 / (1 + np.exp(-((x - mean) @ w)))
    expected = 0.5 * ((outputs - y) ** 2).sum(1).mean()
    np.testing.assert_allclose(cost[2], expected, rtol=1e-10)


def lost_at_three(params, state, x, training):
    outputs, after = apply(params, state, x, training)
    return jnp.where(state["steps"] == 3, jnp.nan, outputs), after


def test_a_lost_member_keeps_its_state(data) -> None:
    """From the step at which it was lost on nothing moves: neither weights nor state."""
    setup = wd.Setup(model=wd.model(init, lost_at_three, "lost", state=True), batch_size=M)
    member, records = wd.train(setup, wd.Hyper(), data, 0, 3, wd.Probes(splits=(), moved=False, budget=False))
    assert int(member.diverged_at) == 2 and int(member.model_state["steps"]) == 3
    assert np.isnan(np.asarray(records["weight_norm2"])[2:]).all()


@pytest.mark.filterwarnings("ignore:.*weights start for inputs of about 1")
def test_a_product_that_overflows_is_lost_in_its_record() -> None:
    """Outputs and the biases' gradients are finite, inputs of 3e37 times deltas are not; a record is one step."""
    inputs, targets = np.ones((20, 4)), 1e3 * np.eye(2)[np.arange(20) % 2]
    inputs[:, 0] = 3e37
    data = wd.data.Dataset("huge", *3 * (wd.data.Split(inputs, targets, real=True),))
    setup = wd.Setup((4, 2), batch_size=20, loss="mean_squared_error")
    hyper, probes = wd.Hyper(eta=1e-3, init_scale=1e-36), wd.Probes(splits=(), moved=False, budget=False)
    member, records = wd.train(setup, hyper, data, 0, 1, probes, method="generic")
    assert np.isfinite(np.asarray(member.params[0]["b"])).all() and int(member.diverged_at) == 1
    assert np.isnan(np.asarray(records["weight_norm2"])[1:]).all()


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_seen_among_large_ones(strange: float) -> None:
    """Members side by side, all weights at the end of float32's range: only the second has lost one."""
    largest = np.full((2, 300, 20), np.finfo(np.float32).max)
    largest[:, ::2] *= -1
    largest[1, 7, 5] = strange
    assert jax.jit(jax.vmap(_sound))(jnp.asarray(largest, jnp.float32)).tolist() == [True, False]
