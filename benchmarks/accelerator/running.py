"""Run one part of the benchmark in a process of its own, for so many seconds at most."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE
from typing import Any

ROOT = Path(__file__).parents[2]


def collect(phase: str, seconds: float, on_cpu: bool) -> tuple[list[dict[str, Any]], str]:
    """Run a phase in a process of its own for so many seconds at most.

    Parameters
    ----------
    phase : str
        Of `benchmarks.accelerator.phases`.
    seconds : float
        When it is ended; what it has printed by then is kept.
    on_cpu : bool
        Whether this is a rehearsal.

    Returns
    -------
    list of dict
        Its rows.
    str
        Why there are no more: empty if it came to its end.
    """
    command = [sys.executable, "-m", "benchmarks.accelerator.phases", phase, *(["--on-cpu"] if on_cpu else [])]
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    settings = os.environ | {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "PYTHONPATH": os.pathsep.join(paths)}
    if platforms := settings.get("JAX_PLATFORMS"):
        settings["JAX_PLATFORMS"] = (
            platforms if "cpu" in platforms.split(",") else f"{platforms},cpu"
        )  # to compare with
    rows: list[dict[str, Any]] = []
    said: list[str] = []
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    with subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=PIPE, stderr=PIPE, text=True, start_new_session=True
    ) as process:
        readers = [
            threading.Thread(target=_read, args=(process.stdout, lines.put), daemon=True),
            threading.Thread(target=_read, args=(process.stderr, said.append), daemon=True),
        ]
        for reader in readers:
            reader.start()
        end = time.monotonic() + seconds
        try:
            while line := lines.get(timeout=max(0.0, end - time.monotonic())):
                rows.append(json.loads(line))
                print(f"  {_short(rows[-1])}", file=sys.stderr, flush=True)
            process.wait(timeout=max(1.0, end - time.monotonic()))
        except (queue.Empty, subprocess.TimeoutExpired):
            return rows, f"not finished after {seconds:.0f} s"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # its own group: what it has started goes with it
        readers[1].join(timeout=5)
    ended = f"ended with {process.returncode}: {' '.join(''.join(said[-2:]).split())}"[:300]
    return rows, ended if process.returncode else ""


def _read(stream: Any, take: Callable[[str], None]) -> None:
    """Hand every line on, and "" at the end."""
    for line in stream:
        take(line)
    take("")


def _short(row: dict[str, Any]) -> str:
    if "off" in row:
        return f"{row['name']}: {'holds' if row['holds'] else 'FAILS'}, off by {row['off']} {row['note']}"
    if "rate" in row:
        return f"{row['name']}, {row['members']} members: {row['rate']:.3g} a second, first {row['first']:.0f} s"
    return f"{row.get('name', '')} {row.get('error') or row}"
