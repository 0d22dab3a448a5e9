"""``wd-jax export``: the result of a sweep for another program."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import arg

from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import Run


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Write a result as NetCDF (.nc), Zarr 3 (.zarr), Parquet (.parquet) or CSV (.csv).

    A table, .parquet or .csv, has a row for each member and record, and a column for each variable and layer or split.
    """

    run_: Run
    """Folder or file that a sweep wrote."""
    out: Annotated[Path, arg(aliases=("-o",), metavar="FILE", help_behavior_hint="")]
    """File to write: its suffix says the format."""
    overwrite: bool = False
    """Replace the file if it exists; a folder is never replaced."""

    def run(self) -> Output:
        """Open the result and write it."""
        from wd_jax.results import export, status
        from wd_jax.results.exports.table import lay_out
        from wd_jax.sweeps import opening

        try:
            export.check(self.out)
        except (ValueError, ModuleNotFoundError) as error:
            raise UsageError(f"--out {error}") from error
        runs = opening.read(self.run_)
        written = export.export(runs, self.out, self.overwrite)
        left = lay_out(runs).left_out if self.out.suffix in (".csv", ".parquet") else ()
        text = f"written to {written}" + (f"; not in a table: {', '.join(left)}" if left else "")
        said = status.said(runs)
        return Output(text, {"out": written, "left_out": list(left)}, (said,) if said else ())
