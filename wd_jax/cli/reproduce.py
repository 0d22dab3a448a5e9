"""``wd-jax reproduce``: all four claims, from the proofs to the report."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from wd_jax import siblings
from wd_jax.cli import datasets, ending, machine
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalPath

if TYPE_CHECKING:
    from experiments import Judged


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
    """Folder to write to; runs/reproduce by default. The same command goes on with a run that was killed."""
    overwrite: bool = False
    """Replace a finished run, or one of other settings, that is there: it stays until the new one is whole."""

    trains: ClassVar[bool] = True

    @property
    def folder(self) -> Path:
        """Where to write to."""
        return self.out or Path("runs") / "reproduce"

    def interrupted(self, whole: Sequence[Path]) -> str:
        """Say what is kept, and how to go on."""
        from experiments.run_left import left_of

        return left_of(self.folder, self.data_dir)

    def run(self) -> Output:
        """Run the experiments in the order of the claims."""
        siblings.check("experiments", "derivations")
        import experiments

        return run_experiments(self, experiments.names("exercise"), self.folder)


def run_experiments(options: Options, names: Sequence[str], out: Path) -> Output:
    """Run experiments, and write everything that belongs to a run."""
    import experiments
    from experiments import run_folder
    from experiments.preset import NONE

    needed = dict.fromkeys(one for name in names for one in experiments.load(name).datasets if one != NONE)
    if needed:
        datasets.check_judged(options.dataset, tuple(needed))
    if options.data_dir is not None and options.dataset != "mnist":
        raise UsageError(f"--data-dir: {options.dataset} reads no files: leave it out, or give --dataset mnist")
    run_folder.check(out, options.overwrite)
    data = datasets.load(options.dataset, options.data_dir) if needed else None
    machine.cache_compilations()
    judged = experiments.run(
        names,
        options.preset,
        data,
        out,
        overwrite=options.overwrite,
        announce=None if sys.stderr.isatty() else lambda name: ending.tell(f"running {name} ..."),
        command=typed(),
    )
    return shown(judged, out)


def check_one(options: Options, name: str) -> None:
    """Refuse a data set for an experiment that needs none, and a size that it does not have."""
    import experiments
    from experiments.preset import NONE

    experiment = experiments.load(name)
    if experiment.datasets == (NONE,) and options.dataset != "digits":
        raise UsageError(f"--dataset: {name} makes up all that it needs: leave it out")
    sizes = tuple(dict.fromkeys(size for _, size in experiment.presets))
    if options.preset not in sizes:
        raise UsageError(f"--preset: {name} has no {options.preset} settings: give --preset {sizes[0]}")


def shown(judged: "Judged", out: Path) -> Output:
    """Show what was judged, and where the report is."""
    from experiments.run_files import PAGE, REPORT

    where = f"{out / PAGE} has figures, numbers and proofs: open it in a browser; {REPORT} is the same for a terminal."
    left_out = "".join(f"\nNot judged: {name} ({why})." for name, why in judged.missing.items())
    return Output(f"{judged!r}\n\n{where}{left_out}", judged.record())


def typed() -> str:
    """Give the command line as it can be typed again.

    Examples
    --------
    >>> typed().split()[0]
    'wd-jax'
    """
    return shlex.join(["wd-jax", *sys.argv[1:]])
