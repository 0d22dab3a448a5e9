"""Optax: every function that takes a weight decay, chains with ``add_decayed_weights``, and any transformation."""

import functools
import importlib
import inspect
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any

import numpy as np

from wd_jax.audit.adapters.compiling import quick
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params

Build = Callable[..., Any]
"""``build(optax, lr, given)`` gives a transformation; `given` is ``{"weight_decay": 0.01}``, or empty."""

_CHAINS: dict[str, Build] = {
    "chain(add_decayed_weights, sgd(momentum=.9))": lambda optax, lr, given: optax.chain(
        optax.add_decayed_weights(**given), optax.sgd(lr, momentum=0.9)
    ),
    "chain(add_decayed_weights, sgd)": lambda optax, lr, given: optax.chain(
        optax.add_decayed_weights(**given), optax.sgd(lr)
    ),
    "chain(add_decayed_weights, sgd(momentum=.9,nesterov))": lambda optax, lr, given: optax.chain(
        optax.add_decayed_weights(**given), optax.sgd(lr, momentum=0.9, nesterov=True)
    ),
    "chain(add_decayed_weights, adam)": lambda optax, lr, given: optax.chain(
        optax.add_decayed_weights(**given), optax.adam(lr)
    ),
    "chain(adam, add_decayed_weights)": lambda optax, lr, given: optax.chain(
        optax.adam(lr), optax.add_decayed_weights(**given)
    ),
    "chain(sgd, add_decayed_weights)": lambda optax, lr, given: optax.chain(
        optax.sgd(lr), optax.add_decayed_weights(**given)
    ),
    "contrib.mechanize(sgd)": lambda optax, lr, given: optax.contrib.mechanize(optax.sgd(lr), **given),
}
_FACTS_OF_CHAINS: dict[str, dict[str, Any]] = {
    "chain(add_decayed_weights, sgd(momentum=.9))": {"momentum": 0.9},
    "chain(add_decayed_weights, sgd(momentum=.9,nesterov))": {"momentum": 0.9, "nesterov": True},
}
_UNLISTED = tuple(
    label for label in _CHAINS if "adam" in label or "nesterov" in label or label.endswith("weights, sgd)")
)
"""Chains that are read and are no rows of the catalogue."""
_ALIKE = {
    "contrib.schedule_free_adamw (training y)": "contrib.schedule_free_adamw",
    "contrib.schedule_free_sgd (training y)": "contrib.schedule_free_sgd",
    "contrib.schedule_free_sgd (evaluation x)": "contrib.schedule_free_sgd",
    "adafactor(weight_decay_rate)": "adafactor",
}
_DECAYS = ("weight_decay", "weight_decay_rate")
_OUR_NAMES = {"b1": "beta1", "b2": "beta2", "momentum": "momentum", "eps": "eps", "beta": "momentum"}
SETTINGS = (
    *("adamw", "nadamw", "adamaxw", "lamb", "lars", "adan", "novograd", "adadelta", "lion", "optimistic_adam_v2"),
    "adafactor(weight_decay_rate)",
    *(label for label in _CHAINS if label not in _UNLISTED),
    *(label for label in _ALIKE if label.startswith("contrib.")),
    *("contrib.muon", "contrib.prodigy", "contrib.acprop", "contrib.galore", "contrib.madgrad", "contrib.cocob"),
    *("contrib.dog", "contrib.dowg", "contrib.dadapt_adamw", "contrib.momo_adam", "contrib.momo", "contrib.sophia"),
    *("contrib.ademamix", "contrib.simplified_ademamix"),
)


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of a label of `SETTINGS`, or of any optax function with options."""
    import optax

    importlib.import_module("optax.contrib")
    if label in _CHAINS:
        default = {"contrib.mechanize(sgd)": 0.01}.get(label, 0.0)
        return _box(label, _CHAINS[label], None, default, facts=_FACTS_OF_CHAINS.get(label, {}))
    exact = label in _ALIKE
    function = _function(optax, _ALIKE.get(label, name))
    if function is None:
        from wd_jax.audit.adapters.registry import unknown

        raise unknown("optax", name, [*SETTINGS, "sgd", "adam"])
    return _of_function(function, {} if exact else options, label, averaged=label.endswith("(evaluation x)"))


def wrap(thing: Any) -> BlackBox:
    """Make the black box of a factory such as ``optax.adamw``, a partial of one, or a transformation."""
    if isinstance(thing, functools.partial):
        if thing.args or {"learning_rate", *_DECAYS} & set(thing.keywords):
            raise ValueError(f"{thing.func.__name__}: the partial fixes the rate or the decay: leave both to the audit")
        return _of_function(thing.func, thing.keywords, thing.func.__name__)
    if hasattr(thing, "init") and hasattr(thing, "update"):
        fixed = _Compiled(lambda optax, lr, given: thing, averaged=False)
        return BlackBox(
            library="optax",
            name="a transformation",
            version=metadata.version("optax"),
            make=lambda lr=0.1, weight_decay=0.01, dtype="float32": _Driven(fixed, 0.0, None, dtype),
            dtypes=("float32", "bfloat16", "float16"),
            note="its rate and decay are its own: neither could be changed",
            facts={"fixed": True},
        )
    return _of_function(thing, {}, thing.__name__)


def _function(optax: Any, name: str) -> Callable[..., Any] | None:
    found = optax
    for part in name.split("."):
        found = getattr(found, part, None)
    return found if callable(found) and "learning_rate" in inspect.signature(found).parameters else None


def _of_function(
    function: Callable[..., Any], options: Mapping[str, Any], label: str, averaged: bool = False
) -> BlackBox:
    taken = inspect.signature(function).parameters
    wrong = next((name for name in options if name not in taken), None)
    if wrong:
        from wd_jax.audit.adapters.registry import nearest

        known = [name for name in taken if name not in ("learning_rate", *_DECAYS)]
        raise ValueError(f"optax:{label}: {wrong} is no option: {nearest(wrong, known)}it takes {', '.join(known)}")
    decay = next((name for name in _DECAYS if name in taken), None)

    def build(optax: Any, lr: float, given: dict[str, float]) -> Any:
        renamed = {decay: given["weight_decay"]} if decay and given else {}
        return function(learning_rate=lr, **options, **renamed)

    settled = {**{name: each.default for name, each in taken.items()}, **options}
    facts = {ours: settled[name] for name, ours in _OUR_NAMES.items() if isinstance(settled.get(name), int | float)}
    facts |= {"nesterov": True} if settled.get("nesterov") is True else {}
    return _box(
        label,
        build,
        _default(taken["learning_rate"].default),
        _default(taken[decay].default) if decay else None,
        facts=facts,
        averaged=averaged,
        note="" if decay else "it takes no weight decay: none was given",
    )


def _default(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _box(
    label: str,
    build: Build,
    lr: float | None,
    decay: float | None,
    facts: Mapping[str, Any],
    averaged: bool = False,
    note: str = "",
) -> BlackBox:
    compiled = _Compiled(build, averaged)

    def make(lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> _Scheduled:
        return _Scheduled(compiled, lr, decay if weight_decay is None else weight_decay, dtype)

    return BlackBox(
        library="optax",
        name=label,
        version=metadata.version("optax"),
        make=make,
        default_lr=lr,
        default_weight_decay=decay,
        dtypes=("float32", "bfloat16", "float16"),
        note=note,
        facts=dict(facts),
    )


class _Compiled:
    """The update of one optimiser, compiled with its rate and decay as arguments.

    Some functions ask for the value of the decay as they are built; these are compiled for each value.
    """

    def __init__(self, build: Build, averaged: bool) -> None:
        self.build, self.averaged = build, averaged
        self.by_decay: dict[Any, Callable[..., Any]] = {}

    def transformation(self, lr: Any, decay: Any) -> Any:
        import optax

        return optax.with_extra_args_support(self.build(optax, lr, {} if decay is None else {"weight_decay": decay}))

    def init(self, lr: float, decay: float | None, params: Any) -> Any:
        """Make the state, in one program: some functions ask for numbers as they begin, and begin uncompiled."""
        import jax

        try:
            return self._init(lr, decay, params)
        except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError):
            return self.transformation(lr, decay).init(params)

    @functools.cached_property
    def _init(self) -> Any:
        return quick(lambda lr, decay, params: self.transformation(lr, decay).init(params))

    def update(self, lr: float, decay: float | None, *rest: Any) -> Any:
        import jax

        key = None if decay is None else "any"
        if key == "any" and key not in self.by_decay and decay not in self.by_decay:
            self.by_decay[key] = quick(self._step)
            try:
                return self.by_decay[key](lr, decay, *rest)
            except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError):
                del self.by_decay[key]
        if key not in self.by_decay:
            key = decay
            if key not in self.by_decay:
                self.by_decay[key] = quick(lambda rate, *given: self._step(rate, decay, *given))
        return self.by_decay[key](lr, decay, *rest) if key == "any" else self.by_decay[key](lr, *rest)

    def _step(self, lr: Any, decay: Any, grads: Any, state: Any, params: Any) -> tuple[Any, Any]:
        import jax
        import optax

        def objective(at: Any) -> Any:
            return sum((g * w).sum() for g, w in zip(jax.tree.leaves(grads), jax.tree.leaves(at), strict=True))

        stepped = self.transformation(lr, decay).update(grads, state, params, value=1.0, obj_fn=objective)
        return optax.apply_updates(params, stepped[0]), stepped[1]


class _Driven:
    """A transformation with its state; it is stepped, as everywhere, by ``apply_updates``."""

    def __init__(self, compiled: _Compiled, lr: float, decay: float | None, dtype: str) -> None:
        self.compiled, self.lr, self.decay, self.dtype = compiled, lr, decay, dtype

    def init(self, params: Params) -> None:
        import jax.numpy as jnp

        self.params = {name: jnp.asarray(w, self.dtype) for name, w in params.items()}
        self.state = self.compiled.init(self.lr, self.decay, self.params)

    def step(self, params: Params, grads: Grads) -> Params:
        import jax.numpy as jnp

        absent = [name for name, g in grads.items() if g is None]
        if absent:
            raise ValueError(f"optax takes no missing gradient ({absent[0]}): a zero is given instead, and decays")
        given = {name: jnp.asarray(g, self.dtype) for name, g in grads.items()}
        self.params, self.state = self.compiled.update(self.lr, self.decay, given, self.state, self.params)
        shown = self.params
        if self.compiled.averaged:
            import optax

            shown = optax.contrib.schedule_free_eval_params(self.state, self.params)
        return {name: np.asarray(w, np.float32) for name, w in shown.items()}


class _Scheduled(_Driven):
    """One whose rate can be set."""

    def set_lr(self, lr: float) -> None:
        self.lr = lr


LIBRARY = Library(
    name="optax",
    distribution="optax",
    modules=("optax",),
    requirements=("optax==0.2.8", "jax==0.10.2"),
    find=find,
    wrap=wrap,
    settings=SETTINGS,
    words=tuple(label.removeprefix("chain").strip("() ") for label in _UNLISTED),
)
