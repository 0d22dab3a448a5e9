"""Time several subjects in turn, repeat by repeat, so that a slow spell of the machine meets all of them."""

import contextlib
import dataclasses
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cases import Case

ROOT = Path(__file__).parent.parent


@dataclass
class Timing:
    """Seconds of each repeat, or why there are none."""

    seconds: list[float] = field(default_factory=list)
    first: float = float("nan")
    error: str | None = None

    @property
    def median(self) -> float:
        """Middle repeat; NaN if nothing was timed."""
        return statistics.median(self.seconds) if self.seconds else float("nan")


@contextlib.contextmanager
def _worker(subject: str) -> Iterator[subprocess.Popen]:
    command, pipe = [sys.executable, "-m", "benchmarks.worker", subject], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def _ask(process: subprocess.Popen, request: dict) -> dict:
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except OSError:
        line = ""
    return json.loads(line) if line else {"error": "the worker ended"}


def times(entries: Sequence[tuple[str, Case]], repeats: int) -> list[Timing]:
    """Prepare every entry, each subject in a process of its own, then run each `repeats` times, in turn.

    Parameters
    ----------
    entries : sequence of (subject, Case)
        Subjects are the keys of `benchmarks.worker.SUBJECTS`.
    repeats : int
        Timed runs of each; the first run, which compiles, is kept apart.

    Returns
    -------
    list of Timing
        In the order of the entries.
    """
    with contextlib.ExitStack() as stack:
        workers: dict[str, subprocess.Popen] = {}
        places, timings = [], []
        for subject, case in entries:
            if subject not in workers:
                workers[subject] = stack.enter_context(_worker(subject))
            answer = _ask(workers[subject], {"prepare": dataclasses.asdict(case)})
            places.append((subject, sum(before == subject for before, _ in places)))
            timings.append(Timing(first=answer.get("seconds", float("nan")), error=answer.get("error")))
        for _ in range(repeats):
            for (subject, index), timing in zip(places, timings, strict=True):
                if timing.error is None:
                    answer = _ask(workers[subject], {"run": index})
                    timing.error = answer.get("error")
                    timing.seconds += [answer["seconds"]] if "seconds" in answer else []
    return timings
