"""One part of the benchmark in a process of its own, so that it can be ended at its time and its memory is given back.

``python -m benchmarks.accelerator.phases NAME [--on-cpu]`` prints one JSON object a line.
"""

import json
import math
import sys
import warnings
from collections.abc import Iterator
from typing import Any


def about(on_cpu: bool) -> Iterator[dict[str, Any]]:
    """Say which devices there are; none of them an accelerator, an empty list."""
    import jax

    devices = _devices(on_cpu)
    memory = next((d.memory_stats() for d in devices if d.platform != "cpu"), None) or {}
    yield {
        "devices": [str(device.device_kind) for device in devices],
        "platform": devices[0].platform if devices else "",
        "device_bytes": memory.get("bytes_limit"),
        "jax": jax.__version__,
        "backend": str(devices[0].client.platform_version).splitlines()[0] if devices else "",
    }


def agreement(on_cpu: bool) -> Iterator[dict[str, Any]]:
    """Make the checks."""
    import jax

    from benchmarks.accelerator import agreement as checks
    from wd_jax.sweeps.workers import cores

    found = checks.checks(_devices(on_cpu), jax.devices("cpu")[0], 2, min(8, cores()))
    for one in found:
        yield one._asdict() | {"off": one.off if math.isfinite(one.off) else None, "holds": one.holds}


def rates(on_cpu: bool) -> Iterator[dict[str, Any]]:
    """Measure the engine and its peer of JAX."""
    import jax

    from benchmarks.accelerator import rates as measured
    from wd_jax.sweeps.workers import cores

    cpus = jax.devices("cpu")[:1] * cores()
    yield from measured.rates(_devices(on_cpu), cpus, measured.SMALL if on_cpu else measured.Sizes())


def torch(on_cpu: bool) -> Iterator[dict[str, Any]]:
    """Measure PyTorch's vmap, compiled."""
    from benchmarks.accelerator import rates as measured
    from benchmarks.accelerator import torch_rates

    yield from torch_rates.rates("cpu" if on_cpu else "cuda", measured.SMALL if on_cpu else measured.Sizes())


PHASES = {"about": about, "agreement": agreement, "rates": rates, "torch": torch}


def _devices(on_cpu: bool) -> list[Any]:
    """List JAX's accelerators, or for a rehearsal its CPU."""
    import jax

    return [device for device in jax.devices("cpu" if on_cpu else None) if on_cpu or device.platform != "cpu"]


def main(arguments: list[str]) -> None:
    """Run one phase."""
    warnings.simplefilter("ignore")  # a decay that float32 distorts is meant here
    for row in PHASES[arguments[0]]("--on-cpu" in arguments):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
