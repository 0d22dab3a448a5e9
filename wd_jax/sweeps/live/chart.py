"""A panel of curves as the numbers of a drawing: where lines, ticks and labels lie. The template draws them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wd_jax.display import number
from wd_jax.sweeps.live.curves import Panel

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 24
RATIO = 20.0
"""Largest over smallest value from which on the scale is logarithmic."""


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, in the drawing's units, and what it says."""

    at: float
    text: str


@dataclass(frozen=True)
class Drawn:
    """One curve: its stretches of finite numbers as points, and what the legend says."""

    label: str
    points: tuple[str, ...]
    ends: str


@dataclass(frozen=True)
class Chart:
    """Everything that is drawn of a panel."""

    title: str
    logarithmic: bool
    lines: tuple[Drawn, ...]
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]

    @property
    def summary(self) -> str:
        """Say what the drawing shows, for who does not see it."""
        return f"{self.title}: " + "; ".join(f"{line.label or 'mean'} {line.ends}" for line in self.lines)


def chart(panel: Panel) -> Chart:
    """Lay a panel out.

    Parameters
    ----------
    panel : Panel
        Curves over epochs.

    Examples
    --------
    >>> from wd_jax.sweeps.live.curves import Line
    >>> found = chart(Panel("cost", (0.0, 1.0, 2.0), (Line("lmbda = 5", (4.0, 2.0, float("nan"))),)))
    >>> found.lines[0].points, found.lines[0].ends
    (('44.0,10.0 196.0,176.0',), '4 → 2')
    """
    finite = [value for line in panel.lines for value in line.values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    logarithmic = low > 0 and high / low >= RATIO
    scaled = math.log if logarithmic else float
    if low == high:
        low, high = low - 0.5 * abs(low or 1.0), high + 0.5 * abs(high or 1.0)
    last = max(panel.epochs[-1] - panel.epochs[0], 1e-9) if panel.epochs else 1.0

    def across(epoch: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (epoch - panel.epochs[0]) / last

    def down(value: float) -> float:
        share = (scaled(value) - scaled(low)) / (scaled(high) - scaled(low))
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    lines = []
    for line in panel.lines:
        places = [
            (across(epoch), down(value)) if math.isfinite(value) else None
            for epoch, value in zip(panel.epochs, line.values, strict=True)
        ]
        mine = [value for value in line.values if math.isfinite(value)]
        ends = f"{mine[0]:.3g} → {mine[-1]:.3g}" if mine else "no number"
        lines.append(Drawn(line.label, _stretches(places), ends))
    middle = math.exp((math.log(low) + math.log(high)) / 2) if logarithmic else (low + high) / 2
    y = tuple(Tick(round(down(value), 1), f"{value:.3g}") for value in (low, middle, high))
    ends = (panel.epochs[0], panel.epochs[-1]) if len(panel.epochs) > 1 else panel.epochs[:1]
    x = tuple(Tick(round(across(epoch), 1), number(epoch)) for epoch in ends)
    return Chart(panel.title, logarithmic, tuple(lines), x, y)


def _stretches(places: Sequence[tuple[float, float] | None]) -> tuple[str, ...]:
    """Cut where there is no number; a place alone is a short stroke, so that it is seen."""
    found: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            found.append([])
        else:
            found[-1].append(place)
    strokes = [[*one, (one[0][0] + 1, one[0][1])] if len(one) == 1 else one for one in found if one]
    return tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in one) for one in strokes)
