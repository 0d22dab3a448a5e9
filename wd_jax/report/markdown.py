"""The report of a run as Markdown: verdicts first, then per claim the figure, the numbers and the proof."""

from collections.abc import Mapping, Sequence

from wd_jax.report.contents import PLAIN, About
from wd_jax.report.tables import VERDICT_COLUMNS, escape, markdown_table, verdict_rows
from wd_jax.report.words import ended, glossary, introduction
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.tally import by_chance, tally

CLAIMED = ("claimed", "the prediction, the bound asked for, or, where two starts are compared, the other start.")


def report(
    outcomes: Sequence[Outcome],
    proofs: Mapping[str, str],
    facts: Mapping[str, str],
    tolerances: Table | None = None,
    about: About = PLAIN,
) -> str:
    """Write the report.

    Parameters
    ----------
    outcomes : sequence of Outcome
        One per claim; its figure is expected beside the report as ``NAME.svg``.
    proofs : mapping of str to str
        Per derivation, its steps with what was proved just now, as plain text.
    facts : mapping of str to str
        How it was run.
    tolerances : Table or None
        Every number that decides a word, with its reason and its date.
    about : About
        Title, what was trained, and the words of the experiments.

    Returns
    -------
    str
        Markdown.
    """
    verdicts = [verdict for outcome in outcomes for verdict in outcome.verdicts]
    parts = [f"# {about.heading or about.title}", introduction(about), "## Answers"]
    parts.append("\n".join(f"* **{escape(ended(outcome.title))}** {escape(outcome.answer)}" for outcome in outcomes))
    parts.append("## Words")
    parts.append("\n".join(f"* **{word}**: {meaning}" for word, meaning in glossary(about, CLAIMED)))
    parts.append("## Verdicts")
    parts += [
        f"{tally(verdicts)}. In all {by_chance(verdicts)}.",
        markdown_table(VERDICT_COLUMNS, verdict_rows(verdicts)),
    ]
    parts += [_claim(outcome) for outcome in outcomes]
    parts.append("## Derivations, checked again for this report")
    for name, text in proofs.items():
        parts.append(f"### {name}\n\n```text\n{text}\n```")
    if tolerances:
        parts.append(_table("##", tolerances))
    parts.append("## How it was run")
    parts.append(markdown_table(("", ""), list(facts.items())))
    return "\n\n".join(parts) + "\n"


def _claim(outcome: Outcome) -> str:
    parts = [f"## {escape(outcome.title)}", escape(outcome.answer), f"![{escape(outcome.title)}]({outcome.name}.svg)"]
    parts.append(markdown_table((*VERDICT_COLUMNS, "why"), _with_reasons(outcome)))
    parts += [_table("###", table) for table in outcome.tables]
    return "\n\n".join(parts)


def _table(heading: str, table: Table) -> str:
    parts = [f"{heading} {escape(table.title)}", markdown_table(table.columns, table.rows)]
    return "\n\n".join([*parts, escape(table.note)] if table.note else parts)


def _with_reasons(outcome: Outcome) -> list[tuple[str, ...]]:
    return [(*row, verdict.why) for row, verdict in zip(verdict_rows(outcome.verdicts), outcome.verdicts, strict=True)]
