"""Numeric: what k steps add to a layer of a plain NumPy network, its rank, and how far the layer is from low rank."""

import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("low_rank_memory").formulas
ETA, LMBDA, N, M = 0.3, 20.0, 50, 2
KEPT = 1 - ETA * LMBDA / N


@pytest.fixture(scope="module")
def history():
    """The first layer of a tanh network after each of 80 steps."""
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2, N, 24))
    W, V = generator.normal(size=(24, 30)) / 5, generator.normal(size=(30, 24)) / 5
    seen = [W]
    for _ in range(80):
        rows = generator.integers(0, N, size=M)
        hidden = np.tanh(x[rows] @ W)
        delta = np.tanh(hidden @ V - y[rows]) / M  # bounded, so that nothing diverges
        back = delta @ V.T * (1 - hidden**2)
        W = KEPT * W - ETA * x[rows].T @ back
        seen.append(W)
    return seen


@pytest.mark.parametrize("k", [1, 3, 6])
def test_rank_of_what_k_steps_add(history, k):
    values = np.linalg.svd(history[-1] - KEPT**k * history[-1 - k], compute_uv=False)
    rank = int(FORMULAS["rank_bound"](m=M, step=k))
    assert rank == M * k and values[rank] < 1e-14 * values[0] < values[rank - 1]


def test_weights_are_near_the_rank_it_names(history):
    share = 0.3
    at = {"eta": ETA, "lmbda": LMBDA, "n": N, "missing_share": share}
    steps = FORMULAS["memory_steps"](**at)
    k = next(k for k in range(80) if KEPT**k <= share)
    assert k == np.ceil(steps) and steps < FORMULAS["rank_enough"](m=M, **at) / M
    s = np.linalg.svd(history[-1], compute_uv=False)
    assert M * k < len(s)
    assert np.sqrt((s[M * k :] ** 2).sum()) <= share * np.linalg.norm(history[-1 - k])


def test_a_larger_batch_is_empty():
    at = {"eta": ETA, "lmbda": LMBDA, "n": N, "missing_share": 0.3}
    most = FORMULAS["largest_batch"](least_side=24.0, **at)
    assert FORMULAS["rank_enough"](m=most, **at) == pytest.approx(24.0)
