"""What an audit gives: the kind of decay, what it rests on, and what else was seen, as text, HTML and JSON."""

import math
import textwrap
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from wd_jax import display
from wd_jax.audit.fingerprint import Fingerprint
from wd_jax.audit.kinds import KINDS, QUALIFIERS
from wd_jax.audit.responses import Responses
from wd_jax.audit.traits import Trait, traits

if TYPE_CHECKING:
    from wd_jax.stats.verdict import Verdict

DECIDING = (
    "matrix_after_1",
    "matrix_after_10",
    "matrix_after_10_lr_halved_at_5",
    "decay_at_step_1_beside_random_gradients",
    "decay_after_100_beside_random_gradients",
)
"""Numbers that are shown first."""


@dataclass(frozen=True)
class Audit:
    """What weight decay does in one optimiser.

    Attributes
    ----------
    responses : Responses
        All numbers.
    fingerprint : Fingerprint
        The kind, and the numbers that it rests on.
    """

    responses: Responses
    fingerprint: Fingerprint

    @property
    def kind(self) -> str:
        """The kind of decay, a word of `wd_jax.audit.kinds.KINDS`."""
        return self.fingerprint.kind

    @property
    def numbers(self) -> dict[str, float | None]:
        """All numbers by name."""
        return dict(self.responses.numbers)

    @cached_property
    def traits(self) -> tuple[Trait, ...]:
        """What else was seen, a sentence each."""
        return traits(self.responses)

    @cached_property
    def verdict(self) -> "Verdict":
        """The formula of the derivation that predicts this decay, held against the measurement; loads SymPy."""
        from wd_jax.audit.theory import verdict

        return verdict(self.fingerprint, self.responses)

    def record(self) -> dict[str, Any]:
        """JSON-ready: the numbers, the fingerprint, the traits and the verdict."""
        return {
            **self.responses.record(),
            "fingerprint": self.fingerprint.record(),
            "traits": [each.record() for each in self.traits],
            "verdict": self.verdict.to_dict(),
        }

    def __repr__(self) -> str:
        parts = [[self._title(), *self._kind()]]
        parts += [["rests on", *self._evidence()]] if self.fingerprint.evidence else []
        parts += [["also", *(f"{each.about}: {each.says}" for each in self.traits)]] if self.traits else []
        parts += [["not answered", *self._failures()]] if self._failures() else []
        parts += [[f"note: {self.responses.note}"]] if self.responses.note else []
        return "\n\n".join("\n".join([head, *map(_indented, lines)]) for head, *lines in parts)

    def _repr_html_(self) -> str:
        def items(heading: str, texts: list[str]) -> str:
            listed = "".join(f"<li>{escape(text)}</li>" for text in texts)
            return f"<p>{heading}</p><ul>{listed}</ul>" if texts else ""

        also = display.facts_html({each.about: each.says for each in self.traits})
        return (
            f"<div>{items(f'<strong>{escape(self._title())}</strong>', self._kind())}"
            f"{items('rests on', self._evidence())}<p>also</p>{also}{items('not answered', self._failures())}"
            f"<p>{escape(self.responses.note)}</p></div>"
        )

    def _title(self) -> str:
        asked = self.responses
        return f"{' '.join(filter(None, (asked.library, asked.version)))}: {asked.name}"

    def _kind(self) -> list[str]:
        found = self.fingerprint
        if all(value is None for value in self.responses.numbers.values()):
            return [f"{found.kind}: nothing could be measured, for the reasons below"]
        lines = [f"{found.kind}: {KINDS[found.kind]}"]
        lines += [f"{each}: {QUALIFIERS[each]}" for each in found.qualifiers]
        lines += [f"a step without gradient: {found.formula}"] if found.formula else []
        said = self.verdict
        if not math.isfinite(said.predicted):
            return [*lines, said.why]
        numbers = f"{said.statement}: {said.measured:.7g}, predicted {said.predicted:.7g}"
        return [*lines, f"{said.claim} {said.verdict}: {numbers} ({said.why})"]

    def _evidence(self) -> list[str]:
        evidence = {each.number: each for each in self.fingerprint.evidence}
        shown = [str(each) for name, each in evidence.items() if name in DECIDING or not each.fits]
        shown = shown or [str(each) for each in evidence.values()]
        hidden = len(evidence) - len(shown)
        more = f"and {hidden} more {'number' if hidden == 1 else 'numbers'}, each as this law gives it"
        return [*shown, *([more] if hidden else [])]

    def _failures(self) -> list[str]:
        by_line: dict[str, list[str]] = {}
        for question, line in self.responses.failures.items():
            by_line.setdefault(line, []).append(question.replace("_", " "))
        return [f"{', '.join(questions)}: {line}" for line, questions in by_line.items()]


def _indented(line: str) -> str:
    return textwrap.fill(line, 100, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
