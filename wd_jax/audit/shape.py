"""What numbers show that fit no known law exactly: whether decay compounds, shrinks, stops, or loses its size."""

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

from wd_jax.audit.evidence import EXACT, SAYS, Evidence, tolerance
from wd_jax.audit.law import Numbers

Finding = tuple[str, tuple[str, ...], tuple[Evidence, ...]]
"""Kind, qualifiers, evidence."""
_SHARE = "decay_{}_beside_{}_gradients"
FAR = 1000.0
"""A weight of 1 that is beyond this after ten steps has run away."""
_ALL_SHARES = (
    ("at_step_1", "random"),
    ("after_100", "random"),
    ("at_step_1", "constant"),
    ("at_step_1", "opposed"),
    ("at_step_1", "large"),
)


@dataclass(frozen=True)
class Seen:
    """An optimiser's numbers, with the rate and decay they were measured at.

    Attributes
    ----------
    numbers : mapping
        As in a record; some may be missing.
    lr, weight_decay : float
        Of the standard stimulus.
    """

    numbers: Numbers
    lr: float
    weight_decay: float

    def get(self, name: str) -> float | None:
        """Give a number; None if it is missing or NaN."""
        value = self.numbers.get(name)
        return None if value is None or math.isnan(value) else float(value)

    def evidence(self, name: str, expected: float | None = None, within: float | None = None) -> tuple[Evidence, ...]:
        """Make evidence of a number; none if it is missing."""
        value = self.numbers.get(name)
        if value is None:
            return ()
        if expected is not None and within is None:
            within = tolerance(name, expected)
        return (Evidence(SAYS.get(name, name.replace("_", " ")), name, value, expected, within),)

    @cached_property
    def c(self) -> float:
        """Share that a decoupled decay takes in a step."""
        return self.lr * self.weight_decay

    @cached_property
    def lost(self) -> tuple[float, float]:
        """What one and ten steps without a gradient take from a weight of 1."""
        return tuple(1 - (self.get(f"matrix_after_{k}") or 0.0) for k in (1, 10))  # type: ignore[return-value]

    def share(self, when: str, gradients: str = "random") -> float | None:
        """Give a share of a decoupled decay; `when` is "at_step_1" or "after_10"."""
        return self.get(_SHARE.format(when, gradients))

    def moved(self) -> bool:
        """Say whether a step without gradient changed anything."""
        return any(abs(lost) > tolerance("matrix_after_1", 1.0) for lost in self.lost)


def special(seen: Seen) -> Finding | None:
    """Find what is no decay: NaN, a weight made anew, an answer that is another each time."""
    first, tenth = seen.numbers.get("matrix_after_1"), seen.numbers.get("matrix_after_10")
    both = (*seen.evidence("matrix_after_1"), *seen.evidence("matrix_after_10"))
    if first is None or tenth is None or math.isnan(first) or math.isnan(tenth):
        nan = first is not None and tenth is not None
        shares = [_SHARE.format(*each) for each in _ALL_SHARES]
        seen_there = tuple(each for name in shares for each in seen.evidence(name, 1.0, 0.01))
        if len(seen_there) == len(shares) and all(each.fits for each in seen_there):
            return "decoupled", ("NaN at zero gradient" if nan else "refuses a zero gradient",), seen_there
        return "unknown", ("NaN at zero gradient",) if nan else (), both
    if math.isinf(tenth) or abs(first) > FAR or abs(tenth) > FAR:
        return "unknown", ("runs away",), both
    again = seen.get("matrix_after_10_again")
    if again is not None and abs(again - tenth) > tolerance("matrix_after_10", tenth):
        return "unknown", ("differs when asked again",), (*both, *seen.evidence("matrix_after_10_again"))
    control = seen.get("matrix_after_1_without_decay")
    if abs(first) < 1e-7 and abs(tenth) < 1e-7 and (control is None or abs(control) < 1e-7):
        return "unknown", ("rebuilt",), (*both, *seen.evidence("matrix_after_1_without_decay"))
    return None


def shape(seen: Seen) -> Finding:
    """Tell the kind by the shape of the loss."""
    first, tenth = seen.lost
    says = (*seen.evidence("matrix_after_1"), *seen.evidence("matrix_after_10"))
    late = ("none at the first step",) if abs(first) < EXACT < abs(tenth) else ()
    control = seen.get("matrix_after_10_without_decay")
    if control is not None and abs(control - 1) > 5e-7:
        moved = ("moves without decay",)
        return "unknown", moved, (*says, *seen.evidence("matrix_after_10_without_decay"))
    if _grows(seen):
        return "growing", (), (*says, *seen.evidence(_SHARE.format("at_step_1", "large")))
    if tenth < 0:
        return "unknown", (), says
    doubled = seen.get("matrix_after_10_decay_doubled")
    if (alike := _whatever_the_gradient(seen)) is not None:
        return alike
    insensitive = doubled is not None and abs(1 - doubled) < (1.1 if _geometric(seen) else 1.5) * abs(tenth)
    big = first > 3 * seen.c and not _geometric(seen)
    if insensitive or (big and (doubled is None or abs(1 - doubled) < 1.8 * abs(tenth))):
        return "coupled", (*late, "through the second moment"), (*says, *seen.evidence("matrix_after_10_decay_doubled"))
    if _saturates(seen):
        return "saturating", late, (*says, *seen.evidence("matrix_after_50"), *seen.evidence("matrix_after_100"))
    if 0 < tenth < 0.01 * seen.c * 10:
        return "scaled", late, says
    share = seen.share("after_100")
    if share is not None:
        says = (*says, *seen.evidence(_SHARE.format("after_100", "random")))
    shrinks = tenth < 10 * first * (1 - 20 * seen.c) if not late else tenth < 5 * seen.c
    if shrinks and not (share is not None and share > 1.1):
        begun = seen.share("at_step_1")
        averaged = (share is None or 0.05 < share < 0.9) and (begun is None or abs(begun - (not late)) < 0.02)
        return ("averaged" if averaged and (late or first > 0.9 * seen.c) else "unknown"), late, says
    begun = seen.share("at_step_1")
    if (
        _geometric(seen)
        and abs(first - seen.c) < tolerance("matrix_after_1", 1.0)
        and begun is not None
        and begun < 0.5
    ):
        return "coupled", ("by the step's other parts",), (*says, *seen.evidence(_SHARE.format("at_step_1", "random")))
    if _geometric(seen):
        return "scaled", ("by the step's other parts",), says
    return "coupled", late, says


def _whatever_the_gradient(seen: Seen) -> Finding | None:
    """Find a decay in which no gradient has a part, though it is none of the known laws; None if one has, or may have.

    An optimiser in which decay goes the way of the gradient mixes the two: the share is another from entry to entry,
    and beside gradients of another size.
    """
    spread = seen.get(f"{_SHARE.format('at_step_1', 'random')}_spread")
    shares = [seen.share("at_step_1", gradients) for gradients in ("random", "small", "large", "constant", "opposed")]
    if spread is None or None in shares:
        return None
    random, small, large, constant, opposed = (share or 0.0 for share in shares)
    says = seen.evidence(_SHARE.format("at_step_1", "random"))
    if _coarse(seen) and all(abs(share - 1) < 0.03 for share in (random, small, large)):
        return "decoupled", ("up to rounding",), (*seen.evidence("matrix_after_1"), *says)
    if _one_share(seen) is not False or abs(random) < 1e-4 or spread > 0.02 * abs(random) + 2e-3:
        return None
    if any(
        abs(one - other) > 0.02 * abs(other) + 2e-4
        for one, other in ((small, random), (large, random), (opposed, constant))
    ):
        return None
    sizes = {"factor_after_1_from_0.01": 0.01, "matrix_after_1": 1.0, "factor_after_1_from_100": 100.0}
    said = tuple(each for name in sizes for each in seen.evidence(name))
    amounts = [(1 - (seen.get(name) or 0.0)) * size for name, size in sizes.items()]
    same = all(abs(amount - seen.lost[0]) < 0.01 * abs(seen.lost[0]) for amount in amounts)
    return "l1" if same else "scaled", (), (*said, *says)


def _coarse(seen: Seen) -> bool:
    """Say whether the numbers are means of sixteen entries in bfloat16, whose last bit is 1/256 below 1."""
    seen_after = [seen.get(f"matrix_after_{k}") for k in (1, 2, 5, 10)]
    return all(value is not None and abs(value * 4096 - round(value * 4096)) < 1e-4 for value in seen_after)


def _one_share(seen: Seen) -> bool | None:
    """Say whether weights of 0.01, 1 and 100 keep the same share; None where that is not known."""
    factors = [seen.get(f"factor_after_1_from_{size}") for size in ("0.01", "100")]
    if None in factors:
        return None
    one = 1 - seen.lost[0]
    return all(abs(factor - one) <= 3 * tolerance("matrix_after_1", 1.0) for factor in factors if factor is not None)


def _geometric(seen: Seen) -> bool:
    first, tenth = seen.lost
    predicted = (1 - first) ** 10
    if abs(predicted) < 1e-3:  # nothing is left: any law gives that
        return False
    within = tolerance("matrix_after_10", 1.0) + 10 * tolerance("matrix_after_1", 1.0)
    return abs((1 - tenth) - predicted) < within


def _grows(seen: Seen) -> bool:
    """Say whether weights grow in every step, or by what decay adds where the gradients' own part is divided out."""
    path = [seen.get(f"matrix_after_{k}") for k in (1, 10, 100)]
    known = [value for value in path if value is not None]
    if 1 < known[0] < 2 and all(one < other < math.inf for one, other in itertools.pairwise(known)):
        begun = seen.share("at_step_1")
        return begun is None or begun < -0.1
    large = seen.share("at_step_1", "large"), seen.share("after_10", "large")
    return all(share is not None and -1.2 < share < -0.8 for share in large)


def _saturates(seen: Seen) -> bool:
    """Say whether the second fifty steps take less than a fifth of what the first fifty took, and something is left."""
    late = seen.get("matrix_after_50"), seen.get("matrix_after_100")
    if late[0] is None or late[1] is None or late[1] < 0.5:
        return False
    return 0 <= late[0] - late[1] < 0.2 * (1 - late[0])
