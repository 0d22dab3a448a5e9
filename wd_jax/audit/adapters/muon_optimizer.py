"""muon-optimizer (Keller Jordan's Muon, module muon)."""

import functools
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_groups, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``muon.NAME``; one with an Adam inside is given two groups."""
    import muon

    more: dict[str, Any] = {}
    if "aux" in name.lower():
        more = {
            "arrange": torch_groups.muon_groups,
            "takes_decay": True,
            "default_weight_decay": 0.0,
            "note": "decay and rate given in both groups (Muon's and Adam's)",
        }
    return torch_find.by_name("muon-optimizer", "muon-optimizer", muon, name, options, label, **more)


LIBRARY = Library(
    name="muon-optimizer",
    distribution="muon-optimizer",
    modules=("muon",),
    requirements=("muon-optimizer==0.1.0", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "muon-optimizer", "muon-optimizer"),
    settings=("SingleDeviceMuon", "SingleDeviceMuonWithAuxAdam", "Muon"),
    aliases=("muon",),
)
