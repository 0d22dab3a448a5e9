"""``wd.audit(optimiser)``: drive an optimiser of any library, or your own, and say how it decays."""

import functools
from typing import Any

from wd_jax.audit.black_box import BlackBox
from wd_jax.audit.fingerprint import fingerprint
from wd_jax.audit.measure import measure
from wd_jax.audit.result import Audit

LEAST = 1e-6
"""Decay per step below which ten steps in float32 tell no law from another: each number is good to about 1e-6."""


def audit(optimiser: Any, *, lr: float = 0.1, weight_decay: float = 0.01, name: str = "") -> Audit:
    """Say what weight decay does in an optimiser, from what it does to weights.

    Parameters
    ----------
    optimiser : str, class, callable or object
        ``"torch:SGD(momentum=.9)"``; a class, a factory or an instance of a library that has an adapter, such as
        ``optax.adamw``; your own ``make(lr, weight_decay)``, a class or a function, that gives an object with
        ``step(params, grads) -> params`` and, if it keeps state, ``init(params)``; such an object; or a bare
        ``step(params, grads)``. Parameters are NumPy arrays by name.
    lr, weight_decay : float
        At which it is asked. Of an object or a bare step these are its own: say what they are.
    name : str
        How your own is called.

    Returns
    -------
    Audit
        The kind of decay with the numbers it rests on, in words at the prompt; ``.record()`` for JSON, ``.verdict``
        for the derivation held against the measurement. What an optimiser cannot answer is one line of it.

    Raises
    ------
    ValueError
        In one line, for an optimiser that is not found, a rate or a decay that is not positive, or both so small that
        float32 shows nothing of them.

    Examples
    --------
    Your own step:

    >>> from wd_jax.audit import audit
    >>> def step(params, grads, lr=0.1, weight_decay=0.01):
    ...     return {name: w - lr * (grads[name] + weight_decay * w) for name, w in params.items()}
    >>> audit(lambda params, grads: step(params, grads)).kind
    'decoupled'
    """
    for word, value in (("lr", lr), ("weight_decay", weight_decay)):
        if not (isinstance(value, int | float) and 0 < value < float("inf")):
            raise ValueError(f"{word}={value!r}: the audit needs a positive number: leave it out for the usual one")
    if (share := lr * weight_decay) < LEAST:
        raise ValueError(
            f"lr={lr:g}, weight_decay={weight_decay:g}: float32 cannot show a decay of {share:g} a step: ask at "
            "lr=0.1, weight_decay=0.01, the usual ones; how an optimiser decays does not hang on them"
        )
    answered = measure(black_box(optimiser, name), lr=float(lr), weight_decay=float(weight_decay))
    return Audit(answered, fingerprint(answered))


def black_box(optimiser: Any, name: str = "") -> BlackBox:
    """Find out what was given, and make a black box of it."""
    if isinstance(optimiser, BlackBox):
        return optimiser
    from wd_jax.audit.adapters import own, registry

    if isinstance(optimiser, str):
        return registry.find(optimiser)
    made_of = optimiser.func if isinstance(optimiser, functools.partial) else optimiser
    library = registry.recognise(made_of)
    if library is not None and library.wrap is not None:
        return library.wrap(optimiser)
    return own.wrap(optimiser, name=name)
