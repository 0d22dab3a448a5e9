"""One kind of figure a file: what it needs, its panels, and the function that `wd_jax.figures` has of the same name."""
