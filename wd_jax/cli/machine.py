"""What the command line sets up on the machine before JAX's first use; the library never does."""

import os
from pathlib import Path


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
