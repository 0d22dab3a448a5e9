"""Between two bounds: all four words, and the numbers that are shown."""

import numpy as np
import pytest
import xarray as xr

from experiments.laboratory import bracket

pytestmark = pytest.mark.numeric
SPREAD = 0.01 * np.array([-1.0, 0.0, 1.0, 0.5, -0.5])


def cells(*levels: float) -> xr.DataArray:
    values = np.array([level + SPREAD for level in levels])
    return xr.DataArray(values, {"beta1": list(range(len(levels))), "seed": range(5)}, ("beta1", "seed"))


def judge(measured: xr.DataArray, low: float = 1.0, high: float = 3.0, **words):
    return bracket.verdict(measured, xr.DataArray(low), xr.DataArray(high), claim="x", statement="between", **words)


def test_the_words() -> None:
    assert judge(cells(1.2, 2.0)).verdict == "holds"
    assert type(judge(cells(1.2, 2.0)).verdict) is str
    assert judge(cells(2.0, 3.1)).verdict == "fails"
    assert judge(cells(0.9, 2.0)).verdict == "fails"
    assert judge(cells(2.0, 3.001)).verdict == "undecided"


def test_the_numbers_are_those_of_the_cell_nearest_to_a_bound() -> None:
    found = judge(cells(2.0, 1.2), scope="squares")
    assert found.predicted == pytest.approx(2.0) and found.asked == pytest.approx((1.0, 3.0))
    assert found.measured == pytest.approx(1.2) and found.ci95[0] < 1.2 < found.ci95[1]
    assert found.tolerance == bracket.OUTSIDE == 0
    assert found.scope == "squares, beta1 0 to 1 (at beta1 1)" and found.alike == 1


def test_each_cell_has_its_own_bounds() -> None:
    low = xr.DataArray([1.0, 10.0], {"beta1": [0, 1]}, ("beta1",))
    found = bracket.verdict(cells(1.5, 10.5), low, low + 1, claim="x", statement="between")
    assert found.verdict == "holds"
    assert bracket.verdict(cells(1.5, 9.5), low, low + 1, claim="x", statement="between").verdict == "fails"


def test_what_is_missing_and_what_diverged_decide_nothing() -> None:
    measured = cells(1.5, 2.0)
    measured[0, 0] = np.nan
    assert judge(measured).verdict == "undecided"
    gone = measured.assign_coords(diverged_at=(("beta1", "seed"), np.where(np.isnan(measured), 7, -1)))
    found = judge(gone)
    assert found.verdict == "diverged" and "diverged" in found.why
