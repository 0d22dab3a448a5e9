"""``wd-jax figure``: draw one figure of a finished run again, in any format."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from wd_jax import files
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
        import experiments

        known = experiments.names()
        if self.kind not in known:
            raise UsageError(f"{self.kind}: no such figure: {nearest(self.kind, known)}choose among {', '.join(known)}")
        files.writable_folder(self.out.parent)
        (outcome,) = claims.reopen(self.folder, self.data_dir, self.kind)[0]
        claims.draw(outcome, (self.out,))
        return Output(f"{self.out}", {"figure": str(self.out)})
