"""For Jupyter: sliders over a sweep's settings beside what was measured.

``wd.notebook.explorer(runs)`` makes the widget; it needs the extra ``notebook``: ``pip install 'wd-jax[notebook]'``.
``wd.notebook.html(runs)`` is the same for a page without a kernel, and needs nothing more.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wd_jax.notebook.make import explorer as explorer
    from wd_jax.notebook.make import html as html
    from wd_jax.notebook.widget import Explorer as Explorer

_HOME = {"Explorer": "wd_jax.notebook.widget", "explorer": "wd_jax.notebook.make", "html": "wd_jax.notebook.make"}

__all__ = ["Explorer", "explorer", "html"]


def __getattr__(name: str) -> Any:
    """Load a public name from its home module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'wd_jax.notebook' has no attribute {name!r}; it has {', '.join(sorted(_HOME))}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(_HOME)
