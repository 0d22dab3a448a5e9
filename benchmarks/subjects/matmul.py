"""The machine's float32 matrix product, 2048 x 2048 x 2048: NumPy's and JAX's, the work of `Case` ignored."""

from collections.abc import Callable

import numpy as np

SIZE, PRODUCTS = 2048, 8
GIGAFLOP = 2 * SIZE**3 * PRODUCTS / 1e9


def prepare_numpy(_: object) -> Callable[[], None]:
    """Multiply with NumPy."""
    a = np.random.default_rng(0).random((SIZE, SIZE), np.float32)

    def run() -> None:
        for _ in range(PRODUCTS):
            a @ a

    return run


def prepare_jax(_: object) -> Callable[[], None]:
    """Multiply with JAX, at the precision that the engine uses."""
    import jax

    a = jax.numpy.asarray(np.random.default_rng(0).random((SIZE, SIZE), np.float32))
    with jax.default_matmul_precision("highest"):
        product = jax.jit(lambda a: a @ a).lower(a).compile()

    def run() -> None:
        for _ in range(PRODUCTS):
            product(a).block_until_ready()

    return run
