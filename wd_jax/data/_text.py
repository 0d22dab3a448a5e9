"""A text as a data set: sequences of characters, and after each character the one that follows."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.dataset import Dataset, DatasetError, Split
from wd_jax.inputs import checks, limits

SONNETS = "sonnets.txt"
"""Twenty-three sonnets of W. Shakespeare, printed in 1609, in the spelling of the 19th century; 14 kB."""
PARTS = 10
"""One tenth of the characters is for validation and one for the test."""


def text(of: str | None = None, *, length: int = 32) -> Dataset:
    """Cut a text into sequences of characters; the target at each position is the character that follows.

    Characters are numbered in the order of their code points. The first eight tenths of the text train, the next tenth
    is watched and the last judges: no character is in two of them, nor in two sequences' inputs.

    Parameters
    ----------
    of : str, optional
        A text of your own; twenty-three sonnets of Shakespeare that come with the package by default.
    length : int
        Characters of a sequence, T.

    Returns
    -------
    Dataset
        Inputs [N, T] are token numbers, targets [N, T] class numbers, of as many kinds as there are characters.

    Raises
    ------
    DatasetError
        For what is no text, and a text of fewer than twenty sequences or two kinds of characters.

    Examples
    --------
    >>> data = text()
    >>> data.n, data.n_in, data.n_out
    (352, 32, 59)
    >>> "".join(characters()[int(number)] for number in data.train.inputs[0])
    'From fairest creatures we desire'
    """
    length = limits.counted("length", length, limits.WIDTH)
    written, kinds = _written(of), characters(of)
    if len(kinds) < 2 or len(written) < 2 * PARTS * (length + 1):
        raise DatasetError(
            f"text of {len(written)} characters, {len(kinds)} of them different: give at least two, and "
            f"{2 * PARTS * (length + 1)} in all for sequences of length={length}, or a smaller length"
        )
    place = {kind: number for number, kind in enumerate(kinds)}
    numbers = np.array([place[one] for one in written], np.float32)
    part = len(numbers) // PARTS
    cuts = np.split(numbers, [len(numbers) - 2 * part, len(numbers) - part])
    return Dataset("sonnets" if of is None else "text", *(_sequences(cut, length, len(kinds)) for cut in cuts))


def characters(of: str | None = None) -> str:
    """Give the different characters of a text, each at the place that is its number (see `text`).

    Examples
    --------
    >>> characters("banana")
    'abn'
    """
    return "".join(sorted(set(_written(of))))


def _sequences(numbers: NDArray[np.float32], length: int, kinds: int) -> Split:
    """Cut numbers into sequences, one after the other, with what follows each of them."""
    count = (len(numbers) - 1) // length
    inputs = numbers[: count * length].reshape(count, length)
    targets = numbers[1 : count * length + 1].reshape(count, length)
    return Split(inputs, targets, classes=kinds, tokens=kinds)


def _written(of: Any) -> str:
    """Give a text, the package's own unless another is given."""
    if of is None:
        return Path(__file__).with_name(SONNETS).read_text(encoding="utf-8")
    if not isinstance(of, str):
        remedy = "pathlib.Path(...).read_text()" if isinstance(of, Path | bytes) else "a str"
        raise DatasetError(f"text: got {checks.shown(of)}; give the text itself, {remedy}")
    return of
