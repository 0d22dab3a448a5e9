"""GaLore: the gradients of matrices are projected to a low rank."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import low_rank, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox

GROUP = {"update_proj_gap": 200, "scale": 0.25, "proj_type": "std"}
"""What a low-rank group must say, as in the authors' own example."""


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``galore_torch.NAME``; ``(rank=2)`` puts matrices into a low-rank group."""
    import galore_torch

    return low_rank.by_name("galore-torch", "galore-torch", galore_torch, name, options, label, GROUP)


LIBRARY = Library(
    name="galore-torch",
    distribution="galore-torch",
    modules=("galore_torch",),
    requirements=("galore-torch==1.0", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "galore-torch", "galore-torch"),
    settings=(
        "GaLoreAdamW(no rank)",
        "GaLoreAdamW(rank=2)",
        "GaLoreAdamW(rank=2,scale=.25)",
        "GaLoreAdafactor(relative_step=False)",
        "GaLoreAdafactor(relative_step=False,rank=2)",
        "GaLoreAdafactor(relative_step=False,scale_parameter=False)",
        "GaLoreAdamW8bit(no rank)",
    ),
    words=("no rank",),
)
