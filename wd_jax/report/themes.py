"""A figure's SVG for both themes of a page: its colours become variables that follow the reader's theme."""

import colorsys
import re

PAIRS = {
    # As drawn for a light page, and on a dark one: the page's own paper, ink and lines, and brighter curves.
    "#ffffff": "#1e2328",
    "#000000": "#e8eaed",
    "#e6e6e6": "#39424b",
    "#767676": "#a9b2bc",
    "#0072b2": "#4fb0f2",
    "#d55e00": "#ff8f4a",
    "#009e73": "#35c99b",
    "#cc79a7": "#e3a3c8",
    "#e69f00": "#ffc04d",
    "#56b4e9": "#9bd8ff",
}
_COLOUR = re.compile(r"#[0-9a-f]{6}(?![0-9a-f])")
_ROOT = re.compile(r"<svg\b(?:[^>]*[^/])?>")


def themed(svg: str) -> str:
    """Write an SVG whose colours are other ones where the reader's theme is dark; on paper they are those drawn.

    Parameters
    ----------
    svg : str
        As matplotlib writes it: colours of six digits in its styles, black where none is named.

    Returns
    -------
    str
        The same picture with a style of its own; what has no element ``<svg>`` with a content stays as it is.

    Examples
    --------
    >>> print(themed('<svg><g style="fill: #0072b2"/></svg>'))
    <svg><style>:root{fill:var(--c000000);--c000000:#000000;--c0072b2:#0072b2}
    @media screen and (prefers-color-scheme: dark){:root{--c000000:#e8eaed;--c0072b2:#4fb0f2}}</style>\
<g style="fill: var(--c0072b2)"/></svg>
    """
    root = _ROOT.search(svg)
    if root is None:
        return svg
    head, body = svg[: root.end()], svg[root.end() :]
    colours = sorted({*_COLOUR.findall(body), "#000000"})
    light = ";".join(f"--c{colour[1:]}:{colour}" for colour in colours)
    dark = ";".join(f"--c{colour[1:]}:{on_dark(colour)}" for colour in colours)
    style = (
        f"<style>:root{{fill:var(--c000000);{light}}}\n"
        f"@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}</style>"
    )
    return head + style + _COLOUR.sub(lambda found: f"var(--c{found[0][1:]})", body)


def on_dark(colour: str) -> str:
    """Give a colour for a dark page: the pair of one of ours, else the same hue with its lightness turned round.

    Examples
    --------
    >>> on_dark("#000000"), on_dark("#e3ecf3")
    ('#e8eaed', '#172835')
    """
    if colour in PAIRS:
        return PAIRS[colour]
    hue, light, rich = colorsys.rgb_to_hls(*(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)))
    turned = colorsys.hls_to_rgb(hue, 0.08 + 0.88 * (1 - light), rich)
    return "#" + "".join(f"{round(255 * part):02x}" for part in turned)
