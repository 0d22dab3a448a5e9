"""``wd-jax report``: judge a finished run, or any sweep, from its results, and write its page anew."""

from dataclasses import dataclass
from pathlib import Path

from wd_jax import files, siblings
from wd_jax.cli import datasets, stored
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalPath, Run
from wd_jax.cli.reproduce import shown, typed

PAGE = "report.html"


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Judge stored results without training, and write the page: of a run, or of any sweep, also one that goes on.

    A run of reproduce, laboratory or experiment is judged again by its experiments. A sweep is held against every law
    that applies to it; laws that do not are named with the reason.
    """

    folder: Run
    """Folder that reproduce, laboratory or experiment wrote, or folder or .nc file of a sweep."""
    out: OptionalPath = None
    """Page of a sweep, a name that ends in .html; by default report.html in its folder, or NAME.report.html beside a
    file NAME.nc."""
    dataset: datasets.OfRun = ""
    """What a run was trained on, where no name loads it: the file that `wd-jax experiment --dataset` was given."""
    data_dir: OptionalPath = None
    """Folder of the four MNIST files, for a run on mnist."""

    def run(self) -> Output:
        """Analyse, draw, write."""
        siblings.check("experiments", "derivations")
        from experiments import figure_sources, run_files

        if figure_sources.is_sweep(self.folder):
            return self._of_sweep()
        if self.folder.is_dir() and not run_files.located(self.folder, run_files.SETTINGS).is_file():
            raise FileNotFoundError(_nothing_in(self.folder))
        if self.out is not None:
            raise UsageError(f"--out {self.out}: the report of a run is written into its folder: leave it out")
        if not self.folder.exists():
            raise FileNotFoundError(f"{self.folder}: no such file or folder: {_REMEDY}")
        judged = stored.judged(self.folder, self.data_dir, dataset=self.dataset)
        judged.write_report()
        return shown(judged, self.folder)

    def _of_sweep(self) -> Output:
        """Hold a sweep against the laws, and write its page."""
        from wd_jax.report.of_sweep.judgement import judged
        from wd_jax.sweeps import opening
        from wd_jax.sweeps.store import generations

        for option, given in (("--dataset", self.dataset), ("--data-dir", self.data_dir)):
            if given:
                raise UsageError(f"{option} {given}: {self.folder} is a sweep, whose page needs no data: leave it out")
        if self.out is not None and self.out.suffix != ".html":
            raise UsageError(f"--out {self.out}: the page is HTML: give a name that ends in .html")
        in_folder = generations.is_run(self.folder)
        at = self.folder / PAGE if in_folder else files.path_of(self.folder).with_suffix(f".{PAGE}")
        page = at if self.out is None else self.out
        files.writable_folder(page.parent)
        runs = opening.read(self.folder)
        made_by = str(generations.open_store(self.folder).plan.facts.get("made_by", "")) if in_folder else ""
        found = judged(runs)
        found.write(page, command=typed(), made_by=made_by, source=str(self.folder))
        text = f"{found.text}\n\n{page} has figures, every cell and the reasons: open it in a browser."
        return Output(text, found.record() | {"out": page}, found.warnings)


_REMEDY = "name a folder that reproduce, laboratory or experiment wrote, or what `wd-jax sweep --out` wrote"


def _nothing_in(folder: Path) -> str:
    """Say that a folder is neither a run nor a sweep, and which of those it holds."""
    held = sorted(
        {*folder.glob("*.nc"), *(one.parent for one in (*folder.glob("*/FORMAT"), *folder.glob("*/settings.json")))}
    )
    names = ", ".join(str(one) for one in held[:8]) + (f" and {len(held) - 8} more" if len(held) > 8 else "")
    remedy = f"name one of those in it: {names}" if held else _REMEDY
    return f"{folder}: a folder that holds neither a run nor a sweep: {remedy}"
