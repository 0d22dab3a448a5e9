"""The diagnosis of a log as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wd_jax.audit.diagnosis.curve import Curve
from wd_jax.audit.diagnosis.layer import LayerDiagnosis

Kind = Literal[
    "decay lost to precision",
    "decay amplified by momentum",
    "decay stopped by the schedule",
    "no decay on a layer",
    "decay other than asked",
]


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes
    ----------
    kind : str
        What it is.
    layers : tuple of str
        Where it is seen.
    sentence : str
        What is seen, with numbers.
    remedy : str
        What to change.
    """

    kind: Kind
    layers: tuple[str, ...]
    sentence: str
    remedy: str

    def record(self) -> dict[str, Any]:
        """Give the fields, JSON-ready."""
        return {"kind": self.kind, "layers": list(self.layers), "sentence": self.sentence, "remedy": self.remedy}


@dataclass(frozen=True)
class Diagnosis:
    """What a log says of its weight decay.

    Attributes
    ----------
    source, kind : str
        The log, and what wrote it.
    optimiser : str
        As it was said.
    law : str
        What its decay does in a step.
    asked : str
        What was asked for, in a sentence.
    layers : tuple of LayerDiagnosis
        In the log's order.
    findings : tuple of Finding
        Mistakes; empty where none is seen.
    unanswered : tuple of str
        What cannot be said from this log, with the column that would allow it.
    notes : tuple of str
        What was taken for granted, and what was repaired while the log was read.
    total : float
        Timescales of decay that were asked for over the log; NaN where that is not known.
    headline : str
        The answer in a line.
    curves : mapping of str to Curve
        Norms over the log, by layer: what ``wd.figures.diagnosis`` draws.
    """

    source: str
    kind: str
    optimiser: str
    law: str
    asked: str
    layers: tuple[LayerDiagnosis, ...]
    findings: tuple[Finding, ...]
    unanswered: tuple[str, ...]
    notes: tuple[str, ...] = ()
    total: float = float("nan")
    headline: str = field(default="")
    curves: Mapping[str, Curve] = field(default_factory=dict, compare=False)

    def record(self) -> dict[str, Any]:
        """Give everything, JSON-ready."""
        return {
            "format": 1, "log": self.source, "kind": self.kind, "optimiser": self.optimiser, "law": self.law,
            "answer": self.headline, "asked": self.asked, "timescales_asked": self.total,
            "layers": [one.record() for one in self.layers],
            "findings": [one.record() for one in self.findings],
            "unanswered": list(self.unanswered), "notes": list(self.notes),
        }  # fmt: skip

    def text(self) -> str:
        """Write it for a terminal."""
        from wd_jax.audit.diagnosis import present

        return present.text(self)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from wd_jax.audit.diagnosis import present

        return present.html(self)
