"""A run's state in words, for a terminal, a page and a program."""

import math
import time
from collections import Counter
from typing import Any

from wd_jax.display import duration, facts_text, magnitude
from wd_jax.sweeps.live.curves import Line, Panel, Seen
from wd_jax.sweeps.live.state import DONE, FAILED, RUNNING, STOPPED, State
from wd_jax.sweeps.store.drivers import Driver

BARS = "▁▂▃▄▅▆▇█"
SHOWN = 3
"""Most processes, and most failures, that are named."""


def headline(state: State) -> str:
    """Say how a run is in a few words.

    Parameters
    ----------
    state : State
        Of the run.
    """
    if state.word == DONE:
        return "done"
    if state.word == RUNNING:
        return f"running, {duration(state.left)} left" if state.left is not None else "running"
    if state.word == FAILED:
        return "failed: nothing works on what is missing"
    begun = "not begun" if not (state.tasks_done or state.gone) else "stopped"
    return f"{begun}: nothing works on it now"


def remedy(state: State) -> str:
    """Say what to do about a run that does not go on by itself; empty where nothing is to be done."""
    if state.word == STOPPED and not (state.tasks_done or state.gone):
        return f"run the sweep's own command, or `wd-jax worker {state.root} --shard i/N` in each of N jobs"
    if state.word == STOPPED:
        return "run the sweep's own command again: it goes on from here"
    if state.word == FAILED:
        return "mend the cause and run the sweep's own command again: it trains only what is missing"
    return ""


def facts(state: State, seen: Seen, lasting: bool = False) -> dict[str, str]:
    """Give what there is to say, name by name.

    Parameters
    ----------
    state : State
        Of the run.
    seen : Seen
        What was read of its tasks.
    lasting : bool
        Whether it is read later too: a time is then a date.
    """
    found = {
        "tasks": _counted(state.tasks_done, state.tasks, state.tasks_running, state.tasks_failed) + _begun(state),
        "members": _counted(state.members_done, state.members, 0, state.members_failed) + _diverged(state, seen),
    }
    if state.word == RUNNING:
        pace = f"{magnitude(state.rate)} member-steps/s" if state.rate else "not known yet, as while compiling"
        found["rate"] = f"{pace}, {state.share:.0%} of {magnitude(state.steps)} done"
    named = [process(one, state.at, lasting) for one in state.processes[:SHOWN]]
    more = len(state.processes) - SHOWN
    if named:
        found["by" if state.workers else "last by"] = "; ".join([*named, *([f"and {more} more"] if more > 0 else [])])
    kinds = Counter(kind for one in state.processes for kind in one.devices)
    versions = {f"{name} {version}": None for one in state.processes for name, version in one.versions.items()}
    found |= {"devices": ", ".join(f"{count} x {kind}" for kind, count in sorted(kinds.items()))} if kinds else {}
    found |= {"versions": ", ".join(versions)} if versions else {}
    for number, failure in enumerate(state.failures[:SHOWN], start=1):
        found[f"failure {number}"] = f"{failure.error} (task {failure.key}, attempt {failure.attempt}, {failure.host})"
    if len(state.failures) > SHOWN:
        found["failures"] = (
            f"{len(state.failures)} tasks in all; the folder failed/ of the run has each one's traceback"
        )
    if state.replaces:
        found["replaces"] = "the finished run that is read until this one is whole"
    return found


def process(one: Driver, now: float, lasting: bool = False) -> str:
    """Name a process, and say since when it works or how it ended, and when: as a date if that is to last."""
    where = f"{one.host}, process {one.pid}, {one.kind}"
    if one.alive:
        return f"{where}, for {duration(max(0.0, now - one.started))}"
    when = f"at {moment(one.seen)}" if lasting else f"{duration(max(0.0, now - one.seen))} ago"
    return f"{where}, {one.ended or 'gone without a word'}, {when}"


def moment(seconds: float) -> str:
    """Write a time, given in seconds since 1970.

    Examples
    --------
    >>> moment(0.0)
    '1970-01-01 00:00:00 UTC'
    """
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def text(state: State, seen: Seen, width: int = 40) -> str:
    """Write everything for a terminal.

    Parameters
    ----------
    state, seen
        As for `facts`.
    width : int
        Characters of the bar.
    """
    full = round(width * state.share)
    bar = "█" * full + "·" * (width - full)
    lines = [f"{state.root}: {headline(state)}", f"{bar} {state.share:4.0%}", *facts_text(facts(state, seen))]
    for panel in seen.panels:
        lines += ["", *curve_lines(panel)]
    said = remedy(state)
    lines += ["", f"next: {said}"] if said else []
    return "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in lines)


def curve_lines(panel: Panel, width: int = 32) -> list[str]:
    r"""Draw a panel in one line of text for each curve.

    Examples
    --------
    >>> print(*curve_lines(Panel("cost", (0.0, 1.0, 2.0), (Line("lmbda = 5", (4.0, 2.0, 1.0)),))), sep="\n")
    cost, mean over finished members
      lmbda = 5  █▃▁  4 -> 1
    """
    finite = [value for line in panel.lines for value in line.values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    across = max((len(line.label) for line in panel.lines), default=0)
    drawn = [f"  {line.label:<{across}}  {_spark(line, low, high, width)}  {_ends(line)}" for line in panel.lines]
    return [f"{panel.title}, mean over finished members", *drawn]


def record(state: State, seen: Seen) -> dict[str, Any]:
    """Give the same JSON-ready."""
    names = ("root", "plan", "dataset", "word", "tasks", "tasks_done", "tasks_running", "tasks_failed")
    names += ("members", "members_done", "members_failed", "steps", "steps_done", "rate", "replaces")
    found = {name: getattr(state, name) for name in names}
    return found | {
        "seconds_left": state.left,
        **({"members_seen": seen.members, "members_diverged": seen.diverged} if seen.members else {}),
        "processes": [
            {"host": one.host, "pid": one.pid, "kind": one.kind, "alive": one.alive, "ended": one.ended}
            | {"devices": list(one.devices), "versions": one.versions, "started": one.started, "seen": one.seen}
            for one in (*state.workers, *state.gone)
        ],
        "failures": [{"task": one.key, "attempt": one.attempt, "error": one.error} for one in state.failures],
    }


def _counted(done: int, every: int, running: int, failed: int) -> str:
    parts = [f"{done} of {every} done"]
    parts += [f"{running} running"] if running else []
    return ", ".join([*parts, *([f"{failed} failed"] if failed else [])])


def _begun(state: State) -> str:
    """Say how many tasks nobody works on now have a checkpoint to go on from."""
    kept = state.tasks_begun if state.word != RUNNING else 0
    return f", {kept} begun and kept as of their last checkpoint" if kept else ""


def _diverged(state: State, seen: Seen) -> str:
    """Say how many diverged, as far as that was read; a process counts those of the tasks it works on too."""
    if seen.members >= state.members_done:
        return f", {seen.diverged} diverged" if seen.diverged else ""
    return f", {seen.diverged} of the first {seen.members} diverged" if seen.members else ""


def _spark(line: Line, low: float, high: float, width: int) -> str:
    count = len(line.values)
    picked = [line.values[round(i * (count - 1) / max(1, min(width, count) - 1))] for i in range(min(width, count))]
    span = (high - low) or 1.0
    return "".join(BARS[min(7, int(8 * (value - low) / span))] if math.isfinite(value) else " " for value in picked)


def _ends(line: Line) -> str:
    finite = [value for value in line.values if math.isfinite(value)]
    return f"{finite[0]:.3g} -> {finite[-1]:.3g}" if finite else "no number"
