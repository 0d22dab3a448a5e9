"""AdamW on gradients with heavier and lighter tails than normal ones: their kurtosis is all that the law asks for."""

import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.statistical
ETA, DECAY, BETA1, BETA2 = 0.02, 0.05, 0.6, 0.99


@pytest.mark.parametrize(("draw", "square_var"), [("laplace", 5.0), ("uniform", 0.8)])
def test_the_size_of_the_weights(draw: str, square_var: float) -> None:
    random = np.random.default_rng(3)
    make = {"laplace": lambda: random.laplace(size=4000), "uniform": lambda: random.uniform(-1, 1, size=4000)}[draw]
    w, m, v = np.zeros(4000), np.zeros(4000), np.full(4000, {"laplace": 2.0, "uniform": 1 / 3}[draw])
    squares = []
    for t in range(4000):
        g = make()
        m = BETA1 * m + (1 - BETA1) * g
        v = BETA2 * v + (1 - BETA2) * g * g
        w = (1 - DECAY) * w - ETA * m / np.sqrt(v)
        if t >= 1000:
            squares.append(np.mean(w * w))
    given = {"eta": ETA, "lmbda": DECAY / ETA, "n": 1, "beta1": BETA1}
    laws = derive("adamw").formulas
    found = np.mean(squares)
    # 3000 steps at a decay of 0.05 are some 150 independent squares of 4000 weights: 0.2 % of the mean square.
    first = laws["weight_ms_short_memory"](**given, beta2=BETA2, square_var=square_var)
    assert abs(found / first - 1) < 0.008
    if draw == "laplace":
        assert found / laws["weight_rms"](**given) ** 2 < 0.98
