"""A training's log, as far as weight decay can be read from it, whichever program wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np

Unit = Literal["step", "epoch"]
"""What the log counts: steps of the optimiser, or epochs where it has nothing finer."""


def _nothing() -> Mapping[str, np.ndarray]:
    """Give a mapping that stays empty; a default must be made anew, since Python 3.11 holds it to be mutable."""
    return MappingProxyType({})


def _there(values: Mapping[str, np.ndarray] | np.ndarray | None) -> bool:
    """Tell whether a log has some numbers."""
    return values is not None and len(values) > 0


@dataclass(frozen=True, eq=False, repr=False)
class TrainingLog:
    """Norms of layers over a training, one place an array for each record.

    Parameters
    ----------
    source : str
        The file or folder.
    kind : str
        What wrote it, in words: "Keras CSVLogger", "Lightning metrics.csv", "TensorBoard", ...
    time : array [record]
        When each record was made, in `unit`, rising; counted as the log counts.
    unit : {"step", "epoch"}
        Of `time`.
    norms : mapping of str to array [record]
        Euclidean norm of each layer's weights, dimensionless; NaN where a record lacks it.
    sizes : mapping of str to int
        Number of weights of a layer, where the log tells.
    cosines : mapping of str to array [record]
        Cosine between a layer's weights and those one record before.
    gradients : mapping of str to array [record]
        Norm of a layer's gradient.
    lr : array [record] or None
        Learning rate of the step.
    weight_decay : array [record] or None
        Decay of the step, where the log tells.
    losses : mapping of str to array [record]
        Costs, by their columns' names.
    steps_per_epoch : float or None
        Where the log has both counts, or a caller said so.
    unread : tuple of str
        Columns that mean nothing here.
    notes : tuple of str
        What was repaired or left out while it was read, a sentence each.
    cosine_gaps : array [record] or None
        Time between the two weights that a record's cosines compare, in `unit`, as the log's writer saw them; it is
        not the time since the record before where records were left out. NaN where it cannot be said.
    layer_lr, layer_weight_decay : mapping of str to array [record]
        Learning rate and decay asked for on one layer, where the log tells them apart by layer.
    axes : mapping of str to int
        Number of axes of a layer's weights, 1 of a bias, where the log tells.
    """

    source: str
    kind: str
    time: np.ndarray
    unit: Unit
    norms: Mapping[str, np.ndarray]
    sizes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    cosines: Mapping[str, np.ndarray] = field(default_factory=_nothing)
    gradients: Mapping[str, np.ndarray] = field(default_factory=_nothing)
    lr: np.ndarray | None = None
    weight_decay: np.ndarray | None = None
    losses: Mapping[str, np.ndarray] = field(default_factory=_nothing)
    steps_per_epoch: float | None = None
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cosine_gaps: np.ndarray | None = None
    layer_lr: Mapping[str, np.ndarray] = field(default_factory=_nothing)
    layer_weight_decay: Mapping[str, np.ndarray] = field(default_factory=_nothing)
    axes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __repr__(self) -> str:
        """Say what it holds, without its numbers."""
        span = f"{self.unit}s {self.time[0]:g} to {self.time[-1]:g}" if len(self.time) else "no record"
        named = ", ".join(self.layers[:3]) + ", ..." * (len(self.layers) > 3)
        count = len(self.layers)
        layers = f"norms of {count} layer{'s' * (count != 1)} ({named})" if count else "no norm of a layer"
        parts = [
            name for name in ("cosines", "gradients", "lr", "weight_decay", "losses") if _there(getattr(self, name))
        ]
        also = f"; {', '.join(parts)}" if parts else ""
        return f"<TrainingLog {self.source}: {self.kind}; {len(self.time)} records, {span}; {layers}{also}>"

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers whose norms there are, in the log's order."""
        return tuple(self.norms)

    @property
    def steps(self) -> np.ndarray | None:
        """When each record was made, in steps [record]; None where only epochs are known."""
        if self.unit == "step":
            return self.time
        return None if self.steps_per_epoch is None else self.time * self.steps_per_epoch
