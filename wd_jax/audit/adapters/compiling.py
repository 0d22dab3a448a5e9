"""How the small programs of an audit are compiled: a few steps each, so what counts is how soon they are ready."""

import functools
from collections.abc import Callable
from typing import Any

QUICK = {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False}
"""Options with which a program of a few steps is ready three times as soon; its numbers are the same to rounding."""


def quick(function: Callable[..., Any], **how: Any) -> Any:
    """Compile as ``jax.jit`` does, with `QUICK` where this JAX knows these options."""
    import jax

    return jax.jit(function, compiler_options=options(), **how)


@functools.cache
def options() -> dict[str, Any]:
    """Give the options of `QUICK` that this JAX and its device know: other releases may have dropped one."""
    import jax

    known = {}
    for name, value in QUICK.items():
        try:
            jax.jit(lambda: 0, compiler_options={name: value}).lower().compile()
        except Exception:  # the error of an unknown option is a different one in each release
            continue
        known[name] = value
    return known
