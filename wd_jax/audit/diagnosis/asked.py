"""What was asked for: decay of each step by the law of the optimiser, summed between the records of a log."""

from dataclasses import dataclass, field, replace

import numpy as np

from wd_jax.audit.logs.log import TrainingLog
from wd_jax.audit.translation.find import Found

UNEVEN = 1.5
"""Ratio of two records' decays from which on the steps between them are not counted: the log does not say them."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The decay that was asked for, along a log.

    Attributes
    ----------
    found : Found
        Optimiser and law.
    lr, value : array [record] or None
        Learning rate and decay, by the library's own name for it; None where nobody says.
    steps : array [record] or None
        When each record was made, in steps.
    epsilon : array [record] or None
        Share of a weight that a step takes in the long run, where decay alone acts.
    between : array [record - 1] or None
        Sum of -ln(1 - epsilon) over the steps between two records: what decay alone takes off ln |w|.
    even : array [record - 1] or None
        Whether the rate is nearly the same at both ends, so that the sum is known.
    notes : tuple of str
        What was taken for granted, a sentence each.
    """

    found: Found
    lr: np.ndarray | None
    value: np.ndarray | None
    steps: np.ndarray | None
    epsilon: np.ndarray | None = None
    between: np.ndarray | None = None
    even: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    lacking: tuple[str, ...] = field(default=())

    @property
    def known(self) -> bool:
        """Whether the decay between records is known."""
        return self.between is not None

    @property
    def total(self) -> float:
        """Sum over the log, in timescales; NaN where it is not known."""
        return float("nan") if self.between is None else float(np.nansum(self.between))

    @property
    def extremes(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Least and most that `between` can be, arrays [record - 1]: each step as the weaker or the stronger record."""
        if self.epsilon is None or self.steps is None:
            return None
        off, apart = -np.log1p(-self.epsilon), np.diff(self.steps)
        return apart * np.minimum(off[1:], off[:-1]), apart * np.maximum(off[1:], off[:-1])

    def at(self, records: np.ndarray) -> "Asked":
        """Give the same at some records alone, what is between them summed.

        Parameters
        ----------
        records : array of int [record]
            Places of those that stay, rising.
        """

        def kept(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[records]

        between, even = self.between, self.even
        if between is not None and even is not None:
            sums = np.concatenate([[0.0], np.cumsum(between)])
            breaks = np.concatenate([[0], np.cumsum(~even)])
            between, even = np.diff(sums[records]), np.diff(breaks[records]) == 0
        return replace(
            self, lr=kept(self.lr), value=kept(self.value), steps=kept(self.steps), epsilon=kept(self.epsilon),
            between=between, even=even,
        )  # fmt: skip


def ask(
    log: TrainingLog,
    found: Found,
    lr: float | None,
    weight_decay: float | None,
    layer: str = "",
    batch: int | None = None,
) -> Asked:
    """Say what was asked for, of one layer or of the whole log.

    Parameters
    ----------
    log : TrainingLog
        The log; its column of rates goes before `lr`, and `weight_decay` before its column of decays.
    found : Found
        Optimiser and law.
    lr, weight_decay : float or None
        As the caller gave them.
    layer : str
        Of whose own columns are read; empty for those of the whole log.
    batch : int, optional
        Rows of a minibatch, where the value is divided by them.
    """
    notes: list[str] = []
    lacking: list[str] = []
    rates = _filled(log.layer_lr.get(layer) if layer else None)
    rates = _filled(log.lr) if rates is None else rates
    if rates is None and lr is not None:
        rates = np.full(len(log.time), lr)
        notes.append(f"the log has no learning rate: {lr:g} is taken in each step")
    elif rates is not None and lr is not None and not 0.99 < np.max(rates) / lr < 1.01:
        notes.append(f"the log's own learning rates are used, up to {np.max(rates):.4g}, not the {lr:g} that was said")
    own = _filled(log.layer_weight_decay.get(layer) if layer else None)
    values = None if weight_decay is None else np.full(len(log.time), weight_decay)
    if values is not None and own is not None and not own.any() and _some_decay(log):
        values = own  # it is left out of a decay that others have
    if values is None:
        values = own
        values = _filled(log.weight_decay) if values is None else values
    if rates is None:
        lacking.append("the learning rate: log the column lr, or give lr")
    if values is None:
        lacking.append("the decay asked for: log the column weight_decay, or give weight_decay")
    steps = log.steps
    if steps is None:
        lacking.append("how many steps an epoch has: log the column step, or give steps_per_epoch")
    law = found.law
    if not law.has_factor or rates is None or values is None:
        return Asked(found, rates, values, steps, notes=tuple(notes), lacking=tuple(lacking))
    if law.per_row and not batch:
        lacking.append(f"{law.word} is divided by the rows of a minibatch: give batch")
        return Asked(found, rates, values, steps, notes=tuple(notes), lacking=tuple(lacking))
    first = float(rates[0]) if lr is None else lr
    if law.reach == "relative" and not first > 0:
        lacking.append("the rate that its decay is relative to, which is 0 in the first record: give lr")
        return Asked(found, rates, values, steps, notes=tuple(notes), lacking=tuple(lacking))
    reference = first / float(np.max(rates)) if law.reach == "relative" and np.max(rates) > 0 else 1.0
    if law.reach == "relative":
        whose = "that of the first record" if lr is None else "the one that was said"
        notes.append(f"its decay is relative to the first rate, taken to be {first:.4g}, {whose}")
    epsilon = _epsilons(found, rates, values, batch, reference)
    if steps is None:
        return Asked(found, rates, values, None, epsilon, notes=tuple(notes), lacking=tuple(lacking))
    off = -np.log1p(-epsilon)
    between = np.diff(steps) * (off[1:] + off[:-1]) / 2
    most, least = np.maximum(off[1:], off[:-1]), np.minimum(off[1:], off[:-1])
    return Asked(found, rates, values, steps, epsilon, between, most <= UNEVEN * least, tuple(notes), tuple(lacking))


def _epsilons(found: Found, rates: np.ndarray, values: np.ndarray, batch: int | None, reference: float) -> np.ndarray:
    """Share that a step takes at each record; each pair of a rate and a decay is asked once."""
    law, peak = found.law, float(np.max(rates)) or 1.0
    pairs, place = np.unique(np.stack([rates, values]), axis=1, return_inverse=True)
    shares = []
    for rate, value in pairs.T.tolist():
        by_rate = {"rate": rate, "absolute": 1.0, "relative": rate / (peak * reference)}[law.reach]
        x = law.scale * by_rate * value / (batch if law.per_row and batch else 1)
        share = law.from_x(x) if x > 0 else 0.0
        if not share < 1:
            raise ValueError(
                f"{found.label}: at lr={rate:g} and {law.word}={value:g} a step would take {share:.3g} of each weight: "
                "lower one of them"
            )
        shares.append(share)
    return np.array(shares)[place.ravel()]


def _some_decay(log: TrainingLog) -> bool:
    """Whether the group of some layer decays."""
    return any(np.nanmax(one) > 0 for one in log.layer_weight_decay.values() if np.isfinite(one).any())


def _filled(values: np.ndarray | None) -> np.ndarray | None:
    """Give each record without a value that of the one before; None where there is none at all."""
    if values is None or not np.isfinite(values).any():
        return None
    values = np.asarray(values, np.float64)
    there = np.flatnonzero(np.isfinite(values))
    return values[there[np.maximum(np.searchsorted(there, np.arange(len(values)), side="right") - 1, 0)]]
