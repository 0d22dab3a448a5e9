"""What a function of `wd_jax.figures` gives back: the figure, its axes, and the artists in each of them."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wd_jax.figures import saving, style
from wd_jax.inputs import checks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PIXELS = 100
"""Pixels an inch takes in a notebook; its picture has twice as many, for a fine screen."""


@dataclass(frozen=True, repr=False, eq=False)
class Drawn:
    """What was drawn, and where.

    A notebook shows it, if the figure was made here; in axes of your own it is part of your figure. Nothing calls show.

    Attributes
    ----------
    kind : str
        What it is a figure of.
    figure : matplotlib Figure
        The one it is in.
    axes : tuple of Axes
        One a panel.
    artists : mapping of str to mapping of str to artists
        By the panel's name, then by what an artist shows.
    title : str
        What stands over a figure of its own, and belongs into the caption of any other: the settings, the seeds, and
        how many runs diverged.
    note : str
        What must be known to read it, where its legend says so.
    width : {"one", "two"} or None
        Columns of a paper it was made for; None in axes of the caller's.
    """

    kind: str
    figure: "Figure"
    axes: "tuple[Axes, ...]"
    artists: Mapping[str, Mapping[str, Any]]
    title: str
    note: str = ""
    width: style.Width | None = None

    def save(self, file: str | Path) -> Path:
        """Write the whole figure; the suffix, .svg, .pdf or .png, decides the format.

        Parameters
        ----------
        file : path
            To write, in one piece; what is there already is replaced.

        Returns
        -------
        Path

        Raises
        ------
        ValueError
            For another suffix.
        """
        file = Path(file)
        if file.suffix not in saving.SUFFIXES:
            raise ValueError(f"file={str(file)!r}: the suffix must be one of {', '.join(saving.SUFFIXES)}")
        with style.around(None if self.width else self.axes, self.width or "two"):
            return saving.save(self.figure, file)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        """Give the picture for a notebook; none where the figure is the caller's, who shows it."""
        if self.width is None:
            return None
        held = io.BytesIO()
        with style.style(self.width):
            self.figure.savefig(held, format="png", dpi=2 * PIXELS)
        inches = self.figure.get_size_inches()
        return held.getvalue(), {"width": round(inches[0] * PIXELS), "height": round(inches[1] * PIXELS)}

    def __repr__(self) -> str:
        """Say what it is, its panels, and what can be done with it."""
        panels = f"{len(self.artists)} panel{'s' * (len(self.artists) != 1)} ({'; '.join(self.artists)})"
        return f"Drawn {self.kind}: {panels}; has .figure, .axes, .artists, .title and .save('{self.kind}.png')"


def places(kind: str, names: Sequence[str], ax: "Axes | Sequence[Axes]", fewer: str = "") -> "tuple[Axes, ...]":
    """Give the caller's axes, one a panel, or refuse them.

    Parameters
    ----------
    kind : str
        What is to be drawn.
    names : sequence of str
        Of the panels.
    ax : Axes or sequence of Axes
        As given; an array of them, as from ``subplots``, is taken row by row.
    fewer : str
        How fewer panels can be asked for.

    Raises
    ------
    TypeError
        For what is no Axes.
    ValueError
        For too many or too few, naming how many are needed.
    """
    import numpy as np
    from matplotlib.axes import Axes

    held = [ax] if isinstance(ax, Axes) else list(np.ravel(np.asarray(ax, dtype=object)))
    needed = f"{len(names)} Axes" if len(names) > 1 else "one Axes"
    make = f"ax=figure.subplots(1, {len(names)})" if len(names) > 1 else "ax=figure.subplots()"
    if wrong := [one for one in held if not isinstance(one, Axes)]:
        raise TypeError(f"{kind}: ax={checks.shown(wrong[0])} is no Axes: give {needed}, {make}")
    if len(held) != len(names):
        panels = f"{len(names)} panel{'s' * (len(names) > 1)} ({', '.join(names)})"
        raise ValueError(f"{kind} draws {panels} and got {len(held)} Axes: give {needed}, {make}{fewer}")
    if len({id(one) for one in held}) < len(held):
        raise ValueError(f"{kind}: ax holds the same Axes twice: give {needed}, {make}")
    return tuple(held)
