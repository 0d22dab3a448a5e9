"""A theory on the measurement's cells: labels up to rounding, arrays by place, and no other cell."""

import math

import numpy as np
import pytest
import xarray as xr

from wd_jax.stats.alignment import aligned
from wd_jax.stats.comparison import compare

pytestmark = pytest.mark.numeric
LABELS = [0.1, 0.2, 0.1 + 0.2]
RUNS = xr.DataArray(np.outer([1.0, 2.0, 3.0], [1, 1, 1, 1]), {"lmbda": LABELS}, ("lmbda", "seed"))


def theory(labels, values=(1.0, 2.0, 3.0)) -> xr.DataArray:
    return xr.DataArray(np.array(values), {"lmbda": labels}, ("lmbda",))


@pytest.mark.parametrize(
    "given",
    [theory(LABELS), theory([0.1, 0.2, 0.3]), theory(np.float32([0.1, 0.2, 0.3])), theory([0.3, 0.1, 0.2], (3, 1, 2)),
     np.array([1.0, 2.0, 3.0]), RUNS.values],
    ids=["same", "rounded", "float32", "another order", "array", "array with seeds"],
)  # fmt: skip
def test_the_same_cells_are_compared(given) -> None:
    assert (aligned(given, RUNS) == RUNS).all()
    found = compare(RUNS, given, within=1e-6)
    assert found.verdict == "holds" and found.scope.startswith("lmbda 0.1 to 0.3")


def test_labels_that_are_no_number_or_no_float_are_matched_exactly() -> None:
    nan = RUNS.assign_coords(lmbda=[1.0, 2.0, math.nan])
    assert compare(nan, theory([1.0, 2.0, math.nan]), within=1e-6).verdict == "holds"
    assert compare(nan, theory([math.nan, 1.0, 2.0], (3, 1, 2)), within=1e-6).verdict == "holds"
    named = RUNS.assign_coords(lmbda=["a", "b", "c"])
    assert compare(named, theory(["c", "a", "b"], (3, 1, 2)), within=1e-6).verdict == "holds"
    with pytest.raises(ValueError, match="only measured at 'c', only predicted at 'd'"):
        compare(named, theory(["a", "b", "d"]), within=1e-6)


def test_labels_that_differ_by_more_than_rounding_are_others() -> None:
    with pytest.raises(ValueError, match=r"only measured at 0\.2, only predicted at 0\.20000001"):
        aligned(theory([0.1, 0.2 + 1e-8, 0.3]), RUNS)
    assert aligned(theory(np.float32([0.1, 0.2 + 1e-8, 0.3])), RUNS).values.tolist() == [1, 2, 3]


def test_the_cell_measured_is_selected_up_to_rounding() -> None:
    assert aligned(theory([0.1, 0.2, 0.3]), RUNS.isel(lmbda=2)).item() == 3
    assert aligned(theory([0.1, 0.2, 0.3]).isel(lmbda=2), RUNS.isel(lmbda=2)).item() == 3


def test_a_choice_may_differ_where_a_cell_may_not() -> None:
    one = RUNS.isel(lmbda=0).assign_coords(init="gaussian", epoch=4)
    other = one.mean("seed")
    assert aligned(other.assign_coords(init="fan_in"), one).item() == 1
    assert aligned(other.assign_coords(epoch=4.0), one).item() == 1
    with pytest.raises(ValueError, match="epoch: measured at 4, predicted at 3"):
        aligned(other.assign_coords(epoch=3), one)
    assert aligned(other.assign_coords(epoch=3).drop_vars("epoch"), one).item() == 1


def test_a_theory_of_one_cell_does_not_judge_the_others() -> None:
    """The law at lambda = 0 judged runs at lambda = 20, and its value before training every epoch."""
    one = theory([0.1, 0.2, 0.3]).isel(lmbda=0)
    with pytest.raises(ValueError, match=r"lmbda: measured at 0\.1, 0\.2, 0\.30*4?, predicted at 0\.1 alone: "):
        compare(RUNS, one, within=0.5)
    assert aligned(one.drop_vars("lmbda"), RUNS).item() == 1
    assert aligned(one, RUNS.isel(lmbda=[0])).item() == 1


def test_a_time_is_not_held_against_a_weight() -> None:
    epochs = theory([0.1, 0.2, 0.3]).assign_attrs(units="epochs", law="epoch_decay.half_life_epochs")
    with pytest.raises(ValueError, match=r"half_life_epochs is in 'epochs', the measurement in '1': give a"):
        compare(RUNS.assign_attrs(units="1"), epochs, within=0.5)
    assert compare(RUNS.assign_attrs(units="epoch"), epochs, within=1e-6).verdict == "holds"
