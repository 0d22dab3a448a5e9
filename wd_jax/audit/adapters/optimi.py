"""torch-optimi (module optimi): decay of the gradient, decoupled, or decoupled from the rate as well."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.adapters.torch_library import accepts
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``optimi.NAME``."""
    import optimi

    # It looks for a GPU's compiler by itself, and some of its classes then fail on the CPU.
    given = {**({"triton": False} if _has_triton(name) else {}), **options}
    return torch_find.by_name("torch-optimi", "torch-optimi", optimi, name, given, label)


def _has_triton(name: str) -> bool:
    import optimi

    return accepts(torch_find.pick("torch-optimi", name, optimi), "triton")


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
    words=torch_find.POINTS,
)
