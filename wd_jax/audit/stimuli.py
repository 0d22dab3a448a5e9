"""What an optimiser is given: parameters, gradients, rates. Deterministic; only NumPy is needed here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from wd_jax.audit import draws
from wd_jax.audit.black_box import BlackBox, Grads, Params

Gradient: TypeAlias = Callable[[int, Params], Grads]
RANDOM_SHAPE = (50, 80)
"""Of the matrix beside random gradients: 4000 entries, the number that the stored measurements used."""
RANDOM_SEED = 7


class MisbehavedError(Exception):
    """What an optimiser did that it may not: one line."""


@dataclass(frozen=True, kw_only=True)
class Stimulus:
    """One run of an optimiser from its beginning.

    Attributes
    ----------
    params : mapping
        Where it begins; the names tell the roles.
    steps : int
        How many.
    lr : float
        Learning rate.
    weight_decay : float or None
        The argument; None leaves it out.
    gradient : callable
        ``gradient(k, params)``, the gradients of step k = 0, 1, ...
    dtype : str
        Of the parameters inside the library.
    rates : mapping
        ``{5: 0.05}``: the learning rate that is set before step k = 5.
    """

    params: Mapping[str, np.ndarray]
    steps: int
    lr: float
    weight_decay: float | None
    gradient: Gradient = field(default=lambda k, params: {name: np.zeros_like(w) for name, w in params.items()})
    dtype: str = "float32"
    rates: Mapping[int, float] = field(default_factory=dict)


def drive(box: BlackBox, stimulus: Stimulus) -> list[Params]:
    """Run an optimiser.

    Parameters
    ----------
    box : BlackBox
        Made anew.
    stimulus : Stimulus
        What it is given.

    Returns
    -------
    list of dict
        The parameters before step 1 and after each step.

    Raises
    ------
    MisbehavedError
        Where it gives back other names or shapes.
    """
    optimiser = box.make(lr=stimulus.lr, weight_decay=stimulus.weight_decay, dtype=stimulus.dtype)
    now = {name: np.array(w, np.float32) for name, w in stimulus.params.items()}
    optimiser.init({name: w.copy() for name, w in now.items()})
    path = [now]
    for k in range(stimulus.steps):
        if k in stimulus.rates:
            optimiser.set_lr(stimulus.rates[k])  # type: ignore[attr-defined]  # may_schedule asks first
        grads = stimulus.gradient(k, now)
        given = optimiser.step({name: w.copy() for name, w in now.items()}, grads)
        now = _checked(given, now)
        path.append(now)
    return path


def may_schedule(box: BlackBox) -> bool:
    """Say whether the learning rate can be set between steps."""
    return callable(getattr(box.make(lr=0.1, weight_decay=0.01, dtype="float32"), "set_lr", None))


def ones(box: BlackBox, roles: tuple[str, ...] = ("matrix", "bias"), value: float = 1.0) -> Params:
    """Make the standard parameters: a 4x4 matrix and vectors of four, all of one value."""
    square = ("matrix", "embedding")
    return {role: np.full((4, 4) if role in square else 4, value, np.float32) for role in roles if role in box.takes}


def constant(value: float) -> Gradient:
    """Give every entry the same gradient at every step."""
    return lambda k, params: {name: np.full_like(w, value) for name, w in params.items()}


def random(scale: float = 1.0, seed: int = RANDOM_SEED, stream: str = "numpy") -> Gradient:
    """Give every entry gradients from N(0, scale^2), new ones at every step: one of the streams of `draws`."""
    draw = draws.STREAMS[stream](seed)
    kept: list[dict[str, np.ndarray]] = []

    def at(k: int, params: Params) -> Grads:
        while len(kept) <= k:
            kept.append({name: draw(w.shape) for name, w in sorted(params.items())})
        return {name: (scale * g).astype(np.float32) for name, g in kept[k].items()}

    return at


def missing(*without: str) -> Gradient:
    """Give the named parameters no gradient, and the others zero."""
    return lambda k, params: {name: None if name in without else np.zeros_like(w) for name, w in params.items()}


def _checked(given: object, before: Params) -> Params:
    if not isinstance(given, Mapping):
        raise MisbehavedError(f"step gave a {type(given).__name__}, not the parameters by name: return them")
    after = {}
    for name, w in before.items():
        if name not in given:
            raise MisbehavedError(f"step gave no {name!r} back")
        now = np.asarray(given[name])
        if not np.can_cast(now.dtype, np.float64, "same_kind"):
            raise MisbehavedError(f"step made {now.dtype} of {name!r}: real numbers are wanted")
        now = now.astype(np.float32)
        if now.shape != w.shape:
            raise MisbehavedError(f"step changed the shape of {name!r} from {w.shape} to {now.shape}")
        after[name] = now
    return after
