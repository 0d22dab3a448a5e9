"""The registry of tolerances with a preset's own numbers, and the table of it that the report prints."""

from experiments.preset import Preset
from experiments.tolerances import CONSTANTS, FIRST_DAY, NOT_WRITTEN, SECOND_WEEK, Tolerance
from wd_jax.outcome import Table


def of_settings(preset: Preset) -> tuple[Tolerance, ...]:
    """Give the numbers of a preset on which words depend: how long is trained, how often, and over what."""
    longer = "the approach of some layers was seen not to be over at the end of the run"
    return (
        Tolerance(
            "epochs", (3,), (preset.epochs,), "length of claim 3's runs, epochs",
            "the approach to the plateau is to be over in every layer and width", SECOND_WEEK, "after",
            f"{longer}: 120 epochs at first, at which 8 hidden units had no plateau; 160 from 2026-11-21, 23:35, after "
            "README's results; longer from 2026-11-28",
        ),
        Tolerance(
            "epochs_of_starts", (4,), (preset.epochs_of_starts,), "length of claim 4's runs, epochs",
            "the approach to the plateau is to be over from both starts", SECOND_WEEK, "after",
            f"{longer}: 240 epochs (MNIST 120), and longer from 2026-11-28",
        ),
        Tolerance(
            "epochs_of_book", (2,), (preset.epochs_of_book,), "epochs over which claim 2's mean factor is taken",
            "the book's examples", FIRST_DAY, words="factor",
        ),
        Tolerance(
            "seeds, width_seeds", (1, 2, 3, 4), (preset.seeds, preset.width_seeds), "seeds of a cell, and of claim 3's",
            f"{NOT_WRITTEN}five or more, as many as a minute or two allow", FIRST_DAY,
        ),
        Tolerance(
            "widths", (3,), preset.widths, "hidden units over which the exponent is fitted",
            f"{NOT_WRITTEN}a factor of two each, as far as time allows", FIRST_DAY, words="n_w^",
        ),
        Tolerance(
            "values of lmbda", (3,), preset.lmbdas, "values of λ over which the exponent is fitted",
            f"{NOT_WRITTEN}a factor of two each, about the book's λ", FIRST_DAY, words="lmbda^",
        ),
    )  # fmt: skip


def registry(preset: Preset) -> tuple[Tolerance, ...]:
    """Give every number that decides a word in runs of a preset."""
    return (*CONSTANTS, *of_settings(preset))


def table(preset: Preset) -> Table:
    """Lay the registry out for the report.

    Examples
    --------
    >>> shown = table(Preset("digits"))
    >>> shown.rows[0][:4]
    ("relative error of one example's gradient norm at the start, from E1-E3", '0.2', 'after', '2026-11-21')
    """
    rows = tuple(
        (
            one.allows,
            ", ".join(f"{value:.4g}" for value in one.values),
            one.chosen,
            one.date,
            one.reason,
            one.seen or "nothing",
            ", ".join(map(str, one.claims)) or "none",
            one.name,
        )
        for one in registry(preset)
    )
    after = sum(row[2] == "after" for row in rows)
    note = (
        f"{after} of {len(rows)} were chosen after looking at results. Before: no result that it judges is in the "
        "history before that day's commit; what was tried and not committed is not known. Verdicts that depend on a "
        "number chosen after looking are judged again by python -m benchmarks.holdout, on seeds and a data set that "
        "were never used for choosing."
    )
    columns = ("what it allows", "value", "chosen", "date", "why", "seen before it was chosen", "claim", "name")
    return Table("Tolerances, their reasons and their dates", columns, rows, note)
