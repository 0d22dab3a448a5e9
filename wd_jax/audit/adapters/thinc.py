"""thinc: an optimiser is called with a key, the weights and the gradient of one parameter."""

from collections.abc import Mapping
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, settle
from wd_jax.audit.adapters.held import Held
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params

_NAMES = ("SGD", "Adam", "RAdam", "Optimizer")


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of ``thinc.optimizers.NAME``."""
    module = _optimizers()
    if name not in _NAMES:
        raise ValueError(f"thinc:{name}: unknown optimiser: it has {', '.join(_NAMES)}")
    return _box(getattr(module, name), options, label)


def wrap(thing: Any) -> BlackBox:
    """Make the black box of a factory, or of an instance: its settings are read from its schedules."""
    module = _optimizers()
    if not isinstance(thing, module.Optimizer):
        return _box(thing, {}, getattr(thing, "__name__", ""))
    options = {ours: getattr(thing, held)(0) for ours, held in _HELD.items()}
    options |= {"use_radam": thing.use_radam, "L2_is_weight_decay": thing.L2_is_weight_decay}
    return _box(module.Optimizer, options, "Optimizer")


_HELD = {"beta1": "b1", "beta2": "b2", "eps": "eps", "grad_clip": "grad_clip"}


def _box(factory: Any, options: Mapping[str, Any], label: str) -> BlackBox:
    from importlib.metadata import version

    call = settle(factory, label, options, ("learn_rate",), ("L2",))
    return BlackBox(
        library="thinc",
        name=label,
        version=version("thinc"),
        make=partial(_make, factory, call),
        default_lr=call.default_lr,
        default_weight_decay=call.default_decay,
        facts=facts(defaults(factory), call.options),
        note="gradients are clipped to norm 1 unless grad_clip says otherwise" if "grad_clip" not in options else "",
    )


def _make(factory: Any, call: Call, lr: float = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> Held:
    if dtype != "float32":
        raise ValueError(f"thinc: dtype {dtype}: its state is float32: write float32")

    def begin(params: Params) -> tuple[Any, Params]:
        return factory(**call.keywords(lr, weight_decay)), params

    return Held(begin, _advance, lambda state: state[1], lambda state, params: state[1].update(params), _rate)


def _advance(state: tuple[Any, Params], grads: Grads) -> None:
    optimiser, params = state
    for key, (name, gradient) in enumerate(grads.items()):
        if gradient is not None:
            params[name], _ = optimiser((key, name), params[name].copy(), np.array(gradient, np.float32))
    optimiser.step_schedules()


def _rate(state: tuple[Any, Params], lr: float) -> None:
    from thinc.schedules import constant

    state[0].learn_rate = constant(lr)


def _optimizers() -> ModuleType:
    import thinc.optimizers

    return thinc.optimizers


LIBRARY = Library(
    name="thinc",
    distribution="thinc",
    modules=("thinc",),
    requirements=("thinc==9.1.1",),
    find=find,
    reads_labels=True,
    wrap=wrap,
    settings=(
        "SGD(L2)",
        "SGD(L2,L2_is_weight_decay=False)",
        "SGD(L2,grad_clip=0)",
        "SGD(L2,L2_is_weight_decay=False,grad_clip=0)",
        "Adam(L2)",
        "Adam(L2,L2_is_weight_decay=False)",
        "RAdam(L2)",
        "RAdam(L2,L2_is_weight_decay=False)",
        "Optimizer(L2)",
        "Optimizer(L2,L2_is_weight_decay=False)",
    ),
)
