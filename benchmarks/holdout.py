"""``python -m benchmarks.holdout``: verdicts that depend on tolerances chosen after looking, on the hold-out.

Trains claims 1, 3 and 4 three times: as published, with the reserved seeds, and on the reserved data set (`experiments.
exercise.holdout`). ``--page`` puts the table into docs/exercise.md. Nothing may be chosen by what it prints.
"""

import argparse
import dataclasses
from pathlib import Path

from benchmarks.page import filled
from experiments.exercise import holdout
from experiments.exercise.preset import Preset, preset
from wd_jax.data import digits
from wd_jax.report.tables import markdown_table
from wd_jax.stats.outcome import Table

PAGE = Path(__file__).parent.parent / "docs" / "exercise.md"


def measure(published: Preset, progress: bool = True) -> Table:
    """Judge as published, on other seeds, and on the other data set with these seeds."""
    other = holdout.on_other_seeds(published)
    elsewhere = dataclasses.replace(other, dataset=holdout.NAME)
    return holdout.table(
        {
            "published": holdout.verdicts(published, digits(), progress),
            "other seeds": holdout.verdicts(other, digits(), progress),
            holdout.NAME: holdout.verdicts(elsewhere, holdout.data(), progress),
        }
    )


def text(found: Table, settings: Preset) -> str:
    """Write the table as Markdown, with the settings that it was made with."""
    said = (
        f"{settings.seeds} seeds (claim 3: {settings.width_seeds}), {settings.epochs} epochs (claim 4: "
        f"{settings.epochs_of_starts}); beside each word the number measured, of the cell that decides. {found.note}"
    )
    return f"{said}\n\n{markdown_table(found.columns, found.rows)}"


def main() -> None:
    """Print the table, and put it into the page if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.holdout", description=__doc__)
    parser.add_argument("--size", choices=("quick", "full"), default="quick", help="the preset of digits")
    parser.add_argument("--page", action="store_true", help="put the table into docs/exercise.md")
    options = parser.parse_args()
    settings = preset("digits", options.size)
    body = text(measure(settings), settings)
    print(body)
    if options.page:
        PAGE.write_text(filled(PAGE, "holdout", body), encoding="utf-8")


if __name__ == "__main__":
    main()
