"""A verdict in sentences: what was claimed, predicted and measured, and what would change it."""

import math

from wd_jax.report.tables import interval, number
from wd_jax.verdicts import FAILS, HOLDS, Verdict

CHANGE_NOTE = (
    "How this is computed: h is the distance from the mean to the interval's end on the side in question, d that from "
    "the mean to the end of the range asked. An undecided claim is decided by an interval h/d times narrower, which "
    "takes about (h/d)² times as many seeds if the interval is spread between seeds alone; what is not spread, such as "
    "a misfit of a line or a drift still to come, does not shrink so. Where several cells are judged together the "
    "numbers are those of the cell that decides. The range asked is fixed before the data are seen: changing it is "
    "another claim."
)
_FINE = 1e6
_EDGE = 30.0
_MANY = 1000


def claimed(verdict: Verdict) -> str:
    """Say what was claimed, and for what.

    Examples
    --------
    >>> claimed(Verdict(2, "prediction", "factor exp(-κ)", "layer 1", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds"))
    'Factor exp(-κ); judged for layer 1.'
    """
    statement = printed(verdict.statement)
    if len(statement) > 1 and statement[:2].isalpha() and statement[:1].islower():
        statement = statement[0].upper() + statement[1:]
    return f"{statement}; judged for {printed(verdict.scope)}." if verdict.scope else f"{statement}."


def predicted(verdict: Verdict) -> str:
    """Say what was predicted, and where the whole interval must lie.

    Examples
    --------
    >>> fields = ("8 seeds", (0.8, 1.2))
    >>> predicted(Verdict(2, "prediction", "factor", "", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", *fields))
    'Predicted 1; to hold, the whole interval must lie between 0.8 and 1.2.'
    """
    if not math.isfinite(verdict.predicted):
        return "There is no predicted number."
    if verdict.asked is None:
        return f"Predicted {number(verdict.predicted)}."
    if _from_above(verdict) and verdict.asked[1] == verdict.predicted:
        return f"Predicted at most {number(verdict.predicted)}, for the whole interval."
    return f"Predicted {number(verdict.predicted)}; to hold, the whole interval must lie {_asked(verdict)}."


def measured(verdict: Verdict) -> str:
    """Say what was measured, with its interval.

    Examples
    --------
    >>> measured(Verdict(2, "prediction", "factor", "", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds"))
    'Measured 1, 95 % interval [0.9, 1.1].'
    """
    if not math.isfinite(verdict.measured):
        return "There is no measured number."
    if not all(map(math.isfinite, verdict.ci95)):
        return f"Measured {number(verdict.measured)}, without an interval."
    return f"Measured {number(verdict.measured)}, 95 % interval {interval(verdict.ci95)}."


def would_change(verdict: Verdict) -> str:
    """Say what would have to be different for another word, by the rule in `CHANGE_NOTE`.

    Parameters
    ----------
    verdict : Verdict
        Its `asked` is the range that the rule compares with.

    Returns
    -------
    str
        One or two sentences.

    Examples
    --------
    >>> fields = ("2 seeds", (0.9, 1.1))
    >>> would_change(Verdict(2, "prediction", "factor", "", 1.0, 1.05, (0.95, 1.15), 0.1, "undecided", *fields))
    'The mean lies inside what was asked, between 0.9 and 1.1; an end of the interval does not. An interval 2.0 times \
narrower about the same mean would make it hold, which is about 4 times as many seeds.'
    """
    if verdict.asked is None or not math.isfinite(verdict.measured):
        return "A number to judge: the reason says why there is none."
    if not all(map(math.isfinite, verdict.ci95)):
        what = "leave the range" if verdict.verdict == HOLDS else "come to lie"
        return f"There is no interval; the number itself would have to {what} {_asked(verdict)}."
    if verdict.verdict == HOLDS:
        return _holds(verdict)
    return _fails(verdict) if verdict.verdict == FAILS else _undecided(verdict)


def narrower(verdict: Verdict) -> float:
    """How many times narrower an undecided verdict's interval must be, about the same mean, to decide it.

    Returns
    -------
    float
        h/d of `CHANGE_NOTE`; infinite if the mean lies on the edge.
    """
    low, high = verdict.asked or (-math.inf, math.inf)
    below, above = verdict.measured - verdict.ci95[0], verdict.ci95[1] - verdict.measured
    if verdict.measured < low or verdict.measured > high:
        h, d = (above, low - verdict.measured) if verdict.measured < low else (below, verdict.measured - high)
        return h / d
    ends = [(above, high - verdict.measured), (below, verdict.measured - low)]
    return max(h / d if d > 0 else math.inf for h, d in ends)


def printed(text: str) -> str:
    """Write the vocabulary's name for λ as it is printed.

    Examples
    --------
    >>> printed("lmbda_crit < 5")
    'λ_crit < 5'
    """
    return text.replace("lmbda", "λ")


def _from_above(verdict: Verdict) -> bool:
    """Whether the range asked is a bound from above: it begins at 0, and what is measured is not negative."""
    return verdict.asked is not None and verdict.asked[0] == 0 and not verdict.ci95[0] < 0 and not verdict.measured < 0


def _asked(verdict: Verdict) -> str:
    assert verdict.asked is not None
    low, high = verdict.asked
    if _from_above(verdict):
        return f"at or below {number(high)}"
    if (high - low) * _FINE < max(abs(low), abs(high)):
        return f"within {(high - low) / 2:.1g} of {number((high + low) / 2)}"
    digits = next((d for d in range(4, 8) if f"{low:.{d}g}" != f"{high:.{d}g}"), 7)
    return f"between {low:.{digits}g} and {high:.{digits}g}"


def _holds(verdict: Verdict) -> str:
    assert verdict.asked is not None
    low, high = verdict.asked
    gap = high - verdict.ci95[1]
    if not _from_above(verdict):
        gap = min(gap, verdict.ci95[0] - low)
    return (
        f"The interval would have to leave what was asked, {_asked(verdict)}; its nearest end is "
        f"{_widths(verdict, gap)} inside."
    )


def _fails(verdict: Verdict) -> str:
    assert verdict.asked is not None
    low, high = verdict.asked
    gap = verdict.ci95[0] - high if verdict.ci95[0] > high else low - verdict.ci95[1]
    return (
        f"The interval would have to move by {number(gap)} to touch what was asked, {_asked(verdict)}; its nearest end "
        f"is {_widths(verdict, gap)} outside. More seeds about the same mean would not change it."
    )


def _undecided(verdict: Verdict) -> str:
    assert verdict.asked is not None
    inside = verdict.asked[0] <= verdict.measured <= verdict.asked[1]
    times = narrower(verdict)
    if times > _EDGE:
        return "The mean lies on the edge of what was asked: no reasonable number of seeds would decide."
    where = "inside" if inside else "outside"
    shown = f"{times:.1f}" if times >= 1.5 else f"{math.ceil(times * 100) / 100:.2f}"
    return (
        f"The mean lies {where} what was asked, {_asked(verdict)}; an end of the interval does not. "
        f"An interval {shown} times narrower about the same mean would make it {'hold' if inside else 'fail'}, "
        f"which is about {_upwards(times**2)} times as many seeds."
    )


def _widths(verdict: Verdict, gap: float) -> str:
    half = (verdict.ci95[1] - verdict.ci95[0]) / 2
    if half <= 0:
        return number(gap)
    count = gap / half
    if count > _MANY:
        return f"more than {_MANY} half-widths"
    return f"{count:.1f} half-widths" if count < 100 else f"{float(f'{count:.2g}'):g} half-widths"


def _upwards(times: float) -> str:
    """Round up: to a tenth below ten, else to a whole number."""
    up = math.ceil(times * 10 - 1e-6) / 10 if times < 10 else math.ceil(times - 1e-6)
    return f"{up:g}"
