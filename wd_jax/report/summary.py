"""Answers and verdicts of a run, laid out for a terminal."""

import textwrap
from collections.abc import Sequence

from wd_jax.report.tables import VERDICT_COLUMNS, text_table, verdict_rows
from wd_jax.report.words import AGAIN, ended
from wd_jax.stats.outcome import Outcome
from wd_jax.stats.tally import tally


def summary(outcomes: Sequence[Outcome]) -> str:
    """Lay out the answers and the verdicts.

    Parameters
    ----------
    outcomes : sequence of Outcome
        In the order in which they are shown.

    Examples
    --------
    >>> print(summary([Outcome("x", "A claim", "It holds.", (), (), lambda: None)]).splitlines()[0])
    A claim. It holds.
    """
    verdicts = [verdict for outcome in outcomes for verdict in outcome.verdicts]
    table = text_table(VERDICT_COLUMNS, verdict_rows(verdicts))
    answers = [textwrap.fill(f"{ended(outcome.title)} {outcome.answer}", 110) for outcome in outcomes]
    return "\n\n".join([*answers, table, f"{tally(verdicts)}\n{AGAIN}"])
