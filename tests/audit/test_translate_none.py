"""Where no value decays alike: what is said, and what comes closest, against loops, optax and the derivations."""

import math

import numpy as np
import pytest

import derivations
import wd_jax as wd
from wd_jax.audit.translation import rest
from wd_jax.audit.translation.find import find
from wd_jax.audit.translation.laws import Law

pytestmark = pytest.mark.numeric
KEEPS = {"gradient": "same factor on weights without gradient", "rest": "same size at rest on gradient noise"}


def closest(found: object, keeps: str) -> object:
    (one,) = [near for near in found.closest if near.keeps.startswith(keeps)]
    return one


def adam(value: float, lr: float, gradients: np.ndarray, start: float) -> np.ndarray:
    """torch.optim.Adam with L2, after its documentation; all weights at once."""
    w, m, v = np.full(gradients.shape[1], start), 0.0, 0.0
    for step, gradient in enumerate(gradients, start=1):
        g = gradient + value * w
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w = w - lr * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return w


def test_adam_with_l2_is_no_adamw() -> None:
    (found,) = wd.translate("torch:Adam", lr=1e-3, weight_decay=0.1, to="torch:AdamW")
    assert found.value is None and "gradient's own size" in found.why
    assert closest(found, "same decay beside gradients").value is None


def test_beside_gradients_adams_decay_is_divided_by_their_size() -> None:
    """Adam+L2 beside noise of rms 0.01 decays as AdamW with 100 times the value: over 2000 weights within 3 %."""
    sigma, value, lr, steps = 0.01, 1e-3, 1e-3, 500
    (found,) = wd.translate("torch:Adam", lr=lr, weight_decay=value, to="torch:AdamW", gradient_rms=sigma)
    equal = closest(found, "same decay beside gradients").value
    assert equal == pytest.approx(value / sigma, rel=1e-14)
    gradients = sigma * np.random.default_rng(0).normal(size=(steps, 2000))
    shrunk = adam(value, lr, gradients, 1.0) - adam(0.0, lr, gradients, 1.0)
    assert shrunk.mean() == pytest.approx((1 - lr * equal) ** steps - 1, rel=0.03)
    (back,) = wd.translate("torch:AdamW", lr=lr, weight_decay=equal, to="torch:Adam", gradient_rms=sigma)
    assert closest(back, "same decay beside gradients").value == pytest.approx(value, rel=1e-14)


def test_the_same_rule_keeps_its_value() -> None:
    (found,) = wd.translate("torch:Adam", lr=1e-3, weight_decay=0.1, to="paddle:Adam")
    assert found.value == 0.1 and "same rule" in found.how
    (other,) = wd.translate("torch:Adam", lr=1e-3, weight_decay=0.1, to="paddle:Adam", to_lr=1e-2)
    assert other.value is None and closest(other, "same decay beside gradients").value == pytest.approx(0.01)
    (rms,) = wd.translate("torch:RMSprop", lr=1e-3, weight_decay=0.1, to="torch:Adam")
    assert rms.value is None


@pytest.mark.parametrize("decay", [1e-6, 1e-2, 1.0])
def test_a_trust_ratio_hides_the_decay(decay: float) -> None:
    optax, jnp = pytest.importorskip("optax"), pytest.importorskip("jax.numpy")
    (found,) = wd.translate("optax:lamb", lr=0.1, weight_decay=decay, to="torch:AdamW")
    assert found.value is None and "trust ratio" in found.why
    value = closest(found, KEEPS["gradient"]).value
    w, rule = jnp.ones((4, 4)), optax.lamb(0.1, weight_decay=decay)
    state = rule.init(w)
    for _ in range(10):
        updates, state = rule.update(jnp.zeros_like(w), state, w)
        w = optax.apply_updates(w, updates)
    assert float(w[0, 0]) == pytest.approx((1 - 0.1 * value) ** 10, rel=1e-5)
    (back,) = wd.translate("torch:AdamW", lr=0.1, weight_decay=0.01, to="optax:lamb")
    assert back.value is None and "lr=0.001" in closest(back, KEEPS["gradient"]).why


@pytest.mark.parametrize("schedule", [None, "cosine"])
@pytest.mark.parametrize("source, target", [("adamw", "adafactor"), ("sgd", "adafactor"), ("adafactor", "lion")])
def test_optax_itself(source: str, target: str, schedule: str | None) -> None:
    """In float32, 200 steps: each rounds to 6e-8."""
    optax, jnp = pytest.importorskip("optax"), pytest.importorskip("jax.numpy")
    import jax

    steps, lr, value = 200, 0.1, 0.02 if source == "adamw" else 0.002

    def left(name: str, value: float) -> float:
        rate = optax.cosine_decay_schedule(lr, steps) if schedule else lr
        rule = {
            "adamw": lambda: optax.adamw(rate, weight_decay=value),
            "lion": lambda: optax.lion(rate, weight_decay=value),
            "adafactor": lambda: optax.adafactor(rate, weight_decay_rate=value),
            "sgd": lambda: optax.chain(optax.add_decayed_weights(value), optax.sgd(rate, momentum=0.9)),
        }[name]()
        w = jnp.ones((2, 2))

        def step(carry, _):
            w, state = carry
            updates, state = rule.update(jnp.zeros_like(w), state, w)
            return (optax.apply_updates(w, updates), state), None

        (w, _), _ = jax.lax.scan(step, (w, rule.init(w)), None, length=steps)
        return float(w[0, 0])

    spec = {"sgd": "optax:chain(add_decayed_weights, sgd(momentum=.9))"}
    names = [spec.get(name, f"optax:{name}") for name in (source, target)]
    (found,) = wd.translate(
        names[0], lr=lr, weight_decay=value, to=names[1], schedule=schedule or "constant", steps=steps
    )
    if source == "sgd" and schedule is None:  # the factor of the long run: the start from rest lags by 9 steps of 200
        assert found.kept == "per step"
        ratio = left(source, value) / left(target, found.value)
        assert (1 - found.per_step) ** -8 < ratio < (1 - found.per_step) ** -10
    else:
        assert left(target, found.value) == pytest.approx(left(source, value), rel=2e-5)


@pytest.mark.parametrize(
    "spec, words",
    [
        ("heavyball:NAdam", "weights grow"),
        ("optax:chain(sgd(0.1), add_decayed_weights(0.01))", "weights grow"),
        ("timm:adamp", "wd_ratio"),
        ("heavyball:AdamW(cautious_weight_decay=True)", "agree in sign"),
        ("prodigyopt:Prodigy", "adapts while it trains"),
        ("keras:Ftrl", "drops to 0"),
        ("optax:sgd", "no weight_decay"),
        ("paddle:SGD(weight_decay=L1Decay)", "no share"),
        ("mlx:Adafactor", "lr is not read"),
    ],
)
def test_why_there_is_none(spec: str, words: str) -> None:
    for pair in ((spec, "torch:AdamW"), ("torch:AdamW", spec), (spec, spec)):
        (found,) = wd.translate(pair[0], lr=0.1, weight_decay=0.01, to=pair[1])
        if found.value is None:
            assert words in found.why and "\n" not in found.headline
        else:
            assert pair[0] == pair[1] and found.value == 0.01
    (none,) = wd.translate("torch:AdamW", lr=0.1, weight_decay=0.0, to=spec)
    assert none.value == 0.0


def test_a_decay_that_no_momentum_reaches() -> None:
    (found,) = wd.translate("torch:AdamW", lr=0.1, weight_decay=0.6, to="torch:SGD(momentum=.9)")
    assert found.value is None and "0.05132" in found.why  # 1 - sqrt(.9)
    (nesterov,) = wd.translate("torch:AdamW", lr=0.1, weight_decay=0.6, to="torch:SGD(momentum=.9,nesterov)")
    assert nesterov.value is None and "0.05263" in nesterov.why  # .1/1.9


@pytest.mark.parametrize("lr, decay", [(1e-3, 0.1), (0.1, 1.0)])
def test_values_are_those_of_the_derivation(lr: float, decay: float) -> None:
    formulas = derivations.derive("ways_to_decay").formulas
    found = wd.translate(
        "torch:AdamW", lr=lr, weight_decay=decay, to=["optax:adafactor", "composer:DecoupledAdamW", "timm:adan"]
    )
    expected = [
        formulas["absolute_for"](eta=lr, weight_decay=decay),
        formulas["relative_for"](eta_start=lr, weight_decay=decay),
        formulas["implicit_for"](eta=lr, weight_decay=decay),
    ]
    assert [one.value for one in found] == pytest.approx([float(value) for value in expected], rel=1e-13)
    assert all(one.derivation == "ways_to_decay" for one in found)


BOX = [(1e-3, 0.1), (3e-4, 1.0), (0.1, 1e-3)]


@pytest.mark.parametrize("lr, decay", BOX)
@pytest.mark.parametrize(
    "law, name, more",
    [
        (Law(update="adam", facts={"beta1": 0.9}), "adamw", {"beta1": 0.9}),
        (Law(update="lion", facts={"beta1": 0.9, "beta2": 0.99}), "lion", {"beta1": 0.9, "beta2": 0.99}),
        (Law(update="sign", facts={"beta1": 0.9}), "sign_momentum", {"beta1": 0.9}),
    ],
)
def test_sizes_at_rest_are_those_of_the_derivations(law: Law, name: str, more: dict, lr: float, decay: float) -> None:
    formula = derivations.derive(name).formulas["weight_rms"]
    expected = float(formula(eta=lr, lmbda=decay * 1000, n=1000, **more))
    assert rest.size(law, lr * decay, lr) == pytest.approx(expected, rel=1e-10)
    assert rest.x_of(law, expected, lr) == pytest.approx(lr * decay, rel=1e-8)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("lr, decay", BOX)
def test_sizes_at_rest_through_a_velocity(lr: float, decay: float, nesterov: bool) -> None:
    """Against the covariance of (w, v), S = A S A' + B B', solved as linear equations."""
    mu, e = 0.9, lr * decay
    now = 1.0 if nesterov else 0.0
    ahead = mu if nesterov else 1.0
    v = np.array([e / lr, mu])  # v' = mu v + decay w + g
    step = np.array([[1 - now * e - lr * ahead * v[0], -lr * ahead * mu], [v[0], mu]])
    push = np.array([-lr * (now + ahead), 1.0])
    s = np.linalg.solve(np.eye(4) - np.kron(step, step), np.kron(push, push))
    law = find(f"torch:SGD(momentum=.9{',nesterov' * nesterov})").law
    assert rest.size(law, e, lr) == pytest.approx(math.sqrt(s[0]), rel=1e-6)


def test_the_same_size_at_rest_is_another_value() -> None:
    """AdamW rests at about sqrt(lr/(2 decay)): ten times the rate wants ten times the decay, and a factor a tenth."""
    (found,) = wd.translate("torch:AdamW", lr=1e-4, weight_decay=0.1, to="keras:AdamW", to_lr=1e-3)
    assert found.value == pytest.approx(0.01, rel=1e-14)
    assert closest(found, KEEPS["rest"]).value == pytest.approx(1.0, rel=1e-2)
    (same,) = wd.translate("torch:AdamW", lr=1e-4, weight_decay=0.1, to="keras:AdamW")
    assert same.closest == ()


def test_noise_falls_with_the_minibatch() -> None:
    """SGD rests at sigma sqrt(lr/(2 decay)), sigma^2 as 1/m: four times the rows want a quarter of the decay."""
    (found,) = wd.translate("torch:SGD", lr=1e-3, weight_decay=0.1, to="torch:SGD", batch=32, to_batch=128)
    assert closest(found, KEEPS["rest"]).value == pytest.approx(0.025, rel=1e-3)
    assert found.value == pytest.approx(0.4, rel=1e-3)  # per epoch


def test_averaging_is_off_by_a_factor_at_first() -> None:
    (found,) = wd.translate("torch:AdamW", lr=0.1, weight_decay=0.01, to="schedulefree:SGDScheduleFree", steps=10)
    assert found.value == pytest.approx(0.01 * 1.82, rel=0.01)
