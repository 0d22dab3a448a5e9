"""Experiments that were run and judged: their outcomes, and the report of them."""

import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.preset import Preset, of_run
from wd_jax.stats.outcome import Outcome
from wd_jax.stats.verdict import Verdict


@dataclass(frozen=True, repr=False)
class Judged:
    """What `experiments.run` and `experiments.open` give back.

    Parameters
    ----------
    outcomes : tuple of Outcome
        One per experiment: its answer, verdicts, tables and figure.
    presets : mapping of str to Preset
        With which each was run, by name.
    size : str
        Of the presets, or where the results come from.
    folder : Path or None
        Where it is stored; None if it is not.
    command : str
        What a reader can type to have this again.
    made_by : str or None
        Command that trained it, where that was another one.
    began : float
        ``time.monotonic()`` when it was begun.
    missing : mapping of str to str
        Experiments of the run that are left out, and what of them is not there.
    """

    outcomes: tuple[Outcome, ...]
    presets: Mapping[str, Preset]
    size: str
    folder: Path | None = None
    command: str = ""
    made_by: str | None = None
    began: float = field(default_factory=time.monotonic)
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def dataset(self) -> str:
        """Name of the dataset; "none" where no experiment needs one."""
        return of_run(self.presets)

    @property
    def own(self) -> tuple[str, ...]:
        """Lines that say in what the settings are none of the presets; none where they are."""
        from experiments import own, registry

        found = [own.said(registry.load(name), preset) for name, preset in self.presets.items()]
        lines = [line for one in found for line in one]
        last = [own.TOLERANCES] if own.TOLERANCES in lines else []
        return (*dict.fromkeys(line for line in lines if line != own.TOLERANCES), *last)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Verdicts of all experiments, in their order."""
        return tuple(verdict for outcome in self.outcomes for verdict in outcome.verdicts)

    def record(self) -> dict[str, Any]:
        """Give answers and verdicts as JSON knows them, format 1; ``missing`` and ``own`` only where there is any."""
        return {
            "format": 1,
            "dataset": self.dataset,
            "out": None if self.folder is None else str(self.folder),
            "answers": {outcome.name: outcome.answer for outcome in self.outcomes},
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            **({"missing": dict(self.missing)} if self.missing else {}),
            **({"own": list(self.own)} if self.own else {}),
        }

    def write_report(self) -> Path:
        """Draw the figures, check the derivations again, and write verdicts.json and the report into the folder.

        Returns
        -------
        Path
            Of the page.

        Raises
        ------
        ValueError
            If it is not stored in a folder.
        """
        from experiments import replacing, reporting, run_files

        if self.folder is None:
            raise ValueError("folder=None: nothing of this run is stored: give run(..., out='runs/name')")
        replacing.finish(self.folder)
        for outcome in self.outcomes:
            reporting.draw(outcome, run_files.figures(self.folder, outcome.name))
        return reporting.write(self, self.folder)

    def __repr__(self) -> str:
        """Show the answers and the verdicts as a terminal does."""
        from wd_jax.report.summary import summary

        lines = [textwrap.fill(f"{line[:1].upper()}{line[1:]}.", 110) for line in self.own]
        return "\n\n".join(["\n".join(lines), summary(self.outcomes)] if lines else [summary(self.outcomes)])
