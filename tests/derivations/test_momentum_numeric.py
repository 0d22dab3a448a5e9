"""Numeric: roots, decay and stationary moments of three momentum methods against loops over their updates."""

import math

import mpmath
import numpy as np
import optax
import pytest

from derivations import ValidityError, derive

pytestmark = pytest.mark.numeric

POINTS = [(1e-4, 0.9), (2e-3, 0.9), (0.01, 0.5)]


def _heavy_ball(w, v, decay, momentum, eta):
    v = momentum * v + decay * w
    return w - eta * v, v


def _nesterov(w, v, decay, momentum, eta):
    v = momentum * v + decay * w
    return w - eta * (decay * w + momentum * v), v


def _decay(method, steps, epsilon, momentum, eta=0.1):
    with mpmath.workdps(40):
        w, v, decay = mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(epsilon) / mpmath.mpf(eta)
        path = [w]
        for _ in range(steps):
            w, v = method(w, v, decay, mpmath.mpf(momentum), mpmath.mpf(eta))
            path.append(w)
        return path


def _values(epsilon, momentum, eta=0.1):
    return {"eta": eta, "lmbda": mpmath.mpf(epsilon) / mpmath.mpf(eta) * 100, "n": 100, "momentum": momentum}


@pytest.mark.parametrize(("epsilon", "momentum"), POINTS)
def test_heavy_ball_against_its_loop(epsilon, momentum):
    path = _decay(_heavy_ball, 2000, epsilon, momentum)
    formula = derive("momentum").formulas["weight"]
    for k in (0, 1, 2, 17, 2000):
        found = formula.number(30, w_0=1, step=k, **_values(epsilon, momentum))
        assert found == pytest.approx(path[k], rel=1e-20)
    slow = derive("momentum").formulas["slow_root"]
    assert slow(**{k: float(v) for k, v in _values(epsilon, momentum).items()}) == pytest.approx(
        float(path[2000] / path[1999]), rel=1e-13
    )


@pytest.mark.parametrize(("epsilon", "momentum"), POINTS)
def test_nesterovs_weight_against_its_loop(epsilon, momentum):
    path = _decay(_nesterov, 2000, epsilon, momentum)
    formula = derive("momentum").formulas["nesterov_weight"]
    for k in (0, 1, 2, 17, 2000):
        found = formula.number(30, w_0=1, step=k, **_values(epsilon, momentum))
        assert found == pytest.approx(path[k], rel=1e-20)


def test_theorys_number_and_how_far_the_naive_rate_is_off():
    path = _decay(_heavy_ball, 2000, 1e-4, 0.9)
    assert float(path[2000]) == pytest.approx(0.1339695713, abs=5e-11)
    naive = derive("momentum").formulas["per_epoch_factor_leading"](
        eta=0.1, lmbda=1e-3 * 100, n=100, m=100 / 2000, momentum=0.9
    )
    assert naive == pytest.approx(0.13534, rel=1e-4)
    assert naive / float(path[2000]) - 1 == pytest.approx(0.0102, rel=0.01)


@pytest.mark.parametrize(("epsilon", "momentum"), POINTS)
def test_nesterov_against_its_loop(epsilon, momentum):
    path = _decay(_nesterov, 2000, epsilon, momentum)
    found = derive("momentum").formulas["nesterov_slow_root"].number(30, **_values(epsilon, momentum))
    assert found == pytest.approx(path[2000] / path[1999], rel=1e-12)


@pytest.mark.parametrize(
    ("method", "formula"), [(_heavy_ball, "critical_lmbda"), (_nesterov, "nesterov_critical_lmbda")]
)
def test_weights_oscillate_beyond_the_critical_lmbda(method, formula):
    critical = derive("momentum").formulas[formula](eta=0.1, n=100, momentum=0.9)
    for factor, crosses in ((0.98, False), (1.02, True)):
        path = _decay(method, 1200, factor * critical * 0.1 / 100, 0.9)
        assert any(w < 0 for w in path) == crosses


@pytest.mark.parametrize("factor", [2, 20])
def test_more_decay_is_no_faster_beyond_it(factor):
    path = _decay(_heavy_ball, 3000, factor * (1 - math.sqrt(0.9)) ** 2, 0.9)
    peak = max(abs(w) for w in path[2900:])
    assert float(peak ** mpmath.mpf(1 / 2950)) == pytest.approx(math.sqrt(0.9), rel=2e-3)


@pytest.mark.parametrize(("epsilon", "momentum"), [(0.01, 0.9), (0.5, 0.6), (1.2, 0.3)])
def test_stationary_moments_against_iterated_matrices(epsilon, momentum):
    eta, noise = 0.3, 0.7
    decay, kept = epsilon / eta, 1 - epsilon
    formulas = derive("momentum").formulas
    values = {"batch_noise": noise, "eta": eta, "lmbda": 50 * decay, "n": 50, "momentum": momentum}
    # Rows: the coefficients of (w, v, g) in the new w and v.
    velocity = np.array([decay, momentum, 1.0])
    heavy = np.array([[1, 0, 0] - eta * velocity, velocity])
    look_ahead = np.array([[1, 0, 0] - eta * (np.array([decay, 0, 1]) + momentum * velocity), velocity])
    bare = np.array([0.0, momentum, 1.0])
    beside = np.array([[kept, 0, 0] - eta * bare, bare])

    def settle(update):
        moments = np.zeros((2, 2))
        for _ in range(4000):
            moments = update[:, :2] @ moments @ update[:, :2].T + noise * np.outer(update[:, 2], update[:, 2])
        return moments

    ((variance, mixed), (_, speed)) = settle(heavy)
    assert formulas["weight_variance"](**values) == pytest.approx(variance, rel=1e-10)
    assert formulas["weight_velocity_covariance"](**values) == pytest.approx(mixed, rel=1e-10)
    assert formulas["velocity_variance"](**values) == pytest.approx(speed, rel=1e-10)
    assert formulas["nesterov_weight_variance"](**values) == pytest.approx(settle(look_ahead)[0, 0], rel=1e-10)
    assert formulas["sgdw_weight_variance"](**values) == pytest.approx(settle(beside)[0, 0], rel=1e-10)


def test_the_code_conventions_are_pytorchs_and_optaxs():
    eta, decay, momentum = 0.1, 0.02, 0.9
    chain = optax.chain(optax.add_decayed_weights(decay), optax.sgd(eta, momentum))
    w = np.float32(1)
    state = chain.init(w)
    for _ in range(30):
        updates, state = chain.update(np.float32(0), state, w)
        w = np.float32(w + updates)
    values = {"eta": eta, "lmbda": decay * 100, "n": 100, "momentum": momentum}
    assert derive("momentum").formulas["weight"](w_0=1, step=30, **values) == pytest.approx(float(w), rel=1e-5)


@pytest.mark.parametrize("momentum", [0.3, 0.9])
@pytest.mark.parametrize("share", [1e-4, 0.2, 0.9, 0.9999])
def test_how_much_faster_than_without_momentum(share, momentum):
    """A step removes between 1/(1 - mu) and 1/(1 - sqrt mu) times epsilon: both ends are reached."""
    epsilon = share * (1 - math.sqrt(momentum)) ** 2
    path = _decay(_heavy_ball, 4000, epsilon, momentum)
    speed = float((1 - path[4000] / path[3999]) / mpmath.mpf(epsilon))
    slowest, fastest = 1 / (1 - momentum), 1 / (1 - math.sqrt(momentum))
    assert slowest * (1 - 1e-9) < speed < fastest
    if share == 1e-4:
        assert speed == pytest.approx(slowest, rel=1e-3)
    if share == 0.9999:
        assert speed == pytest.approx(fastest, rel=0.02)


@pytest.mark.parametrize("epsilon", [0.1, 0.5])
def test_nesterovs_weights_still_decay_faster_beyond_their_critical_lmbda(epsilon):
    path = _decay(_nesterov, 400, epsilon, 0.9)
    peak = max(abs(w) for w in path[350:])
    assert float(peak ** mpmath.mpf(1 / 375)) == pytest.approx(math.sqrt(0.9 * (1 - epsilon)), rel=0.05)


def test_sgdw_decays_as_without_momentum():
    rule, w = optax.chain(optax.trace(0.9), optax.add_decayed_weights(3 / 50), optax.scale(-0.2)), np.float32(1.3)
    state = rule.init(w)
    for _ in range(40):
        update, state = rule.update(np.float32(0), state, w)
        w = np.float32(w + update)
    found = derive("momentum").formulas["sgdw_weight"](w_0=1.3, step=40, eta=0.2, lmbda=3.0, n=50)
    assert found == pytest.approx(float(w), rel=1e-5)


def _softmax_layer(generator, steps, decay, momentum, eta, batch=7):
    """Train tanh features under a softmax layer with PyTorch's heavy ball; yield weights, velocities, gradients."""
    x, classes = generator.normal(size=(60, 5)), 4
    t = np.eye(classes)[generator.integers(0, classes, size=60)]
    hidden, out = generator.normal(size=(5, 6)), generator.normal(size=(6, classes))
    speeds = [np.zeros_like(hidden), np.zeros_like(out)]
    for _ in range(steps):
        rows = generator.integers(0, 60, size=batch)
        a = np.tanh(x[rows] @ hidden)
        p = np.exp(a @ out)
        delta = (p / p.sum(axis=1, keepdims=True) - t[rows]) / batch
        gradients = [x[rows].T @ ((delta @ out.T) * (1 - a**2)), a.T @ delta]
        speeds = [momentum * v + g + decay * w for v, g, w in zip(speeds, gradients, (hidden, out), strict=True)]
        yield (hidden, out), speeds, gradients
        hidden, out = hidden - eta * speeds[0], out - eta * speeds[1]


def test_class_sums_decay_as_one_weight():
    values = {"eta": 0.2, "lmbda": 0.3, "n": 60, "momentum": 0.8}
    weight = derive("momentum").formulas["weight"]
    layers = [w[1] for w, _, _ in _softmax_layer(np.random.default_rng(2), 120, 0.3 / 60, 0.8, 0.2)]
    for k in (1, 2, 40, 119):
        predicted = layers[0].sum(axis=1) * weight(w_0=1, step=k, **values)
        assert np.abs(layers[k].sum(axis=1) - predicted).max() < 1e-12 * np.abs(layers[0]).max()
        assert np.abs(layers[k] - layers[0] * weight(w_0=1, step=k, **values)).max() > 0.01


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_the_norm_that_decay_and_gradient_hold(momentum):
    """Averages over a long run at rest: the balance misses by the change of <w, v> and |w|^2 over the run, over T."""
    eta, decay, steps, skipped = 0.1, 0.01, 24_000, 4000
    sums = np.zeros((2, 3))
    for k, (weights, speeds, gradients) in enumerate(
        _softmax_layer(np.random.default_rng(4), steps, decay, momentum, eta)
    ):
        if k >= skipped:
            for row, w, v, g in zip(sums, weights, speeds, gradients, strict=True):
                row += (np.sum(w * w), np.sum(w * g), np.sum(v * v))
    at_rest = derive("momentum").formulas["weight_norm2_at_rest"]
    for norm2, inner, speed in sums / (steps - skipped):
        values = {"eta": eta, "lmbda": decay * 60, "n": 60, "momentum": momentum}
        found = at_rest(weight_dot_gradient=inner, velocity_norm2=speed, **values)
        assert found == pytest.approx(norm2, rel=5e-3)
        # The velocity's share counts: without it the balance is off by far more.
        assert abs(-inner / decay / norm2 - 1) > 0.03


def test_validity():
    with pytest.raises(ValidityError, match="μ < 1"):
        derive("momentum").formulas["slow_root"](eta=0.1, lmbda=1, n=100, momentum=1.1)
    with pytest.raises(ValidityError, match="slow_root"):
        derive("momentum").formulas["slow_root"](eta=1, lmbda=10, n=100, momentum=0.9)
