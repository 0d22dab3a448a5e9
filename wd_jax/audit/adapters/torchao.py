"""torchao's low-bit Adams, with torch.compile replaced by a plain call while one is audited."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.adapters.torch_protocol import without_compiler
from wd_jax.audit.black_box import BlackBox

NOTE = "run with torch.compile replaced by a plain call (same code, eager)"


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``torchao.optim.NAME``."""
    import torchao.optim

    return torch_find.by_name(
        "torchao", "torchao", torchao.optim, name, options, label, around=without_compiler, note=NOTE
    )


LIBRARY = Library(
    name="torchao",
    distribution="torchao",
    modules=("torchao",),
    requirements=("torchao==0.18.0", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "torchao", "torchao", around=without_compiler, note=NOTE),
    settings=(
        "Adam8bit",
        "Adam4bit",
        "AdamFp8",
        "AdamW8bit",
        "AdamW4bit",
        "AdamWFp8",
        "AdamW8bit(bf16_stochastic_round=True,bfloat16)",
        "_AdamW",
        "_AdamW(bf16_stochastic_round=True,bfloat16)",
    ),
)
