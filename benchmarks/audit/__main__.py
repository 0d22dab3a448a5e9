"""``python -m benchmarks.audit LIBRARY``: every setting of its catalogue measured, in an environment of its own."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.audit import environment, records, runner
from wd_jax.audit.adapters import registry
from wd_jax.audit.adapters.library import Library


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure libraries and store their records.

    Returns
    -------
    int
        0 where every library was measured; 1 where one was not; 2 for bad usage.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("library", nargs="*", help="torch, timm, ...")
    parser.add_argument("--all", action="store_true", help="every library that has an adapter")
    parser.add_argument("--only", action="append", metavar="LABEL", help="this setting alone, kept beside the stored")
    place = Path(tempfile.gettempdir()) / "wd-jax-audit"
    parser.add_argument("--environments", type=Path, default=place, help="where environments are made and found again")
    parser.add_argument("--out", type=Path, default=records.FOLDER, help="folder of the records")
    given = parser.parse_args(arguments)
    if bool(given.library) == given.all:
        parser.error("name libraries, or --all")
    if given.only and len(given.library) != 1:
        parser.error("--only goes with one library")
    try:
        chosen = registry.libraries() if given.all else [registry.named(name) for name in given.library]
    except ValueError as error:
        parser.error(str(error))
    failed = 0
    for library in (each for each in chosen if each.requirements):
        try:
            print(measured(library, given.environments, given.out, given.only), flush=True)
        except (environment.CannotInstallError, runner.BrokenRunError, OSError) as error:
            failed += 1
            print(f"{library.name}: not measured: {error}", flush=True)
    return 1 if failed else 0


def measured(library: Library, environments: Path, out: Path, only: Sequence[str] | None = None) -> str:
    """Measure one library, store what was found, and say so.

    Raises
    ------
    CannotInstallError, BrokenRunError
        In one line; then nothing is stored.
    """
    begun = time.perf_counter()
    found = environment.make(library, environments)
    specs = [f"{library.name}:{label}" for label in only or library.settings]
    run = runner.in_environment(found.python)
    asked = runner.measure(specs, run, lambda line: print(f"{library.name}: {line}", file=sys.stderr, flush=True))
    good: list[dict[str, Any]] = [each for each in asked if "error" not in each]
    for each in asked:
        if "error" in each:
            print(f"{each['spec']}: not measured: {each['error']}", flush=True)
    if not good:
        raise runner.BrokenRunError("none of its settings could be measured")
    path = records.write(library.name, records.merged(records.read(library.name, out), good) if only else good, out)
    return f"{library.name}: {len(good)} of {len(asked)} measured in {time.perf_counter() - begun:.0f} s: {path}"


if __name__ == "__main__":
    sys.exit(main())
