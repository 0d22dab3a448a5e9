"""fastai's own optimisers: functions that give its Optimizer class of callbacks; the decay argument is wd."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox

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
    wrap=functools.partial(torch_instance.wrap, "fastai", "fastai"),
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
