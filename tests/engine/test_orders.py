"""Minibatch orders: a function of seed and epoch only, the same on the host as inside a traced program."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wd_jax.engine.minibatches import batch_weights, epoch_order, host_orders, member_key, minibatches

pytestmark = pytest.mark.numeric
SEEDS, EPOCHS, N = np.array([0, 5, 2**31 - 1]), 4, 57


@pytest.mark.parametrize("x64", [False, True], ids=["float32", "float64"])
@pytest.mark.parametrize("sampling", ["reshuffle", "iid"])
def test_the_host_draws_what_the_program_would(sampling: str, x64: bool) -> None:
    with jax.enable_x64(x64):
        host = host_orders(SEEDS, 2, EPOCHS, N, sampling)
        traced = [
            [np.asarray(epoch_order(member_key(int(seed)), epoch, N, sampling)) for epoch in range(2, 2 + EPOCHS)]
            for seed in SEEDS
        ]
    assert host.dtype == np.int32
    np.testing.assert_array_equal(host, traced)


def test_each_epoch_of_each_seed_is_its_own_permutation() -> None:
    orders = host_orders(SEEDS, 0, EPOCHS, N, "reshuffle").reshape(-1, N)
    np.testing.assert_array_equal(np.sort(orders), np.broadcast_to(np.arange(N), orders.shape))
    assert len({order.tobytes() for order in orders}) == len(orders)


def test_blocks_of_epochs_continue_each_other() -> None:
    whole = host_orders(SEEDS, 0, 6, N, "reshuffle")
    parts = [host_orders(SEEDS, first, 2, N, "reshuffle") for first in (0, 2, 4)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_drawing_with_replacement_stays_inside_and_repeats() -> None:
    drawn = host_orders(SEEDS, 0, EPOCHS, N, "iid")
    assert drawn.min() >= 0 and drawn.max() < N
    assert all(len(set(order)) < N for order in drawn.reshape(-1, N))


@pytest.mark.parametrize("n, m", [(23, 5), (20, 5), (3, 3), (7, 1)])
def test_the_last_batch_is_padded_with_weight_zero(n: int, m: int) -> None:
    order = np.arange(n)[::-1].copy()
    cut, weights = np.asarray(minibatches(jnp.asarray(order), m)), batch_weights(n, m, "float64")
    assert cut.shape == weights.shape == (-(-n // m), m)
    np.testing.assert_array_equal(cut[weights > 0], order)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-15)  # a mean over the batch's own length
    assert all(len(set(row[row > 0])) == 1 for row in weights)
