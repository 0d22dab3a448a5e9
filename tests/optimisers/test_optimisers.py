"""Each rule against optax's own in float64, 50 steps, weights-only mask: the same path to 1e-10."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import pytest

import wd_jax as wd
from tests.optimisers.stepping import ETA, LMBDA, STEPS, L, N, draw, trained, trained_by_optax
from wd_jax.optimisers.rules import LIBRARY, RULES

pytestmark = pytest.mark.numeric


def mask(params):
    return [{"w": True, "b": False} for _ in params]


def decayed_then(direction, coefficient=L):
    """Decoupled decay added to another rule's direction, then the learning rate."""
    return optax.chain(direction, optax.add_decayed_weights(coefficient, mask), optax.scale(-ETA))


def l2_then(rule):
    """L2 added to the gradient, which then goes through a rule."""
    return optax.chain(optax.add_decayed_weights(L, mask), rule)


OPTAX = {
    "sgd": lambda: decayed_then(optax.identity()),
    "sgdw": lambda: decayed_then(optax.trace(decay=0.7)),
    "adamw": lambda: optax.adamw(ETA, b1=0.8, b2=0.95, weight_decay=L, mask=mask),
    "nadamw": lambda: optax.nadamw(ETA, b1=0.8, b2=0.95, weight_decay=L, mask=mask),
    "sign_momentum": lambda: optax.lion(ETA, b1=0.8, b2=0.8, weight_decay=L, mask=mask),
    "lion": lambda: optax.lion(ETA, b1=0.8, b2=0.95, weight_decay=L, mask=mask),
    "muon": lambda: optax.contrib.muon(
        ETA, beta=0.8, adam_b1=0.8, adam_b2=0.95, weight_decay=L, weight_decay_mask=mask
    ),
    "momentum": lambda: l2_then(optax.sgd(ETA, momentum=0.7)),
    "nesterov": lambda: l2_then(optax.sgd(ETA, momentum=0.7, nesterov=True)),
    "adam_l2": lambda: l2_then(optax.adam(ETA, b1=0.8, b2=0.95)),
    "rmsprop_l2": lambda: l2_then(optax.rmsprop(ETA, decay=0.95, eps_in_sqrt=False)),
    "sgd_absolute": lambda: decayed_then(optax.identity(), L / ETA),
    "adamw_absolute": lambda: decayed_then(optax.scale_by_adam(b1=0.8, b2=0.95), L / ETA),
}


def test_every_rule_is_here() -> None:
    assert set(RULES) <= set(OPTAX)


@pytest.mark.parametrize("name", OPTAX)
def test_as_optax_does_it(name: str) -> None:
    with jax.enable_x64(True):
        theirs, (mine, _) = trained_by_optax(OPTAX[name]()), trained(LIBRARY[name])
    assert mine[0]["w"].dtype == jnp.float64
    for leaf in ("w", "b"):
        np.testing.assert_allclose(mine[0][leaf], theirs[0][leaf], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", [name for name, rule in LIBRARY.items() if rule.decay.symbol])
def test_without_gradient_weights_decay_exactly_and_biases_stay(name: str) -> None:
    with jax.enable_x64(True):
        start, (end, _) = draw(0), trained(LIBRARY[name], still=True)
    per_step = L if name.endswith("absolute") else ETA * LMBDA / N
    np.testing.assert_allclose(end[0]["w"], (1 - per_step) ** STEPS * np.asarray(start[0]["w"]), rtol=1e-13)
    np.testing.assert_array_equal(end[0]["b"], start[0]["b"])


def test_cautious_decay_is_where_the_step_does_not_leave_zero() -> None:
    """A NumPy loop: the step of sgdw, and the decay of the weights that it moves towards zero."""
    with jax.enable_x64(True):
        end, path = trained(wd.rules.sgdw(decay="cautious"))
    w, v, spared = np.asarray(path[0][0][0]["w"]), 0.0, 0
    for _, g, _, _ in path:
        v = 0.7 * v + np.asarray(g[0]["w"])
        u = ETA * v
        w = w - ETA * LMBDA / N * w * (u * w >= 0) - u
        spared += (u * w < 0).sum()
    np.testing.assert_allclose(end[0]["w"], w, rtol=1e-12)
    assert 0.2 < spared / (STEPS * w.size) < 0.8


def test_muon_leaves_other_leaves_to_a_rule_of_choice() -> None:
    with jax.enable_x64(True):
        usual, chosen = trained(RULES["muon"])[0], trained(wd.rules.muon(others=wd.rules.sgdw()))[0]
        adam, heavy = trained(RULES["nadamw"])[0], trained(RULES["sgdw"])[0]
    # A gradient here is of its own leaf alone.
    for one, other in ((usual[0]["w"], chosen[0]["w"]), (usual[0]["b"], adam[0]["b"]), (chosen[0]["b"], heavy[0]["b"])):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", ["momentum", "nesterov"])
@pytest.mark.parametrize("epsilon", [1e-9, 1e-4, 0.02, 0.9, 1.9])
def test_the_settled_decay_is_that_of_the_companion_matrix(name: str, mu: float, epsilon: float) -> None:
    first = {"momentum": np.array([[-epsilon, mu], [-epsilon, mu]]), "nesterov": None}[name]
    if first is None:  # v' = mu v + L w, w' = w - eta (L w + mu v'), in units of eta
        first = np.array([[-epsilon * (1 + mu), mu * mu], [-epsilon, mu]])
    else:  # w and -v
        first = np.array([[-epsilon, mu], [-epsilon, mu]])
    matrix = np.array([[1 + first[0, 0], first[0, 1]], first[1]])
    radius = abs(np.linalg.eigvals(matrix)).max()
    found = RULES[name].decay_per_step({"eta": 1.0, "lmbda": epsilon, "momentum": mu}, 1)
    assert found == pytest.approx(1 - radius, rel=1e-6, abs=1e-14)
