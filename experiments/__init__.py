"""The four claims of Nielsen's exercise, one file each: preset + sweep + formula + comparison + figure."""

import importlib
from types import ModuleType

_MODULES = ("claim_1_dominance", "claim_2_epoch_decay", "claim_3_tail_off", "claim_4_initialisation")


def names() -> tuple[str, ...]:
    """List the experiments, in the order of the claims."""
    return _MODULES


def load(name: str) -> ModuleType:
    """Load an experiment.

    A module with ``TITLE``, ``sweep(preset, data, progress) -> {name: runs}``, which trains, and
    ``analyse(preset, data, runs) -> Outcome``, which judges what a sweep measured, then or later from disk.

    Raises
    ------
    KeyError
        For an unknown name, listing the known ones.
    """
    if name not in _MODULES:
        raise KeyError(f"no experiment {name!r}: choose among {', '.join(_MODULES)}")
    return importlib.import_module(f"experiments.{name}")
