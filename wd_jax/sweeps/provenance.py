"""On what a task was computed: written beside its arrays, and what a checkpoint may be gone on with."""

import functools
import importlib.metadata
import os
from typing import Any

PACKAGES = ("jax", "jaxlib", "numpy", "optax")


def of(device: Any, seconds: float) -> dict[str, Any]:
    """Describe the device, the versions and the flags of this process, JSON-ready.

    Parameters
    ----------
    device : jax.Device
        That computed the task.
    seconds : float
        That it took.

    Examples
    --------
    >>> import jax
    >>> of(jax.devices()[0], 1.5)["seconds"]
    1.5
    """
    return {
        "seconds": seconds,
        "device": str(device.device_kind),
        "platform": str(device.platform),
        "versions": dict(_versions()),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
    }


def where(device: Any) -> str:
    """Name all that decides the bits besides the task: a checkpoint is gone on with on the same only."""
    versions = dict(_versions())
    flags = os.environ.get("XLA_FLAGS", "")
    return f"{device.platform} {device.device_kind}, jaxlib {versions['jaxlib']}, {flags}"


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    import wd_jax

    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return tuple(sorted({"wd_jax": wd_jax.__version__, **found}.items()))
