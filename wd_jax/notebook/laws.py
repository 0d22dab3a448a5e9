"""Which of the explorer's formulas is for a cell of a sweep: by its rule and its schedule, or why none is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DECOUPLED = ("sgdw", "adamw", "nadamw", "sign_momentum", "lion", "muon")
"""Rules that take eta lmbda/n of a weight in every step, past the gradient and its averages."""
THROUGH = {"momentum": "sgd", "nesterov": "nesterov"}
"""Rules whose decay goes through the velocity, by the explorer's name for each."""
OF_NO_RATE = ("adam_l2", "rmsprop_l2")
SCHEDULES = {
    "constant": "constant",
    "linear": "linear",
    "cosine": "cosine",
    "warm_up(0.1, then=cosine)": "warm_up_cosine",
    "wsd": "wsd",
}
"""The explorer's name of a schedule of eta, by the words that a sweep stores of it."""


@dataclass(frozen=True)
class Law:
    """What the explorer is told of a cell.

    Attributes
    ----------
    optimiser, schedule : str
        As the explorer's lists name them; empty if no formula of it is for the cell.
    why : str
        Then the reason, one sentence.
    """

    optimiser: str = ""
    schedule: str = ""
    why: str = ""


def law_of(cell: Mapping[str, Any]) -> Law:
    """Find the explorer's formulas for a cell.

    Parameters
    ----------
    cell : mapping
        Coordinates of one cell of a sweep, by name; what is missing is as usual.

    Returns
    -------
    Law

    Examples
    --------
    >>> law_of({"optimiser": "adamw", "eta_schedule": "cosine"})
    Law(optimiser='decoupled', schedule='cosine', why='')
    >>> law_of({"optimiser": "adam_l2"}).why
    'Adam and RMSprop divide an L2 term by the size of the gradients: their decay has no rate of its own.'
    """
    rule = str(cell.get("optimiser", "sgd"))
    if "gradients" in cell:
        return Law(why="These are the laboratory's weights, whose gradients are made up: no line of decay alone.")
    if rule in OF_NO_RATE:
        return Law(
            why="Adam and RMSprop divide an L2 term by the size of the gradients: their decay has no rate of its own."
        )
    optimiser = "sgd" if rule == "sgd" else "decoupled" if rule in DECOUPLED else THROUGH.get(rule, "")
    if not optimiser:
        return Law(why=f"The explorer has no formula for the decay of the rule {rule}.")
    for name in ("eta_schedule", "lmbda_schedule"):
        words = str(cell.get(name, "constant"))
        if words not in SCHEDULES or (name == "lmbda_schedule" and words != "constant"):
            return Law(
                why=f"The explorer has no formula for {name} {words!r}; wd.figures.trajectories draws its decay."
            )
    return Law(optimiser, SCHEDULES[str(cell.get("eta_schedule", "constant"))])
