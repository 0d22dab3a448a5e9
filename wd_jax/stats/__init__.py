"""Statistics of runs: intervals over seeds, a fitted power, plateaus, and the comparison that ends in a verdict.

``wd.stats`` has what a study of your own needs beside `wd_jax.compare`; nothing is loaded before a name is used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wd_jax.stats.comparison import judged as judged
    from wd_jax.stats.intervals import Estimate as Estimate
    from wd_jax.stats.intervals import t_interval as t_interval
    from wd_jax.stats.plateau import Plateau as Plateau
    from wd_jax.stats.plateau import find_plateau as find_plateau
    from wd_jax.stats.power_law import PowerLaw as PowerLaw
    from wd_jax.stats.power_law import exponent as exponent

_HOME = {
    "Estimate": "wd_jax.stats.intervals",
    "Plateau": "wd_jax.stats.plateau",
    "PowerLaw": "wd_jax.stats.power_law",
    "exponent": "wd_jax.stats.power_law",
    "find_plateau": "wd_jax.stats.plateau",
    "judged": "wd_jax.stats.comparison",
    "t_interval": "wd_jax.stats.intervals",
}

__all__ = ["Estimate", "Plateau", "PowerLaw", "exponent", "find_plateau", "judged", "t_interval"]


def __getattr__(name: str) -> Any:
    """Load a public name from its home module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'wd_jax.stats' has no attribute {name!r}; it has {', '.join(sorted(_HOME))}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(_HOME)
