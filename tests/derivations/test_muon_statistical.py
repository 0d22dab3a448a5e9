"""Muon's laws against plain loops that share no code with them, and how far off the geometric correlations are."""

import math

import numpy as np
import pytest

from derivations import derive

ETA, LMBDA, N = 0.02, 5.0, 5.0


def _polar(g):
    """Return the polar factor by a singular value decomposition."""
    left, _, right = np.linalg.svd(g, full_matrices=False)
    return left @ right


def _settled(p, beta1, steps, burn, seed=0):
    """Run Muon on noise; return the rms over time of the Frobenius norm."""
    generator = np.random.default_rng(seed)
    w, m, total = np.zeros((p, p)), generator.normal(size=(p, p)) * math.sqrt((1 - beta1) / (1 + beta1)), 0.0
    for k in range(steps):
        m = beta1 * m + (1 - beta1) * generator.normal(size=(p, p))
        w = (1 - ETA * LMBDA / N) * w - ETA * _polar(m)
        total += (w * w).sum() if k >= burn else 0.0
    return math.sqrt(total / (steps - burn))


def _correlation(rho, p, q, draws, seed=1):
    """Return the correlation of the polar factors of two Gaussian matrices whose own correlation is rho."""
    generator = np.random.default_rng(seed)
    g, h = generator.normal(size=(2, draws, p, q))
    return (_polar(g) * _polar(rho * g + math.sqrt(1 - rho * rho) * h)).sum() / (draws * min(p, q))


def _linear_share(p, q, draws, seed=2):
    """Return (E|G|_*)^2/(p q min(p, q))."""
    g = np.random.default_rng(seed).normal(size=(draws, p, q))
    return np.linalg.svd(g, compute_uv=False).sum(axis=1).mean() ** 2 / (p * q * min(p, q))


@pytest.mark.statistical
@pytest.mark.parametrize(("beta1", "too_large"), [(0.9, 1.137), (0.95, 1.137)])
def test_square_matrices_are_smaller_than_geometric_correlations_say(beta1, too_large):
    # 576 weights, each decorrelated every 50 to 100 steps: some 15 000 independent squares, 1 % on the rms.
    found = _settled(24, beta1, 2600, 400)
    formulas, values = derive("muon").formulas, {"update_norm": math.sqrt(24), "eta": ETA, "lmbda": LMBDA, "n": N}
    values["beta1"] = beta1
    assert formulas["weight_norm"](**values) / found == pytest.approx(too_large, abs=0.03)
    share = _linear_share(24, 24, 200)
    low, high = (formulas[f"weight_norm_{which}"](**values, linear_share=share) for which in ("lower", "upper"))
    assert low < found < high < formulas["weight_norm"](**values)
    assert high / low < 1.08


@pytest.mark.statistical
def test_one_by_one_is_sign_momentum():
    # For one number phi is (2/pi) arcsin: 3000 weights at once, some 60 000 independent squares, 0.5 % on the rms.
    generator, beta1, eta = np.random.default_rng(5), 0.9, 0.05
    w, m, total = np.zeros(3000), generator.normal(size=3000) * math.sqrt(0.1 / 1.9), 0.0
    for k in range(1200):
        m = beta1 * m + (1 - beta1) * generator.normal(size=3000)
        w = (1 - eta) * w - eta * np.sign(m)
        total += (w @ w) / 3000 if k >= 200 else 0.0
    found = math.sqrt(total / 1000)
    lags = np.arange(1, 2000)
    exact = 1 + 2 * (0.95**lags * 2 / math.pi * np.arcsin(beta1**lags)).sum()
    assert found == pytest.approx(eta * math.sqrt(exact / (1 - 0.95**2)), rel=0.015)
    formulas = derive("muon").formulas
    values = {"update_norm": 1.0, "eta": eta, "lmbda": 1.0, "n": 1.0, "beta1": beta1, "linear_share": 2 / math.pi}
    assert formulas["weight_norm_lower"](**values) < found < formulas["weight_norm_upper"](**values)


@pytest.mark.statistical
def test_size_and_rotation_for_geometric_correlations():
    # An update whose correlations are exactly beta1^k: the averaged gradient itself, its norm fixed by 4000 weights.
    generator, beta1, eta, weights = np.random.default_rng(3), 0.8, 0.02, 4000
    u, w, square, turned, product = generator.normal(size=weights), np.zeros(weights), 0.0, 0.0, 0.0
    for k in range(1500):
        u = beta1 * u + math.sqrt(1 - beta1**2) * generator.normal(size=weights)
        new = (1 - eta) * w - eta * u
        if k >= 300:
            square += w @ w / 1200
            product -= w @ u / math.sqrt((w @ w) * (u @ u)) / 1200
            turned += math.acos((w @ new) / math.sqrt((w @ w) * (new @ new))) / 1200
        w = new
    formulas, values = derive("muon").formulas, {"eta": eta, "lmbda": 1.0, "n": 1.0, "beta1": beta1}
    # Some 50 000 independent squares: 0.6 %; the leading form leaves out 4 epsilon.
    assert math.sqrt(square) == pytest.approx(
        formulas["weight_norm"](**values, update_norm=math.sqrt(weights)), rel=0.012
    )
    assert math.sqrt(square) == pytest.approx(
        formulas["weight_norm_leading"].to_numpy()(**values, update_norm=math.sqrt(weights)), rel=0.06
    )
    assert turned == pytest.approx(formulas["rotation"](**values), rel=0.012)
    assert product == pytest.approx(formulas["cosine"](**values), rel=0.02)


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("shape", "half", "nine"), [((32, 32), 0.372, 0.782), ((16, 64), 0.473, 0.883), ((2, 2), None, None)]
)
def test_the_polar_factor_forgets_faster(shape, half, nine):
    # 1024 entries in 30 matrices: 0.005 on a correlation.
    draws = 20_000 if shape == (2, 2) else 30
    p, q = shape
    share = _linear_share(p, q, draws)
    for rho, expected in ((0.5, half), (0.9, nine)):
        found = _correlation(rho, p, q, draws)
        assert share * rho - 0.01 < found < share * rho + (1 - share) * rho**3 + 0.01 < rho
        assert expected is None or found == pytest.approx(expected, abs=0.01)


@pytest.mark.statistical
def test_linear_shares():
    # Relative error of a mean of |G|_*: below 0.2 %.
    assert _linear_share(1, 1, 400_000) == pytest.approx(2 / math.pi, rel=0.006)
    assert _linear_share(2, 2, 60_000) == pytest.approx(math.pi * (9 - 4 * math.sqrt(2)) / 16, rel=0.006)
    assert _linear_share(32, 32, 100) == pytest.approx(0.7132, rel=0.006)
    assert _linear_share(96, 96, 40) == pytest.approx(64 / (9 * math.pi**2), rel=0.006)
    assert _linear_share(16, 64, 100) == pytest.approx(0.9324, rel=0.006)


@pytest.mark.numeric
def test_no_singular_value_leaves_the_box():
    formulas, generator = derive("muon").formulas, np.random.default_rng(4)
    eta, lmbda, n = 0.05, 2.0, 3.0
    for start in (8.0, 0.1):
        w = start * _polar(generator.normal(size=(5, 8)))
        for k in range(1, 200):
            # Always outwards, but for a little noise: the hardest push there is.
            w = (1 - eta * lmbda / n) * w + eta * _polar(w + 1e-6 * generator.normal(size=w.shape))
            bound = formulas["weight_bound_after"](
                update_bound=1.0, eta=eta, lmbda=lmbda, n=n, step=k, weight_abs_0=start
            )
            assert 0.999 * bound < np.linalg.svd(w, compute_uv=False)[0] <= bound * (1 + 1e-9)
        assert np.linalg.svd(w, compute_uv=False)[0] == pytest.approx(
            formulas["weight_bound"](update_bound=1.0, lmbda=lmbda, n=n), rel=0.01
        )
