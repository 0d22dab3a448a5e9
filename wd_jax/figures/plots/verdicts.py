"""Every verdict of a run on one page: how far the measurement is from the claim, in units of what was allowed."""

import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from wd_jax.figures import style
from wd_jax.figures.sketch import Sketch
from wd_jax.inputs import checks
from wd_jax.stats.tally import tally
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from wd_jax.figures.drawn import Drawn

LOOKS = {
    HOLDS: ("✓ holds", style.GREEN, "o"),
    FAILS: ("✗ fails", style.RED, "X"),
    DIVERGED: ("∞ diverged", style.PURPLE, "v"),
    UNDECIDED: ("? undecided", style.ORANGE, "D"),
}
LINE = 0.1
"""Height of a line of text, inches."""
FEW, AROUND_FEW, AROUND = 25.0, 0.85, 0.55
"""Lines that are few, and inches for what is below few lines and below many, which can be a little closer."""
SMALL = 6.5
"""Points of the text of a row."""
STATEMENT, SCOPE = 2.2, 1.3
"""Widths of the columns of what is claimed and where, inches; in a narrow figure the claim stands over its rows."""

_FACTOR = r", within a factor of [\d.]+$"
"""The axis is in tolerances."""


class HasVerdicts(Protocol):
    """What was judged: an outcome, or all of a run."""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """In their order."""
        ...


@dataclass(frozen=True)
class Row:
    """One line of the overview.

    Attributes
    ----------
    verdict : Verdict
        What it shows.
    statement, scope : str
        What is claimed and where, as printed.
    value, low, high : float
        Deviation from the claim and its interval, in units of the tolerance; NaN where there is none, infinite where
        a claim within a factor is missed by its sign.
    """

    verdict: Verdict
    statement: str
    scope: str
    value: float
    low: float
    high: float


def verdicts(
    judged: "Verdict | Sequence[Verdict] | HasVerdicts",
    ax: "Axes | Sequence[Axes] | None" = None,
    *,
    heading: str = "",
    width: style.Width = "two",
) -> "Drawn":
    """Draw every verdict as one line: how far the measurement is from the claim, in units of what was allowed.

    Parameters
    ----------
    judged : Verdict, sequence of Verdict, or what has them
        From `wd_jax.compare`, or what `experiments.run` and `experiments.open` return.
    ax : Axes, optional
        Where to draw, 0.12 inches high for each verdict, with 3.5 inches free on its left, where the claims stand, and
        1.2 on its right; by default a figure is made, as high as is needed.
    heading : str
        What they are of, for the title.
    width : {"one", "two"}
        Columns of a paper that a figure made here is as wide as: 3.25 or 6.75 inches.

    Returns
    -------
    wd_jax.figures.Drawn
        Figure, axes and artists. Nothing is shown: a notebook shows it, ``.save("verdicts.png")`` writes it.

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what holds no verdicts, and for too many or too few axes.

    Examples
    --------
    >>> import wd_jax as wd
    >>> fields = ("8 seeds", (0.8, 1.2))
    >>> one = wd.Verdict(2, "prediction", "factor", "layer 1", 1.0, 1.1, (1.05, 1.15), 0.2, "holds", *fields)
    >>> wd.figures.verdicts([one]).title
    '1 prediction: 1 holds'
    """
    with style.around(ax, width):
        if not (held := _held(judged)):
            raise ValueError("verdicts: none were given: give a list of Verdict, as wd.compare returns them")
        return sketch(held, heading).draw("verdicts", ax, width)


def _held(judged: Any) -> list[Verdict]:
    """Give the verdicts of a run, or those given."""
    found = [judged] if isinstance(judged, Verdict) else getattr(judged, "verdicts", judged)
    good = isinstance(found, list | tuple) and all(isinstance(one, Verdict) for one in found)
    if not good:
        raise TypeError(f"verdicts={checks.shown(found)}: give a list of Verdict, as wd.compare returns them")
    return list(found)


def sketch(judged: Sequence[Verdict], heading: str = "") -> Sketch:
    """Lay out all verdicts, grouped by claim and by what is claimed.

    Parameters
    ----------
    judged : sequence of Verdict
        In the order they are drawn; those of one statement are brought together.
    heading : str
        What they are of, for the title.
    """
    judged = _held(judged)
    # A column is too low for all of them: identities, which check the program, are counted and not drawn there.
    shown = [one for one in judged if not (style.narrow() and one.kind == "identity" and one.verdict == HOLDS)]
    shown = shown or judged
    found = tally(judged)
    others = found.others + (" that hold, not drawn" if len(shown) < len(judged) else "")
    besides = "; ".join(part for part in (style.plain(heading), others) if part)

    def draw(ax: "Axes") -> dict[str, Any]:
        return {str(place): artist for place, artist in panel(ax, [row(one) for one in shown]).items()}

    title = found.evidence + (f" ({besides})" if besides else "")
    return Sketch(title, {"verdicts": draw}, fit=_fit, below=True)


def _fit(figure: "Figure", axes: "Sequence[Axes]") -> None:
    lines = axes[0].get_ylim()[0]
    figure.set_figheight((AROUND_FEW if lines < FEW else AROUND) + LINE * lines)


def row(verdict: Verdict) -> Row:
    """Reduce a verdict to its deviation from the claim.

    Examples
    --------
    >>> fields = ("8 seeds", (0.8, 1.2))
    >>> one = row(Verdict(2, "prediction", "factor", "layer 1", 1.0, 1.1, (1.05, 1.15), 0.2, "holds", *fields))
    >>> one.statement, one.scope, round(one.value, 12)
    ('factor', 'layer 1', 0.5)
    """
    scope = re.sub(r"(?<=\d) to (?=\d)", "–", verdict.scope.partition(" (at ")[0])
    scope = re.sub(r" \((hidden|output|\d+ values)\)", "", scope)
    scope = re.sub(r"(\d), [\d., ]*and (?=\d)", r"\1–", scope)  # a list of cells: the page has it
    scope = re.sub(r", lmbda to [\d.e+]+", "", scope)  # how far the grid could be used: the page has it
    ends = sorted(deviation(verdict, end) for end in verdict.ci95)
    statement, where = (
        style.plain(text.replace("lmbda", "λ")) for text in (re.sub(_FACTOR, "", verdict.statement), scope)
    )
    return Row(verdict, statement, where, deviation(verdict, verdict.measured), ends[0], ends[1])


def _shared(scopes: Sequence[str]) -> str:
    """Give a part of the scopes, after the first, that all of them have: it is said once, above them.

    Examples
    --------
    >>> _shared(["layer 1, epochs 2–4", "layer 2, epochs 2–4, only"]), _shared(["layer 1, epoch 1", "layer 1, epoch 2"])
    (', epochs 2–4', '')
    """
    first, *others = ([f", {part}" for part in scope.split(", ")[1:]] for scope in scopes)
    return next((part for part in first if others and all(part in other for other in others)), "")


def deviation(verdict: Verdict, value: float) -> float:
    """Say how far a value is from the claim: 0 is what was claimed, -1 and 1 are the ends of what was asked.

    A range asked as a factor, from p/t to p t, is measured in logarithms of value/p, and no factor leads to zero or to
    the other sign: there it is infinite, and so is all else where one number alone was asked. A bound from above is
    itself 1, and nothing is 0. A larger value never lies further left.

    Parameters
    ----------
    verdict : Verdict
        With the range asked; without one the deviation is NaN.
    value : float
        In the unit of `measured`.

    Examples
    --------
    >>> fields = (2.0, "fails", "8 seeds", (0.5, 2.0))
    >>> deviation(Verdict(3, "prediction", "size", "", 1.0, 8.0, (7.0, 9.0), *fields), 8.0)
    3.0
    >>> deviation(Verdict(3, "prediction", "size", "", 1.0, 8.0, (-1.0, 9.0), *fields), -1.0)
    -inf
    """
    if verdict.asked is None or not math.isfinite(value):
        return math.nan
    low, high = verdict.asked
    centre = verdict.predicted
    if low == high:  # one number was allowed: it is met, or there is no unit to tell how far it is
        return 0.0 if value == low else math.copysign(math.inf, value - low)
    if low == 0 and centre in (low, high):
        return value / high
    even = math.isclose(low + high, 2 * centre, rel_tol=1e-12)  # so is a factor that is all but 1
    if low * high > 0 and not even and math.isclose(low * high, centre**2, rel_tol=1e-9):
        logarithm = math.log(value / centre) if value / centre > 0 else -math.inf
        return math.copysign(1.0, centre) * logarithm / math.log(max(low / centre, high / centre))
    up, down = high - centre, centre - low
    return (value - centre) / ((up or down) if value >= centre else (down or up))


def panel(ax: "Axes", rows: Sequence[Row]) -> dict[int, Any]:
    """Draw one line per verdict: point and interval, what is claimed and where, the verdict as mark and word.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw; its height is given by its axis of y, in lines of text.
    rows : sequence of Row
        From the top.

    Returns
    -------
    dict of int to ErrorbarContainer
        By the row's place in `rows`, for those that have a number.
    """
    artists: dict[int, Any] = {}
    limit = _limit(rows)
    top, pitch = 0.0, 1.0 if style.narrow() else 1.12
    groups = _groups(rows)
    for claim in dict.fromkeys(claim for claim, _ in groups):
        mine = [place for (other, _), places in groups.items() if other == claim for place in places]
        shared = _shared([rows[place].scope for place in mine])
        heading = (f"Claim {claim}" if isinstance(claim, int) else style.plain(claim)) + shared
        _text(ax, heading, top + 0.8, -_left(), weight="bold")
        ax.axhline(top + 0.05, color=style.GREY, lw=0.5, zorder=3)
        top += 1.2 if style.narrow() else 1.4
        for statement in (statement for other, statement in groups if other == claim):
            places = groups[claim, statement]
            said = _wrapped(statement, 3.0 if style.narrow() else STATEMENT - 0.1)
            _text(ax, "\n".join(said), top + len(said) / 2, -_left())
            if style.narrow():
                ax.axhspan(top, top + len(said), color="white", lw=0, zorder=2)
                top += len(said)
            needed = len(said)
            for place in places:
                scope = _wrapped(rows[place].scope.replace(shared, ""), SCOPE)
                middle = top + len(scope) * pitch / 2
                _text(ax, "\n".join(scope), middle, -SCOPE)
                artists |= _point(ax, place, rows[place], middle, 1.2 * limit)
                top += len(scope) * pitch
                needed -= len(scope) * pitch
            top += 0.05 if style.narrow() else 0.3 + max(0.0, needed)
    _axis(ax, top, limit, any(item.verdict.verdict == DIVERGED for item in rows))
    if any(math.isinf(end) for item in rows for end in (item.low, item.high)):
        ax.plot([], [], color=style.GREY, marker="<", ls="none", ms=3.5, label="arrow: zero or the other sign")
    return artists


def _point(ax: "Axes", place: int, item: Row, y: float, edge: float) -> dict[int, Any]:
    """Draw a verdict's number and interval, where it has them, and its word; infinite is an arrow at the edge."""
    word, color, marker = LOOKS[item.verdict.verdict]
    kind = item.verdict.kind
    aside = kind if kind != "prediction" else "follows" if item.verdict.rests_on else ""
    _text(ax, word + (f" ({aside})" if aside and not style.narrow() else ""), y, 0.08, right=True)
    if math.isnan(item.value):
        return {}
    ends = (item.value, item.value) if math.isnan(item.low) else (item.low, item.high)
    value, low, high = (min(max(x, -edge), edge) for x in (item.value, *ends))
    bars = [[max(0.0, value - low)], [max(0.0, high - value)]]
    look = {"color": color, "ms": 4, "mec": color, "mfc": color if kind == "prediction" else "white"}
    for end in {end for end in ends if math.isinf(end)}:
        ax.plot(math.copysign(edge, end), y, marker="<" if end < 0 else ">", ls="none", zorder=4.5, **look)
    shown = marker if math.isfinite(item.value) else "none"
    return {place: ax.errorbar(value, y, xerr=bars, capsize=1.5, lw=1.0, zorder=4, marker=shown, **look)}


def _limit(rows: Sequence[Row]) -> float:
    """Give the power of ten up to which the axis of deviations has ticks."""
    finite = [abs(x) for item in rows for x in (item.value, item.low, item.high) if math.isfinite(x)]
    return 10.0 ** math.ceil(math.log10(max([10.0, *finite])))


def _groups(rows: Sequence[Row]) -> dict[tuple[int | str, str], list[int]]:
    """Bring the rows of one claim and statement together, in the order in which they first appear."""
    groups: dict[tuple[int | str, str], list[int]] = {}
    for place, item in enumerate(rows):
        groups.setdefault((item.verdict.claim, item.statement), []).append(place)
    return groups


def _left() -> float:
    """Inches from the panel's edge to where the words begin."""
    return SCOPE if style.narrow() else STATEMENT + SCOPE


def _wrapped(text: str, inches: float) -> list[str]:
    return textwrap.wrap(text, int(inches * 72 / (0.55 * SMALL))) or [""]


def _text(ax: "Axes", text: str, y: float, inches: float, right: bool = False, **look: Any) -> None:
    """Write beside the panel, some inches from its left or its right edge."""
    from matplotlib.transforms import ScaledTranslation

    shift = ScaledTranslation(inches, 0, ax.figure.dpi_scale_trans)
    place = {"transform": ax.get_yaxis_transform() + shift, "va": "center", "linespacing": 1.1, "zorder": 5}
    ax.text(1.0 if right else 0.0, y, text, fontsize=SMALL, **place, **look)


def _axis(ax: "Axes", bottom: float, limit: float, diverged: bool) -> None:
    """Set up the axis of deviations and say what the marks mean."""
    ax.axvspan(-1, 1, color="#e3ecf3", lw=0, zorder=0, label="what was allowed")
    ax.axvline(0, color=style.GREY, lw=0.8, ls=":", zorder=1)
    for name, (word, color, marker) in LOOKS.items():
        if name != DIVERGED or diverged:
            ax.plot([], [], color=color, marker=marker, ls="none", ms=3.5, label=word)
    ax.plot(
        [],
        [],
        color=style.GREY,
        marker="o",
        mfc="white",
        ls="none",
        ms=3.5,
        label="hollow: rival or identity",
    )
    ax.set_xscale("symlog", linthresh=1, linscale=0.8)
    ax.set_xlim(-1.4 * limit, 1.4 * limit)
    decades = [10.0**k for k in range(int(math.log10(limit)) + 1)]
    decades = [1.0, limit] if style.narrow() else decades
    decades = [*decades[:-2], limit] if len(decades) > 3 else decades  # 100 would touch 1000
    ticks = [*(-tick for tick in reversed(decades)), 0.0, *decades]
    ax.set_xticks(ticks, [f"{tick:g}".replace("-", "−") for tick in ticks])
    ax.set_xticks([], minor=True)
    ax.set_ylim(bottom, 0)
    ax.set_yticks([])
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("deviation from the claim, in tolerances\n(for a bound: measured / bound)")
