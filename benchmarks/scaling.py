"""``python -m benchmarks.scaling``: time and peak memory of the engine against members, epochs and width.

Every point runs in a process of its own, whose peak resident memory is the operating system's count for it.
"""

import argparse
import dataclasses
import json
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks import machine, worker
from benchmarks.cases import Case
from benchmarks.subjects import engine

BASE = Case(cells=64, n=5000, epochs=10, probes="budget")
AXES = {
    "cells": tuple(dataclasses.replace(BASE, cells=cells) for cells in (64, 256, 1024)),
    "epochs": tuple(dataclasses.replace(BASE, epochs=epochs) for epochs in (5, 20, 80)),
    "hidden": tuple(dataclasses.replace(BASE, hidden=hidden) for hidden in (10, 30, 100, 300)),
}
"""What is varied, one at a time, about `BASE`."""


def point(case: Case, repeats: int) -> dict:
    """Run a case in this process: seconds of the first run, the median of the others, and the peak memory in bytes."""
    run = engine.prepare(case)
    first, *others = (worker.seconds_of(run) for _ in range(repeats + 1))
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        **dataclasses.asdict(case),
        "members": case.members,
        "first_seconds": first,
        "seconds": statistics.median(others),
        "peak_bytes": kilobytes * 1024,
    }


def points(repeats: int) -> list[dict]:
    """Run every point of `AXES`, each in a fresh process."""
    found = []
    for axis, cases in AXES.items():
        for case in cases:
            command = [sys.executable, "-m", "benchmarks.scaling", "--point", json.dumps(dataclasses.asdict(case))]
            command += ["--repeats", str(repeats)]
            output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            found.append({"axis": axis, **json.loads(output)})
            print(_line(found[-1]), file=sys.stderr, flush=True)
    return found


def _line(row: dict) -> str:
    per_step = row["seconds"] / (row["members"] * row["epochs"] * row["n"] / row["m"])
    return (
        f"| {row['axis']} = {row[row['axis']]} | {row['members']} | {row['seconds']:.2f} | {per_step * 1e6:.2f} "
        f"| {row['peak_bytes'] / 2**20:.0f} | {row['first_seconds'] - row['seconds']:.1f} |"
    )


def table(rows: list[dict]) -> str:
    """Render points as Markdown."""
    head = "| varied | members | seconds | µs per member-step | peak MiB | compiling, s |"
    return "\n".join([head, "|---|---|---|---|---|---|", *(_line(row) for row in rows)])


def main() -> None:
    """Measure, print the table, and write everything as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each point; the median is shown")
    parser.add_argument("--out", type=Path, help="write the measurements to this JSON file")
    parser.add_argument("--point", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.point:
        print(json.dumps(point(Case(**json.loads(options.point)), options.repeats)))
        return
    found = {"machine": machine.describe(), "rows": points(options.repeats)}
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n")
    print("\n".join(f"{name}: {value}" for name, value in found["machine"].items()), end="\n\n")
    print(table(found["rows"]))


if __name__ == "__main__":
    main()
