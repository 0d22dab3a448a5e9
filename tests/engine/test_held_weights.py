"""Weights rounded to bfloat16, and compensated ones, against loops of NumPy that round as they should."""

import functools
import math

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from wd_jax.engine import held_weights
from wd_jax.held import Held
from wd_jax.optimisers.decays.decay import Parts

pytestmark = pytest.mark.numeric
START = np.random.default_rng(0).normal(size=4000).astype(np.float32)
HELD = [Held(), Held("bfloat16"), Held("", True), Held("bfloat16", True)]


@functools.partial(jax.jit, static_argnums=(0, 3))
def steps(held: Held, start: jax.Array, epsilon: jax.Array, count: int) -> tuple[jax.Array, jax.Array]:
    """Decay alone, so many steps: the weights, and what rounding took."""

    def one(_: int, at: tuple) -> tuple:
        taken = {"w": epsilon * held_weights.whole(*at)["w"]}
        return held_weights.moved(held, *at, Parts(taken, taken, taken, ()))

    params, rest = jax.lax.fori_loop(0, count, one, held_weights.begun(held, {"w": start}))
    return params["w"], rest["w"] if held.compensated else jnp.zeros_like(start)


def in_numpy(held: Held, taken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take steps in float32, each operation rounded once, and the weights by ml_dtypes."""

    def rounded(values: np.ndarray) -> np.ndarray:
        return values.astype(ml_dtypes.bfloat16).astype(np.float32) if held.dtype else values

    weights = rounded(START)
    rest = np.zeros_like(weights)
    for step in taken:
        if held.compensated:
            due = rest - step
            after = rounded(weights + due)
            rest = due - (after - weights)
        else:
            after = rounded(weights - step)
        weights = after
    return weights, rest


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("size", [1e-8, 1e-4, 3e-3, 0.1])
def test_a_step_is_that_of_numpy_to_the_last_bit(held: Held, size: float) -> None:
    """XLA neither takes sums in another order, nor leaves a rounding out.

    The steps are given: a product before a sum would be rounded once with it (FMA), which NumPy does not do.
    """
    taken = (size * np.random.default_rng(1).normal(size=(50, 4000))).astype(np.float32)

    def one(at: tuple, step: jax.Array) -> tuple[tuple, None]:
        return held_weights.moved(held, *at, Parts({"w": step}, {}, {}, ())), None

    begun = held_weights.begun(held, {"w": jnp.asarray(START)})
    (params, rest), _ = jax.jit(lambda begun: jax.lax.scan(one, begun, taken))(begun)
    expected = in_numpy(held, taken)
    np.testing.assert_array_equal(params["w"], expected[0])
    if held.compensated:
        np.testing.assert_array_equal(rest["w"], expected[1])


@pytest.mark.parametrize("held, epsilon, count", [(Held("", True), 1e-8, 2**15), (Held("bfloat16", True), 1e-5, 2**14)])
def test_compensated_weights_keep_a_decay_that_plain_ones_lose(held: Held, epsilon: float, count: int) -> None:
    """To 1e-3 of exp(-epsilon T): what the weights say alone, and to 1e-5 with what is kept beside them."""
    first = np.asarray(held_weights.begun(held, {"w": jnp.asarray(START)})[0]["w"], np.float64)
    weights, rest = (np.asarray(one, np.float64) for one in steps(held, START, jnp.float32(epsilon), count))
    due = -count * math.log1p(-float(np.float32(epsilon)))
    assert np.log(first / weights).mean() / due == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(np.log(first / (weights + rest)) / due, 1, atol=1e-5)
    lost = steps(Held(held.dtype), START, jnp.float32(epsilon), count)[0]
    np.testing.assert_array_equal(lost, first.astype(np.float32))


@pytest.mark.parametrize("dtype, bits", [("", 23), ("bfloat16", 7)])
def test_what_is_kept_is_at_most_half_a_space(dtype: str, bits: int) -> None:
    weights, rest = (np.asarray(one, np.float64) for one in steps(Held(dtype, True), START, jnp.float32(1e-4), 1000))
    space = 2.0 ** (np.floor(np.log2(np.abs(weights))) - bits)
    assert np.all(np.abs(rest) <= space / 2) and np.any(np.abs(rest) > space / 3)


@pytest.mark.parametrize("dtype, bits", [("", 23), ("bfloat16", 7)])
def test_the_smallest_decay_that_is_called_kept_acts_beside_the_largest_rest(dtype: str, bits: int) -> None:
    """4.2 spaces of the rest a step: each takes at least 4 and at most 9 of them, on average what is due."""
    from wd_jax import precision

    epsilon = precision.DOUBTFUL / 2.0 ** (bits + 23)
    assert precision.word(epsilon, dtype or "float32", "compensated") == "kept"
    assert precision.word(epsilon * 0.999, dtype or "float32", "compensated") == "lost"
    weights = 1 + np.arange(128) / 128
    rest = np.full(128, 0.99 * 2.0 ** -(bits + 1), np.float32)

    def one(_: int, at: tuple) -> tuple:
        taken = {"w": jnp.float32(epsilon) * at[0]["w"]}
        return held_weights.moved(Held(dtype, True), *at, Parts(taken, taken, taken, ()))

    start = ({"w": jnp.asarray(weights, jnp.float32)}, {"w": jnp.asarray(rest)})
    params, after = jax.jit(lambda start: jax.lax.fori_loop(0, 1000, one, start))(start)
    kept = np.asarray(params["w"], np.float64) - weights + np.asarray(after["w"], np.float64) - rest
    assert np.mean(-kept / (1000 * epsilon * weights)) == pytest.approx(1, abs=0.02)


def test_nothing_is_done_where_nothing_is_asked() -> None:
    """The usual way adds no operation: results of before stay what they are to the last bit."""
    tree = {"w": jnp.ones(3)}
    assert held_weights.begun(Held(), tree)[0] is tree and held_weights.whole(tree, ()) is tree
    parts = Parts(tree, tree, tree, ())
    traced = jax.make_jaxpr(lambda p: held_weights.moved(Held(), p, (), parts)[0])(tree)
    assert [str(one.primitive) for one in traced.eqns] == ["sub"]
