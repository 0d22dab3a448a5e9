"""What weight decay does in an optimiser of any library: driven as a black box, named, translated.

``wd.audit(optimiser, lr=0.1, weight_decay=0.01, name="")`` takes a name, ``"torch:SGD(momentum=.9)"``; a class or an
object of a library, ``optax.adamw``; your own ``make(lr, weight_decay)``, a class or a function, that gives an object
with ``step(params, grads) -> params``; such an object; or a bare ``step(params, grads)``. Parameters are NumPy arrays
by name. Of an object or a bare step, say which rate and decay it has: they cannot be changed, and seldom be read.
The answer prints itself; it has ``kind``, ``numbers``, ``traits``, ``verdict``, and ``record()`` for JSON.

>>> import wd_jax as wd
>>> def step(params, grads):
...     return {name: w - 0.1 * (grads[name] + 0.01 * w) for name, w in params.items()}
>>> wd.audit(step, lr=0.1, weight_decay=0.01).kind
'decoupled'

``help(wd.audit.audit)`` says more. The package can be called in whatever order things are imported.
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
