"""What is measured while members train, and how often: `Probes`."""

import dataclasses
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Probe
from wd_jax.inputs import checks, limits
from wd_jax.setup import only_its_fields

Split = Literal["train", "validation", "test"]

ON_REQUEST = (
    *("rotation", "relative_update", "alignment", "effective_eta", "spectrum", "column_sums", "norm_difference"),
    "gradient_noise",
)
"""Switches of probes that a record of the settings leaves out where they are off, so that older hashes stay true."""


@only_its_fields
@dataclass(frozen=True)
class Probes:
    """What is measured inside the training scan, and how often.

    Parameters
    ----------
    budget : bool
        The split of each layer's change of squared norm into decay, drift and noise.
    moved : bool
        Norms of the displacements by decay and by the gradient over a record (one more array of the weights' size).
    full_gradient : bool
        The full-batch gradient at each evaluation: its norm and its product with the weights (costs about an epoch).
    splits : tuple of {"train", "validation", "test"}
        Where cost and accuracy are evaluated.
    evaluate_every : int
        Epochs between evaluations; epochs in between hold NaN, the last epoch is always evaluated.
    records_per_epoch : int
        Records per epoch; must divide the steps per epoch.
    keep_weights : bool
        Also store the final weights and biases.
    extra : tuple of Probe
        Probes of your own (`wd_jax.probes.Probe`), measured besides those of the library.
    rotation : bool
        The angle by which a step turns each layer's weights (one look at every step: the generic method).
    relative_update : bool
        The size of a step relative to each layer's weights (the generic method).
    alignment : bool
        The cosine of each layer's weights and minibatch gradient (the generic method).
    effective_eta : bool
        The learning rate over each layer's squared norm.
    spectrum : bool
        The largest singular value and the stable rank of each layer's weights.
    column_sums : bool
        The norms of each layer's weights summed over its outputs and over its inputs.
    norm_difference : bool
        How far the squared norms of neighbouring layers lie apart.
    gradient_noise : bool
        The minibatch gradient's mean over a record and its scatter about it (the generic method).
    """

    budget: bool = True
    moved: bool = True
    full_gradient: bool = False
    splits: tuple[Split, ...] = ("train", "validation", "test")
    evaluate_every: int = 1
    records_per_epoch: int = 1
    keep_weights: bool = False
    extra: tuple[Probe, ...] = ()
    rotation: bool = False
    relative_update: bool = False
    alignment: bool = False
    effective_eta: bool = False
    spectrum: bool = False
    column_sums: bool = False
    norm_difference: bool = False
    gradient_noise: bool = False

    def __post_init__(self) -> None:
        """Refuse frequencies below one, unknown splits, and probes that cannot be told apart."""
        for field in ("budget", "moved", "full_gradient", *ON_REQUEST, "keep_weights"):
            object.__setattr__(self, field, checks.flag(field, getattr(self, field)))
        for field, limit in (("evaluate_every", limits.EPOCHS), ("records_per_epoch", limits.EXAMPLES)):
            object.__setattr__(self, field, limits.counted(field, getattr(self, field), limit))
        # A list would do as well, but only a tuple can be hashed, and so be static.
        object.__setattr__(self, "splits", _splits(self.splits))
        object.__setattr__(self, "extra", _extra(self.extra))

    def record(self) -> dict[str, Any]:
        """Give the settings, JSON-ready; what is only on request where it is asked for, probes of your own by name.

        Examples
        --------
        >>> Probes(moved=False).record()["moved"]
        False
        """
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        fields["extra"] = [probe.name for probe in self.extra]
        return {name: value for name, value in fields.items() if value or name not in ("extra", *ON_REQUEST)}


def _splits(given: Any) -> tuple[Split, ...]:
    """Give the splits as a tuple; a single word is one."""
    known = get_args(Split)
    ordered = isinstance(given, Iterable) and not isinstance(given, bytes | set | frozenset | dict)
    splits = (given,) if isinstance(given, str) else tuple(itertools.islice(given, 4)) if ordered else (None,)
    if not all(isinstance(split, str) and split in known for split in splits) or len(set(splits)) < len(splits):
        raise ValueError(f"splits={checks.shown(given)}: choose among {', '.join(known)}, each only once, in a tuple")
    return cast(tuple[Split, ...], splits)


def _extra(given: Any) -> tuple[Probe, ...]:
    """Give a user's own probes as a tuple, each variable of which has a name of its own."""
    if isinstance(given, Probe):
        return (given,)
    found = tuple(probe for probe in given if isinstance(probe, Probe)) if isinstance(given, list | tuple) else None
    if found is None or len(found) < len(given):
        raise TypeError(f"extra={checks.shown(given)}: give a tuple of wd.probes.Probe")
    there = set(registry.variables())
    for probe in found:
        if names := [name for name in probe.names if name in there]:
            raise ValueError(f"extra: probe {probe.name!r} has a variable {names[0]}, as another has: rename it")
        there.update(probe.names)
    return found
