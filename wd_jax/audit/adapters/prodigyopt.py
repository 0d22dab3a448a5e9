"""Prodigy: the step is scaled by an estimate d, and so is the decay."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``prodigyopt.NAME``."""
    import prodigyopt

    return torch_find.by_name("prodigyopt", "prodigyopt", prodigyopt, name, options, label)


LIBRARY = Library(
    name="prodigyopt",
    distribution="prodigyopt",
    modules=("prodigyopt",),
    requirements=("prodigyopt==1.1.2", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "prodigyopt", "prodigyopt"),
    settings=(
        "Prodigy",
        "Prodigy(decouple=False)",
        "Prodigy(d0=1.)",
        "Prodigy(d0=1.,decouple=False)",
    ),
)
