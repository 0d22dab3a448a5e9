"""MosaicML composer: decay in proportion to the rate over the first rate."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``composer.optim.NAME``."""
    import composer.optim

    return torch_find.by_name("mosaicml", "mosaicml", composer.optim, name, options, label)


LIBRARY = Library(
    name="mosaicml",
    distribution="mosaicml",
    modules=("composer",),
    requirements=("mosaicml==0.32.1", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "mosaicml", "mosaicml"),
    settings=(
        "DecoupledSGDW",
        "DecoupledSGDW(momentum=.9)",
        "DecoupledSGDW(momentum=.9,nesterov)",
        "DecoupledAdamW",
        "DecoupledAdamW(amsgrad)",
    ),
    aliases=("composer",),
)
