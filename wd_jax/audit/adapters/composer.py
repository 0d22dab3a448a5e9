"""MosaicML composer: decay in proportion to the rate over the first rate."""

import contextlib
import functools
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


@contextlib.contextmanager
def unwarned() -> Iterator[None]:
    """Keep its warning of a high decay, one at each start, away in this block."""
    logger = logging.getLogger("composer.optim.decoupled_weight_decay")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``composer.optim.NAME``."""
    import composer.optim

    return torch_find.by_name("mosaicml", "mosaicml", composer.optim, name, options, label, around=unwarned)


LIBRARY = Library(
    name="mosaicml",
    distribution="mosaicml",
    modules=("composer",),
    requirements=("mosaicml==0.32.1",),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "mosaicml", "mosaicml", around=unwarned),
    settings=(
        "DecoupledSGDW",
        "DecoupledSGDW(momentum=.9)",
        "DecoupledSGDW(momentum=.9,nesterov)",
        "DecoupledAdamW",
        "DecoupledAdamW(amsgrad)",
    ),
    aliases=("composer",),
)
