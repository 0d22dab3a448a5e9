"""What a run's page says; `judge` and `write` do it for any sweep."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wd_jax.report.of_sweep.doors import judge as judge
    from wd_jax.report.of_sweep.doors import write as write
    from wd_jax.report.of_sweep.judgement import Judgement as Judgement

_HOME = {
    "Judgement": "wd_jax.report.of_sweep.judgement",
    "judge": "wd_jax.report.of_sweep.doors",
    "write": "wd_jax.report.of_sweep.doors",
}
__all__ = ["Judgement", "judge", "write"]


def __getattr__(name: str) -> Any:
    """Load a public name from its home module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'wd_jax.report' has no attribute {name!r}; it has {', '.join(sorted(_HOME))}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(_HOME)
