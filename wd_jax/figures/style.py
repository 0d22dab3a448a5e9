"""One look for all figures: applied by context, never globally; colours that colour-blind readers can tell apart."""

import contextlib
from collections.abc import Iterator

# Okabe and Ito (2008).
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000", "#767676",
)  # fmt: skip
LAYERS = (BLUE, RED, GREEN, PURPLE)
STARTS = {"gaussian": BLUE, "fan_in": ORANGE}
START_NAMES = {"gaussian": "start N(0, 1)", "fan_in": "start N(0, 1/$n_{in}$)"}

RC = {
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "legend.fontsize": 7.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.5,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "wd_jax",
}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw with the project's look, on a backend that needs no screen.

    Examples
    --------
    >>> with style():
    ...     figure, ax = new(1, 1)
    """
    import matplotlib as mpl

    with mpl.rc_context(RC):
        yield


def plain_log_y(ax) -> None:
    """Put a logarithmic axis of about one decade in plain numbers: 0.1, 0.2, 0.5, 1."""
    from matplotlib.ticker import LogLocator, NullFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())


def new(rows: int, columns: int, width: float = 7.0, height: float = 3.0):
    """Make a figure and its axes without pyplot's global state.

    Parameters
    ----------
    rows, columns : int
        Panels.
    width, height : float
        Inches.

    Returns
    -------
    Figure, array of Axes
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns)
