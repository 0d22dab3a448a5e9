"""Muon's iteration by its Gram matrix, against singular values in NumPy and against optax's, step by step."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from optax.contrib import _muon as optax_muon

from wd_jax.optimisers.newton_schulz import COEFFICIENTS, STEPS, orthogonal

SHAPES = {"tall": ((40, 12), 12), "wide": ((12, 40), 12), "rank 3": ((12, 12), 3), "one row": ((1, 5), 1)}


def matrix(shape: tuple[int, int], rank: int) -> np.ndarray:
    random = np.random.default_rng(3)
    found = random.standard_normal((shape[0], rank)) @ random.standard_normal((rank, shape[1]))
    return found / np.linalg.norm(found)


@pytest.mark.numeric
@pytest.mark.parametrize("shape, rank", SHAPES.values(), ids=SHAPES)
def test_singular_values_go_through_the_polynomial(shape, rank) -> None:
    left, values, right = np.linalg.svd(matrix(shape, rank), full_matrices=False)
    a, b, c = COEFFICIENTS
    for _ in range(STEPS):
        values = a * values + b * values**3 + c * values**5
    with jax.enable_x64(True):
        found = orthogonal(jnp.asarray(matrix(shape, rank)))
    # Where the rank is less than full, what is rounded at 1e-16 comes out 485 times as large.
    np.testing.assert_allclose(found, (left * values) @ right, atol=1e-12)


@pytest.mark.numeric
@pytest.mark.parametrize("dtype, within", [("float64", 1e-12), ("float32", 1e-4)])
def test_it_is_the_iteration_of_optax(dtype, within) -> None:
    with jax.enable_x64(True):
        x = jnp.asarray(matrix((40, 12), 12), dtype)
        theirs = optax_muon.orthogonalize_via_newton_schulz(x, jnp.asarray(COEFFICIENTS), STEPS, eps=0.0)
        # float32 rounds at 6e-8, and 485 times that in the directions of small singular values.
        np.testing.assert_allclose(orthogonal(x), theirs, atol=within)


@pytest.mark.numeric
@pytest.mark.parametrize("small", [1e-2, 1e-3, 1e-6, 0.0])
@pytest.mark.parametrize("shape", [(200, 12), (12, 200)], ids=["tall", "wide"])
def test_float32_keeps_the_directions_of_small_singular_values(shape, small) -> None:
    random = np.random.default_rng(5)
    left, right = (np.linalg.qr(random.standard_normal((size, 12)))[0] for size in shape)
    x = (left * np.r_[1.0, np.full(11, small)]) @ right.T
    x = np.asarray(x / np.linalg.norm(x), np.float32)
    with jax.enable_x64(True):
        exact = np.asarray(orthogonal(jnp.asarray(x, jnp.float64)))
        found = np.asarray(orthogonal(jnp.asarray(x)))
    # The iteration step by step is off by up to 4e-5 itself; with one Gram matrix for all steps it was 2e-3.
    assert np.linalg.norm(found - exact) < 1e-4 * np.linalg.norm(exact)
