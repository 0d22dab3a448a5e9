"""Two weights of ridge regression: formulas against a plain moment recursion over the examples, and against runs."""

import math

import numpy as np
import pytest

from derivations import derive

FORMULAS = derive("ridge").formulas


def _data(seed, n=12, shift=0.3):
    """Return examples with skewed inputs, each one's gradient at the optimum, in the eigenbasis of the inputs."""
    generator = np.random.default_rng(seed)
    raw = generator.exponential(size=(n, 2)) @ np.array([[1.0, 0.4], [-0.3, 0.7]])
    values, basis = np.linalg.eigh(raw.T @ raw / n)
    x = raw @ basis
    targets = x @ generator.normal(size=2) + generator.normal(size=n)
    best = np.linalg.solve(np.diag(values) + shift * np.eye(2), x.T @ targets / n)
    return x, x * (x @ best - targets)[:, None] + shift * best


def _settled(x, b, shift, eta, m, steps):
    """Follow the mean of e e^T, one example at a time: the mean product of two different draws, and of one twice."""
    n = len(x)
    moment = np.zeros((2, 2))
    maps = [np.outer(row, row) + shift * np.eye(2) for row in x]
    mean = sum(maps) / n
    for _ in range(steps):
        twice = sum(a @ moment @ a + np.outer(g, g) for a, g in zip(maps, b, strict=True)) / n
        apart = mean @ moment @ mean
        moment = moment - eta * (mean @ moment + moment @ mean) + eta**2 * ((1 - 1 / m) * apart + twice / m)
    return moment


def _arguments(x, b, shift, eta, m, first=0):
    """Return the formula's arguments; the weight with index `first` comes first."""
    n, (i, j) = len(x), (first, 1 - first)
    squares = x**2
    return {
        "eta": eta, "lmbda": shift * n, "n": float(n), "m": m,
        "curvature": squares[:, i].mean(), "curvature_2": squares[:, j].mean(),
        "curvature_var": squares[:, i].var(), "curvature_var_2": squares[:, j].var(),
        "input_product_ms": (squares[:, 0] * squares[:, 1]).mean(),
        "input_skew": (x[:, i] ** 3 * x[:, j]).mean(), "input_skew_2": (x[:, i] * x[:, j] ** 3).mean(),
        "gradient_std": math.sqrt((b[:, i] ** 2).mean()), "gradient_std_2": math.sqrt((b[:, j] ** 2).mean()),
        "gradient_cov": (b[:, 0] * b[:, 1]).mean(),
    }  # fmt: skip


@pytest.mark.numeric
@pytest.mark.parametrize("seed", range(4))
def test_any_data_against_the_recursion(seed):
    x, b = _data(seed)
    assert abs((x[:, 0] * x[:, 1]).mean()) < 1e-14 and np.abs(b.mean(axis=0)).max() < 1e-14
    eta, m, shift = 0.12, 2, 0.3
    wanted = _settled(x, b, shift, eta, m, 3000)
    for first in (0, 1):
        given = _arguments(x, b, shift, eta, m, first)
        assert abs(given["input_skew"]) > 1e-3
        found = FORMULAS["stationary_variance_of_two"](**given)
        assert found == pytest.approx(wanted[first, first], rel=1e-10)
        found = FORMULAS["stationary_covariance_of_two"](**given)
        assert found == pytest.approx(wanted[0, 1], rel=1e-9)


@pytest.mark.numeric
@pytest.mark.parametrize("seed", range(3))
def test_validity_is_exactly_where_the_moments_settle(seed):
    """The conditions of use hold exactly where the matrix that carries the moments has a spectral radius below 1."""
    x, b = _data(seed)
    m, shift, n = 2, 0.3, len(x)

    def radius(eta):
        maps = [np.eye(2) - eta * (np.outer(row, row) + shift * np.eye(2)) for row in x]
        mean = sum(maps) / n
        whole = sum(np.kron(a, a) for a in maps) / n / m + (1 - 1 / m) * np.kron(mean, mean)
        return np.abs(np.linalg.eigvals(whole)).max()

    formula = FORMULAS["stationary_variance_of_two"]
    for eta in np.geomspace(0.01, 10, 20):
        assert formula.valid(**_arguments(x, b, shift, float(eta), m)) == (radius(eta) < 1), eta


@pytest.mark.statistical
def test_gaussian_inputs_of_any_covariance():
    """Fresh draws from N(0, H) with H not diagonal, a teacher and noise: the covariance over many runs at once."""
    generator = np.random.default_rng(11)
    H = np.array([[1.3, 0.5], [0.5, 0.6]])
    teacher, noise, eta, m, shift, runs = np.array([2.0, 1.5]), 0.7, 0.25, 2, 0.4, 20_000
    root = np.linalg.cholesky(H)
    w = np.zeros((runs, 2))
    for _ in range(80):
        x = generator.normal(size=(runs, m, 2)) @ root.T
        targets = x @ teacher + noise * generator.normal(size=(runs, m))
        error = np.einsum("rmi,ri->rm", x, w) - targets
        w = w - eta * (np.einsum("rm,rmi->ri", error, x) / m + shift * w)
    values, basis = np.linalg.eigh(H)
    basis = basis * np.sign(basis.T @ teacher)  # each direction points where the teacher does
    along, u = (w - w.mean(axis=0)) @ basis, basis.T @ teacher
    n = 100.0
    pair = {"lmbda": shift * n, "n": n, "curvature": values[0], "curvature_2": values[1]}
    swap = {**pair, "curvature": values[1], "curvature_2": values[0]}
    first = FORMULAS["gaussian_gradient_ms"](**pair, teacher_weight=u[0], teacher_weight_2=u[1], target_noise=noise)
    second = FORMULAS["gaussian_gradient_ms"](**swap, teacher_weight=u[1], teacher_weight_2=u[0], target_noise=noise)
    both = FORMULAS["gaussian_gradient_cov"](**pair, teacher_weight=u[0], teacher_weight_2=u[1])
    step = {"eta": eta, "m": m}
    wanted = {
        (0, 0): FORMULAS["gaussian_variance_of_two"](
            **step, **pair, gradient_std=math.sqrt(first), gradient_std_2=math.sqrt(second)
        ),
        (1, 1): FORMULAS["gaussian_variance_of_two"](
            **step, **swap, gradient_std=math.sqrt(second), gradient_std_2=math.sqrt(first)
        ),
        (0, 1): FORMULAS["gaussian_covariance_of_two"](**step, **pair, gradient_cov=both),
    }
    assert abs(both) > 0.05
    for (i, j), predicted in wanted.items():
        product = along[:, i] * along[:, j]
        assert abs(product.mean() - predicted) / (product.std() / math.sqrt(runs)) < 4, (i, j)


@pytest.mark.numeric
def test_gaussian_is_the_case_of_any_data_with_isserlis_moments():
    h, h_2 = 0.8, 1.7
    common = {
        "eta": 0.2, "lmbda": 3.0, "n": 50.0, "m": 3, "curvature": h, "curvature_2": h_2, "gradient_std": 0.9,
        "gradient_std_2": 0.4,
    }  # fmt: skip
    data = {
        "curvature_var": 2 * h**2, "curvature_var_2": 2 * h_2**2, "input_product_ms": h * h_2, "input_skew": 0.0,
        "input_skew_2": 0.0, "gradient_cov": 0.2,
    }  # fmt: skip
    found = FORMULAS["gaussian_variance_of_two"](**common)
    assert found == pytest.approx(FORMULAS["stationary_variance_of_two"](**common, **data), rel=1e-12)
    both = FORMULAS["gaussian_covariance_of_two"](
        **{k: v for k, v in common.items() if not k.startswith("gradient")}, gradient_cov=0.2
    )
    assert both == pytest.approx(FORMULAS["stationary_covariance_of_two"](**common, **data), rel=1e-12)
