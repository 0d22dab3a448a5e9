"""``wd-jax reproduce``: all four claims, from the proofs to the report."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from wd_jax.cli import claims, datasets, machine
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalPath


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Prove, simulate, compare and draw Nielsen's four claims; results, figures and report go into a folder."""

    dataset: datasets.Judged = "digits"
    """What to learn; digits needs no download."""
    data_dir: OptionalPath = None
    """Folder of the four MNIST files; the environment variable WD_JAX_DATA by default."""
    preset: Literal["quick", "full"] = "quick"
    """Settings: quick takes about a minute on digits, full on mnist takes hours."""
    out: OptionalPath = None
    """Folder to write to; runs/reproduce by default."""
    overwrite: bool = False
    """Replace a run that is there already."""

    trains: ClassVar[bool] = True

    def interrupted(self, whole: Sequence[Path]) -> str:
        """Name the experiments that had finished, and how their results can be had."""
        return claims.interrupted(whole, self.data_dir)

    def run(self) -> Output:
        """Run the experiments in the order of the claims."""
        return run_experiments(self, None)


def run_experiments(options: Options, name: str | None) -> Output:
    """Run one experiment, or all of them, and write everything that belongs to a run."""
    began = time.monotonic()
    datasets.check_judged(options.dataset)
    if options.data_dir is not None and options.dataset != "mnist":
        raise UsageError(f"--data-dir: {options.dataset} reads no files: leave it out, or give --dataset mnist")
    out = claims.claim_folder(options.out or Path("runs") / (name or "reproduce"), options.overwrite)
    data = datasets.load(options.dataset, options.data_dir)
    machine.cache_compilations()
    import experiments
    from experiments.preset import preset

    names = experiments.names() if name is None else (name,)
    outcomes = claims.run(names, preset(options.dataset, options.preset), options.preset, data, out)
    claims.write_report(outcomes, options.dataset, out, options.preset, began)
    text = f"{claims.summary(outcomes)}\n\n{claims.written(out)}"
    return Output(text, claims.record(outcomes, options.dataset, out))
