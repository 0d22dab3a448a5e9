"""Fewer examples to learn, and where a curve is lowest."""

import numpy as np
import pytest

import wd_jax as wd
from experiments.laboratory.few_examples import few
from experiments.laboratory.optimum import edges, log_best

pytestmark = pytest.mark.numeric


def test_no_example_is_in_two_splits_and_the_test_split_keeps_its_own() -> None:
    data = wd.data.digits()
    made = few(data, 200, 10_000, 300)
    parts = {split: getattr(made, split).inputs for split in ("train", "validation", "test")}
    rows = np.concatenate([*parts.values(), data.train.inputs[200:300]])
    whole = np.concatenate([data.train.inputs, data.validation.inputs, data.test.inputs])
    assert len(rows) == len(whole)
    np.testing.assert_array_equal(np.sort(rows @ np.arange(64.0)), np.sort(whole @ np.arange(64.0)))
    np.testing.assert_array_equal(parts["test"][:300], data.test.inputs)
    np.testing.assert_array_equal(made.train.targets, data.train.targets[:200])


def test_data_sets_of_one_reserve_are_judged_on_the_same_examples() -> None:
    one, other = (few(wd.data.digits(), learned, 100, 300) for learned in (50, 300))
    np.testing.assert_array_equal(one.validation.inputs, other.validation.inputs)
    np.testing.assert_array_equal(one.test.targets, other.test.targets)
    assert (one.n, other.n, len(one.test)) == (50, 300, 100)


@pytest.mark.parametrize(("learned", "reserved"), [(0, None), (1200, None), (300, 200), (10, 1200)])
def test_impossible_sizes_are_refused(learned: int, reserved: int | None) -> None:
    with pytest.raises(ValueError, match=f"learned={learned}, reserved={reserved}: digits has 1200 examples"):
        few(wd.data.digits(), learned, 100, reserved)


def test_the_vertex_of_uneven_parabolas() -> None:
    x = np.array([1.0, 3.0, 4.0, 10.0, 30.0])
    curves = np.stack([(np.log(x) - b) ** 2 * a + c for a, b, c in ((1.0, 1.2, 0.0), (0.3, 2.0, 5.0))], axis=1)
    np.testing.assert_allclose(log_best(x, curves), [1.2, 2.0], rtol=1e-12)
    assert edges(x, curves) == (0, 0)


def test_an_optimum_that_may_lie_beyond_the_grid_is_no_number() -> None:
    x = np.array([1.0, 2.0, 4.0, 8.0])
    curves = np.stack([x, -x, [1.0, np.nan, 0.0, 2.0], [2.0, 1.0, 3.0, 4.0]], axis=1)
    assert np.isfinite(log_best(x, curves)).tolist() == [False, False, False, True]
    assert edges(x, curves[:, :2]) == (1, 1)
