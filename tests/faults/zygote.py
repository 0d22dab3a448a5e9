"""A process that has imported JAX and not started it: it runs what it is told in children, and kills them in time.

To import JAX takes seconds, so thirty kills of a program would mostly hit its imports. A fork of this process begins
at once, and is as good as new: no thread of JAX runs here, and no device is open. It reads a line of JSON, a list of
children to run side by side, and answers with a line when all of them have ended.
"""

import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

LIMIT = 120.0
"""Seconds after which any child is killed."""
POLL = 0.002


def child(job: dict[str, Any]) -> None:
    """Run one job in a forked process, and never return."""
    code = 1
    try:
        os.setsid()
        log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream in (1, 2):
            os.dup2(log, stream)
        if "largest_file" in job:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (job["largest_file"],) * 2)
        module, _, name = job["run"].partition(":")
        code = int(getattr(importlib.import_module(module), name)(**job.get("arguments", {})) or 0)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def due(job: dict[str, Any], after: float) -> bool:
    """Whether a child is to be killed: after so many seconds, or when its journal has so many lines."""
    if "kill_at_lines" in job:
        journal = Path(job["arguments"]["journal"])
        if journal.exists() and journal.read_bytes().count(b"\n") >= job["kill_at_lines"]:
            return True
    return after >= min(job.get("kill_after", LIMIT), LIMIT)


def run(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fork a child for each job, kill those that are to be killed, and say how each ended and after how long."""
    began, left, ended = time.monotonic(), {}, {}
    for number, job in enumerate(jobs):
        pid = os.fork()
        if pid == 0:
            child(job)
        left[number] = pid
    while left:
        time.sleep(POLL)
        after = time.monotonic() - began
        for number, pid in list(left.items()):
            gone, status = os.waitpid(pid, os.WNOHANG)
            if gone:
                del left[number]
                ended[number] = {"code": os.waitstatus_to_exitcode(status), "seconds": after}
            elif due(jobs[number], after):
                os.kill(pid, signal.SIGKILL)
    return [ended[number] for number in range(len(jobs))]


def main() -> None:
    """Import what children need, then serve until the input ends."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    from jax._src import xla_bridge

    assert not xla_bridge.backends_are_initialized(), "a device is open: children of this process would hang"
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
