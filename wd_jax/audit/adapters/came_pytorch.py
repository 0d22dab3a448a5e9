"""came-pytorch."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``came_pytorch.NAME``."""
    import came_pytorch

    return torch_find.by_name("came-pytorch", "came-pytorch", came_pytorch, name, options, label)


LIBRARY = Library(
    name="came-pytorch",
    distribution="came-pytorch",
    modules=("came_pytorch",),
    requirements=("came-pytorch==0.1.3", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "came-pytorch", "came-pytorch"),
    settings=("CAME",),
)
