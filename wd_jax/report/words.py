"""How to read a verdict, and the words that every report uses; an experiment brings its own (`About`)."""

from wd_jax.report.contents import About

HOW_JUDGED = """\
A claim *holds* if its 95 % interval lies inside the tolerance, *fails* if it lies wholly outside, has
*diverged* if nothing fails and runs that it needs went to infinity, and is *undecided* otherwise{chosen_after}. Where
a claim is judged in several cells it holds if the interval of each cell, by itself,
lies inside, and fails if that of one cell lies outside at 95 % for the cells together (Bonferroni): where seeds
scatter about normally, a claim with a cell that is truly outside holds in 2.5 % of runs at most, and one whose cells
are all truly inside fails in 5 % at most (sizes compared by a factor are
judged by their logarithms, which may be skewed). What chance plays no part in is judged by the number itself. A claim
that fails is a result. The intervals run over seeds{seeds}"""

OF_DATA = """: a seed sets the starting weights and the order of the examples. The training set
is one and fixed, so nothing is said of other data sets."""
MADE_UP = ": a seed sets all that is drawn."
"""How a report goes on where something was trained on data, and where everything was made up."""

CHOSEN_AFTER = """; some tolerances were
chosen after results had been seen, and a table says which, with the reason and the date of each"""
"""What a report says besides where that is so."""

AGAIN = "again: how likely another run, of as many new seeds, is to give the same word."
"""What the column of that name holds."""

GLOSSARY = (
    (
        "prediction, rival, identity",
        "a prediction takes its inputs from elsewhere; a rival is a formula held up beside the theory to be told apart "
        "from it, and often it ought to fail; an identity checks the program, not the theory. Only predictions are "
        "counted as evidence, and one that follows from others is no evidence of its own.",
    ),
    (
        "again",
        "how likely another run, of as many new seeds, is to give a verdict the same word. That run has errors of its "
        "own besides those made here, of its mean and of its interval's width: both are drawn, and the words counted. "
        "It knows the truth only through this run: where a verdict holds by luck, the chance given is too high. Cells "
        "are taken as if they were independent; those of one run often move together, and then all of them hold more "
        "often than said.",
    ),
)
"""Words of every report and what they mean, in plain text."""


def introduction(about: About) -> str:
    """Say what was trained, and how verdicts are given.

    Examples
    --------
    >>> introduction(About(introduction="One network."))[:38]
    'One network. A claim *holds* if its 95'
    """
    after = CHOSEN_AFTER if about.chosen_after else ""
    judged = HOW_JUDGED.format(chosen_after=after, seeds=OF_DATA if about.of_data else MADE_UP)
    return f"{about.introduction} {judged}".strip()


def glossary(about: About, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Give every word that a report explains."""
    return (*GLOSSARY, *about.glossary, *more)


def ended(title: str) -> str:
    """Give a title as a sentence before an answer: a question keeps its mark.

    Examples
    --------
    >>> ended("Claim 2"), ended("Do runs collapse?")
    ('Claim 2.', 'Do runs collapse?')
    """
    return title if title.endswith("?") else f"{title}."
