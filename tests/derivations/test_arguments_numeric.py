"""Numeric: a formula takes numbers, arrays and labelled arrays, elementwise, and nothing that only looks like them."""

import datetime
import decimal
import fractions
import math

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import sympy as sp
import xarray as xr

from derivations import ValidityError, derive

pytestmark = pytest.mark.numeric
LAW = derive("epoch_decay").formulas["weight_rms"]
AT = {"weight_rms_0": 1.0, "eta": 0.1, "lmbda": 5.0, "n": 1200, "m": 10}


def factor(epoch, lmbda=5.0):
    """The same by plain Python, which rounds the factor: 1e-16 times 120 t steps."""
    return (1 - 0.1 * lmbda / 1200) ** (120 * epoch)


@pytest.mark.parametrize(
    "epochs",
    [np.arange(31), np.arange(31.0), np.arange(31, dtype=np.float32), np.arange(31, dtype=np.uint8), list(range(31)),
     tuple(range(31)), range(31), jnp.arange(31), np.arange(31, dtype=object)],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'dtype', '')}",
)  # fmt: skip
def test_arrays_give_arrays(epochs) -> None:
    found = LAW(epoch=epochs, **AT)
    assert isinstance(found, np.ndarray) and found.dtype == np.float64 and found.shape == (31,)
    np.testing.assert_allclose(found, [factor(t) for t in range(31)], rtol=1e-12)


@pytest.mark.parametrize(
    "epoch",
    [3, 3.0, np.float32(3), np.int64(3), np.array(3), jnp.asarray(3.0), fractions.Fraction(3), decimal.Decimal(3),
     sp.Integer(3), jnp.asarray(3, jnp.bfloat16)],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_plain_number_stays_a_plain_number(epoch) -> None:
    found = LAW(epoch=epoch, **AT)
    assert type(found) is float and found == pytest.approx(factor(3), rel=1e-12)


def test_arrays_are_broadcast() -> None:
    found = LAW(epoch=np.arange(4), **AT | {"lmbda": np.array([[0.0], [5.0], [50.0]])})
    wanted = [[factor(t, lmbda) for t in range(4)] for lmbda in (0.0, 5.0, 50.0)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    constant = derive("epoch_decay").formulas["per_epoch_factor_limit"](eta=[0.1, 0.1], lmbda=0, m=10, n=100)
    assert constant.tolist() == [1.0, 1.0]
    assert LAW(epoch=np.empty((0, 2)), **AT).shape == (0, 2)


def test_a_formula_without_the_array_in_it_keeps_its_shape() -> None:
    bound = derive("lion").formulas["weight_bound_after"]  # at 0 steps nothing but the start is left
    found = bound(eta=0.1, lmbda=0, n=100, step=0, weight_abs_0=[1.0, 2.0])
    assert found.tolist() == [1.0, 2.0]


def test_the_compiled_forms_take_lists_too() -> None:
    for function in (LAW.to_numpy(), LAW.to_jax()):
        np.testing.assert_allclose(function(epoch=[1, 2], **AT), [factor(1), factor(2)], rtol=1e-5)  # float32 in JAX


def test_labels_stay_and_decide() -> None:
    lmbda = xr.DataArray([0.0, 5.0], {"lmbda": [0.0, 5.0]}, ("lmbda",))
    start = xr.DataArray([[1.0, 2.0, 4.0], [3.0, 1.0, 2.0]], dims=("seed", "layer"))
    found = LAW(epoch=2, **AT | {"lmbda": lmbda, "weight_rms_0": start})
    assert isinstance(found, xr.DataArray) and set(found.dims) == {"lmbda", "seed", "layer"}
    assert found.sel(lmbda=5.0).isel(seed=1, layer=0).item() == pytest.approx(3 * factor(2), rel=1e-12)
    assert isinstance(LAW(epoch=xr.DataArray(2), **AT), xr.DataArray)
    with pytest.raises(TypeError, match=r"epoch is a plain array beside an xarray\.DataArray: give it the name"):
        LAW(epoch=[1, 2], **AT | {"lmbda": lmbda})


def test_a_series_gives_a_series() -> None:
    index = pd.Index([1, 4, 9], name="epoch")
    found = LAW(epoch=pd.Series([1, 4, 9], index), **AT)
    assert isinstance(found, pd.Series) and found.index.equals(index)
    assert found.loc[4] == pytest.approx(factor(4), rel=1e-12)
    with pytest.raises(ValueError, match="the Series have different indexes: reindex them to one"):
        LAW(epoch=pd.Series([1, 4, 9], index), **AT | {"lmbda": pd.Series([1.0, 2.0, 3.0])})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.1", "eta='0.1': give a number or an array of numbers"),
        (None, "eta=None: give a number"),
        (True, "eta=True: give a number"),
        (1j, "eta=1j: give a number"),
        ([0.1, 1j], "eta=[0.1, 1j]: give a number"),
        (np.array([1 + 0j]), "eta=an array of complex128: give a number"),
        (np.array(["0.1"]), "eta=an array of <U3: give a number"),
        (np.array([True]), "eta=an array of bool: give a number"),
        ([0.1, None], "eta=[0.1, None]: give a number"),
        ([[0.1], [0.1, 0.2]], "eta=[[0.1], [0.1, 0.2]]: give a number"),
        (np.datetime64("2020-01-01"), "give a number"),
        (datetime.timedelta(1), "give a number"),
        ({"a": 1}, "eta={'a': 1}: give a number"),
        (xr.Dataset({"a": 1.0}), "give a number"),
        (xr.DataArray(["a"]), "eta=an array of <U1: give a number"),
        (10**400, "too large for a number in double precision"),
        (np.ma.array([0.1, 0.2], mask=[0, 1]), "eta has masked values: fill them, or leave them out"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_no_number_is_refused(value, words: str) -> None:
    with pytest.raises(TypeError) as caught:
        LAW(epoch=1, **AT | {"eta": value})
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_validity_is_judged_element_by_element() -> None:
    with pytest.raises(ValidityError, match=r"η\*λ/n < 1 \(met η = 0.1, λ = 20000, n = 1200\)"):
        LAW(epoch=1, **AT | {"lmbda": [1.0, 20_000.0]})
    with pytest.raises(ValidityError, match=r"t >= 0 \(met t = -1\)"):
        LAW(epoch=np.arange(-1, 3), **AT)
    found = LAW(epoch=[1.0, math.nan], **AT)  # what has no number has no value, and hides none
    assert found[0] == pytest.approx(factor(1)) and math.isnan(found[1])
    with pytest.raises(ValidityError, match="t >= 0"):
        LAW(epoch=[-1.0, math.nan], **AT)
    with pytest.raises(ValidityError, match="met t = nan"):
        LAW(epoch=math.nan, **AT)


def test_shapes_that_do_not_go_together_are_told() -> None:
    with pytest.raises(ValueError, match=r"shapes that do not go together: lmbda \(2,\), epoch \(3,\)|epoch \(3,\)"):
        LAW(epoch=[1, 2, 3], **AT | {"lmbda": [1.0, 2.0]})


def test_names_are_told() -> None:
    with pytest.raises(TypeError, match=r"missing m \(minibatch size\)"):
        LAW(epoch=[1, 2], **{name: value for name, value in AT.items() if name != "m"})
    with pytest.raises(TypeError, match=r"unknown lamda \(did you mean 'lmbda'\?\)"):
        LAW(epoch=[1, 2], **AT, lamda=1)


def test_inside_a_transformation_the_jax_form_is_named() -> None:
    with pytest.raises(TypeError, match=r"epoch is traced by JAX: inside jit, vmap and grad call formula\.to_jax\(\)"):
        jax.jit(lambda t: LAW(epoch=t, **AT))(1.0)


def test_one_exact_number_takes_numbers_and_text_only() -> None:
    assert float(LAW.number(20, epoch="1", **AT)) == pytest.approx(factor(1), rel=1e-15)
    for value in ([1, 2], np.arange(2), None, 1j, True):
        with pytest.raises(TypeError, match="give one number here; for arrays call the formula itself"):
            LAW.number(20, epoch=value, **AT)
