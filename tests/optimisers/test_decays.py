"""What of a step is decay: what the step loses when its decay alone is switched off, from the same state."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import wd_jax as wd
from tests.optimisers.stepping import ETA, LMBDA, N, hyper_of, trained
from wd_jax.hyper import restored
from wd_jax.optimisers import step
from wd_jax.optimisers.rules import LIBRARY, RULES

pytestmark = pytest.mark.numeric
CLOSES = {"float32": 1e-4, "float64": 1e-11}
MOMENTUM = wd.rules.RULES["sgdw"].coefficients[0]
LAMB = wd.rule(
    lambda h: optax.lamb(h.eta, b1=h.beta1, b2=h.beta2, weight_decay=h.weight_decay, mask=wd.rules.weights_only),
    coefficients=("beta1", "beta2"),
    name="lamb",
)
CHAIN = wd.rule(
    lambda h: optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.add_decayed_weights(h.weight_decay, mask=wd.rules.weights_only),
        optax.trace(h.momentum, nesterov=True),
        optax.scale(-h.eta),
    ),
    coefficients=(MOMENTUM,),
    name="own_chain",
)


OTHER_WAYS = (wd.rules.sgd("cautious"), wd.rules.sgdw("absolute"), wd.rules.adamw("cautious"))


def parts_in_numpy(path, one) -> None:
    """Hold the decay's part against a loop of NumPy's that knows the rule, and starts from the same state."""
    for k, (params, g, _, parts) in enumerate(path, start=1):
        w, grad = (np.asarray(tree[0]["w"]) for tree in (params, g))
        whole, without = one(k, w, grad)
        np.testing.assert_allclose(parts.whole[0]["w"], whole, rtol=1e-9)
        np.testing.assert_allclose(parts.decay[0]["w"], whole - without, rtol=1e-6, atol=1e-13)
        np.testing.assert_allclose(parts.gradient[0]["w"], without, rtol=1e-9)
        np.testing.assert_array_equal(parts.decay[0]["b"], 0)


def adam(moments, k: int, grad):
    """Adam's direction, and its averages after the step."""
    a, s = 0.8 * moments[0] + 0.2 * grad, 0.95 * moments[1] + 0.05 * grad**2
    return (a / (1 - 0.8**k)) / (np.sqrt(s / (1 - 0.95**k)) + 1e-8), (a, s)


def test_of_adam_with_l2() -> None:
    with jax.enable_x64(True):
        _, path = trained(RULES["adam_l2"])
    held = [(0.0, 0.0)]

    def one(k, w, grad):
        without, _ = adam(held[-1], k, grad)
        whole, after = adam(held[-1], k, grad + LMBDA / N * w)
        held.append(after)
        return ETA * whole, ETA * without

    parts_in_numpy(path, one)


def test_of_a_chain_of_ones_own() -> None:
    with jax.enable_x64(True):
        _, path = trained(CHAIN)
    held = [0.0]
    biases = [np.asarray(g[0]["b"]) for _, g, _, _ in path]

    def one(k, w, grad):
        grad = grad / max(1.0, np.sqrt((grad**2).sum() + (biases[k - 1] ** 2).sum()))

        def moved(gradient):
            v = gradient + 0.7 * held[-1]
            return gradient + 0.7 * v, v

        whole, after = moved(grad + LMBDA / N * w)
        without, _ = moved(grad)
        held.append(after)
        return ETA * whole, ETA * without

    parts_in_numpy(path, one)


def test_of_lamb() -> None:
    """The trust ratio |w|/|update| is another one without decay, and so belongs to it."""
    with jax.enable_x64(True):
        _, path = trained(LAMB)
    held = [(0.0, 0.0)]

    def one(k, w, grad):
        a, s = 0.8 * held[-1][0] + 0.2 * grad, 0.95 * held[-1][1] + 0.05 * grad**2
        held.append((a, s))
        direction = (a / (1 - 0.8**k)) / (np.sqrt(s / (1 - 0.95**k)) + 1e-6)

        def scaled(update):
            return ETA * update * np.linalg.norm(w) / np.linalg.norm(update)

        return scaled(direction + LMBDA / N * w), scaled(direction)

    parts_in_numpy(path, one)


@pytest.mark.parametrize("name", LIBRARY)
def test_of_every_rule_it_is_the_counterfactual(name: str) -> None:
    """Built again with lmbda = 0, from the states and gradients of a training with decay."""
    rule = LIBRARY[name]
    with jax.enable_x64(True):
        _, path = trained(rule, 10)
        hyper = hyper_of(rule)
        without = jax.jit(step.build(rule, restored({**hyper, "lmbda": jnp.zeros(())}), N).step)
        for params, g, state, parts in path:
            whole = without(g, state, params).whole[0]
            for leaf in ("w", "b"):
                lost = np.asarray(parts.whole[0][leaf]) - whole[leaf]
                np.testing.assert_allclose(parts.decay[0][leaf], lost, rtol=1e-9, atol=1e-15)
                sum_of_both = np.asarray(parts.decay[0][leaf]) + parts.gradient[0][leaf]
                np.testing.assert_allclose(sum_of_both, parts.whole[0][leaf], rtol=1e-13, atol=1e-15)
        assert abs(np.asarray(path[-1][3].decay[0]["w"])).max() > 0


def swept(rule: wd.rules.Rule, dtype: str, data, **more):
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, rule=rule, dtype=dtype)
    settings = {"eta": 0.01, "lmbda": [0.5, 5.0], "epochs": 2, "progress": False} | more
    return wd.sweep(setup, data, **settings)


def open_part(runs) -> float:
    """What is left of the change of the squared norm after the budget, over the traffic."""
    parts = [runs[f"budget_{name}"].isel(epoch=slice(1, None)) for name in ("decay", "drift", "noise")]
    return float((abs(runs.weight_norm2.diff("epoch") - sum(parts)) / sum(abs(part) for part in parts)).max())


ALWAYS = ("momentum", "adam_l2", "adamw", "muon", *(rule.name for rule in OTHER_WAYS), "lamb")
"""One of each way to decay; the budget of the others is looked at by `make test-slow`."""


@pytest.mark.parametrize("dtype", CLOSES)
@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(rule, marks=() if rule.name in ALWAYS else pytest.mark.slow, id=rule.name)
        for rule in (*RULES.values(), *OTHER_WAYS, LAMB, CHAIN)
    ],
)
def test_the_budget_closes(rule: wd.rules.Rule, dtype: str, tiny) -> None:
    assert open_part(swept(rule, dtype, tiny, probes=wd.Probes(splits=(), moved=False))) < CLOSES[dtype]


@pytest.mark.parametrize("rule", [RULES["momentum"], OTHER_WAYS[0], LAMB], ids=lambda rule: rule.name)
def test_the_displacement_by_decay_is_the_sum_of_its_parts(rule: wd.rules.Rule, tiny) -> None:
    """Recorded at every step, in which it is the norm of D: 2<w, D> + |D|^2 lies between its bounds."""
    probes = wd.Probes(splits=(), records_per_epoch=5, keep_weights=True)
    runs = swept(rule, "float64", tiny, probes=probes, lmbda=5.0)
    later = runs.isel(epoch=slice(1, None))
    before = np.sqrt(runs.weight_norm2.isel(epoch=slice(None, -1)).values)
    moved, change = later.moved_by_decay.values, later.budget_decay.values
    assert (abs(change - moved**2) <= 2 * before * moved * (1 + 1e-12)).all() and (moved > 0).all()
    np.testing.assert_allclose(later.moved_by_gradient**2, later.budget_noise, rtol=1e-9)


def test_a_probe_of_ones_own_sees_what_is_decay(tiny) -> None:
    def worst(state, seen):
        rest = [jnp.max(abs(d["w"] - seen.epsilon * p["w"])) for d, p in zip(seen.decay, seen.params, strict=True)]
        return jnp.maximum(state, jnp.stack(rest))

    probe = wd.probes.Probe(
        "rest",
        (wd.probes.Variable("rest_max", ("layer",), "largest rest", "of the decay less its share"),),
        needs=("decay",),
        start=lambda program, params: jnp.zeros(len(params), program.dtype),
        step=worst,
        record=lambda state, record: {"rest_max": state},
    )
    probes = wd.Probes(splits=(), extra=(probe,))
    found = {
        name: swept(RULES[name], "float64", tiny, probes=probes).rest_max.isel(epoch=-1)
        for name in ("sgdw", "momentum", "nesterov", "adam_l2")
    }
    assert all(float(abs(found[name]).max()) < 1e-18 for name in ("sgdw", "momentum", "nesterov"))
    assert found["adam_l2"].isnull().all()  # no such share
