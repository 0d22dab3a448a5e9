"""Chainer: its Adam takes a decay of its own; the others get one from a hook, `WeightDecay` or `Lasso`."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from wd_jax.audit.adapters.arguments import Call, defaults, facts, read, settle
from wd_jax.audit.adapters.held import Held
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox, Grads, Params

_RATES = ("lr", "alpha")


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of ``chainer.optimizers.NAME``; ``+ hook`` after it, or ``+ hook Lasso``, gives the decay."""
    import chainer.optimizer_hooks
    import chainer.optimizers

    factory = getattr(chainer.optimizers, name, None)
    if not isinstance(factory, type):
        known = sorted(key for key, value in vars(chainer.optimizers).items() if isinstance(value, type))
        raise ValueError(f"chainer:{name}: unknown optimiser: it has {', '.join(known)}")
    hook = None
    if rest := read(label).rest:
        asked = re.fullmatch(r"\+\s*hook\s*(\w+)?", rest)
        hook = (asked[1] or "WeightDecay") if asked else ""
        if not hasattr(chainer.optimizer_hooks, hook):
            raise ValueError(f"chainer:{label}: {rest} could not be read: write + hook WeightDecay, or + hook Lasso")
    return _box(factory, options, label, hook)


def wrap(thing: Any) -> BlackBox:
    """Make the black box of a class, or of an instance with the hooks that it has."""
    if isinstance(thing, type):
        return _box(thing, {}, thing.__name__, None)
    taken = defaults(type(thing))
    held = thing.hyperparam.get_dict()
    options = {name: held[name] for name in taken if name in held and name not in (*_RATES, "weight_decay_rate")}
    hooks = [type(hook).__name__ for hook in thing._pre_update_hooks.values()] if thing._pre_update_hooks else []
    return _box(type(thing), options, type(thing).__name__, hooks[0] if hooks else None)


def _box(factory: Any, chosen: Mapping[str, Any], label: str, hook: str | None) -> BlackBox:
    import chainer

    taken = defaults(factory)
    rates = _RATES if "lr" in taken else ("alpha",) if "weight_decay_rate" in taken or "eta" in taken else ("lr",)
    call = settle(factory, label, chosen, rates, ("weight_decay_rate",), rest=True)
    if hook is None and call.decay is None:
        hook = "WeightDecay"
    return BlackBox(
        library="chainer",
        name=label,
        version=chainer.__version__,
        make=partial(_make, factory, call, hook),
        default_lr=call.default_lr,
        default_weight_decay=None if hook else call.default_decay,
        dtypes=("float32", "float16", "float64"),
        facts=facts(taken, call.options),
        note=f"the decay is that of the hook {hook}" if hook else "",
    )


def _make(
    factory: Any,
    call: Call,
    hook: str | None,
    lr: float = 0.1,
    weight_decay: float | None = 0.01,
    dtype: str = "float32",
) -> Held:
    import chainer

    def begin(params: Params) -> tuple[Any, dict[str, Any]]:
        link = chainer.Link()
        with link.init_scope():
            held = {name: chainer.Parameter(w.astype(dtype), name=name) for name, w in params.items()}
            for place, parameter in enumerate(held.values()):
                setattr(link, f"p{place}", parameter)
        optimiser = factory(**call.keywords(lr, None if hook else weight_decay))
        optimiser.setup(link)
        if hook and weight_decay is not None:
            optimiser.add_hook(getattr(chainer.optimizer_hooks, hook)(weight_decay))
        return optimiser, held

    def advance(state: tuple[Any, dict[str, Any]], grads: Grads) -> None:
        optimiser, held = state
        for name, parameter in held.items():
            gradient = grads[name]
            parameter.grad = None if gradient is None else np.array(gradient, dtype)
        optimiser.update()

    def write(state: tuple[Any, dict[str, Any]], params: Params) -> None:
        for name, parameter in state[1].items():
            parameter.data[...] = params[name]

    def rate(state: tuple[Any, dict[str, Any]], lr: float) -> None:
        setattr(state[0].hyperparam, str(call.lr), lr)

    read_back = lambda state: {name: parameter.data for name, parameter in state[1].items()}  # noqa: E731
    return Held(begin, advance, read_back, write, rate if call.lr else None)


LIBRARY = Library(
    name="chainer",
    distribution="chainer",
    modules=("chainer",),
    requirements=("chainer==7.8.1", "numpy==1.23.5"),
    build=("setuptools<70", "wheel", "numpy==1.23.5"),
    find=find,
    reads_labels=True,
    wrap=wrap,
    settings=(
        "Adam(weight_decay_rate)",
        "Adam(weight_decay_rate,eta=.1)",
        "AdamW",
        "AdamW(eta=.1)",
        "AMSGrad + hook WeightDecay",
        "AdaBound + hook WeightDecay",
        "AMSBound + hook WeightDecay",
        "SGD + hook WeightDecay",
        "SGD + hook Lasso",
        "MomentumSGD + hook WeightDecay",
        "MomentumSGD(.9) + hook",
        "MomentumSGD(.9) + hook WeightDecay",
        "CorrectedMomentumSGD(.9) + hook",
        "NesterovAG(.9) + hook",
        "Adam + hook WeightDecay",
        "Adam(amsgrad) + hook WeightDecay",
        "AdaGrad + hook",
        "AdaDelta + hook",
        "MSVAG + hook",
        "RMSprop + hook",
        "RMSpropGraves + hook",
        "SMORMS3 + hook",
    ),
)
