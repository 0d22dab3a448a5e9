"""A figure into a file, in one piece, the same bytes for the same figure."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wd_jax import files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# A date would make two files of the same figure differ.
METADATA: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}
SUFFIXES = tuple(METADATA)


def save(figure: "Figure", file: Path) -> Path:
    """Write a figure; the suffix decides the format.

    Parameters
    ----------
    figure : matplotlib Figure
        Drawn in the context of `wd_jax.figures.style.style`, which must still hold.
    file : Path
        Ends in .svg, .pdf or .png.
    """
    files.publish(file, lambda aside: figure.savefig(aside, metadata=METADATA[file.suffix]))
    return file


def svg(figure: "Figure") -> str:
    """Give the text of the SVG file that `save` would write."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=METADATA[".svg"])
    return buffer.getvalue()
