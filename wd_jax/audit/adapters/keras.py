"""Keras 3: an optimiser of any backend, applied to variables; the backend is the user's choice and is left alone."""

import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from functools import cache, partial
from types import ModuleType
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, settle
from wd_jax.audit.adapters.held import Held
from wd_jax.audit.adapters.keras_compiled import Stepped
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params

_LOST = "; exclude_from_weight_decay is lost when it is saved and loaded"
DECAYS = ("weight_decay", "l2_regularization_strength", "adam_weight_decay")


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of ``keras.optimizers.NAME``."""
    optimizers = module().optimizers
    factory = getattr(optimizers, name, None)
    if not (isinstance(factory, type) and issubclass(factory, optimizers.Optimizer)):
        known = sorted(key for key, value in vars(optimizers).items() if isinstance(value, type))
        raise ValueError(f"keras:{name}: unknown optimiser: it has {', '.join(known)}")
    return _box(factory, options, label)


def wrap(thing: Any) -> BlackBox:
    """Make the black box of a class, or of an instance: its settings are those of its ``get_config()``."""
    module()
    if isinstance(thing, type):
        return _box(thing, {}, thing.__name__)
    taken = defaults(type(thing))
    config = {name: value for name, value in thing.get_config().items() if name in taken}
    options = {name: value for name, value in config.items() if name not in ("learning_rate", "weight_decay", "name")}
    return _box(type(thing), options, type(thing).__name__)


def module() -> ModuleType:
    """Import Keras with the backend that the user chose; where that one is absent, with the first that is installed."""
    if "keras" in sys.modules:
        return sys.modules["keras"]
    spare = [name for name in ("jax", "torch", "tensorflow") if importlib.util.find_spec(name) is not None]
    chosen = "KERAS_BACKEND" in os.environ
    try:
        return importlib.import_module("keras")
    except ImportError:
        if chosen or not spare:
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "keras"]:
            del sys.modules[name]
        os.environ["KERAS_BACKEND"] = spare[0]
        try:
            return importlib.import_module("keras")
        finally:
            del os.environ["KERAS_BACKEND"]


def _box(factory: Any, options: Mapping[str, Any], label: str) -> BlackBox:
    call = settle(factory, label, options, ("learning_rate",), DECAYS, ("name",))
    keras = module()
    return BlackBox(
        library="keras",
        name=label,
        version=keras.__version__,
        make=partial(_make, factory, call, Stepped(call.decay)),
        default_lr=call.default_lr,
        default_weight_decay=call.default_decay,
        dtypes=("float32", "float16", "bfloat16", "float64"),
        facts=facts(defaults(factory), call.options),
        note=f"{keras.config.backend()} backend" + ("" if keeps_exclusions() else _LOST),
    )


@cache
def keeps_exclusions() -> bool:
    """Say whether `exclude_from_weight_decay` outlives a saving and loading: an AdamW is asked, by one step."""
    keras = module()
    first = keras.optimizers.AdamW(learning_rate=0.1, weight_decay=0.1)
    first.exclude_from_weight_decay(var_names=["bias"])
    bias = keras.Variable(np.ones(1, np.float32), name="bias")
    again = type(first).from_config(first.get_config())
    again.build([bias])
    again.apply([_array(np.zeros(1), "float32")], [bias])
    return bool(keras.ops.convert_to_numpy(bias)[0] == 1)


def _make(
    factory: Any,
    call: Call,
    stepped: Stepped,
    lr: float = 0.1,
    weight_decay: float | None = 0.01,
    dtype: str = "float32",
) -> Held:
    keras = module()

    def begin(params: Params) -> tuple[Any, dict[str, Any]]:
        held = {
            name: keras.Variable(_array(w, dtype), dtype=dtype, name=name.replace("/", "_"))
            for name, w in params.items()
        }
        optimiser = factory(**call.keywords(lr, weight_decay))
        optimiser.build(list(held.values()))
        return optimiser, held

    def advance(state: tuple[Any, dict[str, Any]], grads: Grads) -> None:
        optimiser, held = state
        given = [None if grads[name] is None else _array(grads[name], dtype) for name in held]
        stepped.apply(optimiser, given, list(held.values()))

    def write(state: tuple[Any, dict[str, Any]], params: Params) -> None:
        for name, variable in state[1].items():
            variable.assign(_array(params[name], dtype))

    def rate(state: tuple[Any, dict[str, Any]], lr: float) -> None:
        state[0].learning_rate = lr

    return Held(begin, advance, _read, write, rate)


def _read(state: tuple[Any, dict[str, Any]]) -> Params:
    ops = module().ops
    return {name: np.array(ops.convert_to_numpy(ops.cast(w, "float32"))) for name, w in state[1].items()}


def _array(w: Any, dtype: str) -> Any:
    ops = module().ops
    return ops.cast(ops.convert_to_tensor(np.asarray(w, np.float32)), dtype)


LIBRARY = Library(
    name="keras",
    distribution="keras",
    modules=("keras",),
    requirements=("keras==3.15.1", "jax==0.10.2"),
    find=find,
    reads_labels=True,
    wrap=wrap,
    settings=(
        "SGD",
        "SGD(momentum=.9)",
        "SGD(momentum=.9,nesterov)",
        "Adam",
        "Adam(amsgrad)",
        "AdamW",
        "Nadam",
        "RMSprop",
        "RMSprop(momentum=.9,centered)",
        "Adagrad",
        "Adadelta",
        "Adamax",
        "Adafactor",
        "Adafactor(relative_step=False)",
        "Lamb",
        "Lion",
        "Muon",
        "Muon(adam_weight_decay)",
        "ScheduleFreeAdamW",
        "Ftrl",
        "Ftrl(weight_decay)",
        "Ftrl(l2_regularization_strength)",
        "AdamW(use_ema)",
    ),
)
