"""Statistical: size, cosine and angle of Muon's steps lie between their bounds, plain and as most people run it."""

import functools
import math

import numpy as np
import pytest

from derivations import derive

pytestmark = [pytest.mark.statistical, pytest.mark.slow]

EPSILON, ETA, SIDE, MATRICES = 0.02, 0.02, 24, 6
# Of a cosine of about 0.3, each good to 1/24 and renewed every 20 to 50 steps, in 7200 steps: 1 %; of the others less.
NOISE = 0.01


def polar(g):
    left, _, right = np.linalg.svd(g, full_matrices=False)
    return left @ right


def newton_schulz(g):
    """Five quintic steps with the coefficients of everyone's implementation."""
    x = g / np.linalg.norm(g, axis=(-2, -1), keepdims=True)
    for _ in range(5):
        gram = x @ x.swapaxes(-2, -1)
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x


def product(a, b):
    return (a * b).sum(axis=(-2, -1))


@functools.cache
def measured(direction, beta, nesterov, steps=1500, burn=300):
    """Run the rule on noise: norm of the weights, cosine with the step to come, angle of a step, all averaged."""
    generator, shape = np.random.default_rng(3), (MATRICES, SIDE, SIDE)
    w, m = np.zeros(shape), generator.normal(size=shape) * math.sqrt((1 - beta) / (1 + beta))
    squares, cosines, angles = [], [], []
    for k in range(steps):
        g = generator.normal(size=shape)
        m = beta * m + (1 - beta) * g
        u = direction(beta * m + (1 - beta) * g if nesterov else m)
        after = (1 - EPSILON) * w - ETA * u
        if k >= burn:
            squares.append(product(w, w))
            cosines.append(-product(w, u) / np.sqrt(product(w, w) * product(u, u)))
            angles.append(np.arccos(product(w, after) / np.sqrt(product(w, w) * product(after, after))))
        w = after
    return {"weight_norm": math.sqrt(np.mean(squares)), "cosine": np.mean(cosines), "rotation": np.mean(angles)}


@functools.cache
def of_gaussian(direction, rows=SIDE, columns=SIDE, draws=400):
    """Return the linear share of a direction, and its rms norm."""
    g = np.random.default_rng(4).normal(size=(draws, rows, columns))
    u = direction(g)
    along, square = product(u, g).mean(), product(u, u).mean()
    return along**2 / (rows * columns * square), math.sqrt(square)


def stated(key, direction, beta):
    law = derive("muon").formulas[key]
    share, norm = of_gaussian(direction)
    values = {"eta": ETA, "lmbda": 1.0, "n": ETA / EPSILON, "beta1": beta, "linear_share": share, "update_norm": norm}
    return law(**{p: values[p] for p in law.parameters})


@pytest.mark.parametrize("beta", [0.9, 0.95])
@pytest.mark.parametrize(
    ("direction", "nesterov"), [(polar, ""), (polar, "nesterov_"), (newton_schulz, ""), (newton_schulz, "nesterov_")]
)
def test_all_three_lie_between_their_bounds(direction, nesterov, beta):
    found = measured(direction, beta, bool(nesterov))
    for name, number in found.items():
        low, high = (stated(f"{name}_{nesterov}{which}", direction, beta) for which in ("lower", "upper"))
        assert low * (1 - NOISE) < number < high * (1 + NOISE), name
        assert high / low < 1.1
        # And not between those of the other average.
        other = "" if nesterov else "nesterov_"
        low, high = (stated(f"{name}_{other}{which}", direction, beta) for which in ("lower", "upper"))
        assert not low < number < high, name


@pytest.mark.parametrize(("beta", "plain", "usual"), [(0.9, (1.14, 1.16, 0.86), (1.33, 1.39, 0.72)),
                                                      (0.95, (1.135, 1.15, 0.845), (1.25, 1.28, 0.75))])  # fmt: skip
def test_how_far_geometric_correlations_are_off(beta, plain, usual):
    for direction, nesterov, ratios in ((polar, False, plain), (newton_schulz, True, usual)):
        found = measured(direction, beta, nesterov)
        for (name, number), ratio in zip(found.items(), ratios, strict=True):
            assert stated(name, direction, beta) / number == pytest.approx(ratio, abs=0.03), name


def test_the_correlation_of_nesterovs_averages():
    # Written out as weights of past gradients, 4000 of them.
    beta, law = 0.8, derive("muon").formulas["nesterov_correlation"]
    momentum = (1 - beta) * beta ** np.arange(4000)
    average = beta * momentum
    average[0] += 1 - beta
    for k in range(6):
        found = average[: -k - 1] @ average[k + 1 :] / (average @ average)
        assert found == pytest.approx(law(beta1=beta, step=k), rel=1e-12)


def test_linear_shares_of_newton_schulz():
    for (rows, columns), share, norm in (((24, 24), 0.724, 0.90), ((64, 64), 0.662, 0.874), ((16, 64), 0.939, 0.90)):
        found, size = of_gaussian(newton_schulz, rows, columns, 150)
        assert found == pytest.approx(share, abs=0.01)
        assert size / math.sqrt(rows) == pytest.approx(norm, abs=0.01)
