"""Numeric: ridge's mean and mean square where a step overshoots, 1 < eta H < 2, and where it lands, eta H = 1."""

import jax
import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric

FORMULAS = derive("ridge").formulas
# H = .9 + 1/10 is exactly 1 in the numbers that a reader writes down: the error halves and changes its sign.
OVERSHOOT = {"error_0": 1.7, "eta": 1.5, "lmbda": 1.0, "n": 10.0, "curvature": 0.9}


@pytest.mark.parametrize(("step", "wanted"), [(0, 1.7), (1, -0.85), (2, 0.425), (3, -0.2125), (7, -0.01328125)])
def test_the_mean_error_changes_its_sign_where_steps_overshoot(step, wanted):
    law = FORMULAS["mean_error"]
    assert law(**OVERSHOOT, step=step) == pytest.approx(wanted, rel=1e-13)
    assert float(law.number(50, **OVERSHOOT, step=step)) == pytest.approx(wanted, rel=1e-13)
    assert law.to_numpy()(**OVERSHOOT, step=step) == pytest.approx(wanted, rel=1e-13)
    with jax.enable_x64(True):
        assert float(law.to_jax()(**OVERSHOOT, step=step)) == pytest.approx(wanted, rel=1e-13)


def test_the_mean_error_of_an_array_on_both_sides():
    steps = np.arange(8)
    for eta in (0.3, 1.0, 1.5, 1.9):
        found = FORMULAS["mean_error"](**OVERSHOOT | {"eta": eta}, step=steps)
        assert found == pytest.approx(1.7 * (1 - eta) ** steps, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("eta", [0.2, 0.999, 1.0, 1.2, 1.5, 1.7])
@pytest.mark.parametrize("lmbda", [0.0, 1.0, 3.0])
def test_the_mean_square_follows_the_recursion(eta, lmbda):
    h, v, c, d, m, n, start = 0.9, 0.2, 0.4, -0.3, 2.0, 10.0, 1.7
    total = h + lmbda / n
    law, mean, square = FORMULAS["mean_square_error"], start, start**2
    values = {"error_0": start, "eta": eta, "lmbda": lmbda, "n": n, "m": m, "curvature": h, "curvature_var": v}
    values |= {"gradient_std": np.sqrt(c), "curvature_gradient_cov": d}
    if not law.valid(**values, step=1):
        assert (1 - eta * total) ** 2 + eta**2 * v / m >= 1  # the mean square does not settle, as the condition says
        return
    for step in range(12):
        assert law(**values, step=step) == pytest.approx(square, rel=1e-11), step
        # One example's squared gradient at distance y is (V + H^2) y^2 + 2 D y + C on average; m of them are averaged.
        kick = (1 - 1 / m) * total**2 * square + ((v + total**2) * square + 2 * d * mean + c) / m
        square = square - 2 * eta * total * square + eta**2 * kick
        mean -= eta * total * mean
