"""``wd-jax derive``: list the derivations, print one, prove it again."""

from dataclasses import dataclass
from typing import Any, Literal

from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalName
from wd_jax.cli.parsing import nearest


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Print a derivation step by step; without NAME, list the derivations."""

    name: OptionalName = ""
    """Which derivation."""
    format: Literal["text", "latex", "markdown", "json"] = "text"
    """How to write it."""
    check: bool = False
    """Try to falsify each step, then prove it; without NAME, all derivations. Exit code 1 if a step fails."""

    def run(self) -> Output:
        """Look the derivation up, check it if asked, and write it."""
        import derivations

        known = derivations.names()
        if self.name and self.name not in known:
            raise UsageError(f"{self.name}: no such derivation: {nearest(self.name, known)}see `wd-jax derive`")
        chosen = [derivations.derive(name) for name in ([self.name] if self.name else known)]
        if self.check:
            for derivation in chosen:
                try:
                    derivation.check()
                except derivations.DerivationError as error:
                    raise ValueError(f"{error}: mend the step or its certificate") from error
        checked = {"checked": True} if self.check else {}
        if not self.name:
            records = [{"name": name, "statement": d.statement} for name, d in zip(known, chosen, strict=True)]
            return self._output(_listing(records, self.check), {"derivations": records, **checked})
        record = describe(self.name, chosen[0]) | checked
        return self._output(_written(chosen[0], self.format, self.check), record)

    def _output(self, text: str, record: dict[str, Any]) -> Output:
        """Choose what the text form prints: ``--format json`` is the record too."""
        output = Output(text, record)
        return Output(output.to_json(), record) if self.format == "json" else output


def describe(name: str, derivation: Any) -> dict[str, Any]:
    """Reduce a derivation to strings.

    Parameters
    ----------
    name : str
        As `derivations.names` lists it.
    derivation : derivations.Derivation
        What to describe.

    Returns
    -------
    dict
        Name, statement, assumptions, names of the formulas, validity, references, and the text in three forms.
    """
    return {
        "name": name,
        "statement": derivation.statement,
        "assumptions": [str(item) for item in derivation.assumptions],
        "formulas": sorted(derivation.formulas),
        "validity": [str(item) for item in derivation.validity],
        "references": [str(item) for item in derivation.references],
        "text": derivation.text(),
        "latex": derivation.latex(),
        "markdown": derivation.markdown(),
    }


def _written(derivation: Any, form: str, checked: bool) -> str:
    """Give the derivation in one of the forms people read."""
    text = {"latex": derivation.latex, "markdown": derivation.markdown}.get(form, derivation.text)()
    return f"{text}\n\nEvery step passed its check." if checked and form == "text" else text


def _listing(records: list[dict[str, str]], checked: bool) -> str:
    """One derivation a line."""
    width = max((len(record["name"]) for record in records), default=0)
    mark = "  [checked]" if checked else ""
    return "\n".join(f"{record['name']:<{width}}  {record['statement']}{mark}" for record in records)
