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
    """Folder to write to; runs/reproduce by default."""
    overwrite: bool = False
    """Replace a run that is there already."""

    trains: ClassVar[bool] = True

    def interrupted(self, whole: Sequence[Path]) -> str:
        """Name the experiments that had finished, and how their results can be had."""
        return left_of(whole, self.data_dir)

    def run(self) -> Output:
        """Run the experiments in the order of the claims."""
        siblings.check("experiments", "derivations")
        import experiments

        return run_experiments(self, experiments.names("exercise"), "reproduce")


def run_experiments(options: Options, names: Sequence[str], folder: str) -> Output:
    """Run experiments, and write everything that belongs to a run."""
    import experiments
    from experiments import run_folder

    presets = [dataset for name in names for dataset, _ in experiments.load(name).presets]
    datasets.check_judged(options.dataset, tuple(dict.fromkeys(presets)))
    if options.data_dir is not None and options.dataset != "mnist":
        raise UsageError(f"--data-dir: {options.dataset} reads no files: leave it out, or give --dataset mnist")
    out = options.out or Path("runs") / folder
    run_folder.check(out, options.overwrite)
    data = datasets.load(options.dataset, options.data_dir)
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


def shown(judged: "Judged", out: Path) -> Output:
    """Show what was judged, and where the report is."""
    from experiments.run_folder import PAGE, REPORT

    where = f"{out / PAGE} has figures, numbers and proofs: open it in a browser; {REPORT} is the same for a terminal."
    return Output(f"{judged!r}\n\n{where}", judged.record())


def typed() -> str:
    """Give the command line as it can be typed again.

    Examples
    --------
    >>> typed().split()[0]
    'wd-jax'
    """
    return shlex.join(["wd-jax", *sys.argv[1:]])


def left_of(whole: Sequence[Path], data_dir: Path | None) -> str:
    """Say what is left of a run that was interrupted: the experiments whose results are all stored.

    Parameters
    ----------
    whole : sequence of Path
        Files that it has written.
    data_dir : Path or None
        As the command was given it.
    """
    again = "run the same command again, which begins from the start"
    if not whole:
        return f"nothing was written; {again}"
    from experiments.run_folder import PAGE, SETTINGS, VERDICTS, finished

    folders = [path.parent for path in whole if path.name == SETTINGS]
    if not folders:
        return f"nothing was written; {again}"
    names = {path.name for path in whole}
    report = shlex.join(["wd-jax", "report", str(folders[0]), *(["--data-dir", str(data_dir)] if data_dir else [])])
    if VERDICTS in names:
        return f"{folders[0] / PAGE}: the run had finished, and everything is written"
    stored = finished(names)
    if not stored:
        return f"{folders[0]}: no experiment had finished; {again}"
    kept = f"{folders[0]}: the results of {', '.join(stored)} are kept; `{report}` judges them"
    return f"{kept}, or {again} and removes them"
