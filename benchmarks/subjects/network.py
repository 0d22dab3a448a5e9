"""What every peer trains: one hidden layer of sigmoids, mean cross-entropy of a minibatch; in JAX and in PyTorch."""

from collections.abc import Callable
from typing import Any

from benchmarks.cases import N_IN, N_OUT, Case


def in_jax(case: Case) -> tuple[Callable[[Any], Any], Callable[[Any, Any, Any], Any]]:
    """Give what draws a member's parameters, ``start(key)``, and its cost, ``cost(params, x, y)``."""
    import jax
    import jax.numpy as jnp

    def start(key: jax.Array) -> list[tuple[jax.Array, jax.Array]]:
        a, b = jax.random.split(key)
        return [
            (jax.random.normal(a, (N_IN, case.hidden)), jnp.zeros(case.hidden)),
            (jax.random.normal(b, (case.hidden, N_OUT)), jnp.zeros(N_OUT)),
        ]

    def cost(params: list[tuple[jax.Array, jax.Array]], x: jax.Array, y: jax.Array) -> jax.Array:
        (w1, b1), (w2, b2) = params
        z = jax.nn.sigmoid(x @ w1 + b1) @ w2 + b2
        return jnp.sum(jax.nn.softplus(z) - y * z) / case.m

    return start, cost


def in_torch(case: Case) -> tuple[tuple[Any, ...], Callable[..., Any]]:
    """Give all members' parameters, and the gradient of each one's cost, ``gradient(params, x, y)``."""
    import torch
    from torch.func import grad, vmap

    torch.manual_seed(0)
    params = (
        torch.randn(case.members, N_IN, case.hidden),
        torch.zeros(case.members, case.hidden),
        torch.randn(case.members, case.hidden, N_OUT),
        torch.zeros(case.members, N_OUT),
    )

    def cost(params: tuple[Any, ...], x: Any, y: Any) -> Any:
        w1, b1, w2, b2 = params
        z = torch.sigmoid(x @ w1 + b1) @ w2 + b2
        return torch.sum(torch.nn.functional.softplus(z) - y * z) / case.m

    return params, vmap(grad(cost), in_dims=(0, None, None))
