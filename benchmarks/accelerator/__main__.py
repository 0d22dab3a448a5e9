"""``python -m benchmarks.accelerator``: check and time the engine on a GPU, and write docs/accelerators.md.

One command, under ten minutes, from the root of the source. Without an accelerator it says so and changes no page;
``--on-cpu`` rehearses everything on the CPU with small sizes.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import machine, page
from benchmarks.accelerator import words
from benchmarks.accelerator.running import ROOT, collect

PAGE = ROOT / "docs" / "accelerators.md"
SHARES = {"agreement": 0.42, "rates": 0.38, "torch": 0.2}
"""Of the time there is; what one part leaves goes to the next."""
SECONDS = 560.0


def measure(seconds: float, on_cpu: bool, about: dict[str, Any]) -> dict[str, Any]:
    """Run all parts within a time, and gather what they found.

    Parameters
    ----------
    seconds : float
        For everything.
    on_cpu : bool
        Whether this is a rehearsal.
    about : dict
        The devices, as the first part of all lists them.
    """
    start, due = time.monotonic(), 0.0
    found: dict[str, Any] = {"about": about, "machine": machine.describe(), "rehearsal": on_cpu}
    found |= {"checks": [], "rates": [], "ended": []}
    for phase, share in SHARES.items():
        due += share * seconds
        print(f"{phase}:", file=sys.stderr, flush=True)
        rows, why = collect(phase, max(1.0, due - (time.monotonic() - start)), on_cpu)
        found["checks" if phase == "agreement" else "rates"] += rows
        found["ended"] += [f"{phase}, {why}"] if why else []
    return found | {"seconds": time.monotonic() - start}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write the page, and answer 1 if a check fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accelerator", description=__doc__)
    parser.add_argument("--on-cpu", action="store_true", help="rehearse on the CPU with small sizes")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="at most so long (default: %(default)s)")
    parser.add_argument("--page", type=Path, help="page to fill (default: docs/accelerators.md, of a rehearsal none)")
    parser.add_argument("--out", type=Path, help="write the measurements to this JSON file")
    options = parser.parse_args(arguments)
    seen, why = collect("about", 120.0, options.on_cpu)
    if not seen:
        print(f"error: JAX cannot list its devices: {why}", file=sys.stderr)
        return 1
    (about,) = seen
    if not about["devices"]:
        print("no accelerator: JAX sees a CPU only: install jax for your GPU, or give --on-cpu", file=sys.stderr)
        return 0
    found = measure(options.seconds, options.on_cpu, about)
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n")
    text = words.body(found)
    target = options.page or (None if options.on_cpu else PAGE)
    if target is not None:
        target.write_text(page.filled(target, "accelerator", text), encoding="utf-8")
        print(f"written: {target}", file=sys.stderr)
    print(text)
    return 0 if found["checks"] and all(row["holds"] for row in found["checks"]) else 1


if __name__ == "__main__":
    sys.exit(main())
