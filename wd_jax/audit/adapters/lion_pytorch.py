"""lion-pytorch."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``lion_pytorch.NAME``."""
    import lion_pytorch

    return torch_find.by_name("lion-pytorch", "lion-pytorch", lion_pytorch, name, options, label)


LIBRARY = Library(
    name="lion-pytorch",
    distribution="lion-pytorch",
    modules=("lion_pytorch",),
    requirements=("lion-pytorch==0.2.5", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "lion-pytorch", "lion-pytorch"),
    settings=(
        "Lion",
        "Lion(decoupled_weight_decay=True)",
    ),
)
