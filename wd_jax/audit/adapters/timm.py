"""timm, by the names of create_optimizer_v2: of a model, so that it groups biases and vectors apart by itself."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_groups, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.adapters.torch_library import Recipe, box, default_of, dtype_in, number, version
from wd_jax.audit.adapters.torch_protocol import without_compiler
from wd_jax.audit.black_box import BlackBox

LOOKAHEAD = "lookahead_"


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``timm.optim.create_optimizer_v2(model, NAME)``, or of a class of ``timm.optim``."""
    import timm.optim

    short = name.lower().removeprefix(LOOKAHEAD)
    if short not in timm.optim.list_optimizers() or (name != name.lower() and hasattr(timm.optim, name)):
        return torch_find.by_name("timm", "timm", timm.optim, name, options, label, known=_known)
    given, dtype = dtype_in(options, timm.optim.create_optimizer_v2)

    def construct(named: dict[str, Any], lr: float | None, weight_decay: float | None) -> Any:
        decay = {} if weight_decay is None else {"weight_decay": weight_decay}
        return timm.optim.create_optimizer_v2(torch_groups.as_model(named), name, lr=lr, **{**given, **decay})

    factory = timm.optim.get_optimizer_class(short, bind_defaults=False)
    default = number(default_of(factory, "weight_decay"))
    note = "biases and all one-dimensional parameters are put apart and not decayed (filter_bias_and_bn)"
    if default:
        note += f"; create_optimizer_v2 itself passes weight_decay=0 where nothing is said, the class {default:g}"
    if "kron" in short:
        note += "; run with torch.compile replaced by a plain call (same code, eager)"
    recipe = Recipe(
        construct=construct,
        default_lr=number(default_of(factory, "lr")),
        default_weight_decay=default,
        note=note,
        dtype=dtype,
        facts={"slow": True} if "kron" in short else {},
        around=without_compiler,
    )
    return box("timm", label, version("timm"), recipe)


def _known(module: Any) -> list[str]:
    return [*module.list_optimizers(), *torch_find.names(module)]


LIBRARY = Library(
    name="timm",
    distribution="timm",
    modules=("timm",),
    requirements=("timm==1.0.31", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "timm", "timm"),
    settings=tuple(
        "sgd momentum nesterov sgdw csgdw sgdc csgdc nesterovw sgdp csgdp adam adamw adamwlegacy cadamw adamc cadamc "
        "adamax adamp cadamp adan adanw cadan cadanw nadam nadamlegacy nadamw cnadamw nadamc cnadamc radam radamlegacy "
        "radamw radabelief adabelief adadelta adagrad adafactor cadafactor adafactorbv adafactorbvc cadafactorbv "
        "cadafactorbvc adahessian adopt adoptw adoptc cadopt cadoptw cadoptc lamb lambw lambc lambcw lambcd clamb "
        "clambw larc nlarc lars nlars laprop lapropc claprop lion lionc clion clionc madgrad madgradw mars cmars "
        "novograd novogradw novogradc rmsprop rmsproptf rmsproptfw rmsproptfc crmsproptf muon nmuon adamuon nadamuon "
        "kron kronw kronc lookahead_adamw lookahead_sgd lookahead_adam".split()
    ),
)
