"""torch-optimi (module optimi): decay of the gradient, decoupled, or decoupled from the rate as well."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``optimi.NAME``."""
    import optimi

    return torch_find.by_name("torch-optimi", "torch-optimi", optimi, name, options, label)


LIBRARY = Library(
    name="torch-optimi",
    distribution="torch-optimi",
    modules=("optimi",),
    requirements=("torch-optimi==0.3.3", "torch==2.13.0", "numpy", "packaging"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "torch-optimi", "torch-optimi"),
    settings=(
        "AdamW",
        "AdamW(decouple_lr=True)",
        "SGD",
        "SGD(decouple_wd=True)",
        "SGD(decouple_lr=True)",
        "SGD(momentum=.9)",
        "SGD(momentum=.9,decouple_wd=True)",
        "SGD(momentum=.9,decouple_lr=True)",
        "StableAdamW",
        "StableAdamW(decouple_lr=True)",
        "Adam",
        "Adam(decouple_wd=True)",
        "Adam(decouple_lr=True)",
        "Adan",
        "Adan(decouple_lr=True)",
        "RAdam",
        "RAdam(decouple_wd=True)",
        "RAdam(decouple_lr=True)",
        "Ranger",
        "Ranger(decouple_wd=True)",
        "Ranger(decouple_lr=True)",
        "Lion",
        "Lion(decouple_lr=True)",
        "AdamW(bfloat16)",
        "AdamW(bfloat16,kahan_sum=False)",
    ),
    aliases=("optimi",),
)
