"""``wd-jax report``: judge a finished run again from its results, and write its report anew."""

import time
from dataclasses import dataclass

from wd_jax.cli import claims
from wd_jax.cli.command import Command, Output
from wd_jax.cli.fields import OptionalPath, Run


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Analyse the results in a folder that reproduce wrote, without training: verdicts and report."""

    folder: Run
    """Folder of the run."""
    data_dir: OptionalPath = None
    """Folder of the four MNIST files, for a run on mnist."""

    def run(self) -> Output:
        """Analyse, draw, write."""
        began = time.monotonic()
        outcomes, dataset = claims.reopen(self.folder, self.data_dir)
        for outcome in outcomes:
            claims.draw(outcome, (self.folder / f"{outcome.name}.svg", self.folder / f"{outcome.name}.png"))
        claims.write_report(outcomes, dataset, self.folder, "from stored results", began)
        text = f"{claims.summary(outcomes)}\n\n{claims.written(self.folder)}"
        return Output(text, claims.record(outcomes, dataset, self.folder))
