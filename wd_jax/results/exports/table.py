"""A result as a table: a row for each member and record, a column for each variable and layer or split."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from wd_jax.results.exports import pieces

IN_COLUMNS = ("layer", "split")
"""Dimensions that make columns; all others make rows."""
PROSE = ("config", "environment", "update_rule", "accuracy_means", "no_budget")
"""Long texts, the same in many rows."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Such as weight_rms_layer_1 or cost_train.
    variable : str
        Of the result.
    place : dict of str to int
        Where along layer or split.
    """

    name: str
    variable: str
    place: dict[str, int]


@dataclass(frozen=True, eq=False)
class Table:
    """A result, and how it is laid out.

    Attributes
    ----------
    runs : xarray.Dataset
        The result; it may lie on disk.
    rows : tuple of str
        Dimensions that make rows, the slowest first.
    columns : tuple of Column
        In their order.
    left_out : tuple of str
        Variables that fit no table: kept weights, and long texts.
    """

    runs: xr.Dataset
    rows: tuple[str, ...]
    columns: tuple[Column, ...]
    left_out: tuple[str, ...]

    @property
    def sizes(self) -> dict[str, int]:
        """Of the dimensions that make rows."""
        return {dim: self.runs.sizes[dim] for dim in self.rows}

    def blocks(self, most: int = pieces.PIECE_BYTES) -> Iterator[dict[str, np.ndarray]]:
        """Give rows by the block, as one array a column.

        Parameters
        ----------
        most : int
            Bytes of a block, about.
        """
        names = list(dict.fromkeys(column.variable for column in self.columns))
        for piece in pieces.cut(self.sizes, 8 * len(self.columns), most):
            part = self.runs[names].isel(piece)
            variables = {name: part[name].variable.load() for name in names}
            sizes = {dim: part.sizes[dim] for dim in self.rows}
            yield {
                column.name: variables[column.variable].isel(column.place).set_dims(sizes).values.reshape(-1)
                for column in self.columns
            }


def lay_out(runs: xr.Dataset) -> Table:
    """Decide rows and columns.

    Parameters
    ----------
    runs : xarray.Dataset
        A result, or a selection of one.

    Examples
    --------
    >>> runs = xr.Dataset({"cost": (("seed", "split"), [[1.0, 2.0]])}, {"seed": [3], "split": ["train", "test"]})
    >>> table = lay_out(runs)
    >>> table.rows, [column.name for column in table.columns]
    (('seed',), ['seed', 'cost_train', 'cost_test'])
    """
    largest = max((runs[name].dims for name in runs.data_vars if not _is_kept(str(name))), key=len, default=())
    rows = tuple(str(dim) for dim in largest if dim not in IN_COLUMNS)
    indexes = [name for name in rows if name in runs.coords]
    names = [str(name) for name in (*runs.coords, *runs.data_vars)]
    fits = [name for name in names if set(runs[name].dims) <= {*rows, *IN_COLUMNS} and name not in PROSE]
    described = [name for name in fits if name not in (*indexes, *IN_COLUMNS)]
    columns = tuple(itertools.chain.from_iterable(_columns(runs, name) for name in (*indexes, *described)))
    return Table(runs, rows, columns, tuple(name for name in names if name not in (*fits, *IN_COLUMNS)))


def _columns(runs: xr.Dataset, name: str) -> Iterator[Column]:
    """Give the columns of a variable: one, or one for each layer or split."""
    dims = [dim for dim in IN_COLUMNS if dim in runs[name].dims]
    for place in itertools.product(*(range(runs.sizes[dim]) for dim in dims)):
        words = [_label(runs, dim, i) for dim, i in zip(dims, place, strict=True)]
        yield Column("_".join([name, *words]), name, dict(zip(dims, place, strict=True)))


def _label(runs: xr.Dataset, dim: str, place: int) -> str:
    value: Any = runs[dim].values[place] if dim in runs.coords else place
    return str(value) if isinstance(value, str) else f"{dim}_{value}"


def _is_kept(name: str) -> bool:
    """Whether it is one of the final parameters: weights_1 and the like."""
    kind, _, layer = name.rpartition("_")
    return layer.isdigit() and kind in ("weights", "biases", "gains", "offsets", "others")
