"""``wd-jax`` of which ``reproduce`` takes seconds, for what kills it: two claims of a tiny network.

Verdicts are judged and written as ever; the report and the figures are files of one line.
"""

import itertools
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments import registry, replacing, reporting, run_files
from experiments.exercise import preset
from experiments.judged import Judged
from wd_jax import files
from wd_jax.stats.outcome import Outcome
from wd_jax.stats.verdict import write_verdicts

TINY = {
    "seeds": 2, "hidden": 4, "batch_size": 100, "epochs": 6, "epochs_of_starts": 6, "epochs_of_book": 4,
    "factor_seeds": 3,
}  # fmt: skip
CLAIMS = ("claim_2_epoch_decay", "claim_4_initialisation")
MOVES = ("os.rename", "os.remove", "os.rmdir", "os.link")


def draw(outcome: Outcome, targets: Sequence[Path]) -> None:
    for path in targets:
        files.publish(path, lambda aside: aside.write_text(outcome.name, encoding="utf-8"))


def write(judged: Judged, out: Path) -> Path:
    for name in run_files.REPORTS:
        files.publish(out / name, lambda aside: aside.write_text(judged.command, encoding="utf-8"))
    write_verdicts(judged.verdicts, judged.dataset, out / run_files.VERDICTS)
    return out / run_files.PAGE


def shell(arguments: list[str], journal: str, first_seed: int = 0) -> int:
    """Do as the command line does, of this size, and tell of each task in a journal."""
    from tests.faults.small_runs import told
    from wd_jax.cli import main

    told(journal)
    preset.PRESETS["digits", "quick"] = preset.preset("digits", "quick", **TINY, first_seed=first_seed)
    registry.HOMES = {name: registry.HOMES[name] for name in CLAIMS}
    reporting.draw, reporting.write = draw, write
    return main(arguments)


def put(out: str, step: int) -> None:
    """Put a whole new run in its place, and be killed before the file system is changed for the given time."""
    count = itertools.count(1)

    def hook(event: str, _: tuple) -> None:
        if event in MOVES and next(count) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in CLAIMS:
        registry.load(name)
    import wd_jax.sweeps.store.generations  # noqa: F401

    sys.addaudithook(hook)
    replacing.finish(Path(out))
