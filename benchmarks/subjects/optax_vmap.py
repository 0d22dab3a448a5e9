"""Plain JAX with optax: `jax.vmap` of one member's step of a rule, `lax.scan` over shared minibatches."""

from collections.abc import Callable
from typing import Any

from benchmarks.cases import ETA, Case
from benchmarks.subjects import network


def transformation(rule: str, eta: Any, weight_decay: Any) -> Any:
    """Make a rule of optax as its users write it, decay on the weights only.

    Parameters
    ----------
    rule : str
        As the engine calls it.
    eta, weight_decay : float or jax.Array
        Learning rate, and lmbda/n; they may be traced.

    Raises
    ------
    KeyError
        For a rule that has no peer here.
    """
    import jax
    import optax
    import optax.contrib

    def mask(params: Any) -> Any:
        return jax.tree.map(lambda leaf: leaf.ndim >= 2, params)

    decayed = optax.add_decayed_weights(weight_decay, mask=mask)
    rate = optax.scale_by_learning_rate(eta)
    made: dict[str, Callable[[], Any]] = {
        "sgd": lambda: optax.chain(decayed, rate),
        "momentum": lambda: optax.chain(decayed, optax.trace(0.9), rate),
        "nesterov": lambda: optax.chain(decayed, optax.trace(0.9, nesterov=True), rate),
        "sgdw": lambda: optax.chain(optax.trace(0.9), decayed, rate),
        "adamw": lambda: optax.adamw(eta, weight_decay=weight_decay, mask=mask),
        "adam_l2": lambda: optax.chain(decayed, optax.scale_by_adam(), rate),
        "lion": lambda: optax.lion(eta, b2=0.999, weight_decay=weight_decay, mask=mask),
        "muon": lambda: optax.contrib.muon(eta, weight_decay=weight_decay, weight_decay_mask=mask),
    }
    return made[rule]()


def prepare(case: Case) -> Callable[[], None]:
    """Compile one epoch of all members."""
    import jax
    import jax.numpy as jnp
    import optax

    inputs, targets = (jnp.asarray(a) for a in case.examples(case.n))
    keys = jax.random.split(jax.random.key(0), case.members)
    eta = ETA[case.rule]

    drawn, cost = network.in_jax(case)

    def start(key: jax.Array) -> tuple[Any, Any]:
        params = drawn(key)
        return params, transformation(case.rule, eta, 0.0).init(params)

    def step(member: tuple[Any, Any], lmbda: jax.Array, x: jax.Array, y: jax.Array) -> tuple[Any, Any]:
        params, state = member
        rule = transformation(case.rule, eta, lmbda / case.n)
        updates, state = rule.update(jax.grad(cost)(params, x, y), state, params)
        return optax.apply_updates(params, updates), state

    members = jax.vmap(step, in_axes=(0, 0, None, None))

    @jax.jit
    def epoch(now: tuple[Any, Any], lmbdas: jax.Array, batches: jax.Array) -> tuple[Any, Any]:
        def body(now: tuple[Any, Any], batch: jax.Array) -> tuple[tuple[Any, Any], None]:
            return members(now, lmbdas, inputs[batch], targets[batch]), None

        return jax.lax.scan(body, now, batches)[0]

    first = jax.vmap(start)(keys)
    lmbdas = jnp.tile(jnp.asarray(case.lmbdas, jnp.float32), case.seeds)
    batches = jnp.asarray(case.batches())

    def run() -> None:
        now = first
        for _ in range(case.epochs):
            now = epoch(now, lmbdas, batches)
        jax.block_until_ready(now)

    return run
