"""``wd-jax info``: what a stored sweep holds."""

from dataclasses import dataclass

from wd_jax.cli.command import Command, Output
from wd_jax.cli.fields import Run


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Print the axes, the settings and the final values of a sweep."""

    run_: Run
    """File that a sweep wrote."""

    def run(self) -> Output:
        """Open the file and summarise it."""
        from wd_jax.results.summary import summarise
        from wd_jax.sweeps import opening

        summary = summarise(opening.read(self.run_))
        return Output(summary.text, summary.record, summary.warnings)
