"""D-Adaptation: the step is scaled by an estimate d of the distance, and so is the decay."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``dadaptation.NAME``."""
    import dadaptation

    return torch_find.by_name("dadaptation", "dadaptation", dadaptation, name, options, label)


LIBRARY = Library(
    name="dadaptation",
    distribution="dadaptation",
    modules=("dadaptation",),
    requirements=("dadaptation==3.2", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "dadaptation", "dadaptation"),
    settings=(
        "DAdaptLion",
        "DAdaptAdaGrad",
        "DAdaptAdan",
        "DAdaptAdan(no_prox=True)",
        "DAdaptAdam",
        "DAdaptAdam(decouple=True)",
        "DAdaptSGD",
        "DAdaptSGD(momentum=.9)",
    ),
)
