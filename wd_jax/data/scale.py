"""Inputs far from the size that initial weights are made for: a word about it, with the division to make."""

import warnings
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
LARGE_RMS = 10.0
"""Root mean square of a column above which a person should be told.

Weights start at N(0, 1) or N(0, 1/n_in), which is meant for inputs of about 1: pixels in [0, 1], or standardised
columns, whose root mean square is 1. Ten times as much is what raw measurements such as iris's 5 cm never reach, and
where training begins to suffer: the digits, whose largest column is 0.8, times 8 (6.5) reach 97 % from N(0, 1/n_in) in
20 epochs, times 16 (13) 96 %, times 64 (52) 84 %, times 255 (207) 11 %. A whole column counts, a single outlier not.
"""
WHOLE_ROWS = 1000
"""Rows that are looked at to tell whether inputs are whole numbers."""


def warn_of_scale(name: str, splits: Mapping[str, Float32], stacklevel: int) -> None:
    """Warn of inputs that are not scaled, once a data set, the training split first.

    Parameters
    ----------
    name : str
        Of the data set.
    splits : mapping of str to array, shapes [N, n_in]
        Inputs of each split by its name.
    stacklevel : int
        Of the call to blame, as `warnings.warn` counts from here.

    Warns
    -----
    UserWarning
        Naming the split, the column, its root mean square and what to do.
    """
    for split, inputs in splits.items():
        low, high = float(inputs.min()), float(inputs.max())
        if max(-low, high) <= LARGE_RMS:
            continue
        rms = np.sqrt(np.einsum("ij,ij->j", inputs, inputs, dtype=np.float64, casting="safe") / len(inputs))
        column = int(rms.argmax())
        if rms[column] > LARGE_RMS:
            what = f"{name}: {split} inputs lie between {low:g} and {high:g} (column {column}: rms {rms[column]:.3g})"
            remedy = _remedy(inputs, low, high)
            warnings.warn(f"{what}, and weights start for inputs of about 1: {remedy}", stacklevel=stacklevel)
            return


def _remedy(inputs: Float32, low: float, high: float) -> str:
    """Give one division where all inputs share a range, as pixels do, and each column its own otherwise."""
    tops = inputs.max(axis=0)
    live = tops[tops > 0]
    if low >= 0 and (live >= high / 4).mean() > 0.5 and (live >= high / 4).sum() > 1:
        pixels = 64 < high <= 255 and not (inputs[:WHOLE_ROWS] % 1).any()
        return f"give inputs / {255 if pixels else high:g} in every split"
    return (
        "give (inputs - mean) / std in every split, mean and std of the columns of the training inputs "
        "(std = 1 where it is 0)"
    )
