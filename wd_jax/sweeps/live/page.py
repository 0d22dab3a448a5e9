"""The status page of a run: one HTML file, written anew every few seconds, that asks the network for nothing."""

import math
import time
import warnings
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from wd_jax.report.inline import policy
from wd_jax.sweeps.live import chart, words
from wd_jax.sweeps.live.curves import Curves, Seen
from wd_jax.sweeps.live.state import DONE, RUNNING, Sizes, State, state
from wd_jax.sweeps.store import aside
from wd_jax.sweeps.store.generations import STATUS_PAGE, RunStore

if TYPE_CHECKING:
    import jinja2

BETWEEN = 5.0
"""Seconds between two writings."""
SHARE = 0.01
"""Most of a run's time that may go to its page."""
READING, AT_THE_END = 0.05, 0.5
"""Seconds of each writing that may go to reading tasks; more when the run ends."""
STALE = 60
"""Seconds without a new page after which it says that nothing may be at work any more."""


class StatusPage:
    """Keeps the page of a run up to date.

    Parameters
    ----------
    store : RunStore
        The run.
    clock : callable
        () -> seconds, rising.
    """

    def __init__(self, store: RunStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._curves, self._sizes = Curves(store), Sizes.of(store.plan)
        self._due, self._warned = -math.inf, False

    def look(self) -> None:
        """Write the page, if the last time is long enough ago: the longer it took, the longer that is."""
        if self._clock() >= self._due:
            self._write(READING)

    def end(self) -> None:
        """Write it as it stays."""
        self._write(AT_THE_END)

    def _write(self, seconds: float) -> None:
        """Write it whole; neither a full disk nor a fault of the page's own may end a run."""
        began = self._clock()
        try:
            text = page(state(self._store, self._sizes), self._curves.look(seconds))
            aside.replace(self._store.root / STATUS_PAGE, text, self._store.generation / "tmp")
        except OSError:
            pass  # the next one may find room
        except Exception as error:
            if not self._warned:
                self._warned = True
                said = f"{type(error).__name__}: {' '.join(str(error).split())}"
                warnings.warn(f"{self._store.root / STATUS_PAGE}: not written ({said}); the run goes on", stacklevel=2)
        self._due = began + max(BETWEEN, (self._clock() - began) / SHARE)


def page(now: State, seen: Seen) -> str:
    """Write the page.

    Parameters
    ----------
    now : State
        Of the run.
    seen : Seen
        What was read of its tasks.

    Returns
    -------
    str
        One HTML document, to be written as UTF-8; every text of the run is escaped.
    """
    from markupsafe import Markup

    script = _asset("status.js")
    facts = words.facts(now, seen, lasting=True)
    failures = [(failure.error, failure.key, failure.attempt, failure.host) for failure in now.failures[: words.SHOWN]]
    told = {name: said for name, said in facts.items() if not name.startswith("failure ")}
    return (
        _environment()
        .get_template("status.html.j2")
        .render(
            title=now.root,
            word=now.word,
            headline=words.headline(now),
            remedy=words.remedy(now),
            dataset=now.dataset,
            percent=round(100 * now.share, 1),
            facts=told,
            failures=failures,
            charts=[chart.chart(panel) for panel in seen.panels],
            drawing=chart,
            seen=seen,
            members_done=now.members_done,
            at=now.at,
            moment=words.moment(now.at),
            refresh=None if now.word == DONE else round(BETWEEN),
            running=now.word == RUNNING,
            stale=STALE,
            policy=policy(script),
            style=Markup(_asset("status.css")),
            script=Markup(script),
        )
    )


def _asset(name: str) -> str:
    return (resources.files("wd_jax.sweeps.live") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    loader: Any = jinja2.PackageLoader("wd_jax.sweeps.live")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
