"""One of TensorBoard's event files: its scalars, by the reader of the tensorboard package."""

import struct
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.lines import unreadable

MARK = b"brain.Event:"
"""What the first record of every event file says."""


@dataclass
class Scalars:
    """Scalars in the order of the file, one row for events of one step that follow each other.

    Parameters
    ----------
    steps : array of float
        Of each row.
    rows, values : dict of str to array
        By tag: in which row a value stands, and the value.
    other : set of str
        Tags that are no scalars.
    """

    steps: array = field(default_factory=lambda: array("d"))
    rows: dict[str, array] = field(default_factory=dict)
    values: dict[str, array] = field(default_factory=dict)
    other: set[str] = field(default_factory=set)

    def table(self, tags: list[str]) -> NDArray[np.float64]:
        """Give an array [row, tag]."""
        table = np.full((len(self.steps), len(tags)), np.nan)
        for column, tag in enumerate(tags):
            if tag in self.rows:
                table[np.frombuffer(self.rows[tag], np.int64), column] = np.frombuffer(self.values[tag])
        return table


def is_event_file(start: bytes) -> bool:
    """Tell an event file by its first bytes."""
    return MARK in start[:64]


def read_scalars(path: Path, notes: list[str], into: Scalars | None = None) -> Scalars:
    """Read the scalars of one event file.

    Parameters
    ----------
    path : Path
        Of the file.
    notes : list of str
        Told if it is cut short.
    into : Scalars, optional
        What an earlier file of the same training held; this one's are put behind.

    Raises
    ------
    LogError
        If tensorboard is not installed, or the file cannot be read.
    """
    try:
        from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
    except ImportError as error:
        raise LogError(
            f"{path}: it is an event file of TensorBoard, and tensorboard is not installed: pip install 'wd-jax[logs]'"
        ) from error
    found = into or Scalars()
    count = 0
    try:
        for event in LegacyEventFileLoader(str(path)).Load():
            count += 1
            _take(found, event)
    except OSError as error:
        raise unreadable(path, error) from error
    except Exception as error:  # protobuf's own error for bytes that are no event
        said = " ".join(str(error).split())[:80]
        raise LogError(
            f"{path}: its record {count + 1} is no event ({said}): the file is damaged, copy it again"
        ) from error
    if count < _records_in(path):
        notes.append(f"{path.name} is cut short or damaged: its first {count} records are read.")
    return found


def _take(found: Scalars, event: Any) -> None:
    """Add the scalars of one event."""
    for value in event.summary.value:
        number = _scalar(value)
        if number is None:
            found.other.add(value.tag)
            continue
        if not found.steps or found.steps[-1] != event.step:
            found.steps.append(event.step)
        found.rows.setdefault(value.tag, array("q")).append(len(found.steps) - 1)
        found.values.setdefault(value.tag, array("d")).append(number)


def _scalar(value: Any) -> float | None:
    """Give the number of a summary's value, in the old form or as a tensor; None where it is no number."""
    which = value.WhichOneof("value")
    if which == "simple_value":
        return value.simple_value
    tensor = value.tensor
    if which != "tensor" or tensor.tensor_shape.dim or value.metadata.plugin_data.plugin_name not in ("", "scalars"):
        return None
    if tensor.float_val:
        return tensor.float_val[0]
    if tensor.double_val:
        return tensor.double_val[0]
    from tensorboard.util import tensor_util

    try:
        return float(tensor_util.make_ndarray(tensor))
    except (TypeError, ValueError):  # text
        return None


def _records_in(path: Path) -> int:
    """Count the records that a file has by their lengths, one that is cut short among them."""
    size, place, count = path.stat().st_size, 0, 0
    with path.open("rb") as file:
        while place < size:
            file.seek(place)
            head = file.read(8)
            count += 1
            if len(head) < 8:
                break
            place += 16 + struct.unpack("<Q", head)[0]
    return count
