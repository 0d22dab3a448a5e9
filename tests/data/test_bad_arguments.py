"""Data that cannot be meant are refused in one line that names the array, its value and the remedy."""

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.data.arrays import cut

pytestmark = pytest.mark.numeric
ONE = wd.data.Split([[0.0, 0.5]], [[1.0]])

ERRORS = {
    "a pair for a split": (
        lambda: wd.data.Dataset("mine", ([[0.0]], [[1.0]]), ONE, ONE),
        "mine: train is a tuple: give wd.data.Split(inputs, targets)",
    ),
    "class numbers": (
        lambda: wd.data.Split(np.ones((3, 2)), [0, 1, 2]),
        "targets has shape (3,): give a non-empty array of 2 dimensions, for classes wd.data.one_hot(targets, 3)",
    ),
    "rows": (lambda: wd.data.Split(np.ones((3, 2)), np.ones((2, 1))), "targets has 2 rows and inputs has 3: give one"),
    "nan": (lambda: wd.data.Split([[np.nan]], [[1.0]]), "inputs[0, 0] is nan: remove the example or give a finite"),
    "ragged": (lambda: wd.data.Split([[1.0], [1.0, 2.0]], [[1.0]]), "give a rectangular array"),
    "columns": (
        lambda: wd.data.Dataset("mine", ONE, wd.data.Split([[0.0]], [[1.0]]), ONE),
        "mine: validation inputs has 1 columns and train has 2: give every split the same columns",
    ),
    "sizes": (lambda: cut("mine", np.ones((6, 2)), np.ones((6, 1)), (3, 2, 2)), "sizes=(3, 2, 2): they add up to 7"),
    "key": (lambda: wd.data.teacher("a"), "key='a': give a whole number of at least 0, or a JAX key"),
    "negative key": (lambda: wd.data.null(key=-1), "key=-1: give a whole number of at least 0"),
    "no examples": (lambda: wd.data.teacher(0, n=0), "n=0: give a whole number of at least 1"),
    "half a unit": (lambda: wd.data.null(n_in=2.5), "n_in=2.5: give a whole number of at least 1"),
    "no folder": (lambda: wd.data.mnist("/nowhere/at/all"), "/nowhere/at/all: no such folder: name the folder"),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=list(ERRORS))
def test_an_error_names_the_thing_and_the_remedy(make, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value) and "\n" not in str(caught.value)
