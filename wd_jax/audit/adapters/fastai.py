"""fastai's own optimisers: functions that give its Optimizer class of callbacks; the decay argument is wd."""

from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.adapters.torch_library import Recipe, box, number, version
from wd_jax.audit.black_box import BlackBox


def wrap(thing: Any) -> BlackBox:
    """Give the black box of one of the functions, or of an ``Optimizer`` with its callbacks."""
    if not hasattr(thing, "cbs"):
        return torch_instance.wrap("fastai", "fastai", thing)

    def construct(named: dict[str, Any], lr: float | None, weight_decay: float | None) -> Any:
        given = {key: value for key, value in (("lr", lr), ("wd", weight_decay)) if value is not None}
        return type(thing)(list(named.values()), cbs=thing.cbs, **{**thing.hypers[0], **given})

    more = f"; the other {len(thing.hypers) - 1} groups are not audited" if len(thing.hypers) > 1 else ""
    recipe = Recipe(
        construct=construct,
        default_lr=number(thing.hypers[0].get("lr")),
        default_weight_decay=number(thing.hypers[0].get("wd")),
        note=f"all parameters are put into one group{more}",
    )
    return box("fastai", type(thing).__name__, version("fastai"), recipe)


NAMES = ("SGD", "RMSProp", "Adam", "RAdam", "QHAdam", "Larc", "Lamb", "ranger")


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``fastai.optimizer.NAME``."""
    import fastai.optimizer

    return torch_find.by_name("fastai", "fastai", fastai.optimizer, name, options, label, known=lambda _: list(NAMES))


LIBRARY = Library(
    name="fastai",
    distribution="fastai",
    modules=("fastai",),
    requirements=("fastai==2.8.12", "torch==2.13.0", "numpy"),
    find=find,
    wrap=wrap,
    settings=(
        *NAMES,
        "SGD(mom=.9)",
        "SGD(decouple_wd=False)",
        "SGD(mom=.9,decouple_wd=False)",
        "RMSProp(decouple_wd=False)",
        "RMSProp(mom=.9)",
        "Adam(decouple_wd=False)",
        "RAdam(decouple_wd=False)",
        "QHAdam(decouple_wd=False)",
        "Larc(decouple_wd=False)",
        "Larc(clip=False)",
        "Lamb(decouple_wd=False)",
    ),
)
