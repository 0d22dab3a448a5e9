"""Numeric: what cautious decay does to one weight and to a pair of Gaussians, against plain averages and loops."""

import numpy as np
import pytest
from scipy import integrate, optimize

from derivations import derive

pytestmark = pytest.mark.numeric


@pytest.mark.parametrize(("epsilon", "eta"), [(0.01, 0.3), (0.4, 2.0)])
def test_at_rest_the_mean_square_stays(epsilon, eta):
    """Of weights with the mean square and mean |w| of a Gaussian, after a step by a sign of either kind."""
    size = derive("cautious_decay").formulas["weight_rms_of"](
        eta=eta, lmbda=epsilon / eta, n=1, update_abs=0.8, update_ms=1.0
    )
    # Two sizes with odds: mean square 1, mean sqrt(2/pi); and updates of mean square 1 and mean size .8.
    weights = _two_sizes(np.sqrt(2 / np.pi)) * size
    updates = _two_sizes(0.8)
    total = 0.0
    for w in weights:
        for magnitude in updates:
            for u in (magnitude, -magnitude):
                total += (w - epsilon * w * (u * w >= 0) - eta * u) ** 2 / 8
    assert total == pytest.approx(size**2, rel=1e-12)


def _two_sizes(mean):
    """Two numbers of mean square 1 and this mean, one half of the time each."""
    gap = np.sqrt(1 - mean**2)
    return np.array([mean - gap, mean + gap])


@pytest.mark.parametrize("lean", [0.05, 0.3, 1.0])
def test_averages_over_the_pair(lean):
    formulas = derive("cautious_decay").formulas
    rho = lean / np.sqrt(1 + lean**2)

    def density(u, w):
        return np.exp(-(w**2 + 2 * rho * w * u + u**2) / (2 * (1 - rho**2))) / (2 * np.pi * np.sqrt(1 - rho**2))

    def average(what):  # where both are positive, and, the same once more, where both are negative
        return 2 * integrate.dblquad(lambda u, w: what(u, w) * density(u, w), 0, 12, 0, 12, epsabs=1e-11)[0]

    assert formulas["decayed_square"](lean=lean) == pytest.approx(average(lambda u, w: w**2), rel=1e-8)
    assert formulas["decayed_product"](lean=lean) == pytest.approx(average(lambda u, w: w * u), rel=1e-8)


def test_no_bias_from_below_and_half_of_it_under_noise():
    formulas = derive("cautious_decay").formulas
    w, gaps = 0.3, []
    for _ in range(50):
        u = 0.1 * 0.8 * (w - 1.5)
        w -= 0.1 * 0.4 * w * (u * w >= 0) + u
        gaps.append(1.5 - w)
    after = [formulas["gap_after"](eta=0.1, curvature=0.8, gap_0=1.2, step=k) for k in range(1, 51)]
    assert gaps == pytest.approx(after, rel=1e-12)
    fixed = {"n": 1, "curvature": 0.8, "optimum": 1.5}
    strong = optimize.brentq(lambda b: formulas["lmbda_for_bias"](**fixed, gradient_std=1e4, bias=b) - 0.4, 1e-9, 1.4)
    assert strong == pytest.approx(formulas["half_bias"](lmbda=0.4, **fixed), rel=1e-4)
    halved = 0.8 * strong - 0.4 / 2 * (1.5 - strong)
    assert abs(halved) < 1e-4
    ordinary = formulas["ordinary_bias"](lmbda=0.4, **fixed)
    assert 0.8 * ordinary == pytest.approx(0.4 * (1.5 - ordinary), rel=1e-12)
