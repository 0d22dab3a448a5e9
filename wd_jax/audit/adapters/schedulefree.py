"""Schedule-free optimisers: y is what is trained, x what is evaluated."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``schedulefree.NAME``."""
    import schedulefree

    return torch_find.by_name("schedulefree", "schedulefree", schedulefree, name, options, label, inner="SGD")


LIBRARY = Library(
    name="schedulefree",
    distribution="schedulefree",
    modules=("schedulefree",),
    requirements=("schedulefree==1.4.1", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "schedulefree", "schedulefree"),
    settings=(
        "AdamWScheduleFree y(train)",
        "AdamWScheduleFree x(eval)",
        "SGDScheduleFree y(train)",
        "SGDScheduleFree x(eval)",
        "RAdamScheduleFree y(train)",
        "RAdamScheduleFree x(eval)",
        "AdamWScheduleFreeReference y(train)",
        "AdamWScheduleFreeReference x(eval)",
        "AdamWScheduleFreePaper y(train)",
        "AdamWScheduleFreePaper x(eval)",
        "SGDScheduleFreeReference y(train)",
        "SGDScheduleFreeReference x(eval)",
        "ScheduleFreeWrapper y(train)",
        "ScheduleFreeWrapper x(eval)",
        "AdamWScheduleFreeClosure",
    ),
    words=torch_find.POINTS,
)
