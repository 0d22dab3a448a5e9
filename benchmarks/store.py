"""``python -m benchmarks.store``: what a run in a folder costs: time, resuming it, and memory against members.

Every point runs in a process of its own. Sweeps with a folder and without one alternate, and medians are compared: the
processor's seconds beside the clock's, since on a machine that does other things only the former say much. The run is
opened again in another process, and summarised.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xarray as xr

import wd_jax as wd
from benchmarks import machine


@dataclass(frozen=True)
class Point:
    """A sweep of a small network, [n_in, hidden, 3], each task of it eight members trained one by one.

    Attributes
    ----------
    members, epochs, n : int
        How many, for how long, on how many examples, in batches of ten.
    n_in, hidden : int
        Units.
    """

    members: int
    epochs: int = 3
    n: int = 200
    n_in: int = 6
    hidden: int = 4

    def sweep(self, out: str | None) -> xr.Dataset:
        """Run it, into a folder or into memory."""
        sizes = {"n": self.n, "n_validation": 10, "n_test": 10}
        data = wd.data.teacher(0, **sizes, n_in=self.n_in, n_hidden=4, n_out=3)
        setup = wd.Setup(widths=(self.n_in, self.hidden, 3), batch_size=10)
        axes: dict[str, Any] = {"lmbda": [0.25, 0.5, 1.0, 2.0], "eta": [0.1, 0.3], "seeds": max(1, self.members // 8)}
        return wd.sweep(setup, data, epochs=self.epochs, out=out, method="generic", progress=False, **axes)


HARD = Point(1600)
"""200 tasks of about ten milliseconds: nothing is as hard for a store."""
USUAL = Point(320, epochs=30, n=2000, n_in=64, hidden=30)
"""40 tasks of a second or so: the digits on one small network."""
FINISHED = Point(8000, epochs=1, n=20)
"""1,000 tasks."""
FEW, MANY = Point(1000, epochs=1, n=20), Point(100_000, epochs=1, n=20)


def _measured(run: Callable[[], object]) -> dict:
    """Time a call: the clock's seconds and the processor's."""
    clock, processor = time.perf_counter(), time.process_time()
    run()
    return {"seconds": time.perf_counter() - clock, "processor": time.process_time() - processor}


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def cost(point: Point, repeats: int) -> dict:
    """Run a sweep without and with a folder in turn; medians, and by how much of the first the second is more."""
    rows: dict[str, list[dict]] = {"memory": [], "folder": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(repeats + 1):
            for kind, found in rows.items():
                out = f"{folder}/{number}" if kind == "folder" else None
                found.append(_measured(lambda out=out: point.sweep(out)))
    found = {
        f"{kind}_{what}": statistics.median(row[what] for row in rows[kind][1:])
        for kind in rows
        for what in ("seconds", "processor")
    }
    more = {what: found[f"folder_{what}"] / found[f"memory_{what}"] - 1 for what in ("seconds", "processor")}
    return {**asdict(point), **found, "more": more["seconds"], "more_processor": more["processor"]}


def resumed(point: Point, repeats: int) -> dict:
    """Run a sweep, and then the same call again: nothing is trained."""
    with tempfile.TemporaryDirectory() as folder:
        first = _measured(lambda: point.sweep(f"{folder}/run"))
        again = [_measured(lambda: point.sweep(f"{folder}/run")) for _ in range(repeats)]
    medians = {name: statistics.median(one[name] for one in again) for name in first}
    return {**asdict(point), "first_seconds": first["seconds"], **medians}


def run(point: Point, out: str) -> dict:
    """Run a sweep into a folder; its time and the peak memory of this process."""
    return {**asdict(point), **_measured(lambda: point.sweep(out)), "peak_bytes": _peak()}


def read(point: Point, out: str) -> dict:
    """Open a run and summarise it; the time and the peak memory of this process, and what all numbers would take."""
    sizes = []

    def summarised() -> None:
        runs = wd.open(out)
        sizes.append(runs.nbytes)
        repr(wd.summarise(runs))

    return {**asdict(point), **_measured(summarised), "result_bytes": sizes[0], "peak_bytes": _peak()}


JOBS = {"cost": cost, "resumed": resumed, "run": run, "read": read}


def elsewhere(job: str, point: Point, last: int | str) -> dict:
    """Do one of the jobs in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.store", "--job", json.dumps([job, asdict(point), last])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def memory(points: Sequence[Point]) -> list[dict]:
    """Run each point into a folder and read it again, in a process each."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for point in points:
            out = f"{folder}/{point.members}"
            rows.append({"run": elsewhere("run", point, out), "read": elsewhere("read", point, out)})
    return rows


def said(found: dict) -> str:
    """Put what was measured in lines."""
    lines = []
    for name in ("usual", "hard"):
        if row := found.get(name):
            lines.append(
                f"{name}: {row['members'] // 8} tasks, {row['memory_seconds']:.2f} s in memory and "
                f"{row['folder_seconds']:.2f} s in a folder: {row['more']:+.1%} ({row['more_processor']:+.1%} of the "
                f"processor's {row['memory_processor']:.2f} s)"
            )
    if row := found.get("resumed"):
        lines.append(
            f"resumed: a finished run of {row['members'] // 8} tasks in {row['seconds']:.2f} s "
            f"({row['processor']:.2f} s of the processor)"
        )
    if rows := found.get("memory"):
        for row in rows:
            ran, read_again = row["run"], row["read"]
            lines.append(
                f"{ran['members']} members: {ran['seconds']:.0f} s, peak {_mib(ran)} MiB; read and summarised in "
                f"{read_again['seconds']:.1f} s, peak {_mib(read_again)} MiB, of a result of "
                f"{read_again['result_bytes'] / 2**20:.0f} MiB"
            )
        ratio = rows[-1]["run"]["peak_bytes"] / rows[0]["run"]["peak_bytes"]
        lines.append(f"peak memory of the last over the first: {ratio:.2f}")
    return "\n".join(lines)


def _mib(row: dict) -> str:
    return f"{row['peak_bytes'] / 2**20:.0f}"


def main() -> None:
    """Measure, print, and write everything as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each kind; the median is shown")
    parser.add_argument("--only", nargs="+", choices=["usual", "hard", "resumed", "memory"], help="leave out the rest")
    parser.add_argument("--out", type=Path, help="write the measurements to this JSON file")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        job, point, last = json.loads(options.job)
        print(json.dumps(JOBS[job](Point(**point), last)))
        return
    steps = {
        "usual": lambda: elsewhere("cost", USUAL, options.repeats),
        "hard": lambda: elsewhere("cost", HARD, options.repeats),
        "resumed": lambda: elsewhere("resumed", FINISHED, options.repeats),
        "memory": lambda: memory((FEW, MANY)),
    }
    found: dict = {"machine": machine.describe()}
    for name in options.only or steps:
        found[name] = steps[name]()
        print(said({name: found[name]}), flush=True)
        if options.out:
            options.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
