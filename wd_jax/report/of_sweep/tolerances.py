"""What each law of a sweep's page is allowed: fixed here with reason and date, the same for every sweep.

No page can change them, and none was chosen by looking at a verdict that it gives: each is a number that an experiment
of this library had before, but for what counts as rest, whose reason says how it was chosen.
"""

from dataclasses import dataclass

from wd_jax.stats.intervals import CONFIDENCE
from wd_jax.stats.outcome import Table

DATE = "2026-11-29"


@dataclass(frozen=True)
class Allowed:
    """A tolerance: its name, its value, of what it is, why this number, and since when the page has it."""

    name: str
    value: float
    of: str
    reason: str
    date: str = DATE


ALONE = Allowed(
    "decay alone",
    0.01,
    "relative error of the logarithm of the factor by which weights without gradient shrink",
    "what claim 2 of the exercise allows since 2026-11-21",
)
LAYER = Allowed(
    "decay alone, in a layer",
    0.05,
    "relative error of the same logarithm for a layer that learns",
    "what the exercise calls fair since 2026-11-21",
)
NETWORK = Allowed(
    "at rest, in a network",
    0.1,
    "relative error of a size or an angle at rest",
    "a tenth is what one would act upon: so the experiment on rotation in networks",
)
LABORATORY = Allowed(
    "at rest, in the laboratory",
    0.03,
    "relative error of a size or an angle at rest on made-up gradients",
    "the most that the experiment on floors allows a law: its laws are exact, or first order in what is small",
)
STILL = Allowed(
    "at rest",
    0.1,
    "relative change between the thirds of the last 60 % of the run: a layer not shown to move less is not at rest",
    "what a size at rest is allowed to be off; besides, decay alone must have forgotten the start before. It was 1 % "
    "at first, by which no layer that learns was ever asked; it became 10 % before any network's word at rest was seen",
)
LEVEL = Allowed("confidence", CONFIDENCE, "of every interval over seeds", "the usual one")
ALL = (ALONE, LAYER, NETWORK, LABORATORY, STILL, LEVEL)


def table() -> Table:
    """Give every number that decides a word on the page, with its reason and its date.

    Examples
    --------
    >>> table().rows[0][:2]
    ('decay alone', '1 %')
    """
    rows = tuple((one.name, f"{100 * one.value:g} %", one.of, one.reason, one.date) for one in ALL)
    note = (
        "They are the same for every sweep, and were there before it: whoever makes a page cannot change them. Each is "
        "a number that an experiment of this library had already, but for what counts as rest; the date is the day "
        "from which on this page has it."
    )
    return Table("Tolerances", ("name", "value", "of what", "why", "since"), rows, note)
