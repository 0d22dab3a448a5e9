"""A comparison or a theory that cannot be meant is refused, in one line: the thing, its value and the remedy."""

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd

pytestmark = pytest.mark.numeric
MEASURED = xr.DataArray(np.ones((2, 3)), {"lmbda": [0.5, 2.0], "seed": [0, 1, 2]}, ("lmbda", "seed"), name="weight_rms")
RUNS = xr.Dataset({"weight_rms": MEASURED})
OTHER = xr.DataArray([1.0, 1.0], {"lmbda": [0.5, 5.0]}, ("lmbda",))

COMPARISONS = {
    "dataset": ((RUNS, 1.0, 0.1), "measured is a Dataset: give one variable of a result: runs.weight_rms"),
    "array": ((np.ones(3), 1.0, 0.1), "measured is a ndarray: give one variable of a result"),
    "no seeds": ((MEASURED.mean("seed"), 1.0, 0.1), "measured has dimensions ('lmbda',): an interval needs a 'seed'"),
    "shared": ((MEASURED.assign_coords(independent_seeds=False), 1.0, 0.1), "order='shared': "),
    "negative": ((MEASURED, 1.0, -0.1), "within=-0.1: give a relative deviation above 0 and below 1, such as 0.01"),
    "a factor": ((MEASURED, 1.0, 2.0), "such as 0.01, or factor=True if a factor of 2 is meant"),
    "anything": ((MEASURED, 1.0, 1e9), "within=1000000000.0: give a relative deviation above 0 and below 1"),
    "nan": ((MEASURED, 1.0, float("nan")), "within=nan: give a relative deviation above 0"),
    "other cells": (
        (MEASURED, OTHER, 0.1),
        "lmbda: only measured at 2.0, only predicted at 5.0: select the same values of both",
    ),
    "more dimensions": (
        (MEASURED, OTHER.rename(lmbda="epoch"), 0.1),
        "the theory has a dimension 'epoch' that the measurement lacks: select one value of it",
    ),
    "another epoch": (
        (MEASURED.assign_coords(epoch=4), OTHER.assign_coords(lmbda=[0.5, 2.0], epoch=3), 0.1),
        "epoch: measured at 4, predicted at 3: select the same value of both, or, where another is meant,",
    ),
    "epoch not predicted": (
        (MEASURED.assign_coords(epoch=4), OTHER.rename(lmbda="epoch"), 0.1),
        "epoch: measured at 4, predicted only at 0.5, 5.0: predict it there",
    ),
    "array of another shape": (
        (MEASURED, np.ones(3), 0.1),
        "the theory is an array of shape (3,), the measurement has lmbda 2: give a number for each cell",
    ),
    "repeated": (
        (MEASURED.assign_coords(lmbda=[1, 1]), OTHER.assign_coords(lmbda=[1.0, 1 + 1e-12]).isel(lmbda=[1, 0, 0]), 0.1),
        "lmbda: some labels occur more than once",
    ),
    "many labels": (
        (MEASURED, xr.DataArray(np.ones(6), {"lmbda": [0.5, 2.0, 3.0, 4.0, 5.0, 6.0]}, ("lmbda",)), 0.1),
        "lmbda: only predicted at 3.0, 4.0, 5.0 and 1 more: select the same values of both",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), COMPARISONS.values(), ids=list(COMPARISONS))
def test_compare_refuses(arguments: tuple, message: str) -> None:
    measured, theory, within = arguments
    with pytest.raises((TypeError, ValueError)) as caught:
        wd.compare(measured, theory, within)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_factor_is_above_one() -> None:
    with pytest.raises(ValueError, match=r"within=0\.5: give a factor above 1, such as 2"):
        wd.compare(MEASURED, 1.0, 0.5, factor=True)


THEORIES = {
    "derivation": (("epoch_dekay", "weight_rms", RUNS), {}, "did you mean 'epoch_decay'?"),
    "formula": (("epoch_decay", "weight_rns", RUNS), {}, "has no formula 'weight_rns': did you mean 'weight_rms'?"),
    "symbol": (
        ("epoch_decay", "per_epoch_factor", RUNS),
        {"eta": 0.1},
        "symbol 'n' (training-set size) is not in the result: pass n=... to evaluate",
    ),
    "typing error": (
        ("epoch_decay", "per_epoch_factor", RUNS),
        {"lmda": 5.0},
        "epoch_decay has no symbol 'lmda': per_epoch_factor takes eta, lmbda, n, m",
    ),
    "variable": (("epoch_decay", "weight_rms", MEASURED), {}, "runs is a DataArray: give the whole xarray.Dataset"),
}


@pytest.mark.parametrize(("arguments", "given", "message"), THEORIES.values(), ids=list(THEORIES))
def test_evaluate_refuses(arguments: tuple, given: dict, message: str) -> None:
    with pytest.raises((TypeError, KeyError)) as caught:
        wd.theory.evaluate(*arguments, **given)
    assert message in str(caught.value) and "\n" not in str(caught.value)
