r"""Whether a series still moves, has come to rest, or has decayed away."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.one_series.decay import decayed_since
from wd_jax.stats.one_series.mixture import check_level
from wd_jax.stats.one_series.records import binned, cleaned
from wd_jax.stats.one_series.trend import BATCHES, Trend, trend

Word = Literal["transient", "at rest", "decayed away", "cannot be said"]
SHORTEST = 20
"""Fewest records in a window that is judged."""
MOVES, QUIET = 20.0, 10.0
"""Gain (`trend`) beyond which a series moves: a stationary one exceeds it in less than 5 % of cases even if its memory
is as long as it is itself; and gain below which no movement is seen."""
_SHAPES_ALIKE = 6.0
"""Movements whose gain is less than this below the best one's are as good."""
STARTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""Where windows begin that are asked whether they are at rest, in shares of the records."""
_MARGIN = 0.1
"""Share of the records by which rest is said to begin later than the window: its start is what was chosen."""
_UNSEEN, _SLIGHT, _SHARE, _FLUCTUATIONS = 0.5, 1e-3, 0.02, 2.0
"""What does not matter: half the error of the mean, a thousandth of it, or a fiftieth of what the run moved; and how
many standard deviations of the series a movement may be that its noise could hide."""


@dataclass(frozen=True)
class State:
    """Whether a series rests.

    Attributes
    ----------
    word : {"transient", "at rest", "decayed away", "cannot be said"}
        What the series shows at its end.
    since : float or None
        Time from which it rests, or is negligible; None for the other words.
    reason : str
        What was seen, a sentence.
    """

    word: Word
    since: float | None
    reason: str


def state(time: ArrayLike, values: ArrayLike, level: float = 0.95, within: float = 0.05) -> State:
    r"""Whether a series still moves at its end, has come to rest, or has decayed away.

    A window at the end is at rest where no movement is seen in it although it is tried against a line, approaches,
    growth, waves and steps (`trend`), where a movement that could hide in its noise is small, and where what is seen
    in a window twice as long does not go on in it. Of the windows that are at rest, the longest is taken, and rest is
    said to begin a tenth of the run after its start. A series is
    transient where a movement is beyond every noise with a memory, a random walk included, and goes on at the end.
    What is neither cannot be said.

    What moves much more slowly than the run is long cannot be told from rest by any means: compare the run with the
    time the law says.

    Parameters
    ----------
    time : array [record]
        When each record was made.
    values : array [record]
        The series. What is not finite is left out.
    level : float
        Of the interval of the movement that could hide, in (0, 1).
    within : float
        Largest movement of the mean that rest allows, as a share of the mean; twice its standard deviation is
        allowed too.

    Returns
    -------
    State
        With a sentence on what was seen.

    Examples
    --------
    >>> time, noise = np.arange(1000.0), np.random.default_rng(0).normal(size=1000)
    >>> state(time, 100 + noise).word, state(time, 100 + noise + time / 10).word
    ('at rest', 'transient')
    >>> found = state(time, 100 + noise + 50 * np.exp(-time / 30))
    >>> found.word, 200 <= found.since <= 500
    ('at rest', True)
    >>> state(time, np.exp(-time / 20)).word
    'decayed away'

    Sources: J. Geweke, in Bayesian Statistics 4 (1992) 169, compares early with late means in units of an error that
    respects the memory; K. P. White, Simulation 69 (1997) 323, leaves out at the start what makes the error larger.
    """
    from scipy.special import stdtrit

    check_level(level)
    errors = float(stdtrit(BATCHES - 1, (1 + level) / 2))
    when, kept = cleaned(time, values)
    if len(kept) < SHORTEST:
        return State("cannot be said", None, f"{len(kept)} finite records: {SHORTEST} are needed")
    if np.ptp(kept) <= 1e-12 * np.abs(kept).max():
        return State("at rest", float(when[0]), "the values are the same throughout")
    gone = decayed_since(when, kept)
    if gone is not None:
        share = abs(float(kept[-1]) / float(kept[0]))
        return State("decayed away", gone, f"it fell to {share:.1g} of its start, without a rest")
    tried: dict[int, Trend] = {}
    for start in STARTS:
        first, context = (int(share * len(kept)) for share in (start, max(0.0, 2 * start - 1)))
        if len(kept) - first < SHORTEST:
            break
        words = _rests(when, kept, (first, context), within, errors, tried)
        if words is not None:
            later = first + int(_MARGIN * len(kept)) if first else 0
            return State("at rest", float(when[later]), words)
    return _moving(when, kept, tried)


def _rests(
    when: np.ndarray,
    kept: np.ndarray,
    places: tuple[int, int],
    within: float,
    errors: float,
    tried: dict[int, Trend],
) -> str | None:
    """Say why the records from the first place on rest, seen from the second; None if they do not, or may not."""
    first, context = places
    seen, late = _trend(when, kept, first, tried), kept[first:]
    size = abs(float(late.mean()))
    moved, whole = (
        float(np.ptp(binned(when, each, BATCHES).mean)) for when, each in ((when[first:], late), (when, kept))
    )
    if first and moved <= min(_SLIGHT * size, _SHARE * whole):
        return f"from there on the mean moved by {moved:.2g}, its size is {size:.4g}"
    could = abs(seen.change) + errors * seen.error
    if seen.gain >= QUIET or could > max(within * size, _FLUCTUATIONS * float(late.std())):
        return None
    wider = _trend(when, kept, context, tried)
    if wider.gain < QUIET:
        context, wider = 0, _trend(when, kept, 0, tried)
    if (
        first > context
        and wider.gain >= QUIET
        and goes_on(wider, len(kept), context, first).max() > slight(seen.error, size)
    ):
        return None
    return f"from there on the mean moved by {seen.change:.2g} ± {errors * seen.error:.1g}, its size is {size:.4g}"


def goes_on(seen: Trend, records: int, context: int, first: int) -> np.ndarray:
    """How far each movement that is as good as the best goes on in the records from `first` on."""
    alike = seen.gains > seen.gain - _SHAPES_ALIKE
    bins = len(seen.paths)
    begin = min(int((first - context) / (records - context) * bins), bins - 2)
    return np.ptp(seen.paths[begin:, alike], axis=0)


def slight(error: float, size: float) -> float:
    """Movement too small to matter beside the error of the mean, or beside the mean."""
    return max(_UNSEEN * error, _SLIGHT * size)


def _moving(when: np.ndarray, kept: np.ndarray, tried: dict[int, Trend]) -> State:
    """Whether what does not rest surely moves at its end."""
    whole = _trend(when, kept, 0, tried)
    if whole.gain < MOVES:
        return State("cannot be said", None, "what it does could be a movement, or noise with a long memory")
    last = int(STARTS[-1] * len(kept))
    size, moved = abs(float(kept[last:].mean())), goes_on(whole, len(kept), 0, last).min()
    if moved <= min(slight(whole.left, size), _SHARE * np.ptp(whole.paths[:, whole.gains.argmax()])):
        return State("cannot be said", None, "it moved; whether it still does at the end is hidden by its noise")
    share = f", {moved / size:.1%} of its size" if size > 0 else ""
    return State("transient", None, f"over the last {1 - STARTS[-1]:.0%} its mean still moved by {moved:.2g}{share}")


def _trend(when: np.ndarray, kept: np.ndarray, first: int, tried: dict[int, Trend]) -> Trend:
    """Test the records from `first` on, once."""
    if first not in tried:
        tried[first] = trend(binned(when[first:], kept[first:], BATCHES))
    return tried[first]
