"""PaddlePaddle: optimisers hold parameters with their gradients; decay may be an object, ``L1Decay``."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, settle
from wd_jax.audit.adapters.held import Held
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params

_DECAYS = ("weight_decay", "lamb_weight_decay")
_REGULARISERS = ("L1Decay", "L2Decay")


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of ``paddle.optimizer.NAME``; ``weight_decay=L1Decay`` hands the decay over as that object."""
    import paddle

    factory = getattr(paddle.optimizer, name, None)
    if not (isinstance(factory, type) and issubclass(factory, paddle.optimizer.Optimizer)):
        known = sorted(key for key, value in vars(paddle.optimizer).items() if isinstance(value, type))
        raise ValueError(f"paddle:{name}: unknown optimiser: it has {', '.join(known)}")
    return wrap(factory, options, label)


def wrap(thing: Any, options: Mapping[str, Any] | None = None, label: str = "") -> BlackBox:
    """Make the black box of a class or a function that makes an optimiser of ``parameters``."""
    import paddle

    if not callable(thing):
        raise ValueError(f"paddle: {type(thing).__name__} is bound to its parameters: give its class or a function")
    chosen = dict(options or {})
    regulariser = chosen.pop("weight_decay") if chosen.get("weight_decay") in _REGULARISERS else None
    spelled = re.sub(r"weight_decay\s*=\s*\w+", "", label) if regulariser else label
    call = settle(thing, spelled, chosen, ("learning_rate",), _DECAYS, ("name",))
    return BlackBox(
        library="paddle",
        name=label or thing.__name__,
        version=paddle.__version__,
        make=partial(_make, thing, call, regulariser),
        default_lr=call.default_lr,
        default_weight_decay=call.default_decay,
        dtypes=("float32", "float64", *(("float16", "bfloat16") if paddle.is_compiled_with_cuda() else ())),
        facts=facts(defaults(thing), call.options),
    )


def _make(
    factory: Any,
    call: Call,
    regulariser: str | None,
    lr: float = 0.1,
    weight_decay: float | None = 0.01,
    dtype: str = "float32",
) -> Held:
    import paddle

    def begin(params: Params) -> tuple[Any, dict[str, Any]]:
        held = {name: _parameter(w, dtype) for name, w in params.items()}
        keywords = call.keywords(lr, weight_decay)
        if regulariser is not None and weight_decay is not None:
            keywords["weight_decay"] = getattr(paddle.regularizer, regulariser)(weight_decay)
        elif isinstance(keywords.get("weight_decay"), int):
            keywords["weight_decay"] = float(keywords["weight_decay"])
        return factory(parameters=list(held.values()), **keywords), held

    def advance(state: tuple[Any, dict[str, Any]], grads: Grads) -> None:
        optimiser, held = state
        optimiser.clear_grad()
        for name, parameter in held.items():
            gradient = grads[name]
            if gradient is not None:
                parameter.grad = paddle.to_tensor(np.asarray(gradient, np.float32)).astype(dtype)
        optimiser.step()

    return Held(begin, advance, _read, _write, lambda state, lr: state[0].set_lr(lr))


def _parameter(w: np.ndarray, dtype: str) -> Any:
    import paddle

    zero = paddle.nn.initializer.Constant(0.0)
    parameter = paddle.create_parameter(list(w.shape), dtype, default_initializer=zero)
    parameter.set_value(paddle.to_tensor(np.asarray(w, np.float32)).astype(dtype))
    return parameter


def _read(state: tuple[Any, dict[str, Any]]) -> Params:
    return {name: parameter.detach().astype("float32").numpy() for name, parameter in state[1].items()}


def _write(state: tuple[Any, dict[str, Any]], params: Params) -> None:
    import paddle

    for name, parameter in state[1].items():
        parameter.set_value(paddle.to_tensor(np.asarray(params[name], np.float32)).astype(parameter.dtype))


LIBRARY = Library(
    name="paddle",
    distribution="paddlepaddle",
    modules=("paddle",),
    requirements=("paddlepaddle==3.3.1", "setuptools"),
    find=find,
    reads_labels=True,
    wrap=wrap,
    settings=(
        "SGD",
        "SGD(weight_decay=L1Decay)",
        "SGD(weight_decay=L2Decay)",
        "Momentum(.9)",
        "Momentum(.9,use_nesterov)",
        "Momentum(.9,weight_decay=L1Decay)",
        "Adam",
        "Adam(amsgrad)",
        "Adam(weight_decay=L1Decay)",
        "AdamW",
        "AdamW(amsgrad)",
        "Adamax",
        "NAdam",
        "RAdam",
        "Lamb",
        "Lamb(lamb_weight_decay)",
        "Lamb(always_adapt)",
        "RMSProp",
        "RMSProp(momentum=.9)",
        "RMSProp(centered)",
        "Adagrad",
        "Adadelta",
        "ASGD",
        "Rprop",
    ),
)
