"""Parquet: the table of a result, a group of rows at a time, with a checksum on every page."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from wd_jax.results.exports.table import Table


def save(table: Table, aside: Path) -> None:
    """Write a table; what its columns mean, and the texts that are no column, are in the metadata ``wd_jax``.

    Parameters
    ----------
    table : Table
        From `wd_jax.results.exports.table.lay_out`.
    aside : Path
        The file.
    """
    import pyarrow as pa
    from pyarrow import parquet

    metadata = {b"wd_jax": json.dumps(_described(table)).encode()}
    writer = None
    try:
        for block in table.blocks():
            group = pa.table({name: _plain(array) for name, array in block.items()})
            if writer is None:
                schema = group.schema.with_metadata(metadata)
                writer = parquet.ParquetWriter(aside, schema, compression="zstd", write_page_checksum=True)
            writer.write_table(group.replace_schema_metadata(metadata))
    finally:
        if writer is not None:
            writer.close()


def _plain(array: np.ndarray) -> Any:
    if array.dtype.kind in "iubf":
        return array
    texts = array.tolist()  # few of them differ
    words = {text: str(text) for text in set(texts)}
    return [words[text] for text in texts]


def _described(table: Table) -> dict[str, Any]:
    """Say what the columns mean, and give the texts that were left out, each once."""
    runs = table.runs
    words = {column.name: {k: str(v) for k, v in runs[column.variable].attrs.items()} for column in table.columns}
    texts = [name for name in table.left_out if name in runs.coords and runs[name].dtype.kind in "OUT"]
    return {
        "attributes": {
            str(name): getattr(value, "tolist", lambda one=value: one)() for name, value in runs.attrs.items()
        },
        "columns": words,
        "texts": {name: sorted(set(map(str, np.ravel(runs[name].values)))) for name in texts},
    }
