"""A data set from a text table: one row per example, one column of labels."""

import os

from wd_jax.data.class_labels import as_labels
from wd_jax.data.csv_table import read_table
from wd_jax.data.dataset import Dataset
from wd_jax.data.reading import as_path
from wd_jax.data.splitting import Labelled, assemble, pixel_factor, plain, safe_name, split_three


def csv(path: str | os.PathLike[str], *, label: str | int | None = None) -> Dataset:
    r"""Load a table of numbers with one column of classes, from comma-, semicolon- or tab-separated UTF-8 text.

    Parameters
    ----------
    path : path
        Rows of numbers, with a line of names above them or without. A value that is missing is refused.
    label : str or int, optional
        Name, or number from 0, of the column of labels. Otherwise it is the one called label, target, class or y, or
        the last.

    Returns
    -------
    Dataset
        Inputs as written, except that pixels of 0 to 255 are divided by 256, with a warning. Labels, whole numbers or
        words, become one-hot rows of the classes in ascending order. The rows are shuffled once and cut in 2/3, 1/6
        and 1/6 to train, validate and test, the same in every run. The column of labels is part of the name, where the
        file has a line of names.

    Raises
    ------
    DatasetError
        Naming line and column of what cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "sums.csv").write_text("a,b,class\n" + "1,2,more\n2,1,less\n" * 6)
    ...     csv(f"{folder}/sums.csv")
    Dataset csv:sums:class: n = 8, 2 for validation, 2 for tests; 2 inputs, of which 0 are always zero, 2 outputs;
    fits wd.Setup(widths=(2, 30, 2))
    """
    file = as_path(path)
    table = read_table(file, label)
    source = f"{file}: {table.label}"
    rows = Labelled(table.features, as_labels(table.labels, source), source)
    factor = pixel_factor(rows.inputs, f"{file}")
    of_column = f":{plain(table.header)}" if table.header else ""
    return assemble(safe_name("csv", file.with_suffix("")) + of_column, split_three(rows), factor, rows)
