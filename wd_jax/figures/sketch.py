"""What a kind of figure makes of its sources, before there are axes: drawn as a figure of its own, or into others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wd_jax.figures import style
from wd_jax.figures.drawn import Drawn, places

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Key = tuple[Sequence[Any], Sequence[str]]
"""Handles and labels of a legend."""


def of_first(axes: "Sequence[Axes]") -> Key:
    """Explain what is labelled in the first panel: the others have the same."""
    return style.labelled(*axes[:1])


def of_all(axes: "Sequence[Axes]") -> Key:
    """Explain what is labelled in any panel, each label once."""
    return style.labelled(*axes)


def of_none(axes: "Sequence[Axes]") -> Key:
    """Explain nothing: each panel has a legend of its own."""
    return (), ()


def _as_it_is(figure: "Figure", axes: "Sequence[Axes]") -> None:
    pass


@dataclass(frozen=True)
class Sketch:
    """One figure as it will be drawn.

    Parameters
    ----------
    title : str
        Over a figure of its own.
    panels : mapping of str to callable
        Axes -> artists by what they show; by the panel's name, in order.
    height, low : float
        Of one row, inches; low where the figure is narrow.
    legend : callable
        Axes -> what is explained under them.
    note : str
        Over that legend: how to read the figure.
    below : bool
        Whether the legend stands under axes of the caller's, not in the first of them.
    fit : callable
        (figure, axes) -> None: makes a figure of its own as high as what is in it.
    doubt : str
        How many runs diverged: in axes of the caller's, which have no title over them, each panel says so.
    fewer : str
        How fewer panels can be asked for.
    """

    title: str
    panels: "Mapping[str, Callable[[Axes], Mapping[str, Any]]]"
    height: float = 2.4
    low: float = 2.1
    legend: "Callable[[Sequence[Axes]], Key]" = of_first
    note: str = ""
    below: bool = False
    fit: "Callable[[Figure, Sequence[Axes]], None]" = _as_it_is
    doubt: str = ""
    fewer: str = ""

    def figure(self) -> "Figure":
        """Make a figure of it, in the look of the context at hand."""
        return self._own()[0]

    def draw(self, kind: str, ax: "Axes | Sequence[Axes] | None" = None, width: style.Width = "two") -> Drawn:
        """Make a figure of it, in the look of the context at hand, or draw it into axes that are there.

        Parameters
        ----------
        kind : str
            Its name.
        ax : Axes or sequence of Axes, optional
            One a panel; by default a figure is made.
        width : {"one", "two"}
            Of the context at hand.
        """
        if ax is None:
            figure, axes, artists = self._own()
            figure.draw_without_rendering()  # its ticks are made now, in this look
            return Drawn(kind, figure, tuple(axes), artists, self.title, self.note, width)
        held = places(kind, list(self.panels), ax, self.fewer)
        artists = self._into(held)
        for one in held if self.doubt else ():
            one.set_title(f"{one.get_title()}\n({self.doubt})" if one.get_title() else self.doubt)
        handles, labels = self.legend(held)
        if handles and self.below:
            style.legend_below(held[0], handles, labels)
        elif handles:
            held[0].legend(handles, labels)
        return Drawn(kind, held[0].figure.figure, held, artists, self.title, self.note)  # pyrefly: ignore

    def _own(self) -> "tuple[Figure, list[Axes], dict[str, Mapping[str, Any]]]":
        figure, axes = style.panels(len(self.panels), height=self.height, low=self.low)
        artists = self._into(axes)
        self.fit(figure, axes)
        handles, labels = self.legend(axes)
        if handles:
            style.legend(figure, handles, labels, self.note)
        style.title(figure, self.title)
        return figure, axes, artists

    def _into(self, axes: "Sequence[Axes]") -> dict[str, Mapping[str, Any]]:
        return {name: draw(ax) for (name, draw), ax in zip(self.panels.items(), axes, strict=True)}
