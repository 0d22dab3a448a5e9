"""APOLLO: a low-rank auxiliary space scales the gradients of matrices."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import low_rank, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox

GROUP = {"update_proj_gap": 200, "scale": 1.0, "proj_type": "std", "proj": "random", "scale_type": "channel"}
"""What a low-rank group must say, as in the authors' own example."""


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``apollo_torch.NAME``; ``(rank=2)`` puts matrices into a low-rank group."""
    import apollo_torch

    return low_rank.by_name("apollo-torch", "apollo-torch", apollo_torch, name, options, label, GROUP)


LIBRARY = Library(
    name="apollo-torch",
    distribution="apollo-torch",
    modules=("apollo_torch",),
    requirements=("apollo-torch==1.0.3", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "apollo-torch", "apollo-torch"),
    settings=(
        "APOLLOAdamW(no rank)",
        "APOLLOAdamW(rank=2)",
        "APOLLOAdamW(rank=1,scale_type=tensor)",
        "GaLoreAdamW(no rank)",
        "GaLoreAdamW(rank=2,scale=.25)",
        "GaLoreAdafactor(relative_step=False)",
    ),
    words=("no rank",),
)
