"""Numeric: products of factors minimised by SciPy, and descended by plain loops, against the law."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("factors").formulas


def test_the_best_product_of_two_matrices_has_smaller_singular_values():
    """No direction is given: that they decouple is what the law takes from von Neumann."""
    generator, n, lmbda = np.random.default_rng(0), 40, 28.0
    M = generator.normal(size=(4, 3))

    def cost(entries):
        A, B = entries[:16].reshape(4, 4), entries[16:].reshape(4, 3)
        off, decay = A @ B - M, lmbda / n
        slope = np.concatenate([(off @ B.T + decay * A).ravel(), (A.T @ off + decay * B).ravel()])
        return (off**2).sum() / 2 + decay / 2 * (entries**2).sum(), slope

    best = optimize.minimize(cost, generator.normal(size=28), jac=True, tol=1e-14, options={"maxiter": 5000})
    found = np.linalg.svd(best.x[:16].reshape(4, 4) @ best.x[16:].reshape(4, 3), compute_uv=False)
    values = np.linalg.svd(M, compute_uv=False)
    wanted = [FORMULAS["singular_value"](target_singular=s, lmbda=lmbda, n=n) if s > lmbda / n else 0 for s in values]
    assert found == pytest.approx(wanted, abs=1e-5) and 0 < np.count_nonzero(wanted) < 3


@settings(deadline=None, max_examples=20)
@given(st.floats(2.2, 6.0), st.floats(0.3, 3.0))
def test_fold_and_tie_by_a_search(factors, s):
    """SciPy finds where the pull is greatest, and where the cost of the minimum passes that of the origin."""

    def pull(p):
        return (s - p) * p ** ((factors - 2) / factors)

    top = optimize.minimize_scalar(lambda p: -pull(p), bounds=(0, s), method="bounded", options={"xatol": 1e-12})
    assert FORMULAS["fold_product"](target_singular=s, factors=factors) == pytest.approx(top.x, rel=1e-5)
    fold = FORMULAS["fold_lmbda"](target_singular=s, n=7.0, factors=factors)
    assert fold == pytest.approx(-7 * top.fun, rel=1e-10)

    def dearer(lmbda):
        def cost(w):
            return (w**factors - s) ** 2 / 2 + factors * lmbda / 14 * w**2

        low = (top.x ** (1 / factors), s ** (1 / factors))
        return optimize.minimize_scalar(cost, bounds=low, method="bounded", options={"xatol": 1e-12}).fun - s**2 / 2

    tie = FORMULAS["tie_lmbda"](target_singular=s, n=7.0, factors=factors)
    assert dearer(0.999 * tie) < 0 < dearer(min(1.001 * tie, 0.999 * fold + 0.001 * tie))
    assert tie < fold


@pytest.mark.parametrize("factors", [3, 4])
def test_small_weights_stay_and_trained_ones_hold(factors):
    s, n, eta = 1.4, 10.0, 0.02
    lmbda = 0.9 * FORMULAS["fold_lmbda"](target_singular=s, n=n, factors=factors)
    trapped = 0.99 * FORMULAS["trap_weight"](target_singular=s, lmbda=lmbda, n=n, factors=factors)
    for start, dies in ((trapped, True), (s ** (1 / factors), False)):
        w = np.full(factors, start)
        for _ in range(6000):
            w = w - eta * ((w.prod() - s) * w.prod() / w + lmbda / n * w)
        if dies:
            assert w.prod() < 1e-6
        else:
            rests = FORMULAS["lmbda_at_product"](target_singular=s, product=w.prod(), n=n, factors=factors)
            assert rests == pytest.approx(lmbda, rel=1e-8)


def test_two_factors_draw_together():
    s, n, lmbda, eta = 2.0, 20.0, 6.0, 0.05
    a, y, gaps = 1.5, 1.1, []
    for _ in range(300):
        r = a * y - s
        a, y = a - eta * (r * y + lmbda / n * a), y - eta * (r * a + lmbda / n * y)
        gaps.append(a**2 - y**2)
    factor = FORMULAS["balance_factor"](eta=eta, lmbda=lmbda, n=n)
    assert gaps[-1] / gaps[-2] == pytest.approx(factor, rel=1e-9) and factor == 1 - 2 * eta * lmbda / n
