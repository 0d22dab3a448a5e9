"""One look for all figures: applied by context, never globally; colours that colour-blind readers can tell apart."""

import contextlib
import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

# Okabe and Ito (2008).
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000", "#767676",
)  # fmt: skip
LAYERS = (BLUE, RED, GREEN, PURPLE)
SERIES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)
MARKS = ("o", "s", "^", "D", "v", "P")
"""One a series, beside its colour, so that black and white is enough."""
STARTS = {"gaussian": BLUE, "fan_in": ORANGE}
START_NAMES = {"gaussian": "start N(0, 1)", "fan_in": "start N(0, 1/$n_{in}$)"}

Width = Literal["one", "two"]
WIDTHS: dict[Width, float] = {"one": 3.25, "two": 6.75}
"""One and two columns of a paper, inches."""
FEWEST_TICKS = 3
"""Of a logarithmic axis: from two numbers nobody reads by how much a curve between them falls."""
NARROW = 5.0
"""Inches below which panels stand one above the other."""
TEXT: dict[Width, float] = {"one": 7.0, "two": 8.5}
"""Points of titles and axes; ticks and legends are half a point smaller."""

RC = {
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "wd_jax",
    "pdf.fonttype": 42,
}


@contextlib.contextmanager
def style(width: Width = "two") -> Iterator[None]:
    """Draw with the project's look, on a backend that needs no screen.

    Parameters
    ----------
    width : {"one", "two"}
        Columns of a paper the figure is as wide as: 3.25 or 6.75 inches. Text is at least 6.5 pt in either.

    Examples
    --------
    >>> with style("one"):
    ...     figure, (ax,) = panels(1)
    >>> float(figure.get_figwidth())
    3.25
    """
    import matplotlib as mpl

    with mpl.rc_context(RC | _sizes(width)):
        yield


def around(ax: object, width: Width) -> "contextlib.AbstractContextManager[None]":
    """Give the look for a figure that is made here; none where axes were given, whose look is the caller's.

    Parameters
    ----------
    ax : Axes, sequence of Axes or None
        As the caller gave it.
    width : {"one", "two"}
        Columns of a paper.

    Raises
    ------
    ValueError
        For another width.

    Examples
    --------
    >>> around(None, "three")
    Traceback (most recent call last):
        ...
    ValueError: width='three': give 'one' or 'two', the columns of a paper that the figure is as wide as
    """
    if width not in WIDTHS:
        raise ValueError(f"width={width!r}: give 'one' or 'two', the columns of a paper that the figure is as wide as")
    return style(width) if ax is None else contextlib.nullcontext()


def _sizes(width: Width) -> dict[str, Any]:
    text = TEXT[width]
    return {
        "figure.figsize": (WIDTHS[width], 3.0),
        "figure.titlesize": text + 0.5,
        "font.size": text,
        "axes.titlesize": text,
        "axes.labelsize": text,
        "legend.fontsize": text - 0.5,
        "xtick.labelsize": text - 0.5,
        "ytick.labelsize": text - 0.5,
        "lines.linewidth": 1.1 if width == "one" else 1.4,
        "lines.markersize": 3.0 if width == "one" else 3.5,
    }


def size_of(what: str) -> float:
    """Size of some text in the context at hand, points; outside of any that of matplotlib's own settings.

    Examples
    --------
    >>> with style("one"):
    ...     size_of("legend.fontsize")
    6.5
    """
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties

    return float(FontProperties(size=mpl.rcParams[what]).get_size_in_points())


def note_size() -> float:
    """Size of a word beside a curve, points: that of the legends in the context at hand."""
    return size_of("legend.fontsize")


def narrow() -> bool:
    """Whether the context at hand draws for one column."""
    import matplotlib as mpl

    return mpl.rcParams["figure.figsize"][0] < NARROW


def new(rows: int, columns: int, width: float | None = None, height: float = 3.0) -> "tuple[Figure, Any]":
    """Make a figure and its axes without pyplot's global state.

    Parameters
    ----------
    rows, columns : int
        Panels.
    width : float, optional
        Inches; that of the context by default.
    height : float
        Inches.

    Returns
    -------
    Figure, Axes or array of Axes
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width or mpl.rcParams["figure.figsize"][0], height))
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns)


def panels(count: int, height: float = 2.4, columns: int = 2, low: float = 2.1) -> "tuple[Figure, list[Axes]]":
    """Make a figure of the context's width with panels side by side, or below each other where it is narrow.

    Parameters
    ----------
    count : int
        Panels.
    height : float
        Of one row, inches; titles and legends made by `title` and `legend` are added to it.
    columns : int
        Side by side where the figure is wide.
    low : float
        Of one row where the figure is narrow, inches.

    Returns
    -------
    Figure, list of Axes
    """
    across = 1 if narrow() else min(columns, count)
    down = math.ceil(count / across)
    figure, axes = new(down, across, height=down * (min(low, height) if narrow() else height))
    flat = list(axes.flat) if count > 1 else [axes]
    for spare in flat[count:]:
        spare.remove()
    return figure, flat[:count]


def instead(heading: str, text: str) -> "Figure":
    """Make a figure of words, where there is nothing to draw.

    Parameters
    ----------
    heading, text : str
        What would have been drawn, and why it is not.

    Returns
    -------
    matplotlib Figure
    """
    size = size_of("figure.titlesize")
    drawn, (ax,) = panels(1, height=0.8, low=0.8)
    ax.set_axis_off()
    width = int(drawn.get_figwidth() * 72 / (0.57 * size))
    shown = "\n".join(textwrap.wrap(f"Nothing to draw: {plain(text)}", width))
    ax.text(0.5, 0.5, shown, ha="center", va="center", fontsize=size, transform=ax.transAxes)
    title(drawn, heading)
    return drawn


def leads(ax: "Axes") -> bool:
    """Whether a panel is the first of its row, whose axis of y needs a label."""
    place = ax.get_subplotspec()
    return place is None or place.colspan.start == 0


def title(figure: "Figure", text: str) -> None:
    """Put a title over a figure, in as many lines as its width asks for, and make room for it."""
    size = size_of("figure.titlesize")
    width = int(figure.get_figwidth() * 72 / (0.54 * size))
    head, opening, settings = _kept_together(text).rpartition(" (")
    parts = [text] if len(text) <= width or not opening else [head, f"({settings}"]
    lines = [line for part in parts for line in textwrap.wrap(part, width)]
    figure.suptitle("\n".join(lines))
    figure.set_figheight(figure.get_figheight() + len(lines) * size * 1.3 / 72)


def _kept_together(text: str) -> str:
    """Let no line end before or after an equals sign, or between a number and its unit."""
    return re.sub(r" (=|seeds?\b|epochs\b|%)", "\u00a0\\1", text).replace("= ", "=\u00a0")


def legend(figure: "Figure", handles: Sequence[Any], labels: Sequence[str], note: str = "") -> "Legend":
    """Put a legend under the panels, in as many columns as fit, with a note over it, and make room for both."""
    size = note_size()
    lines = textwrap.wrap(note, int(figure.get_figwidth() * 72 / (0.57 * size)))
    look = {"title": "\n".join(lines), "title_fontsize": size, "alignment": "left"} if note else {}
    columns = len(labels)
    while True:
        made = figure.legend(handles, labels, loc="outside lower center", ncols=columns, **look)
        extent = made.get_window_extent()
        if columns == 1 or extent.width <= 0.98 * figure.bbox.width:
            break
        made.remove()
        rows = math.ceil(len(labels) / columns)
        columns = min(columns - 1, math.ceil(len(labels) / (rows + 1)))
    figure.set_figheight(figure.get_figheight() + extent.height / figure.dpi)
    return made


def labelled(*axes: "Axes") -> tuple[list[Any], list[str]]:
    """Give what is labelled in some panels, each label once: handles and labels."""
    found: dict[str, Any] = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)


def legend_of(figure: "Figure", *axes: "Axes") -> "Legend":
    """Put one legend under the panels for all that is labelled in them, each label once."""
    return legend(figure, *labelled(*(axes or figure.axes)))


def legend_below(ax: "Axes", handles: Sequence[Any] | None = None, labels: Sequence[str] | None = None) -> "Legend":
    """Put a legend under a panel's axis of x: of all that is labelled in it, by default."""
    from matplotlib.transforms import ScaledTranslation

    if handles is None or labels is None:
        handles, labels = ax.get_legend_handles_labels()
    below = ScaledTranslation(0, -3.4 * size_of("axes.labelsize") / 72, ax.figure.dpi_scale_trans)
    place = {"bbox_to_anchor": (0.45, 0.0), "bbox_transform": ax.transAxes + below}
    return ax.legend(handles, labels, loc="upper center", **place)


def mark(i: int, points: int) -> dict[str, Any]:
    """Give the marker of the i-th series, on about eight of its points.

    Examples
    --------
    >>> mark(1, 30)
    {'marker': 's', 'markevery': (1, 4)}
    """
    return {"marker": MARKS[i % len(MARKS)], "markevery": (i % 3, max(1, -(-points // 8)))}


def layer_name(layer: int, runs: "xr.Dataset") -> str:
    """Name a layer as all figures do: by its place in a multilayer perceptron, by its name in another model.

    Examples
    --------
    >>> import xarray as xr
    >>> layer_name(2, xr.Dataset(coords={"layer": [1, 2]}))
    'layer 2 (output)'
    >>> layer_name(2, xr.Dataset(coords={"layer": [1, 2], "layer_name": ("layer", ["head", "trunk"])}))
    'layer 2 (trunk)'
    >>> layer_name(1, xr.Dataset(coords={"layer": [1], "depth": 1}))  # chosen out of two
    'layer 1 (hidden)'
    """
    if "gradients" in runs.coords:  # of the laboratory, which has one tensor and no network
        return "weights"
    if "layer_name" in runs.coords:
        return f"layer {layer} ({runs.layer_name.sel(layer=layer).item()})"
    deep = "depth" in runs.coords and runs.depth.ndim == 0
    last = int(runs.depth) + 1 if deep else runs.layer.values[-1]
    return f"layer {layer} ({'output' if layer == last else 'hidden'})"


def plain(text: object) -> str:
    """Write text from a file so that no dollar sign of it begins a formula."""
    return str(text).replace("$", r"\$")


def plain_log(ax: "Axes", which: Literal["x", "y"]) -> None:
    """Put a logarithmic axis in plain numbers, 0.01, 0.1, 1, 10, with more between where it spans few decades.

    Call it when everything is drawn: the numbers follow from the limits. Below 1e-4 they are powers of ten.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

    axis = ax.xaxis if which == "x" else ax.yaxis
    (ax.set_xscale if which == "x" else ax.set_yscale)("log")
    low, high = sorted(axis.get_view_interval())
    decades = math.log10(high / low) if low > 0 else 1.0
    between = (1, 2, 3, 5, 7) if decades <= 0.95 else (1, 2, 5) if decades <= 2.2 else (1,)
    spaced = LogLocator(subs=between, numticks=9)
    axis.set_major_locator(spaced)
    if low > 0 and sum(low <= tick <= high for tick in spaced.tick_values(low, high)) < FEWEST_TICKS:
        axis.set_major_locator(MaxNLocator(5))  # evenly, as on an axis that is not logarithmic
    if len(between) > 1:
        axis.set_minor_locator(NullLocator())
    plain_numbers = low >= 5e-5 and high <= 5e5
    axis.set_major_formatter("{x:g}" if plain_numbers else FuncFormatter(lambda value, _: power_of_ten(value)))
    axis.set_minor_formatter(NullFormatter())


def power_of_ten(x: float) -> str:
    """Write a tick with raised digits, which unlike those of a formula are not made smaller again.

    Examples
    --------
    >>> power_of_ten(1e-5), power_of_ten(2e5)
    ('10⁻⁵', '2·10⁵')
    """
    if x <= 0:
        return ""
    power = math.floor(math.log10(x) + 1e-9)
    digit, raised = round(x / 10.0**power), str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return ("" if digit == 1 else f"{digit}·") + "10" + f"{power}".translate(raised)


def ticks_at(ax: "Axes", values: Sequence[float]) -> None:
    """Put the ticks of a logarithmic axis of x at the values swept, where they are few enough to be read."""
    if len(values) <= 7:
        ax.set_xticks(values, [f"{value:g}" for value in values])
        ax.set_xticks([], minor=True)


def plain_log_y(ax: "Axes") -> None:
    """Put a logarithmic axis of y in plain numbers (see `plain_log`)."""
    plain_log(ax, "y")
