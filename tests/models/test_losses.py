"""Costs and the fraction right against NumPy in float64: linear outputs, rows, and class numbers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wd_jax.models.losses import LOSSES, right

pytestmark = pytest.mark.numeric
RANDOM = np.random.default_rng(11)
Z, Y = RANDOM.normal(size=(6, 5)), RANDOM.normal(size=(6, 5))
LABELS = RANDOM.integers(5, size=6)
WIDE = RANDOM.normal(size=(6, 3, 5))
SEQUENCES = RANDOM.integers(5, size=(6, 3))


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def test_mean_squared_error_is_the_mean_over_linear_outputs() -> None:
    cost = LOSSES["mean_squared_error"]
    expected = [
        sum((z - y) ** 2 for z, y in zip(row, target, strict=True)) / 5 for row, target in zip(Z, Y, strict=True)
    ]
    np.testing.assert_allclose(cost(jnp.asarray(Z), jnp.asarray(Y)), expected, rtol=1e-14)
    slope = jax.grad(lambda z: cost(z, jnp.asarray(Y)).sum())(jnp.asarray(Z))
    np.testing.assert_allclose(slope, 2 / 5 * (Z - Y), rtol=1e-14)


def test_mean_squared_error_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.MSELoss()(torch.tensor(Z), torch.tensor(Y)).item()
    assert LOSSES["mean_squared_error"](jnp.asarray(Z), jnp.asarray(Y)).mean() == pytest.approx(theirs, rel=1e-14)


def negative_log(z: np.ndarray, label: int) -> float:
    return np.log(np.exp(z).sum()) - z[label]


@pytest.mark.parametrize("axis", [-1, 1])
def test_a_class_number_costs_what_its_row_does(axis: int) -> None:
    """The last axis, and an axis before that of the members, as blocks have it."""
    z, y = Z, np.c_[LABELS].astype(float)
    rows = np.eye(5)[LABELS]
    if axis == 1:
        z, y, rows = (np.stack([a, a[::-1]], axis=-1) for a in (z, y, rows))
    found, of_rows = (LOSSES["softmax"](jnp.asarray(z), jnp.asarray(t), axis=axis) for t in (y, rows))
    expected = [negative_log(*pair) for pair in zip(Z, LABELS, strict=True)]
    expected = np.stack([expected, expected[::-1]], axis=-1) if axis == 1 else expected
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    np.testing.assert_allclose(of_rows, expected, rtol=1e-13)


def test_the_cost_of_a_sequence_is_the_mean_over_its_positions() -> None:
    found = LOSSES["softmax"](jnp.asarray(WIDE), jnp.asarray(SEQUENCES, float))
    expected = [
        np.mean([negative_log(z, label) for z, label in zip(example, labels, strict=True)])
        for example, labels in zip(WIDE, SEQUENCES, strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_the_fraction_right_counts_positions() -> None:
    one = right(jnp.asarray(Z), jnp.asarray(np.c_[LABELS], float), "classes")
    np.testing.assert_array_equal(one, Z.argmax(axis=1) == LABELS)
    several = right(jnp.asarray(WIDE), jnp.asarray(SEQUENCES, float), "classes")
    np.testing.assert_allclose(several, (WIDE.argmax(axis=2) == SEQUENCES).mean(axis=1))
    assert np.isnan(right(jnp.asarray(Z), jnp.asarray(Y), "real")).all()
