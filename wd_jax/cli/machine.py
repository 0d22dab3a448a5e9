"""What the command line sets up on the machine before JAX's first use; the library never does."""

from pathlib import Path


def cache_compilations() -> Path | None:
    """Keep compiled programs between runs, see `wd_jax.compile_cache.use`."""
    from wd_jax import compile_cache

    return compile_cache.use()
