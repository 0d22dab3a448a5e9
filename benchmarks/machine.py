"""The machine and the versions that a table was measured with."""

import importlib.metadata
import os
import platform
from pathlib import Path

import wd_jax
from wd_jax.sweeps.workers import cores


def describe() -> dict[str, str]:
    """Name the processor, its cores and memory, and the versions of what was timed."""
    versions = {name: _version(name) for name in ("jax", "numpy", "torch")}
    versions["wd_jax"] = wd_jax.__version__  # of what runs: an editable installation may remember an older one
    return {
        "processor": _processor(),
        "cores": str(cores()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "python": platform.python_version(),
        **{name: version for name, version in versions.items() if version},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
