"""MLX: an optimiser maps gradients and parameters to new parameters; its CPU build runs on Linux."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, settle
from wd_jax.audit.adapters.held import Held
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of ``mlx.optimizers.NAME``."""
    import mlx.optimizers as module

    factory = getattr(module, name, None)
    if not (isinstance(factory, type) and issubclass(factory, module.Optimizer)):
        known = sorted(key for key, value in vars(module).items() if isinstance(value, type))
        raise ValueError(f"mlx:{name}: unknown optimiser: it has {', '.join(known)}")
    return wrap(factory, options, label)


def wrap(thing: Any, options: Mapping[str, Any] | None = None, label: str = "") -> BlackBox:
    """Make the black box of a class, or of an instance: its settings are its attributes of the same names."""
    from importlib.metadata import version

    factory, chosen = thing, dict(options or {})
    if not callable(thing):
        factory = type(thing)
        held = {name: getattr(thing, name) for name in defaults(factory) if hasattr(thing, name)}
        chosen = {name: value for name, value in held.items() if name not in ("learning_rate", "weight_decay")}
    call = settle(factory, label, chosen, ("learning_rate",), ("weight_decay",))
    return BlackBox(
        library="mlx",
        name=label or factory.__name__,
        version=version("mlx"),
        make=partial(_make, factory, call),
        default_lr=call.default_lr,
        default_weight_decay=call.default_decay,
        dtypes=("float32", "float16", "bfloat16"),
        facts=facts(defaults(factory), call.options),
    )


def _make(factory: Any, call: Call, lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> Held:
    def begin(params: Params) -> list[Any]:
        held = {name: _array(w, dtype) for name, w in params.items()}
        optimiser = factory(**call.keywords(lr, weight_decay))
        optimiser.init(held)
        return [optimiser, held]

    def advance(state: list[Any], grads: Grads) -> None:
        optimiser, held = state
        given = {name: _array(g, dtype) for name, g in grads.items() if g is not None}
        if given:
            state[1] = held | optimiser.apply_gradients(given, held)

    def write(state: list[Any], params: Params) -> None:
        state[1] = {name: _array(params[name], dtype) for name in state[1]}

    return Held(begin, advance, _read, write, _rate)


def _read(state: list[Any]) -> Params:
    import mlx.core as mx

    return {name: np.array(w.astype(mx.float32), np.float32) for name, w in state[1].items()}


def _rate(state: list[Any], lr: float) -> None:
    state[0].learning_rate = lr


def _array(w: np.ndarray, dtype: str) -> Any:
    import mlx.core as mx

    return mx.array(np.asarray(w, np.float32)).astype(getattr(mx, dtype))


LIBRARY = Library(
    name="mlx",
    distribution="mlx",
    modules=("mlx",),
    requirements=("mlx==0.32.4", "mlx-cpu==0.32.4; sys_platform == 'linux'", "numpy"),
    find=find,
    reads_labels=True,
    wrap=wrap,
    settings=(
        "SGD",
        "SGD(momentum=.9)",
        "SGD(momentum=.9,nesterov)",
        "SGD(momentum=.9,dampening=.9)",
        "AdamW",
        "AdamW(bias_correction)",
        "Lion",
        "Adafactor",
        "Adafactor(beta_1=.9)",
        "Adafactor(relative_step=False)",
        "Adafactor(relative_step=False,scale_parameter=False)",
        "Muon",
    ),
)
