"""Inputs that are not scaled get a word, with the division to make; scaled and merely large ones do not."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

import wd_jax as wd
from wd_jax.data.arrays import cut

pytestmark = pytest.mark.numeric
DIGITS = load_digits().data
RANDOM = np.random.default_rng(0)


def dataset(inputs: np.ndarray) -> wd.data.Dataset:
    n = len(inputs)
    targets = wd.data.one_hot(np.arange(n) % 2, 2)
    return cut("mine", inputs, targets, (n - 2 * (n // 4), n // 4, n // 4))


LARGE = {
    "pixels to 255": (np.round(DIGITS * 255 / 16), "give inputs / 255 in every split"),
    "pixels to 254": (
        np.minimum(np.round(DIGITS * 255 / 16), 254).astype(np.uint8),
        "give inputs / 255 in every split",
    ),
    "pixels to 65535": (DIGITS * 4095.9375, "give inputs / 65535 in every split"),
    "digits as they come": (
        DIGITS,
        "(column 11: rms 13), and weights start for inputs of about 1: give inputs / 16",
    ),
    "wine": (load_wine().data, "column 12: rms"),
    "breast cancer": (load_breast_cancer().data, "give (inputs - mean) / std in every split"),
    "age and salary": (
        np.c_[RANDOM.integers(20, 90, 99), RANDOM.integers(2e4, 9e4, 99)],
        "(inputs - mean) / std in ev",
    ),
    "a year": (np.c_[RANDOM.random(99), RANDOM.integers(1990, 2020, 99)], "column 1: rms 2.01e+03"),
    "negative": (-100 * RANDOM.random((99, 3)), "give (inputs - mean) / std"),
}


@pytest.mark.parametrize("inputs, words", LARGE.values(), ids=list(LARGE))
def test_large_inputs_are_named_once(inputs: np.ndarray, words: str) -> None:
    with pytest.warns(UserWarning) as caught:
        dataset(inputs)
    assert len(caught) == 1
    message = str(caught[0].message)
    assert message.startswith("mine: train inputs lie between ") and "\n" not in message
    assert words in message


def standardised(inputs: np.ndarray) -> np.ndarray:
    spread = inputs.std(axis=0)
    return (inputs - inputs.mean(axis=0)) / np.where(spread == 0, 1, spread)


FINE = {
    "digits": DIGITS / 16,
    "iris in centimetres": load_iris().data[RANDOM.permutation(150)],
    "standardised, with outliers": standardised(load_breast_cancer().data),
    "one large value": np.r_[[[100.0, 0.0]], RANDOM.standard_normal((999, 2))][RANDOM.permutation(1000)],
    "small": 1e-3 * RANDOM.standard_normal((99, 3)),
    "booleans": RANDOM.random((99, 3)) > 0.5,
}


@pytest.mark.parametrize("inputs", FINE.values(), ids=list(FINE))
def test_others_are_not(inputs: np.ndarray) -> None:
    dataset(inputs)  # a warning is an error here


def test_a_split_that_was_forgotten_is_named() -> None:
    targets = wd.data.one_hot(np.arange(100) % 2, 2)
    scaled, not_scaled = wd.data.Split(DIGITS[:100] / 16, targets), wd.data.Split(DIGITS[:100], targets)
    with pytest.warns(UserWarning, match="mine: test inputs lie between 0 and 16"):
        wd.data.Dataset("mine", train=scaled, validation=scaled, test=not_scaled)


def test_nothing_is_said_where_nothing_is_learned() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = dataset(DIGITS)
    wd.data.null(raw)


def test_the_warning_names_the_callers_line() -> None:
    split = wd.data.Split(100 * np.ones((3, 2)), np.ones((3, 1)))
    with pytest.warns(UserWarning) as caught:
        wd.data.Dataset("mine", split, split, split)
    assert caught[0].filename == __file__


def test_numbers_that_vanish_in_float32_are_named() -> None:
    with pytest.warns(UserWarning, match=r"inputs\[:, 1\] is at most 1e-46, which float32 takes for zero") as caught:
        wd.data.Split([[0.0, 1e-50, 1.0], [0.0, 1e-46, 2.0]], np.ones((2, 1)))
    assert len(caught) == 1 and caught[0].filename == __file__
