"""The result of a translation, as text, as a record and at a prompt."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any, SupportsIndex

from wd_jax.audit.translation.closest import Closest


@dataclass(frozen=True, kw_only=True)
class Translation:
    """One optimiser's decay in another's terms.

    Attributes
    ----------
    source, target : str
        As they were written.
    word, source_word : str
        What the target and the source call their value.
    weight_decay, lr, to_lr : float
        What was given, and the target's rate, dimensionless.
    value : float or None
        Of the target's decay; None where no value decays alike.
    kept : str
        What is the same: "per step", "per epoch", "over the run"; empty without a value.
    how : str
        How exact that is.
    why : str
        Why there is no value.
    law, source_law : str
        The factor of a step on either side, as a formula.
    derivation : str
        That the target's law rests on; empty where there is none.
    per_step, source_per_step : float or None
        Share of a weight without gradient that a step takes at the full rate, in the long run.
    closest : tuple of Closest
        What else could be kept, or comes closest.
    notes : tuple of str
        What surprises in the target.
    """

    source: str
    target: str
    word: str
    source_word: str
    weight_decay: float
    lr: float
    to_lr: float
    value: float | None
    kept: str
    how: str
    why: str
    law: str
    source_law: str
    derivation: str = ""
    per_step: float | None
    source_per_step: float | None
    closest: tuple[Closest, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """The answer in one line."""
        if self.value is None:
            return f"no {self.word} decays alike: {self.why}"
        rate = f" at lr {self.to_lr:.10g}" if self.to_lr != self.lr else ""
        return f"{self.word} = {self.value:.10g}{rate}: the same decay {self.kept}, {self.how}"

    def lines(self) -> list[str]:
        """Give the answer and what belongs to it, a line each."""
        found = [self.headline]
        if self.law:
            said = [f"{self.per_step:.6g} of a weight a step"] if self.per_step is not None else []
            said += [f"derive({self.derivation!r})"] if self.derivation else []
            shown = f"its law: {self.law}" + (f" ({'; '.join(said)})" if said else "")
            found.append(shown if self.law not in self.why else "")
        for one in self.closest:
            value = f"{self.word} = {one.value:.10g}" if one.value is not None else "no value"
            found.append(f"{'closest' if self.value is None else 'other'}: {one.keeps}: {value}; {one.why}")
        return [line for line in found if line] + [f"note: {note}" for note in self.notes]

    def record(self) -> dict[str, Any]:
        """Give everything as JSON knows it."""
        return {
            "target": self.target,
            "word": self.word,
            "value": self.value,
            "lr": self.to_lr,
            "kept": self.kept or None,
            "how": self.how or None,
            "why": self.why or None,
            "law": self.law,
            "derivation": self.derivation or None,
            "per_step_decay": self.per_step,
            "closest": [{"keeps": one.keeps, "value": one.value, "why": one.why} for one in self.closest],
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        """Say it in a few lines."""
        return "\n".join([self.target, *(f"  {line}" for line in self.lines())])


@dataclass(frozen=True)
class Translations:
    """Translations of one decay into several optimisers, in the order asked for; a sequence that prints itself.

    Attributes
    ----------
    source : str
        The line about what is translated.
    found : tuple of Translation
        One for each target.
    assumed : tuple of str
        What was taken for granted, a sentence each.
    warnings : tuple of str
        What nobody looked at.
    """

    source: str
    found: tuple[Translation, ...]
    assumed: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    given: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the targets."""
        return len(self.found)

    def __getitem__(self, index: SupportsIndex) -> Translation:
        """Give one of them."""
        return self.found[index]

    def __iter__(self) -> Iterable[Translation]:
        """Go through them."""
        return iter(self.found)

    def record(self) -> dict[str, Any]:
        """Give everything as JSON knows it."""
        first = self.found[0]
        source = {
            "from": first.source,
            "word": first.source_word,
            "value": first.weight_decay,
            "lr": first.lr,
            "law": first.source_law,
            "per_step_decay": first.source_per_step,
        }
        return source | {"to": [one.record() for one in self.found], "assumed": list(self.assumed)}

    def text(self) -> str:
        """Lay it out for a terminal."""
        said = (f"assumed: {sentence}" for sentence in self.assumed)
        return "\n".join([self.source, *(part for one in self.found for part in ("", repr(one))), "", *said])

    def __repr__(self) -> str:
        """Show all of them, and what they assume."""
        asides = [f"doubtful: {line}" for line in self.warnings]
        return "\n".join([self.text(), *asides])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(one.target)}</td><td>{'none' if one.value is None else f'{one.value:.10g}'}</td>"
            f"<td>{'<br>'.join(escape(line) for line in one.lines())}</td></tr>"
            for one in self.found
        )
        said = "".join(f"<li>{escape(line)}</li>" for line in (*self.assumed, *self.warnings))
        head = "<tr><th>to</th><th>value</th><th>what it keeps</th></tr>"
        return f"<p>{escape(self.source)}</p><table>{head}{rows}</table><ul>{said}</ul>"
