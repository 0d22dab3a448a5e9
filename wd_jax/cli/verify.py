"""``wd-jax verify``: whether what a run has on disk is what was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wd_jax import display
from wd_jax.cli.command import Command, Output
from wd_jax.cli.fields import Run

if TYPE_CHECKING:
    from wd_jax.sweeps.store.verify import Verified

MOST_FAULTS = 20
"""Faults that the text names; --json has all."""


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Check what a run has on disk; exit code 1 if anything is or was damaged.

    A damaged task is moved to the folder quarantine of the run, and the command that made the run trains it anew; until
    then the run is incomplete, and the exit code stays 1.
    """

    run_: Run
    """Folder or file that a sweep wrote, or a folder of such."""
    full: bool = False
    """Read every byte; by default names, lengths and headers are checked. A .nc file is always read whole."""

    def run(self) -> Output:
        """Check each run that is named."""
        found = [_checked(path, self.full) for path in _runs(self.run_)]
        faults = [fault for one in found for fault in one["damaged"]]
        record = found[0] if len(found) == 1 else {"sound": not faults, "runs": found}
        failed = f"{self.run_}: damaged, {len(faults)} of its files ({faults[0]})" if faults else _incomplete(found)
        return Output("\n\n".join(map(_text, found)), record, failed=failed)


def _runs(path: Path) -> Iterator[Path]:
    """List the runs that a path names: itself, or those in it."""
    from wd_jax.sweeps.store import generations

    if not path.is_dir() or generations.is_run(path):
        yield path
        return
    inside = [one for one in sorted(path.iterdir()) if one.suffix == ".nc" or generations.is_run(one)]
    if not inside:
        raise FileNotFoundError(f"{path}: holds no run; name the folder or the file that a sweep wrote")
    yield from inside


def _checked(path: Path, full: bool) -> dict[str, Any]:
    """Give the record of one run."""
    from wd_jax.files import ForeignFileError
    from wd_jax.results import measurement, netcdf
    from wd_jax.sweeps.store.verify import verify

    if path.is_dir():
        return _record(verify(path, full))
    try:
        if measurement.is_one(path):
            measurement.read(path)
        else:
            netcdf.read(path)
        damaged = []
    except ForeignFileError as error:
        damaged = [str(error)]
    return {"run": str(path), "sound": not damaged, "full": True, "damaged": damaged}


def _record(found: "Verified") -> dict[str, Any]:
    return {
        "run": str(found.root),
        "sound": found.sound,
        "full": found.full,
        "tasks": found.tasks,
        "published": len(found.whole),
        "missing": len(found.missing),
        "failed": len(found.failed),
        "of_earlier_plans": found.beside,
        "bytes": found.bytes,
        "quarantined": found.quarantined,
        "unfinished": found.unfinished,
        "damaged": [fault.said for fault in found.faults],
    }


def _incomplete(found: list[dict[str, Any]]) -> str:
    """Say that tasks are missing whose files were damaged and set aside before; empty where that is not so."""
    lost = [one for one in found if one.get("missing") and one.get("quarantined")]
    if not lost:
        return ""
    one = lost[0]
    return (
        f"{one['run']}: incomplete, {one['missing']} of {one['tasks']} tasks are missing, and damaged files lie in its "
        "folder quarantine: the command that made the run trains them anew"
    )


def _text(record: dict[str, Any]) -> str:
    """Write a record for a terminal."""
    damaged = record["damaged"]
    how = (
        "every byte was checked"
        if record["full"]
        else "names, lengths and headers were checked, no numbers (--full reads all)"
    )
    missing = record.get("missing", 0)
    sound = "sound" if record["full"] else "no fault found"
    there = (
        f"incomplete, {missing} of {record['tasks']} tasks are missing; what is there: {sound}" if missing else sound
    )
    verdict = f"{len(damaged)} damaged" if damaged else there
    lines = [f"{record['run']}: {verdict}; {how}"]
    if "tasks" in record:
        failed = f", {record['failed']} of them tried and failed" if record["failed"] else ""
        more = "; the sweep's own command trains them" if record["missing"] else ""
        facts = {
            "tasks": f"{record['tasks']}",
            "published": f"{record['published']} ({display.magnitude(record['bytes'])} bytes)",
            "missing": f"{record['missing']}{failed}{more}",
            "of earlier plans": f"{record['of_earlier_plans']}" if record["of_earlier_plans"] else "",
            "in quarantine": f"{record['quarantined']}" if record["quarantined"] else "",
            "unfinished files": f"{record['unfinished']}" if record["unfinished"] else "",
        }
        lines += display.facts_text({name: said for name, said in facts.items() if said}, "  ")
    lines += [f"  damaged: {said}" for said in damaged[:MOST_FAULTS]]
    return "\n".join([*lines, *([f"  and {len(damaged) - MOST_FAULTS} more"] * (len(damaged) > MOST_FAULTS))])
