"""The closed forms that an answer uses, against the derivations that prove them."""

import math

import mpmath
import pytest

import derivations
from wd_jax.predictions import rates, rest
from wd_jax.predictions.setting import Setting

pytestmark = pytest.mark.numeric
SETTINGS = [
    (0.1, 5.0, 50_000, 10),
    (3e-4, 5e3, 50_000, 128),
    (0.5, 3.0, 25, 10),
    (1e-6, 1e-3, 1000, 1),
    (1.0, 90.0, 100, 7),
]


def formula(law: str, name: str, **given: float) -> float:
    return float(derivations.derive(law).formulas[name].to_numpy()(**given))


@pytest.mark.parametrize("eta, lmbda, n, m", SETTINGS)
def test_without_momentum(eta: float, lmbda: float, n: int, m: int) -> None:
    found = rates.plain(eta, lmbda, n, m, 784)
    exact = {"eta": eta, "lmbda": lmbda, "n": n, "m": n / -(-n // m)}
    limit = {name: exact[name] for name in ("eta", "lmbda", "m")}
    for name in ("per_epoch_factor", "relative_error_of_limit", "half_life_epochs"):
        assert found[name] == pytest.approx(formula("epoch_decay", name, **exact), rel=1e-12)
    expected = formula("epoch_decay", "per_epoch_factor_limit", **exact)
    assert found["per_epoch_factor_limit"] == pytest.approx(expected, rel=1e-13)
    expected = formula("initialisation", "epochs_to_fan_in_exact", **exact, n_in=784)
    assert found["epochs_to_fan_in_exact"] == pytest.approx(expected, rel=1e-12)
    expected = formula("initialisation", "epochs_to_fan_in", **limit, n_in=784)
    assert found["epochs_to_fan_in"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("epsilon, momentum", [(5e-5, 0.9), (1e-3, 0.5), (1e-13, 0.99), (2.5e-3, 0.9), (0.2, 0.1)])
def test_the_slow_root(epsilon: float, momentum: float, nesterov: bool) -> None:
    law = derivations.derive("momentum").formulas["nesterov_slow_root" if nesterov else "slow_root"]
    with mpmath.workdps(40):
        slow = law.number(40, eta=1.0, lmbda=epsilon, n=1, momentum=momentum)
        if not isinstance(slow, mpmath.mpc):
            assert rates.settled(epsilon, momentum, nesterov) == pytest.approx(float(1 - slow), rel=1e-12)
            assert not rates.oscillating(epsilon, momentum, nesterov)
        else:
            assert rates.settled(epsilon, momentum, nesterov) == pytest.approx(float(1 - abs(slow)), rel=1e-12)
            assert rates.oscillating(epsilon, momentum, nesterov)


RESTS = [(3e-4, 0.1), (1e-2, 3.0), (1e-3, 50.0), (1e-5, 0.01)]


@pytest.mark.parametrize("eta, decay", RESTS)
@pytest.mark.parametrize("beta1", [0.0, 0.5, 0.9, 0.95])
def test_sizes_and_angles_at_rest(eta: float, decay: float, beta1: float) -> None:
    def found(optimiser: str, **more: float) -> rest.Rest:
        given = {"eta": eta, "weight_decay": decay, "optimiser": optimiser, "steps": 10, "beta1": beta1}
        return rest.of(Setting(**given, **more))

    def law(name: str, which: str, **more: float) -> float:
        return formula(name, which, eta=eta, lmbda=decay, n=1, beta1=beta1, **more)

    adamw = found("adamw")
    assert adamw.rms[0] == adamw.rms[1] == pytest.approx(law("adamw", "weight_rms"), rel=1e-12)
    assert adamw.rotation[0] == pytest.approx(law("adamw", "rotation"), rel=1e-12)
    lion = found("lion", beta2=0.99)
    assert lion.rms[0] == pytest.approx(law("lion", "weight_rms", beta2=0.99), rel=1e-10)
    assert lion.rotation[0] == pytest.approx(law("lion", "rotation", beta2=0.99), rel=1e-10)
    if beta1 == 0:
        return  # the derivations of these two want an average
    signs = found("sign_momentum")
    assert signs.rms[0] == pytest.approx(law("sign_momentum", "weight_rms"), rel=1e-10)
    assert signs.rotation[0] == pytest.approx(law("lion", "rotation", beta2=beta1), rel=1e-10)
    muon = found("muon", n_in=64)
    for size, angle, norm, which in zip(muon.rms, muon.rotation, rest.SHRUNK, ("lower", "upper"), strict=True):
        # |W| of a square matrix of n_in columns over n_in: U is the norm of Newton-Schulz, a share of sqrt(n_in)
        expected = law("muon", f"weight_norm_nesterov_{which}", linear_share=0.7205, update_norm=norm * 8.0) / 64
        assert size == pytest.approx(expected, rel=1e-12)
        expected = law("muon", f"rotation_nesterov_{which}", linear_share=0.7205)
        assert angle == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("momentum", [None, 0.5, 0.9])
def test_the_angle_of_weights_before_a_normalisation(momentum: float | None) -> None:
    found = rest.of(Setting(eta=0.1, weight_decay=5e-4, optimiser="sgd", steps=10, momentum=momentum))
    if momentum is None:
        expected = formula("scale_invariant", "angle", eta=0.1, lmbda=5e-4, n=1)
        assert found.rotation[0] == pytest.approx(expected, rel=1e-9)
    else:
        cosine = formula("scale_invariant", "cos_angle_momentum", eta=0.1, lmbda=5e-4, n=1, momentum=momentum)
        assert found.rotation[0] == pytest.approx(math.acos(cosine), rel=1e-9)
    assert found.rms is None and "the size at rest depends on the gradient's size" in found.why


def test_lions_sum_of_the_librarys_default_is_complete() -> None:
    """beta2 = 0.999 needs more lags than the 4096 that the derivation's NumPy form adds up."""
    epsilon, r, b = 1e-5, rest.mixture(0.9, 0.999), 0.999
    total = math.fsum((1 - epsilon) ** (k - 1) * math.asin(r * b**k) for k in range(1, 60_000))
    assert rest.sum_of_signs(epsilon, r, b) == pytest.approx(total * 2 / math.pi, rel=1e-11)


ON_NOISE = {
    "sgd": ("stationary_variance", "stationary_variance"),
    "momentum": ("momentum", "weight_variance"),
    "nesterov": ("momentum", "nesterov_weight_variance"),
    "sgdw": ("momentum", "sgdw_weight_variance"),
}


@pytest.mark.parametrize("optimiser", ON_NOISE)
@pytest.mark.parametrize("eta, decay", [(0.1, 5e-4), (0.01, 1.0)])
def test_sgds_size_on_noise_that_is_known(optimiser: str, eta: float, decay: float) -> None:
    momentum = None if optimiser == "sgd" else 0.9
    given = {"eta": eta, "weight_decay": decay, "optimiser": optimiser, "momentum": momentum, "steps": 10}
    found = rest.of(Setting(**given, batch_gradient_rms=0.03))
    more = {"gradient_std": 0.3, "m": 100} if optimiser == "sgd" else {"batch_noise": 9e-4, "momentum": 0.9}
    expected = formula(*ON_NOISE[optimiser], eta=eta, lmbda=decay, n=1, **more)
    assert found.rms[0] ** 2 == pytest.approx(expected, rel=1e-12)
    assert found.formulas[0] == ON_NOISE[optimiser][1]
    assert rest.of(Setting(**given)).rms is None


@pytest.mark.parametrize("optimiser, beta1", [("adam_l2", 0.9), ("adam_l2", 0.5), ("rmsprop_l2", 0.0)])
def test_adam_with_l2_on_noise_that_is_known(optimiser: str, beta1: float) -> None:
    given = {"eta": 1e-3, "weight_decay": 1e-3, "optimiser": optimiser, "steps": 10, "batch_gradient_rms": 0.02}
    setting = Setting(**given, beta1=beta1 or None)
    expected = formula("adam_l2", "weight_rms_exact", eta=1e-3, lmbda=1e-3, n=1, batch_gradient_rms=0.02, beta1=beta1)
    assert rest.of(setting).rms[0] == pytest.approx(expected, rel=1e-12)
    factor = formula("adam_l2", "decay_factor", eta=1e-3, lmbda=1e-3, n=1, batch_gradient_rms=0.02, beta1=beta1)
    second = beta1 * setting.epsilon**2 / (1 - beta1)
    assert 1 - setting.epsilon - second == pytest.approx(factor, rel=1e-14)
