"""tinygrad: optimisers hold tensors; where it finds no compiler they live on its interpreter, the device PYTHON."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, settle
from wd_jax.audit.adapters.held import Held
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params

_NAMES = ("SGD", "Adam", "AdamW", "LAMB", "LARS", "Muon")


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of ``tinygrad.nn.optim.NAME``."""
    import tinygrad.nn.optim

    factory = getattr(tinygrad.nn.optim, name, None)
    if name not in _NAMES and not callable(factory):
        raise ValueError(f"tinygrad:{name}: unknown optimiser: it has {', '.join(_NAMES)}")
    return wrap(factory, options, label)


def wrap(thing: Any, options: Mapping[str, Any] | None = None, label: str = "") -> BlackBox:
    """Make the black box of a class or a function that makes an optimiser."""
    from importlib.metadata import version

    if not callable(thing) or (hasattr(thing, "schedule_step") and not isinstance(thing, type)):
        raise ValueError(f"tinygrad: {type(thing).__name__} is bound to its tensors: give its class or a function")
    call = settle(thing, label, options or {}, ("lr",), ("weight_decay",))
    return BlackBox(
        library="tinygrad",
        name=label or thing.__name__,
        version=version("tinygrad"),
        make=partial(_make, thing, call),
        default_lr=call.default_lr,
        default_weight_decay=call.default_decay,
        dtypes=("float32", "float16", "bfloat16", "float64"),
        facts=facts(defaults(thing), call.options) | ({"slow": True} if device() == "PYTHON" else {}),
        note=f"device {device()}",
    )


@cache
def device() -> str:
    """Give tinygrad's default device, or its interpreter where it finds no device that it can use."""
    from tinygrad import Device

    try:
        return Device.DEFAULT
    except RuntimeError:
        return "PYTHON"


def _make(factory: Any, call: Call, lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> Held:
    def begin(params: Params) -> tuple[Any, dict[str, Any]]:
        with _there():
            tensors = {name: _tensor(w, dtype).is_param_() for name, w in params.items()}
            return factory(list(tensors.values()), **call.keywords(lr, weight_decay)), tensors

    def advance(state: tuple[Any, dict[str, Any]], grads: Grads) -> None:
        optimiser, tensors = state
        with _there():
            for name, tensor in tensors.items():
                gradient = grads[name]
                tensor.grad = None if gradient is None else _tensor(gradient, dtype)
            optimiser.step()

    def write(state: tuple[Any, dict[str, Any]], params: Params) -> None:
        with _there():
            for name, tensor in state[1].items():
                tensor.assign(_tensor(params[name], dtype)).realize()

    return Held(begin, advance, _read, write, _rate)


def _read(state: tuple[Any, dict[str, Any]]) -> Params:
    from tinygrad import dtypes

    with _there():
        return {name: tensor.detach().cast(dtypes.float32).numpy() for name, tensor in state[1].items()}


def _rate(state: tuple[Any, dict[str, Any]], lr: float) -> None:
    from tinygrad import Tensor

    held = state[0].lr
    with _there():
        held.assign(Tensor([lr], dtype=held.dtype).reshape(held.shape)).realize()


def _there() -> Any:
    from tinygrad.helpers import Context

    return Context(TRAINING=1, DEV=device())


def _tensor(w: np.ndarray, dtype: str) -> Any:
    from tinygrad import Tensor, dtypes

    wide = Tensor(np.ascontiguousarray(w, np.float32))
    return wide if dtype == "float32" else wide.cast(getattr(dtypes, dtype)).contiguous().realize()


LIBRARY = Library(
    name="tinygrad",
    distribution="tinygrad",
    modules=("tinygrad",),
    requirements=("tinygrad==0.14.0", "numpy"),
    find=find,
    reads_labels=True,
    wrap=wrap,
    settings=(
        "SGD",
        "SGD(momentum=.9)",
        "SGD(momentum=.9,classic)",
        "SGD(momentum=.9,nesterov)",
        "AdamW",
        "LARS",
        "LARS(momentum=0)",
        "LARS(nesterov)",
        "LAMB",
        "Muon",
        "Muon(momentum=0)",
    ),
)
