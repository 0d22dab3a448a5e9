"""MindSpore: ``nn.NAME``, ``experimental.NAME`` and ``mint.NAME`` (which does nothing on a CPU)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, settle
from wd_jax.audit.adapters.held import Held
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params

_MODULES = {"nn": "mindspore.nn", "experimental": "mindspore.experimental.optim", "mint": "mindspore.mint.optim"}
_RATES = ("learning_rate", "lr")


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of ``nn.NAME``, ``experimental.NAME`` or ``mint.NAME``; capitals do not matter."""
    import importlib

    family, _, short = name.rpartition(".")
    family = family or "nn"
    if family not in _MODULES:
        raise ValueError(f"mindspore:{name}: unknown optimiser: write nn.NAME, experimental.NAME or mint.NAME")
    module = importlib.import_module(_MODULES[family])
    classes = {key.lower(): value for key, value in vars(module).items() if isinstance(value, type)}
    factory = classes.get(short.lower())
    if factory is None:
        known = sorted(key for key, value in vars(module).items() if isinstance(value, type) and _takes_rate(value))
        raise ValueError(f"mindspore:{name}: unknown optimiser: {family} has {', '.join(known)}")
    return wrap(factory, options, label)


def wrap(thing: Any, options: Mapping[str, Any] | None = None, label: str = "") -> BlackBox:
    """Make the black box of a class."""
    import mindspore

    if not callable(thing) or not _takes_rate(thing):
        raise ValueError(f"mindspore: {type(thing).__name__} is bound to its parameters: give its class")
    call = settle(thing, label, options or {}, _RATES, ("weight_decay",))
    return BlackBox(
        library="mindspore",
        name=label or thing.__name__,
        version=mindspore.__version__,
        make=partial(_make, thing, call),
        default_lr=call.default_lr,
        default_weight_decay=call.default_decay,
        dtypes=("float32", "float16"),
        facts=facts(defaults(thing), call.options),
        note="names with beta or gamma in them do not decay" if ".nn." in thing.__module__ else "",
    )


def _make(factory: Any, call: Call, lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> Held:
    import mindspore

    def begin(params: Params) -> tuple[Any, dict[str, Any]]:
        held = {name: mindspore.Parameter(_tensor(w, dtype), name=name) for name, w in params.items()}
        return factory(list(held.values()), **call.keywords(lr, weight_decay)), held

    def advance(state: tuple[Any, dict[str, Any]], grads: Grads) -> None:
        optimiser, held = state
        absent = next((name for name in held if grads[name] is None), None)
        if absent is not None:
            raise ValueError(f"mindspore: {absent} without a gradient: its optimisers take one for every parameter")
        optimiser(tuple(_tensor(grads[name], dtype) for name in held))

    def write(state: tuple[Any, dict[str, Any]], params: Params) -> None:
        for name, parameter in state[1].items():
            parameter.set_data(_tensor(params[name], dtype))

    return Held(begin, advance, _read, write, _rate)


def _rate(state: tuple[Any, dict[str, Any]], lr: float) -> None:
    import mindspore

    groups = getattr(state[0], "param_groups", None)
    held = [group["lr"] for group in groups] if groups else [state[0].learning_rate]
    for place, each in enumerate(held):
        if isinstance(each, mindspore.Parameter):
            mindspore.ops.assign(each, mindspore.Tensor(lr, each.dtype))
        elif groups:
            groups[place]["lr"] = lr
        else:
            raise ValueError("mindspore: its learning rate cannot be set")


def _tensor(w: Any, dtype: str) -> Any:
    import mindspore

    return mindspore.Tensor(np.asarray(w, np.float32).astype(dtype))


def _read(state: tuple[Any, dict[str, Any]]) -> Params:
    return {name: parameter.asnumpy().astype(np.float32) for name, parameter in state[1].items()}


def _takes_rate(thing: Any) -> bool:
    return any(name in defaults(thing) for name in _RATES)


LIBRARY = Library(
    name="mindspore",
    distribution="mindspore",
    modules=("mindspore",),
    requirements=("mindspore==2.10.0",),
    find=find,
    reads_labels=True,
    wrap=wrap,
    settings=(
        "nn.SGD",
        "nn.SGD(momentum=.9)",
        "nn.SGD(momentum=.9,nesterov)",
        "nn.Momentum(.9)",
        "nn.Momentum(.9,use_nesterov)",
        "nn.Adam",
        "nn.Adam(use_amsgrad)",
        "nn.AdamWeightDecay",
        "nn.AdamOffload",
        "nn.LazyAdam",
        "nn.AdaMax",
        "nn.Adagrad",
        "nn.AdaDelta",
        "nn.RMSProp",
        "nn.RMSProp(centered)",
        "nn.FTRL",
        "nn.ProximalAdagrad",
        "nn.AdaFactor(relative_step=False)",
        "nn.ASGD",
        "nn.Rprop",
        "experimental.SGD",
        "experimental.SGD(momentum=.9)",
        "experimental.SGD(momentum=.9,nesterov)",
        "experimental.Adam",
        "experimental.AdamW",
        "experimental.NAdam",
        "experimental.RAdam",
        "experimental.RMSprop",
        "experimental.Adagrad",
        "experimental.Adadelta",
        "experimental.Adamax",
        "experimental.ASGD",
        "experimental.Rprop",
        "mint.SGD",
        "mint.Adam",
    ),
)
