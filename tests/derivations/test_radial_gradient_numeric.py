"""Rotation with a signal: plain NumPy loops whose gradients are anything but noise."""

import numpy as np
import pytest

from derivations import derive

FORMULAS = derive("radial_gradient").formulas


@pytest.mark.statistical
@pytest.mark.parametrize("across", [True, False])
def test_heavy_ball_with_a_lasting_signal_and_curvature(across: bool) -> None:
    # A gradient that pulls towards a slowly turning target, with noise: neither independent nor perpendicular.
    eta, decay, mu, dim, steps = 0.1, 0.02, 0.8, 400, 30_000
    generator = np.random.default_rng(4)
    w, v = generator.normal(size=dim), np.zeros(dim)
    target, cosines, shares = generator.normal(size=dim), [], []
    for k in range(steps):
        target += 0.02 * generator.normal(size=dim) - 0.0002 * target
        g = 0.03 * (w - target) + 0.5 * generator.normal(size=dim)
        if across:
            g -= (g @ w) / (w @ w) * w
        v = mu * v + g + decay * w
        after = w - eta * v
        if k > 3000:
            cosines.append((w @ after, w @ w))
            shares.append((-(w @ g) / decay, w @ w))
        w = after
    cosine, share = (np.divide(*np.mean(one, axis=0)) for one in (cosines, shares))
    law = FORMULAS["cos_angle_momentum"](eta=eta, lmbda=decay, n=1, momentum=mu, radial_share=share)
    assert across == (abs(share) < 1e-10) and (across or abs(share) > 0.3)
    assert 1 - cosine == pytest.approx(1 - law, rel=0.02)
    # Averages over a finite run at rest: what is left is how far the ends of the run differ.


@pytest.mark.statistical
@pytest.mark.parametrize("across", [True, False])
def test_an_averaged_direction_at_any_signal(across: bool) -> None:
    eta, decay, beta1, dim, steps = 0.05, 0.4, 0.9, 300, 20_000
    generator = np.random.default_rng(5)
    w, u, target = generator.normal(size=dim), np.zeros(dim), generator.normal(size=dim)
    cosines, shares = [], []
    for k in range(steps):
        target += 0.03 * generator.normal(size=dim) - 0.0005 * target
        h = 0.3 * w - 0.5 * target / np.linalg.norm(target) * np.sqrt(dim) + 0.3 * generator.normal(size=dim)
        if across:
            h -= (h @ w) / (w @ w) * w
        u = beta1 * u + (1 - beta1) * h
        after = (1 - eta * decay) * w - eta * u
        if k > 2000:
            cosines.append((w @ after, w @ w))
            shares.append((-(w @ h) / decay, w @ w))
        w = after
    cosine, share = (np.divide(*np.mean(one, axis=0)) for one in (cosines, shares))
    assert across == (abs(share) < 1e-10) and (across or abs(share) > 0.2)
    law = FORMULAS["cos_angle_averaged"](eta=eta, lmbda=decay, n=1, beta1=beta1, radial_share=share)
    assert 1 - cosine == pytest.approx(1 - law, rel=0.03)


@pytest.mark.numeric
def test_right_angles_give_the_angle_of_noise() -> None:
    at = {"eta": 0.02, "lmbda": 0.7, "n": 1, "beta1": 0.9}
    noise = derive("adamw").formulas["rotation"](**at)
    assert np.arccos(FORMULAS["cos_angle_averaged"](**at, radial_share=0)) == pytest.approx(noise, rel=1e-9)


@pytest.mark.statistical
def test_what_is_left_for_noise_where_a_mean_gradient_lasts() -> None:
    eta, decay, mean, generator = 0.1, 0.5, 0.2, np.random.default_rng(6)
    w, dots = np.zeros(20_000), []
    for k in range(1200):
        g = mean + generator.normal(size=w.size)
        if k > 200:
            dots.append((w @ g, w @ w))
        w = (1 - eta * decay) * w - eta * g
    resisted = -np.divide(*np.mean(dots, axis=0)) / decay
    law = FORMULAS["noise_share"](eta=eta, lmbda=decay, n=1, signal_to_noise=mean**2)
    assert 1 - resisted == pytest.approx(law, rel=0.02)
