"""The first order in 1 - beta2 against the exact correlation of Adam's directions, by quadrature.

For normal gradients E g^2/sqrt(v v') is an integral: 1/sqrt(v) = 2/sqrt(pi) times that of exp(-a^2 v) over a > 0, and
the mean of g^2 exp(-sum c_i g_i^2) is a product over gradients.
"""

import numpy as np
import pytest

from derivations import derive
from derivations.laws.adam.short_memory import FADING, LASTING

pytestmark = pytest.mark.numeric
NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)
END = 6.0
A, W = END * (NODES + 1) / 2, END * WEIGHTS / 2


def exact(beta1: float, beta2: float, lag: int) -> float:
    """Correlation of u = m/sqrt(v) this many steps apart, over E u^2 for v = sigma^2."""
    age = np.arange(round(25 / (1 - beta2)))  # at the later time; the earlier one has those from `lag` on
    later = (1 - beta2) * beta2**age
    earlier = np.where(age >= lag, (1 - beta2) * beta2 ** np.maximum(age - lag, 0), 0.0)
    shares = np.where(age >= lag, (1 - beta1) ** 2 * beta1 ** np.maximum(2 * age - lag, 0), 0.0)
    x, y = (one[..., None] for one in np.meshgrid(A**2, A**2, indexing="ij"))
    total = np.zeros((len(A), len(A)))
    for some in np.array_split(np.arange(len(age)), 1 + len(age) // 200):
        total += np.log1p(2 * (x * earlier[some] + y * later[some])).sum(-1)
    near = age < lag + 400
    own = (shares[near] / (1 + 2 * (x * earlier[near] + y * later[near]))).sum(-1)
    mean = 4 / np.pi * np.einsum("i,j,ij->", W, W, own * np.exp(-total / 2))
    return float(mean * (1 + beta1) / (1 - beta1))


def first_order(beta1: float, beta2: float, lag: int) -> float:
    numbers = {"beta1": beta1, "beta2": beta2, "square_var": 2.0}
    lasting, fading = (float(one.subs({s: numbers[s.name] for s in one.free_symbols})) for one in (LASTING, FADING))
    return beta1**lag * (lasting + fading * beta2**lag)


@pytest.mark.parametrize(("beta1", "lag"), [(0.1, 0), (0.9, 0), (0.9, 1), (0.9, 7), (0.5, 2)])
def test_the_error_is_of_second_order(beta1: float, lag: int) -> None:
    off = {beta2: exact(beta1, beta2, lag) / first_order(beta1, beta2, lag) - 1 for beta2 in (0.995, 0.9975)}
    assert abs(off[0.995]) < 8 * 0.005**2
    assert abs(off[0.995] / off[0.9975] - 4) < 0.4
    # It is the first order that is right: without it the error is many times as large.
    assert abs(exact(beta1, 0.9975, lag) / beta1**lag - 1) > 10 * abs(off[0.9975])


def test_the_sum_over_lags() -> None:
    eta, lmbda, n, beta1, beta2 = 0.02, 1.5, 3, 0.8, 0.97
    kept = 1 - eta * lmbda / n
    rest = sum(kept**k * first_order(beta1, beta2, k) for k in range(1, 200))
    expected = eta**2 / (1 - kept**2) * (1 - beta1) / (1 + beta1) * (first_order(beta1, beta2, 0) + 2 * rest)
    found = derive("adamw").formulas["weight_ms_short_memory"]
    assert found(eta=eta, lmbda=lmbda, n=n, beta1=beta1, beta2=beta2, square_var=2) == pytest.approx(
        expected, rel=1e-12
    )
    long = found(eta=eta, lmbda=lmbda, n=n, beta1=beta1, beta2=1 - 1e-12, square_var=2)
    known = derive("adamw").formulas["weight_rms"](eta=eta, lmbda=lmbda, n=n, beta1=beta1)
    assert long == pytest.approx(known**2, rel=1e-10)
