"""What a check found, step by step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """What `Derivation.check` found.

    Parameters
    ----------
    derivation : str
        Name of the derivation.
    verdicts : dict
        Verdict of each step, in order.
    """

    derivation: str
    verdicts: dict[str, str]

    def text(self) -> str:
        """Return one line a step."""
        return "\n".join(f"{name}: {verdict}" for name, verdict in self.verdicts.items())

    def __repr__(self) -> str:
        """Return a line a step under the number of steps."""
        count = len(self.verdicts)
        return f"Report on {self.derivation}: {count} step{'s' * (count != 1)} checked\n{self.text()}"
