"""``wd-jax report``: judge a finished run again from its results, and write its report anew."""

from dataclasses import dataclass

from wd_jax import siblings
from wd_jax.cli import datasets, stored
from wd_jax.cli.command import Command, Output
from wd_jax.cli.fields import OptionalPath, Run
from wd_jax.cli.reproduce import shown


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Analyse the results in a folder that reproduce wrote, without training: verdicts and report."""

    folder: Run
    """Folder of the run."""
    dataset: datasets.OfRun = ""
    """What it was trained on, where no name loads it: the file that `wd-jax experiment --dataset` was given."""
    data_dir: OptionalPath = None
    """Folder of the four MNIST files, for a run on mnist."""

    def run(self) -> Output:
        """Analyse, draw, write."""
        siblings.check("experiments", "derivations")
        judged = stored.judged(self.folder, self.data_dir, dataset=self.dataset)
        judged.write_report()
        return shown(judged, self.folder)
