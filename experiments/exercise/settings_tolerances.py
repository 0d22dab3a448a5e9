"""The numbers of a preset that decide a word, and the whole registry of the exercise with them."""

from experiments.exercise.preset import Preset
from experiments.exercise.tolerances import CONSTANTS, FIRST_DAY, POOL, SECOND_WEEK
from experiments.tolerance import Tolerance


def of_settings(preset: Preset) -> tuple[Tolerance, ...]:
    """Give the numbers of a preset on which words depend: how long is trained, how often, and over what."""
    return (
        Tolerance(
            "epochs", (3,), (preset.epochs,), "length of claim 3's runs, epochs",
            "no layer of any width is to move much any more over the window", SECOND_WEEK, "after",
            "120 epochs at first; 160 from 2026-11-21, 23:35, after README's results, as 8 hidden units had no "
            f"plateau; longer from 2026-11-28, as layers still moved ({POOL})",
        ),
        Tolerance(
            "epochs_of_starts", (4,), (preset.epochs_of_starts,), "length of claim 4's runs, epochs",
            "twelve time constants of decay, six on MNIST", FIRST_DAY,
        ),
        Tolerance(
            "epochs_of_book", (2,), (preset.epochs_of_book,), "epochs over which claim 2's mean factor is taken",
            "the book's examples", FIRST_DAY, words="factor",
        ),
        Tolerance(
            "seeds, factor_seeds, width_seeds", (1, 2, 3, 4),
            (preset.seeds, preset.factor_seeds, preset.width_seeds), "seeds of a cell, of claim 2's and of claim 3's",
            "another run is to give the same words: benchmarks.replication", SECOND_WEEK, "after",
            "how often groups of 8 to 96 fresh seeds gave the same word, for every verdict on digits",
        ),
        Tolerance(
            "widths", (3,), preset.widths, "hidden units over which the exponent is fitted",
            "a factor of two each, as far as time allows with so many seeds", SECOND_WEEK, "after",
            "a run over 8 to 256 with half as many seeds, whose word for the output layer's exponent another run would "
            "have repeated in six of ten cases", "n_w^",
        ),
        Tolerance(
            "values of lmbda", (3,), preset.lmbdas, "values of λ over which the exponent is fitted",
            "a factor of two each from the book's λ on", SECOND_WEEK, "after",
            "at 2.5, which was one of them, layer 2 still moves by 1.3 % after 400 epochs; and a run with 40, where "
            "the exponents from 20 on were -0.89 and -0.94 and the network got 63 % of its training set right",
            "lmbda^",
        ),
    )  # fmt: skip


def registry(preset: Preset) -> tuple[Tolerance, ...]:
    """Give every number that decides a word in runs of a preset."""
    return (*CONSTANTS, *of_settings(preset))
