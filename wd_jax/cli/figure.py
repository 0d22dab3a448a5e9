"""``wd-jax figure``: draw one figure of a finished run again, in any format."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from wd_jax import store
from wd_jax.cli import claims
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalPath, Run
from wd_jax.cli.parsing import nearest

SUFFIXES = (".svg", ".pdf", ".png")


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Draw the figure of an experiment from the results in a folder that reproduce wrote."""

    kind: Annotated[str, Positional, arg(metavar="KIND", help_behavior_hint="")]
    """Name of the experiment, as `wd-jax experiment` lists them."""
    folder: Run
    """Folder of the run."""
    out: Annotated[Path, arg(aliases=("-o",), metavar="FILE", help_behavior_hint="")]
    """File to write: .svg, .pdf or .png."""
    data_dir: OptionalPath = None
    """Folder of the four MNIST files, for a run on mnist."""

    def run(self) -> Output:
        """Analyse the stored sweeps and draw."""
        if self.out.suffix not in SUFFIXES:
            raise UsageError(f"--out {self.out}: the suffix must be one of {', '.join(SUFFIXES)}")
        outcomes = {outcome.name: outcome for outcome in claims.reopen(self.folder, self.data_dir)[0]}
        if self.kind not in outcomes:
            raise UsageError(
                f"{self.kind}: no such figure: {nearest(self.kind, outcomes)}choose among {', '.join(outcomes)}"
            )
        store.writable_folder(self.out.parent)
        claims.draw(outcomes[self.kind], (self.out,))
        return Output(f"{self.out}", {"figure": str(self.out)})
