"""Every optimiser on the diagonal, and how far each form is from what was measured."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wd_jax.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.laboratory.floors.analysis import Point

LOOKS: dict[str, tuple[str, str]] = {
    "heavy ball": (style.BLUE, "o"),
    "Nesterov": (style.BLUE, "s"),
    "SGDW": (style.BLUE, "^"),
    "AdamW": (style.GREEN, "o"),
    "AdamW, β₂ ≤ 0.98": (style.GREEN, "P"),
    "Adam + L2": (style.GREEN, "s"),
    "RMSprop + L2": (style.GREEN, "^"),
    "sign momentum": (style.RED, "o"),
    "Lion": (style.RED, "s"),
    "Muon, plain": (style.PURPLE, "D"),
}
BAND = 0.01
"""Half the width of the grey band, of measured over predicted."""


def figure(points: "Sequence[Point]") -> "Figure":
    """Draw the overview.

    Parameters
    ----------
    points : sequence of Point
        Of `experiments.laboratory.floors.analysis`: cells of every optimiser, by its law and by its rivals.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (left, right) = style.panels(2, height=3.1, low=2.9)
    diagonal(left, points)
    ratios(right, points)
    style.legend_of(drawn, left, right)
    style.title(drawn, "Size of the weights on pure noise: predicted and measured (means over seeds, 95 % intervals)")
    return drawn


def diagonal(ax: "Axes", points: "Sequence[Point]") -> None:
    """Draw measured against predicted sizes; filled by the law, open by a usual form."""
    for one in points:
        colour, marker = LOOKS[one.optimiser]
        by_law = one.form == "law"
        ax.errorbar(
            one.predicted,
            one.measured,
            xerr=[[one.predicted - one.least], [one.most - one.predicted]],
            yerr=[[one.measured - one.low], [one.high - one.measured]],
            color=colour,
            marker=marker,
            mfc=colour if by_law else "white",
            ms=4 if by_law else 4.5,
            lw=0.8,
            ls="none",
            zorder=3 if by_law else 2,
            label=one.optimiser if by_law else "open: a usual form",
        )
    style.plain_log(ax, "x")
    style.plain_log(ax, "y")
    low, high = ax.get_xlim()
    ax.plot([low, high], [low, high], color=style.BLACK, lw=0.9, zorder=1)
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    ax.set(xlabel="rms weight, predicted", ylabel="rms weight, measured")


def ratios(ax: "Axes", points: "Sequence[Point]") -> None:
    """Draw measured over predicted, a row an optimiser: the law above, the usual forms below it."""
    names = list(LOOKS)
    for row, name in enumerate(names):
        colour, marker = LOOKS[name]
        own = [one for one in points if one.optimiser == name]
        for by_law, level in ((True, row - 0.17), (False, row + 0.2)):
            chosen = [one for one in own if (one.form == "law") == by_law]
            for one in chosen:
                middle = one.predicted
                ax.errorbar(
                    one.measured / middle,
                    level,
                    xerr=[[(one.measured - one.low) / middle], [(one.high - one.measured) / middle]],
                    color=colour,
                    marker=marker,
                    mfc=colour if by_law else "white",
                    ms=3.5,
                    lw=0.8,
                    ls="none",
                )
                if one.least < one.most:
                    ends = [one.least / middle, one.most / middle]
                    look = {"color": colour, "lw": 5, "alpha": 0.3, "solid_capstyle": "butt"}
                    ax.plot(ends, [level, level], label="between Muon's bounds", **look)
    ax.axvspan(1 - BAND, 1 + BAND, color=style.GREY, alpha=0.25, lw=0, label="± 1 %")
    ax.axvline(1, color=style.BLACK, lw=0.9, zorder=1)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlabel("measured / predicted")
    ax.grid(visible=False, axis="y")
