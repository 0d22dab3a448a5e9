"""``wd-jax reproduce``: all four claims, from the proofs to the report."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from wd_jax import siblings
from wd_jax.cli import datasets, ending, machine
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalPath

if TYPE_CHECKING:
    from experiments import Judged


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Prove, simulate, compare and draw Nielsen's four claims; results, figures and report go into a folder."""

    dataset: datasets.Name = "digits"
    """What to learn: digits needs no download; on data other than digits and mnist the settings are those of digits."""
    data_dir: OptionalPath = None
    """Folder of the four files of mnist (the environment variable WD_JAX_DATA by default), or of idx."""
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

        return left_of(self.folder, self.data_dir, self.dataset)

    def run(self) -> Output:
        """Run the experiments in the order of the claims."""
        siblings.check("experiments", "derivations")
        import experiments

        return run_experiments(self, experiments.names("exercise"), self.folder)


def run_experiments(
    options: Options, names: Sequence[str], out: Path, settings: Mapping[str, Any] | None = None
) -> Output:
    """Run experiments, and write everything that belongs to a run; `settings` are put in the place of a preset's."""
    import experiments
    from experiments import own, run_folder
    from experiments.preset import NONE

    chosen = [experiments.load(name) for name in names]
    needed = any(one.datasets != (NONE,) for one in chosen)
    datasets.check(options.dataset, options.data_dir)
    for one in chosen if settings else ():
        try:
            own.changed(one, own.base(one, "digits" if needed else NONE, options.preset), settings or {})
        except (TypeError, ValueError) as error:
            raise UsageError(_as_option(str(error))) from None
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
        **(settings or {}),
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


def _as_option(message: str) -> str:
    """Name the option in place of Python's argument.

    Examples
    --------
    >>> _as_option("first_seed=-1: a whole number is expected")
    '--first-seed -1: a whole number is expected'
    """
    argument, colon, rest = message.partition(":")
    name, equals, value = argument.partition("=")
    value = value.strip("()").replace(",", "")
    return f"--{name.replace('_', '-')} {value}{colon}{rest}" if equals and name.isidentifier() else message


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
