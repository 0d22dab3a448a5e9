"""Flax NNX: ``nnx.Optimizer`` and ``nnx.ModelAndOptimizer`` around a transformation of optax."""

import functools
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, read, settle
from wd_jax.audit.adapters.held import Held
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params

_WRAPPERS = ("Optimizer", "ModelAndOptimizer")
_DECAYS = ("weight_decay", "weight_decay_rate")


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of ``nnx.Optimizer(adamw)``, ``nnx.ModelAndOptimizer(sgd,momentum=.9)``, or ``adamw``."""
    import optax

    wrapper = name.removeprefix("nnx.")
    asked = read(label or name)
    chosen = dict.fromkeys(asked.flags, True) | dict(asked.options) | dict(options)
    if wrapper in _WRAPPERS:
        inner = asked.flags[0] if asked.flags else ""
        chosen.pop(inner, None)
    else:
        wrapper, inner = "Optimizer", name
    factory = _transformation(optax, inner)
    if factory is None or asked.positional or asked.rest:
        raise ValueError(f"flax:{label or name}: no optimiser: write nnx.Optimizer(adamw), with a function of optax")
    call = settle(factory, "", chosen, ("learning_rate",), _DECAYS)
    made = partial(_injected, factory, call)
    return _box(label or name, wrapper, made, call, facts(defaults(factory), call.options))


def wrap(thing: Any) -> BlackBox:
    """Make the black box of an optimiser with a model: its transformation is taken, and keeps its rate and decay."""
    from flax import nnx

    if isinstance(thing, type):
        raise ValueError(f"flax: {thing.__name__} is a class: give an instance, or flax:nnx.Optimizer(adamw)")
    wrapper = "ModelAndOptimizer" if isinstance(thing, nnx.ModelAndOptimizer) else "Optimizer"
    nothing = Call(None, None, {}, None, None)
    box = _box(f"nnx.{wrapper}", wrapper, lambda lr, weight_decay: thing.tx, nothing, {"fixed": True})
    return BlackBox(**{**vars(box), "note": "its rate and decay are its own: neither could be changed"})


def _transformation(optax: Any, name: str) -> Callable[..., Any] | None:
    found: Any = functools.reduce(lambda at, part: getattr(at, part, None), name.split("."), optax)
    return found if callable(found) and "learning_rate" in defaults(found) else None


def _injected(factory: Callable[..., Any], call: Call, lr: float, weight_decay: float | None) -> Any:
    import optax

    fixed = {**call.options} | ({} if weight_decay is None or call.decay is None else {call.decay: weight_decay})
    return optax.inject_hyperparams(partial(factory, **fixed))(learning_rate=lr)


def _box(label: str, wrapper: str, made: Callable[..., Any], call: Call, known: Mapping[str, Any]) -> BlackBox:
    from importlib.metadata import version

    return BlackBox(
        library="flax",
        name=label,
        version=version("flax"),
        make=partial(_make, wrapper, made, bool(call.lr)),
        default_lr=call.default_lr,
        default_weight_decay=call.default_decay,
        dtypes=("float32", "float16", "bfloat16"),
        facts=known,
    )


def _make(
    wrapper: str,
    made: Callable[..., Any],
    rates: bool,
    lr: float = 0.1,
    weight_decay: float | None = 0.01,
    dtype: str = "float32",
) -> Held:
    import jax.numpy as jnp
    from flax import nnx

    class Model(nnx.Module):
        def __init__(self, params: Params) -> None:
            for name, w in params.items():
                setattr(self, name, nnx.Param(jnp.asarray(w, dtype)))

    @nnx.jit
    def updated(model: Any, optimiser: Any, grads: Any) -> None:
        optimiser.update(*((grads,) if wrapper == "ModelAndOptimizer" else (model, grads)))

    def begin(params: Params) -> tuple[Any, Any, list[str]]:
        model = Model(params)
        return model, getattr(nnx, wrapper)(model, made(lr, weight_decay), wrt=nnx.Param), list(params)

    def advance(state: tuple[Any, Any, list[str]], grads: Grads) -> None:
        model, optimiser, names = state
        absent = next((name for name in names if grads[name] is None), None)
        if absent is not None:
            raise ValueError(f"flax: {absent} without a gradient: nnx.Optimizer takes one for every parameter")
        updated(model, optimiser, nnx.State({name: nnx.Param(jnp.asarray(grads[name], dtype)) for name in names}))

    def write(state: tuple[Any, Any, list[str]], params: Params) -> None:
        for name in state[2]:
            getattr(state[0], name).set_value(jnp.asarray(params[name], dtype))

    def shown(state: tuple[Any, Any, list[str]]) -> Params:
        return {name: np.asarray(getattr(state[0], name)[...], np.float32) for name in state[2]}

    def rate(state: tuple[Any, Any, list[str]], lr: float) -> None:
        held = state[1].opt_state.hyperparams["learning_rate"]
        held.set_value(jnp.asarray(lr, held[...].dtype))

    return Held(begin, advance, shown, write, rate if rates else None)


LIBRARY = Library(
    name="flax",
    distribution="flax",
    modules=("flax",),
    requirements=("flax==0.12.8", "optax==0.2.8", "jax==0.10.2"),
    find=find,
    wrap=wrap,
    reads_labels=True,
    settings=(
        "nnx.Optimizer(adamw)",
        "nnx.Optimizer(lamb)",
        "nnx.Optimizer(lion)",
        "nnx.Optimizer(adan)",
        "nnx.Optimizer(contrib.muon)",
        "nnx.ModelAndOptimizer(adamw)",
    ),
)
