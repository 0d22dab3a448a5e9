"""Fifty steps on random gradients that depend on the weights, by the engine's rule and by another library's."""

import jax
import jax.numpy as jnp
import numpy as np

import wd_jax as wd
from wd_jax.conventions import from_nielsen
from wd_jax.engine.hyper_tree import as_arrays
from wd_jax.optimisers import step
from wd_jax.optimisers.rule import Rule

ETA, LMBDA, N, STEPS = 0.03, 4.0, 50, 50
NUMBERS = {"momentum": 0.7, "beta1": 0.8, "beta2": 0.95}
L = from_nielsen(LMBDA, N)


def draw(seed: int) -> list:
    """Parameters of one layer, or their gradients."""
    random = np.random.default_rng(seed)
    return [{"w": jnp.asarray(random.standard_normal((3, 4))), "b": jnp.asarray(random.standard_normal(4))}]


def gradient(k: int, params: list) -> list:
    """Noise, and a pull towards a point: what a rule did wrong once, it feels later."""
    return jax.tree.map(lambda noise, p: noise + 0.3 * (p - 0.1), draw(k), params)


def hyper_of(rule: Rule, **more: float) -> wd.Hyper:
    """Numbers of a member, float64 arrays."""
    own = {name: value for name, value in NUMBERS.items() if name in rule.names}
    return as_arrays(wd.Hyper(ETA, LMBDA, rule=rule, **own | more), "float64")


def trained(rule: Rule, steps: int = STEPS, still: bool = False) -> tuple[list, list]:
    """Train; give the parameters after the last step, and before each step those, its gradient, its state and parts."""
    built = step.build(rule, hyper_of(rule), N)
    params = draw(0)
    state, path = built.init(params), []
    one = jax.jit(built.step)
    for k in range(1, steps + 1):
        g = jax.tree.map(jnp.zeros_like, params) if still else gradient(k, params)
        parts = one(g, state, params)
        path.append((params, g, state, parts))
        params, state = step.move(params, parts), parts.state
    return params, path


def trained_by_optax(chain, steps: int = STEPS) -> list:
    """The same by optax alone."""
    import optax

    params = draw(0)
    state, one = chain.init(params), jax.jit(chain.update)
    for k in range(1, steps + 1):
        updates, state = one(gradient(k, params), state, params)
        params = optax.apply_updates(params, updates)
    return params
