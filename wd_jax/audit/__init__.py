"""What weight decay does in an optimiser of any library: driven as a black box, named, translated.

The package can be called: ``wd.audit(optimiser)`` is `wd_jax.audit.ask.audit`, in whatever order things are imported.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wd_jax.audit.ask import audit as audit
    from wd_jax.audit.result import Audit as Audit

_HOME = {"audit": "ask", "Audit": "result"}


def __getattr__(name: str) -> Any:
    """Load the function and its result on first use, so that the package itself is light."""
    if name not in _HOME:
        raise AttributeError(f"module 'wd_jax.audit' has no attribute {name!r}; it has {', '.join(_HOME)}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


class _Callable(ModuleType):
    """A package whose call is its function: Python sets the attribute ``wd_jax.audit`` to the package itself."""

    def __call__(self, optimiser: Any, *, lr: float = 0.1, weight_decay: float = 0.01, name: str = "") -> "Audit":
        """Say what weight decay does in an optimiser; see `wd_jax.audit.ask.audit`."""
        from wd_jax.audit.ask import audit

        return audit(optimiser, lr=lr, weight_decay=weight_decay, name=name)


sys.modules[__name__].__class__ = _Callable
