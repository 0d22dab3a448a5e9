"""The layout with the members last: there and back, and products against `einsum`."""

import itertools

import jax
import numpy as np
import pytest

from wd_jax.engine import blocked_layout

pytestmark = pytest.mark.numeric
SEEDS, CELLS = 2, 3


def numbered(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


@pytest.fixture(scope="module")
def params():
    """Every leaf [S, C, ...]; widths all different, so that a mistaken axis shows."""
    widths = [7, 5, 4]
    return tuple(
        {"w": numbered(SEEDS, CELLS, a, b) + 1000 * i, "b": -numbered(SEEDS, CELLS, b)}
        for i, (a, b) in enumerate(itertools.pairwise(widths))
    )


class TestLayout:
    def test_parameters_there_and_back(self, params) -> None:
        back = blocked_layout.to_first(blocked_layout.to_last(params), SEEDS)
        assert jax.tree.all(jax.tree.map(lambda a, b: bool((a == b).all()) and a.shape == b.shape, back, params))

    def test_member_s_times_c_plus_c_is_cell_c_of_seed_s(self, params) -> None:
        last = blocked_layout.to_last(params)
        for s in range(SEEDS):
            for c in range(CELLS):
                member = s * CELLS + c
                np.testing.assert_array_equal(last[0]["w"][s, ..., c], params[0]["w"][s, c])
                np.testing.assert_array_equal(last[0]["b"][..., member], params[0]["b"][s, c])
                np.testing.assert_array_equal(last[1]["w"][..., member], params[1]["w"][s, c])
                np.testing.assert_array_equal(last[1]["b"][..., member], params[1]["b"][s, c])

    def test_columns_there_and_back(self) -> None:
        columns = numbered(SEEDS, 4, 5 * CELLS)
        last = blocked_layout.columns_to_last(columns, CELLS)
        assert last.shape == (4, 5, SEEDS * CELLS)
        np.testing.assert_array_equal(blocked_layout.last_to_columns(last, SEEDS), columns)

    def test_columns_of_the_first_layer_are_the_members_pre_activations(self, params) -> None:
        """X @ W of each member by itself is its place in the wide product: the two layouts agree."""
        w = blocked_layout.to_last(params)[0]["w"]
        x = numbered(SEEDS, 2, 7)
        wide = blocked_layout.columns_to_last(blocked_layout.per_seed(x, w.reshape(SEEDS, 7, 5 * CELLS)), CELLS)
        for s in range(SEEDS):
            for c in range(CELLS):
                np.testing.assert_allclose(wide[..., s * CELLS + c], x[s] @ params[0]["w"][s, c], rtol=1e-6)

    @pytest.mark.parametrize("seeds", [1, 3])
    def test_a_product_of_each_seed(self, seeds: int) -> None:
        a, b = numbered(seeds, 2, 3), numbered(seeds, 3, 4)
        expected = np.stack([left @ right for left, right in zip(a, b, strict=True)])
        np.testing.assert_allclose(blocked_layout.per_seed(a, b), expected, rtol=1e-6)


LONG = blocked_layout.UNROLLED + 1
SHORT_SUMS, LONG_SUMS = (2, 3, 4), (LONG, LONG + 1, LONG + 2)


@jax.jit
def value_and_gradient(a, w, d):
    value, back = jax.vjp(blocked_layout.contract, a, w)
    return value, *back(d)


def operands(batch: int, n_in: int, n_out: int) -> list[np.ndarray]:
    """Activations, weights and a cotangent."""
    random = np.random.default_rng(3)
    shapes = (batch, n_in, CELLS), (n_in, n_out, CELLS), (batch, n_out, CELLS)
    return [random.normal(size=shape) for shape in shapes]


class TestContract:
    """Sums of at most 35 terms of order 1, in float64: 1e-13 is hundreds of roundings."""

    @pytest.mark.parametrize("sizes", [SHORT_SUMS, LONG_SUMS], ids=["unrolled", "long"])
    def test_against_einsum_and_its_gradient(self, sizes) -> None:
        a, w, d = operands(*sizes)
        with jax.enable_x64(True):
            value, of_a, of_w = value_and_gradient(a, w, d)
        assert value.dtype == "float64"
        for actual, formula, factors in (
            (value, "bik,iok->bok", (a, w)),
            (of_a, "iok,bok->bik", (w, d)),
            (of_w, "bik,bok->iok", (a, d)),
        ):
            np.testing.assert_allclose(actual, np.einsum(formula, *factors), rtol=1e-13, atol=1e-12)

    @pytest.mark.parametrize("sizes", [SHORT_SUMS, LONG_SUMS], ids=["unrolled", "long"])
    def test_one_member_never_reaches_another(self, sizes) -> None:
        """A NaN of one member stays in its own column, forwards and backwards."""
        a, w, d = operands(*sizes)
        for array in (a, w, d):
            array[0, 0, 1] = np.nan
        with jax.enable_x64(True):
            found = value_and_gradient(a, w, d)
        for array in map(np.asarray, found):
            assert np.isnan(array[..., 1]).any() and np.isfinite(array[..., [0, 2]]).all()
