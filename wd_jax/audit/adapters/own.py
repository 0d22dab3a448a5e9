"""A user's own optimiser: a class or a function ``make(lr, weight_decay)``, an object, or a bare step."""

import inspect
from collections.abc import Callable
from typing import Any

from wd_jax.audit.black_box import BlackBox, Grads, Optimiser, Params


def wrap(thing: Any, *, name: str = "") -> BlackBox:
    """Make a black box of what has no library.

    Parameters
    ----------
    thing : class, callable or object
        ``make(lr, weight_decay)``, a class or a function, that gives an object with ``step`` (and ``init``); such an
        object, whose rate and decay are then its own; or a bare ``step(params, grads)``.

    Returns
    -------
    BlackBox

    Raises
    ------
    ValueError
        In one line, for anything else.
    """
    name = name or getattr(thing, "__name__", type(thing).__name__)
    if isinstance(thing, type) or (callable(thing) and not hasattr(thing, "step") and _makes(thing)):
        return _made(thing, name)
    if callable(getattr(thing, "step", None)):
        return _fixed(thing, name)
    if callable(thing):
        return _fixed(_Bare(thing), name)
    raise ValueError(f"{name}: no optimiser: give make(lr, weight_decay), an object with init and step, or a step")


def _makes(function: Callable[..., Any]) -> bool:
    """Say whether a function makes an optimiser: it takes `lr` or `weight_decay`."""
    try:
        return bool({"lr", "learning_rate", "weight_decay"} & set(inspect.signature(function).parameters))
    except (TypeError, ValueError):
        return False


def _made(make: Callable[..., Any], name: str) -> BlackBox:
    try:
        taken = inspect.signature(make).parameters
    except (TypeError, ValueError):
        taken = {}
    open_ended = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in taken.values())
    rate = "learning_rate" if "learning_rate" in taken else "lr"
    has = {each: each in taken or open_ended for each in (rate, "weight_decay")}

    def made(lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> Optimiser:
        given = {rate: lr} if has[rate] else {}
        if weight_decay is not None and has["weight_decay"]:
            given["weight_decay"] = weight_decay
        return _started(make(**given), dtype)

    absent = [each for each, there in has.items() if not there]
    return BlackBox(
        library="own",
        name=name,
        version="",
        make=made,
        default_lr=_default(taken.get(rate)),
        default_weight_decay=_default(taken.get("weight_decay")),
        note=f"it takes no {' and no '.join(absent)}: that is its own and could not be changed" if absent else "",
        facts={"fixed": True} if absent else {},
    )


def _default(parameter: inspect.Parameter | None) -> float | None:
    value = None if parameter is None else parameter.default
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _fixed(thing: Any, name: str) -> BlackBox:
    def made(lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> Optimiser:
        if callable(getattr(thing, "set_lr", None)):  # an earlier run may have changed it
            thing.set_lr(lr)
        return _started(thing, dtype)

    return BlackBox(
        library="own",
        name=name,
        version="",
        make=made,
        note="its rate and decay are its own: neither could be changed",
        facts={"fixed": True},
    )


class _Bare:
    """A bare step, which keeps its own state or none."""

    def __init__(self, step: Callable[[Params, Grads], Params]) -> None:
        self.own = step

    def init(self, params: Params) -> None:
        pass

    def step(self, params: Params, grads: Grads) -> Params:
        return self.own(params, grads)


class _Settable(_Bare):
    """One whose rate can be set."""

    def __init__(self, step: Callable[[Params, Grads], Params], set_lr: Callable[[float], None]) -> None:
        super().__init__(step)
        self.set_lr = set_lr


def _started(thing: Any, dtype: str) -> Optimiser:
    """Let an object without `init` do without, and drive an object of a known library as its adapter does."""
    if callable(getattr(thing, "init", None)) and callable(getattr(thing, "step", None)):
        return thing
    from wd_jax.audit.adapters import registry

    library = registry.recognise(thing)
    if library is not None and library.wrap is not None:
        return library.wrap(thing).make(dtype=dtype)
    step = thing.step if callable(getattr(thing, "step", None)) else thing
    if not callable(step):
        raise ValueError(f"{type(thing).__name__}: no step(params, grads): write one")
    return _Settable(step, thing.set_lr) if callable(getattr(thing, "set_lr", None)) else _Bare(step)
