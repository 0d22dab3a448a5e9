"""The commands by name. Each one's module is imported only when the command is used, so that ``--help`` is quick."""

import importlib
from dataclasses import dataclass

from wd_jax.cli.command import Command


@dataclass(frozen=True)
class Entry:
    """Where a command lives and what the list of commands says of it.

    Parameters
    ----------
    module : str
        Module with a class ``Options``, a `Command`.
    summary : str
        One line for ``wd-jax --help``.
    """

    module: str
    summary: str

    def load(self) -> type[Command]:
        """Import the command's module and give its options class."""
        return importlib.import_module(self.module).Options


COMMANDS: dict[str, Entry] = {
    "reproduce": Entry("wd_jax.cli.reproduce", "all four claims: proofs, simulations, verdicts, figures, report"),
    "derive": Entry("wd_jax.cli.derive", "print a derivation, each step checked again"),
    "predict": Entry("wd_jax.cli.predict", "factors, half-life and t* for one setting, without training"),
    "audit": Entry("wd_jax.cli.audit", "what weight decay does in an optimiser of any library"),
    "translate": Entry("wd_jax.cli.translate", "the same weight decay in other libraries' optimisers, or why not"),
    "diagnose": Entry("wd_jax.cli.diagnose", "what a training's log says of its weight decay, and what to change"),
    "sweep": Entry("wd_jax.cli.sweep", "train over hyper-parameters and seeds, into a folder that survives kills"),
    "worker": Entry("wd_jax.cli.worker", "run a share of a sweep's tasks, in a job of its own"),
    "laboratory": Entry("wd_jax.cli.laboratory", "laws of weight decay beside their simulations: list, one or all"),
    "experiment": Entry("wd_jax.cli.experiment", "one of the claims, or the list of them"),
    "figure": Entry("wd_jax.cli.figure", "draw a figure of a finished run again"),
    "report": Entry("wd_jax.cli.report", "judge a finished run, or any sweep, and write its page"),
    "export": Entry("wd_jax.cli.export", "the result of a sweep as NetCDF, Zarr, Parquet or CSV"),
    "verify": Entry("wd_jax.cli.verify", "check that what a run has on disk is what was written"),
    "cache": Entry("wd_jax.cli.cache", "show or remove the compiled programs that are kept between runs"),
    "info": Entry("wd_jax.cli.info", "summarise the result of a sweep, whole or not"),
    "watch": Entry("wd_jax.cli.watch", "show how far a sweep is while it runs"),
}
