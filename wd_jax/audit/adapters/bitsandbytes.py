"""bitsandbytes: states in 8 bits, on the CPU here."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``bitsandbytes.optim.NAME``."""
    import bitsandbytes.optim

    return torch_find.by_name("bitsandbytes", "bitsandbytes", bitsandbytes.optim, name, options, label)


LIBRARY = Library(
    name="bitsandbytes",
    distribution="bitsandbytes",
    modules=("bitsandbytes",),
    requirements=("bitsandbytes==0.50.2", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "bitsandbytes", "bitsandbytes"),
    settings=(
        "Adam",
        "Adam8bit",
        "Adam32bit",
        "AdamW",
        "AdamW8bit",
        "AdamW32bit",
        "PagedAdamW",
        "PagedAdamW8bit",
        "Lion",
        "Lion8bit",
        "Lion32bit",
        "SGD(momentum=.9)",
        "SGD8bit(momentum=.9)",
        "LAMB",
        "LAMB8bit",
        "LARS(momentum=.9)",
        "PytorchLARS(momentum=.9)",
        "RMSprop",
        "RMSprop8bit",
        "Adagrad",
        "Adagrad8bit",
        "AdEMAMix",
        "AdEMAMix8bit",
        "PagedAdEMAMix",
    ),
    aliases=("bnb",),
)
