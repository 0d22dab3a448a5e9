"""Shuffled epochs against random orders (statistical) and against exact covariance matrices (numeric)."""

import math

import numpy as np
import pytest

from derivations import derive

RUNS, EXAMPLES, BATCH, ETA = 4000, 200, 5, 0.1
STEPS = EXAMPLES // BATCH


def _epochs(kappa, count):
    """Return the weights of all runs after every step of the last of `count` reshuffled epochs, and the gradients."""
    generator = np.random.default_rng(5)
    gradients = generator.normal(size=EXAMPLES)
    gradients -= gradients.mean()
    factor, w, path = 1 - kappa / STEPS, np.zeros(RUNS), []
    for epoch in range(count):
        order = generator.permuted(np.tile(gradients, (RUNS, 1)), axis=1)
        for batch in order.reshape(RUNS, STEPS, BATCH).mean(axis=2).T:
            w = factor * w - ETA * batch
            if epoch == count - 1:
                path.append(w)
    return np.array(path), gradients


def _values(kappa):
    return {"eta": ETA, "lmbda": kappa * BATCH / ETA, "n": EXAMPLES, "steps_per_epoch": STEPS}


@pytest.mark.statistical
@pytest.mark.parametrize(("kappa", "epochs"), [(0.3, 14), (1.0, 6)])
def test_variance_at_the_end_of_an_epoch(kappa, epochs):
    path, gradients = _epochs(kappa, epochs)
    formulas = derive("shuffling").formulas
    noise = formulas["batch_variance"](gradient_std=gradients.std(), n=EXAMPLES, m=BATCH)
    predicted = formulas["variance_at_epoch_end"](batch_noise=noise, **_values(kappa))
    # The standard error of a Gaussian's variance is sqrt(2/N) of it; the start at 0 leaves exp(-2 kappa epochs).
    assert abs(path[-1].var() / predicted - 1) / math.sqrt(2 / RUNS) < 4
    independent = noise * ETA**2 / (1 - (1 - kappa / STEPS) ** 2)
    assert predicted / independent == pytest.approx(formulas["end_ratio_exact"](**_values(kappa)), rel=1e-12)
    many = {"eta": ETA, "lmbda": kappa * BATCH / ETA, "m": BATCH, "steps_per_epoch": STEPS}
    # Finite M: corrections of order 1/M = 1/40.
    average = path.var(axis=1).mean() / independent
    assert average == pytest.approx(formulas["average_ratio"](**many), rel=0.08)
    middle = path[STEPS // 2 - 1].var() / independent
    assert middle == pytest.approx(formulas["inside_ratio"](epoch_share=0.5, **many), rel=0.08)


def _exact(kappa, steps, noise=1.0):
    """Return the settled variance at the end of an epoch from the covariance matrix of its batches."""
    factor = 1 - kappa / steps
    covariance = np.full((steps, steps), -noise / (steps - 1))
    np.fill_diagonal(covariance, noise)
    weights = factor ** np.arange(steps - 1, -1, -1)
    return weights @ covariance @ weights / (1 - factor ** (2 * steps))


@pytest.mark.numeric
@pytest.mark.parametrize(
    ("kappa", "steps"),  # a step removes less than the weight: kappa < steps
    [(kappa, steps) for kappa in (0.3, 1.0, 4.0) for steps in (2, 7, 400) if kappa < steps],
)
def test_the_exact_ratio_against_a_matrix(kappa, steps):
    ratio = _exact(kappa, steps) * (1 - (1 - kappa / steps) ** 2)
    found = derive("shuffling").formulas["end_ratio_exact"](eta=0.1, lmbda=10 * kappa, n=steps, steps_per_epoch=steps)
    assert found == pytest.approx(ratio, rel=1e-10)


@pytest.mark.numeric
@pytest.mark.parametrize(("kappa", "steps"), [(0.05, 8), (1.0, 12), (3.0, 40)])
def test_the_exact_variance_inside_an_epoch_against_a_matrix(kappa, steps):
    factor, noise, eta = 1 - kappa / steps, 0.3, 0.1
    covariance = np.full((steps, steps), -noise / (steps - 1))
    np.fill_diagonal(covariance, noise)
    settings = {"batch_noise": noise, "eta": eta, "lmbda": kappa / eta, "n": steps, "steps_per_epoch": steps}
    for taken in range(1, steps + 1):
        weights = factor ** np.arange(taken - 1, -1, -1)
        brought = weights @ covariance[:taken, :taken] @ weights
        variance = eta**2 * (factor ** (2 * taken) * _exact(kappa, steps, noise) + brought)
        found = derive("shuffling").formulas["variance_inside"](epoch_share=taken / steps, **settings)
        assert found == pytest.approx(variance, rel=1e-9)  # of the matrix: it cancels at the end of an epoch
    assert found == pytest.approx(derive("shuffling").formulas["variance_at_epoch_end"](**settings), rel=1e-12)


@pytest.mark.numeric
def test_the_limits_and_their_small_kappa_forms():
    formulas = derive("shuffling").formulas
    for kappa in (0.05, 0.5, 3.0):
        many = {"eta": 0.1, "lmbda": 10 * kappa, "m": 1.0, "steps_per_epoch": 2000}
        end = _exact(kappa, 2000) * (1 - (1 - kappa / 2000) ** 2)
        assert formulas["end_ratio"](**many) == pytest.approx(end, rel=5e-3)
        shares = np.linspace(0, 1, 2001)
        inside = [formulas["inside_ratio"](epoch_share=max(share, 1e-12), **many) for share in shares]
        assert formulas["average_ratio"](**many) == pytest.approx(np.trapezoid(inside, shares), rel=1e-6)
        assert inside[-1] == pytest.approx(formulas["end_ratio"](**many), rel=1e-9)
    nielsen = {"eta": 0.1, "lmbda": 5.0, "m": 10.0, "steps_per_epoch": 5000}
    assert formulas["end_ratio"](**nielsen) == pytest.approx(0.05**2 / 12, rel=1e-3)
    assert 1 / math.sqrt(formulas["end_ratio"](**nielsen)) == pytest.approx(69.3, abs=0.1)
    assert 1 / formulas["average_ratio"](**nielsen) == pytest.approx(60, rel=0.02)
    peak = max(formulas["inside_ratio"](epoch_share=share, **nielsen) for share in np.linspace(0.01, 0.99, 99))
    assert peak == pytest.approx(0.05 / 2, rel=0.05)
