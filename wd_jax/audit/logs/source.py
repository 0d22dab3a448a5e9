"""A file's columns before anybody knows what they mean: names, and rows that come block by block."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

READ_HERE = (
    "read here are CSV (our hooks, Keras, Lightning, W&B), JSON lines, trainer_state.json, TensorBoard's event files, "
    "and folders of checkpoints"
)
"""The end of an error about a file of another kind."""


@dataclass(frozen=True)
class Source:
    """A table that is read as a stream.

    Parameters
    ----------
    path : str
        The file or folder, for messages.
    kind : str
        What wrote it, in words.
    names : tuple of str
        Of the columns.
    blocks : callable
        Given names, an iterator of float64 arrays [row, name] in the file's order; NaN where a row has no number.
        It starts anew at each call.
    notes : list of str
        What was repaired; complete once the blocks were read to their end.
    runs : tuple of str
        Whose columns these are, where they are of several.
    renamed : mapping of str to str
        The file's own name of a column to its name here, where they differ.
    """

    path: str
    kind: str
    names: tuple[str, ...]
    blocks: Callable[[Sequence[str]], Iterator[NDArray[np.float64]]]
    notes: list[str] = field(default_factory=list)
    runs: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
