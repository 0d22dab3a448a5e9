"""adabelief-pytorch."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``adabelief_pytorch.NAME``."""
    import adabelief_pytorch

    return torch_find.by_name("adabelief-pytorch", "adabelief-pytorch", adabelief_pytorch, name, options, label)


LIBRARY = Library(
    name="adabelief-pytorch",
    distribution="adabelief-pytorch",
    modules=("adabelief_pytorch",),
    requirements=("adabelief-pytorch==0.2.1", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "adabelief-pytorch", "adabelief-pytorch"),
    settings=(
        "AdaBelief",
        "AdaBelief(fixed_decay=True)",
        "AdaBelief(weight_decouple=False)",
        "AdaBelief(rectify=False)",
        "AdaBelief(weight_decouple=False,rectify=False)",
        "AdaBelief(amsgrad)",
    ),
)
