"""``wd-jax worker``: a share of a run's tasks, in a job of its own."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from tyro.conf import arg

from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import Run


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Run a share of the tasks of a run that `wd-jax sweep --plan-only` has planned; finished ones are left alone."""

    run_: Run
    """Folder of the run, on a disk that all workers see."""
    shard: Annotated[str, arg(metavar="i/N", help_behavior_hint="(default: 1/1, all tasks)")] = "1/1"
    """Which share: i from 1 to N. In a job array of SLURM: $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT."""

    trains: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        from wd_jax.sweeps.share import Share

        try:
            Share.parsed(self.shard)
        except ValueError as error:
            raise UsageError(f"--shard: {error}") from None

    def interrupted(self, whole: Sequence[Path]) -> str:
        """Say what is kept."""
        from wd_jax.cli.run_state import kept

        return kept(Path(self.run_))

    def run(self) -> Output:
        """Train what is missing of the share."""
        from wd_jax.cli import machine
        from wd_jax.sweeps import shard
        from wd_jax.sweeps.share import Share

        machine.cache_compilations()
        root = Path(self.run_)
        found = shard.run(root, Share.parsed(self.shard))
        own = f"{found.here} of {found.own} tasks are published" if found.own else "no task falls to this share"
        said = f"{root}, shard {found.share}: {own}"
        rest = f"{found.missing} of the whole run are missing" if found.missing else "the run is whole"
        if found.failed:
            failed = f"{len(found.failed)} failed, the first: {found.failed[0]}"
            raise ValueError(f"{said}; {failed}; see `wd-jax info {shlex.quote(str(root))}`")
        record = {"run": str(root), "shard": str(found.share), "tasks": found.own, "published": found.here}
        return Output(f"{said}; {rest}", {**record, "missing": found.missing, "pid": os.getpid()})
