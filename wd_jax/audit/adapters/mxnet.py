"""MXNet: an optimiser updates one array at a time, known by its index; decay is ``wd``, times a multiplier by name."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, settle
from wd_jax.audit.adapters.held import Held
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params

_NAMED = "param_idx2name"


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of ``mxnet.optimizer.NAME``; the flag ``param_idx2name`` tells it the parameters' names."""
    import mxnet.optimizer

    factory = mxnet.optimizer
    for part in name.split("."):
        factory = getattr(factory, part, None)
    if not (isinstance(factory, type) and issubclass(factory, mxnet.optimizer.Optimizer)):
        known = sorted(each.__name__ for each in mxnet.optimizer.Optimizer.opt_registry.values())
        raise ValueError(f"mxnet:{name}: unknown optimiser: it has {', '.join(known)}")
    return wrap(factory, options, label)


def wrap(thing: Any, options: Mapping[str, Any] | None = None, label: str = "") -> BlackBox:
    """Make the black box of a class, or of an instance: its settings are its attributes of the same names."""
    import mxnet

    factory, chosen = thing, dict(options or {})
    if not callable(thing):
        factory = type(thing)
        own = set(defaults(factory)) - set(defaults(mxnet.optimizer.Optimizer)) - {"learning_rate"}
        chosen = {name: getattr(thing, name) for name in own if hasattr(thing, name)}
    named = chosen.pop(_NAMED, False)
    spelled = re.sub(rf",?\s*{_NAMED}", "", label)
    call = settle(factory, spelled, chosen, ("learning_rate",), ("wd", "wd_lh"), (_NAMED,))
    return BlackBox(
        library="mxnet",
        name=label or factory.__name__,
        version=mxnet.__version__,
        make=partial(_make, factory, call, named),
        default_lr=call.default_lr,
        default_weight_decay=call.default_decay,
        dtypes=("float32", "float16"),
        facts=facts(defaults(factory), call.options),
        note="" if named else "the parameters have no names here: with names (param_idx2name) biases do not decay",
    )


def _make(
    factory: Any, call: Call, named: bool, lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32"
) -> Held:
    import mxnet

    def begin(params: Params) -> tuple[Any, Any, dict[str, Any]]:
        held = {name: mxnet.nd.array(w, dtype=dtype) for name, w in params.items()}
        names = {index: name if name == "bias" else f"{name}_weight" for index, name in enumerate(held)}
        optimiser = factory(**call.keywords(lr, weight_decay), **({_NAMED: names} if named else {}))
        return optimiser, mxnet.optimizer.get_updater(optimiser), held

    def advance(state: tuple[Any, Any, dict[str, Any]], grads: Grads) -> None:
        _, updater, held = state
        for index, (name, weight) in enumerate(held.items()):
            gradient = grads[name]
            if gradient is not None:
                updater(index, mxnet.nd.array(gradient, dtype=dtype), weight)

    def write(state: tuple[Any, Any, dict[str, Any]], params: Params) -> None:
        for name, weight in state[2].items():
            weight[:] = mxnet.nd.array(params[name], dtype=dtype)

    return Held(begin, advance, _read, write, lambda state, lr: state[0].set_learning_rate(lr))


def _read(state: tuple[Any, Any, dict[str, Any]]) -> Params:
    return {name: weight.asnumpy().astype(np.float32) for name, weight in state[2].items()}


LIBRARY = Library(
    name="mxnet",
    distribution="mxnet",
    modules=("mxnet",),
    requirements=("mxnet==1.9.1", "numpy==1.23.5"),
    find=find,
    reads_labels=True,
    wrap=wrap,
    settings=(
        "SGD",
        "SGD(momentum=.9)",
        "SGD(momentum=.9,param_idx2name)",
        "NAG(momentum=.9)",
        "Adam",
        "Adamax",
        "Nadam",
        "AdaGrad",
        "AdaDelta",
        "RMSProp",
        "RMSProp(centered)",
        "Signum",
        "Signum(momentum=0)",
        "Signum(wd_lh)",
        "FTML",
        "Ftrl",
        "LAMB",
        "LARS",
        "LARS(momentum=.9)",
        "LBSGD",
        "DCASGD",
    ),
)
