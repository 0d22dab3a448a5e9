"""What the command line sets up on the machine before JAX's first use; the library never does."""

import contextlib
import os
from pathlib import Path


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare() -> None:
    """Set up what every command that trains wants."""
    use_all_cores()
    cache_compilations()


def use_all_cores() -> None:
    """Make one JAX device per core, so that several chunks of a sweep run side by side."""
    import jax

    if "jax_num_cpu_devices" not in os.environ.get("JAX_FLAGS", "") and "JAX_NUM_CPU_DEVICES" not in os.environ:
        with contextlib.suppress(RuntimeError):  # a program that called main() has used JAX already: its devices stay
            jax.config.update("jax_num_cpu_devices", cores())


def cache_compilations() -> Path | None:
    """Keep compiled programs between runs, in a private folder per JAX version; None where that is not possible.

    Entries are native code and no result depends on them; ``JAX_COMPILATION_CACHE_DIR`` overrides the place.
    """
    import jax
    import jaxlib

    if os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        return Path(os.environ["JAX_COMPILATION_CACHE_DIR"])
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "wd_jax" / f"jaxlib-{jaxlib.__version__}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return folder
