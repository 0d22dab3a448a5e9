"""adam-atan2-pytorch."""

import functools
import inspect
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_groups, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``adam_atan2_pytorch.NAME``; one that takes two lists is given its matrices apart."""
    import adam_atan2_pytorch as module

    factory = torch_find.pick("adam-atan2-pytorch", name, module)
    arrange: Any = torch_groups.plain
    if list(inspect.signature(factory).parameters)[1:2] == ["params"]:

        def arrange(named: Mapping[str, Any], *_: Any) -> Any:
            return torch_groups.matrices_apart(named)[0], list(named.values())

    return torch_find.by_name("adam-atan2-pytorch", "adam-atan2-pytorch", module, name, options, label, arrange=arrange)


LIBRARY = Library(
    name="adam-atan2-pytorch",
    distribution="adam-atan2-pytorch",
    modules=("adam_atan2_pytorch",),
    requirements=("adam-atan2-pytorch==0.4.1", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "adam-atan2-pytorch", "adam-atan2-pytorch"),
    settings=(
        "AdamAtan2",
        "AdamAtan2(decoupled_wd=True)",
        "AdamAtan2(cautious_wd=True)",
        "AdamAtan2ClipGrok",
        "AdoptAtan2",
        "AdoptAtan2(decoupled_wd=True)",
        "MuonAdamAtan2",
        "MuonAdamAtan2(decoupled_wd=True)",
        "PolarAdamAtan2",
    ),
)
