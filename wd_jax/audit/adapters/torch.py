"""PyTorch's own optimisers, ``torch.optim``."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox

WORDS = {"match_rms_adamw": {"adjust_lr_fn": "match_rms_adamw"}}


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``torch.optim.NAME``."""
    import torch

    given = {k: v for key, value in options.items() for k, v in WORDS.get(key, {key: value}).items()}
    return torch_find.by_name("torch", "torch", torch.optim, name, given, label)


LIBRARY = Library(
    name="torch",
    distribution="torch",
    modules=("torch",),
    requirements=("torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "torch", "torch"),
    settings=(
        "SGD",
        "SGD(momentum=.9)",
        "SGD(momentum=.9,nesterov)",
        "SGD(momentum=.9,dampening=.9)",
        "Adam",
        "Adam(amsgrad)",
        "Adam(decoupled_weight_decay=True)",
        "AdamW",
        "AdamW(amsgrad)",
        "AdamW(fused)",
        "NAdam",
        "NAdam(decoupled_weight_decay=True)",
        "RAdam",
        "RAdam(decoupled_weight_decay=True)",
        "Adamax",
        "Adadelta",
        "Adafactor",
        "Adagrad",
        "RMSprop",
        "RMSprop(momentum=.9)",
        "RMSprop(centered,momentum=.9)",
        "Rprop",
        "ASGD",
        "Muon",
        "Muon(match_rms_adamw)",
        "SparseAdam",
        "LBFGS",
    ),
    aliases=("pytorch",),
)
