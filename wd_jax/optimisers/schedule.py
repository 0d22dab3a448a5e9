"""A schedule as a value: the factor on eta or on lmbda in each step of a run, at most 1, computed on the host."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Shape = Callable[["np.ndarray", int], "np.ndarray"]
"""(numbers of steps 0, 1, ..., steps of the run) -> factors, both float64 arrays of one length."""
Lengths = Callable[[int], dict[str, float]]
"""Steps of the run -> the durations of a schedule in steps, by the names that the laws have for them."""


def no_lengths(total: int) -> dict[str, float]:
    """Give the durations of a schedule that no law has a name for: none."""
    return {}


@dataclass(frozen=True)
class Schedule:
    """How a learning rate, or a decay, changes over a run: made by `wd_jax.schedules`, not by hand.

    Parameters
    ----------
    words : str
        The call that makes it, as ``wd_jax.optimisers.schedule_words.read`` reads it back: "cosine(end=0.1)".
    shape : callable
        (steps, total) -> factors.
    own : callable, optional
        The function of the user's own that it was made of: its words cannot be read back.
    lengths : callable, optional
        total -> durations in steps, for laws.

    Examples
    --------
    >>> from wd_jax.optimisers import schedules
    >>> schedules.linear().factors(4)
    array([1.  , 0.75, 0.5 , 0.25])
    """

    words: str
    shape: Shape = field(compare=False)
    own: Callable | None = None
    lengths: Lengths = field(compare=False, default=no_lengths)

    @property
    def name(self) -> str:
        """The first of its words: "warm_up"."""
        return self.words.partition("(")[0]

    @property
    def constant(self) -> bool:
        """Whether every step has the same factor."""
        return self.words == "constant"

    def factors(self, total: int, name: str = "eta_schedule") -> np.ndarray:
        """Give the factor of each step of a run.

        Parameters
        ----------
        total : int
            Steps of the run.
        name : str
            What it is called in a refusal.

        Returns
        -------
        array [total] float64
            Read-only; the largest is 1 where the schedule gets there.

        Raises
        ------
        ValueError
            For a factor that is negative or no finite number, naming its step; where no step has any; for a part
            that does not fit into the run.
        """
        try:
            return _checked(self, total)
        except ValueError as error:
            raise ValueError(f"{name}={self.words}: {error}") from None

    def __repr__(self) -> str:
        """Return its words."""
        return f"Schedule({self.words!r})"


@functools.lru_cache(maxsize=32)
def _checked(schedule: Schedule, total: int) -> np.ndarray:
    import numpy as np

    found = np.array(schedule.shape(np.arange(total, dtype=np.float64), total), np.float64)
    refuse(found)
    found.setflags(write=False)
    return found


def refuse(values: np.ndarray) -> None:
    """Refuse values that no schedule has.

    Parameters
    ----------
    values : array [steps]
        One for each step of a run.

    Raises
    ------
    ValueError
        Naming the first step that has none.

    Examples
    --------
    >>> import numpy as np
    >>> refuse(np.array([1.0, -0.25]))
    Traceback (most recent call last):
        ...
    ValueError: step 1 of 2 has the value -0.25, which is negative: give values of 0 or more
    """
    import numpy as np

    remedies = {"no finite number": "give a number for each step", "negative": "give values of 0 or more"}
    for wrong, what in ((~np.isfinite(values), "no finite number"), (values < 0, "negative")):
        if wrong.any():
            step = int(np.argmax(wrong))
            was = f"step {step} of {len(values)} has the value {values[step]:.6g}"
            raise ValueError(f"{was}, which is {what}: {remedies[what]}")
    if not values.any():
        raise ValueError(f"all {len(values)} steps have the value 0: nothing would be done; leave the schedule out")
