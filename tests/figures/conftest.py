"""What a reader would circle in a figure: text that is too small, cut off, or on other text."""

import itertools
from types import SimpleNamespace

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SMALLEST = 6.0  # points


def texts(figure: Figure) -> list[Text]:
    """All text a drawn figure shows; labels of ticks outside the limits are not shown."""
    ticks = [
        tick.label1 for axes in figure.axes if axes.axison for axis in (axes.xaxis, axes.yaxis)
        for tick in axis._update_ticks()
    ]  # fmt: skip
    hidden = {
        id(text) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.majorTicks, *axis.minorTicks) for text in (tick.label1, tick.label2)
    }  # fmt: skip
    others = [text for text in figure.findobj(Text) if id(text) not in hidden]
    return [text for text in (*ticks, *others) if text.get_visible() and text.get_text().strip()]


def too_small(figure: Figure) -> list[str]:
    return [text.get_text() for text in texts(figure) if text.get_fontsize() < SMALLEST]


def cut_off(figure: Figure) -> list[str]:
    box = figure.bbox.padded(1.0)
    found = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    found += [("legend", legend.get_window_extent()) for legend in figure.legends]
    return [
        name for name, e in found if e.x0 < box.x0 or e.x1 > box.x1 or e.y0 < box.y0 or e.y1 > box.y1
    ]  # fmt: skip


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    boxes = [(text.get_text(), text.get_window_extent().padded(-0.75)) for text in texts(figure)]
    return [(a, b) for (a, one), (b, two) in itertools.combinations(boxes, 2) if Bbox.intersection(one, two)]


@pytest.fixture(scope="session")
def layout() -> SimpleNamespace:
    """The checks above, by name."""
    return SimpleNamespace(texts=texts, too_small=too_small, cut_off=cut_off, overlapping=overlapping)
