"""Libraries whose low-rank options are keys of a group of matrices (GaLore, APOLLO)."""

from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_groups
from wd_jax.audit.adapters.torch_library import accepts
from wd_jax.audit.black_box import BlackBox


def by_name(
    library: str,
    distribution: str,
    module: Any,
    name: str,
    options: Mapping[str, Any],
    label: str,
    group: Mapping[str, Any],
) -> BlackBox:
    """Give the black box of a class: options that are no argument of it go into the matrices' group.

    Parameters
    ----------
    group : mapping
        What such a group must say, where the options do not say it; the other parameters are those of
        `wd_jax.audit.adapters.torch_find.by_name`.
    """
    factory = torch_find.pick(library, name, module)
    own = {key: value for key, value in options.items() if accepts(factory, key)}
    low = {key: value for key, value in options.items() if key not in own and key not in ("no", "norank")}
    relative = "relative_step" in own or not accepts(factory, "relative_step")

    def arrange(named: Mapping[str, Any], *_: Any) -> Any:
        return torch_groups.low_rank_groups(named, {**group, **low}) if low else list(named.values())

    note = "low-rank group of matrices: " + ", ".join(f"{k}={v}" for k, v in {**group, **low}.items()) if low else ""
    if not relative:
        note = "with relative_step=True it refuses a learning rate and sets its own"
    return torch_find.by_name(
        library, distribution, module, name, own, label, arrange=arrange, note=note, takes_lr=relative
    )
