"""Numeric: an epoch whose last batch is smaller, against a loop over the batches."""

import mpmath
import pytest

from derivations import ValidityError, derive

pytestmark = pytest.mark.numeric


@pytest.mark.parametrize(("n", "m"), [(1200, 10), (1201, 10), (1209, 10), (7, 5), (5, 7), (60_000, 128)])
def test_epoch_with_a_smaller_last_batch(n, m):
    eta, lmbda = 0.5, 3.0
    starts = range(0, n, m)  # as Nielsen's loop cuts the training set
    with mpmath.workdps(30):
        weight = mpmath.mpf(1)
        for _ in starts:
            weight -= mpmath.mpf(eta) * lmbda / n * weight
        exact = float(weight)
    formulas = derive("epoch_decay").formulas
    values = {"eta": eta, "lmbda": lmbda, "n": n}
    found = formulas["per_epoch_factor_of_steps"](**values, steps_per_epoch=len(starts))
    assert found == pytest.approx(exact, rel=1e-14)
    fraction = formulas["per_epoch_factor"](**values, m=m)
    error = formulas["relative_error_of_fraction"](**values, m=m, steps_per_epoch=len(starts))
    assert error == pytest.approx(exact / fraction - 1, abs=1e-15)
    assert -eta * lmbda / n < error <= 0
    assert (error == 0) == (n % m == 0)
    # Without the smaller batch, as a loader that drops it: floor(n/m) steps, no faster than n/m.
    if n >= m:
        dropped = formulas["per_epoch_factor_of_steps"](**values, steps_per_epoch=n // m)
        assert exact <= fraction <= dropped


def test_more_decay_than_weight_is_refused():
    with pytest.raises(ValidityError, match="< 1"):
        derive("epoch_decay").formulas["per_epoch_factor_of_steps"](eta=3, lmbda=5, n=10, steps_per_epoch=10)
