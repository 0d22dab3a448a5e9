"""Plain JAX: one member's step, `jax.vmap` over the members, `lax.scan` over shared minibatches."""

from collections.abc import Callable

from benchmarks.cases import Case
from benchmarks.subjects import network


def prepare(case: Case) -> Callable[[], None]:
    """Compile one epoch of all members."""
    import jax
    import jax.numpy as jnp

    Params = list[tuple[jax.Array, jax.Array]]
    inputs, targets = (jnp.asarray(a) for a in case.examples(case.n))
    keys = jax.random.split(jax.random.key(0), case.members)

    start, cost = network.in_jax(case)

    def step(params: Params, lmbda: jax.Array, x: jax.Array, y: jax.Array) -> Params:
        grads = jax.grad(cost)(params, x, y)
        decay = 0.1 * lmbda / case.n
        return [(w - (decay * w + 0.1 * dw), b - 0.1 * db) for (w, b), (dw, db) in zip(params, grads, strict=True)]

    members = jax.vmap(step, in_axes=(0, 0, None, None))

    @jax.jit
    def epoch(params: Params, lmbdas: jax.Array, batches: jax.Array) -> Params:
        def body(params: Params, batch: jax.Array) -> tuple[Params, None]:
            return members(params, lmbdas, inputs[batch], targets[batch]), None

        return jax.lax.scan(body, params, batches)[0]

    params = jax.vmap(start)(keys)
    lmbdas = jnp.tile(jnp.asarray(case.lmbdas, jnp.float32), case.seeds)
    batches = jnp.asarray(case.batches())

    def run() -> None:
        now = params
        for _ in range(case.epochs):
            now = epoch(now, lmbdas, batches)
        jax.block_until_ready(now)

    return run
