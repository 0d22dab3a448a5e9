"""Numeric: last layer and free features minimised by SciPy, no direction given, against the law."""

import numpy as np
import pytest
from scipy import optimize

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("neural_collapse").formulas
CLASSES, SIZE, WIDTH = 3, 4, 5
N = CLASSES * SIZE


def _best(decay_w, decay_h):
    Y = np.repeat(np.eye(CLASSES), SIZE, axis=1)

    def cost(entries):
        W, H = entries[: CLASSES * WIDTH].reshape(CLASSES, WIDTH), entries[CLASSES * WIDTH :].reshape(WIDTH, N)
        off = W @ H - Y
        slope = np.concatenate([(off @ H.T / N + decay_w * W).ravel(), (W.T @ off / N + decay_h * H).ravel()])
        return (off**2).sum() / (2 * N) + decay_w / 2 * (W**2).sum() + decay_h / 2 * (H**2).sum(), slope

    start = np.random.default_rng(0).normal(size=(CLASSES + N) * WIDTH)
    found = optimize.minimize(cost, start, jac=True, tol=1e-14, options={"maxiter": 10_000, "gtol": 1e-12}).x
    return found[: CLASSES * WIDTH].reshape(CLASSES, WIDTH), found[CLASSES * WIDTH :].reshape(WIDTH, N)


@pytest.mark.parametrize(("decay_w", "decay_h"), [(0.01, 0.01), (0.1, 0.02), (0.03, 0.3)])
def test_values_norms_and_one_feature_a_class(decay_w, decay_h):
    W, H = _best(decay_w, decay_h)
    values = np.linalg.svd(W @ H, compute_uv=False)
    law = FORMULAS["singular_value"](class_size=SIZE, n=N, decay_w=decay_w, decay_h=decay_h)
    assert values == pytest.approx(law, abs=1e-5)
    at = {"product": law, "decay_w": decay_w, "decay_h": decay_h}
    assert (W**2).sum(1) == pytest.approx(FORMULAS["class_weight2"](**at), abs=1e-4)
    assert (H**2).sum() == pytest.approx(CLASSES * FORMULAS["class_feature2"](**at), abs=1e-4)
    assert np.ptp(H.reshape(WIDTH, CLASSES, SIZE), axis=2).max() < 1e-4


def test_nothing_is_left_from_the_product_on():
    most = FORMULAS["collapse_decay_product"](class_size=SIZE, n=N)
    for share, left in ((0.9, True), (1.1, False)):
        W, H = _best(2 * np.sqrt(share * most), np.sqrt(share * most) / 2)
        assert bool(np.abs(W @ H).max() > 0.01) is left
