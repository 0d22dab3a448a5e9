"""Flax NNX: ``nnx.Optimizer`` and ``nnx.ModelAndOptimizer`` around a transformation of optax."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, read, settle
from wd_jax.audit.adapters.compiling import quick
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
    return _box(label or name, _Compiled(wrapper, factory, call), call, facts(defaults(factory), call.options))


def wrap(thing: Any) -> BlackBox:
    """Make the black box of an optimiser with a model: its transformation is taken, and keeps its rate and decay."""
    from flax import nnx

    if isinstance(thing, type):
        raise ValueError(f"flax: {thing.__name__} is a class: give an instance, or flax:nnx.Optimizer(adamw)")
    wrapper = "ModelAndOptimizer" if isinstance(thing, nnx.ModelAndOptimizer) else "Optimizer"
    nothing = Call(None, None, {}, None, None)
    box = _box(f"nnx.{wrapper}", _Compiled(wrapper, lambda: thing.tx, nothing), nothing, {"fixed": True})
    return dataclasses.replace(box, note="its rate and decay are its own: neither could be changed")


def _transformation(optax: Any, name: str) -> Callable[..., Any] | None:
    found: Any = functools.reduce(lambda at, part: getattr(at, part, None), name.split("."), optax)
    return found if callable(found) and "learning_rate" in defaults(found) else None


class _Compiled:
    """The update of one optimiser; its rate, and its decay where that can be, are arguments of one compiled program."""

    def __init__(self, wrapper: str, factory: Callable[..., Any], call: Call) -> None:
        self.wrapper, self.factory, self.call = wrapper, factory, call
        self.transformation = functools.cache(self._transformation)

    def _transformation(self, decay: float | str | None) -> Any:
        """Build it: for a decay of "any", which is set later, for one that is built in, or for the library's own."""
        import optax

        if self.call.lr is None:
            return self.factory()
        given: dict[str, Any] = {} if decay is None or self.call.decay is None else {self.call.decay: decay}
        if decay == "any":
            return optax.inject_hyperparams(partial(self.factory, **self.call.options))(
                0.1, **dict.fromkeys(given, 0.01)
            )
        return optax.inject_hyperparams(partial(self.factory, **self.call.options, **given))(0.1)

    @functools.cached_property
    def any_decay(self) -> bool:
        """Say whether the decay can be an argument: some functions of optax ask for its value as they are built."""
        import jax
        import jax.numpy as jnp

        if self.call.lr is None or self.call.decay is None:
            return False

        def step(decay: Any) -> Any:
            made = self.factory(0.1, **self.call.options, **{str(self.call.decay): decay})
            return made.update(at, made.init(at), at)[0]

        at = {"w": jnp.ones((4, 4))}
        try:
            jax.eval_shape(step, 0.01)
        except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError):
            return False
        return True

    @functools.cached_property
    def model(self) -> Any:
        import jax.numpy as jnp
        from flax import nnx

        class Model(nnx.Module):
            def __init__(self, params: Params, dtype: str) -> None:
                for name, w in params.items():
                    setattr(self, name, nnx.Param(jnp.asarray(w, dtype)))

        return Model

    @functools.cached_property
    def updated(self) -> Any:
        """Give the compiled step: of the states of model and optimiser, with what is no array as a fixed argument."""
        from flax import nnx

        def step(graph: Any, state: Any, grads: Any) -> Any:
            model, optimiser = nnx.merge(graph, state)
            optimiser.update(grads) if self.wrapper == "ModelAndOptimizer" else optimiser.update(model, grads)
            return nnx.state((model, optimiser))

        return quick(step, static_argnums=0)


def _box(label: str, compiled: _Compiled, call: Call, known: Mapping[str, Any]) -> BlackBox:
    from importlib.metadata import version

    return BlackBox(
        library="flax",
        name=label,
        version=version("flax"),
        make=partial(_make, compiled),
        default_lr=call.default_lr,
        default_weight_decay=call.default_decay,
        dtypes=("float32", "float16", "bfloat16"),
        facts=known,
    )


def _make(compiled: _Compiled, lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> Held:
    import jax.numpy as jnp
    from flax import nnx

    def begin(params: Params) -> tuple[Any, Any, list[str]]:
        model = compiled.model(params, dtype)
        decay = "any" if weight_decay is not None and compiled.any_decay else weight_decay
        optimiser = getattr(nnx, compiled.wrapper)(model, compiled.transformation(decay), wrt=nnx.Param)
        state = model, optimiser, list(params)
        if compiled.call.lr is not None:
            hyperparameter(state, "learning_rate", lr)
        if decay == "any":
            hyperparameter(state, str(compiled.call.decay), weight_decay)
        return state

    def advance(state: tuple[Any, Any, list[str]], grads: Grads) -> None:
        model, optimiser, names = state
        absent = next((name for name in names if grads[name] is None), None)
        if absent is not None:
            raise ValueError(f"flax: {absent} without a gradient: nnx.Optimizer takes one for every parameter")
        given = nnx.State({name: nnx.Param(jnp.asarray(grads[name], dtype)) for name in names})
        graph, now = nnx.split((model, optimiser))
        nnx.update((model, optimiser), compiled.updated(graph, now, given))

    def write(state: tuple[Any, Any, list[str]], params: Params) -> None:
        for name in state[2]:
            getattr(state[0], name).set_value(jnp.asarray(params[name], dtype))

    def shown(state: tuple[Any, Any, list[str]]) -> Params:
        return {name: np.asarray(getattr(state[0], name)[...], np.float32) for name in state[2]}

    def hyperparameter(state: tuple[Any, Any, list[str]], name: str, value: float | None) -> None:
        held = state[1].opt_state.hyperparams[name]
        held.set_value(jnp.asarray(value, held[...].dtype))

    rate = partial(_rate, hyperparameter) if compiled.call.lr is not None else None
    return Held(begin, advance, shown, write, rate)


def _rate(hyperparameter: Callable[..., None], state: tuple[Any, Any, list[str]], lr: float) -> None:
    hyperparameter(state, "learning_rate", lr)


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
