"""transformers: Adafactor alone, since its own AdamW is gone."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``transformers.optimization.NAME``."""
    import transformers.optimization

    module = transformers.optimization
    relative = name.lower() == "adafactor" and options.get("relative_step", True) is True
    note = "with relative_step=True it refuses a learning rate and sets its own" if relative else ""
    return torch_find.by_name(
        "transformers", "transformers", module, name, options, label, takes_lr=not relative, note=note
    )


LIBRARY = Library(
    name="transformers",
    distribution="transformers",
    modules=("transformers",),
    requirements=("transformers==5.23.0", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "transformers", "transformers"),
    settings=(
        "Adafactor(relative_step=False)",
        "Adafactor(relative_step=False,scale_parameter=False)",
        "Adafactor(relative_step=False,beta1=.9)",
        "Adafactor",
    ),
)
