"""A data set of which few examples are learned, so that decay matters, and many are watched and tested on."""

import numpy as np

from wd_jax.data import Dataset, Split


def few(data: Dataset, learned: int, watched: int, reserved: int | None = None) -> Dataset:
    """Learn the first examples of the training split; share the others out to validation and test.

    Parameters
    ----------
    data : Dataset
        A whole one.
    learned : int
        Examples to train on.
    watched : int
        Most examples of the validation split, and of the test split.
    reserved : int, optional
        Examples of which none is shared out, learned or not: data sets of the same number are watched and tested on
        the same examples. As many as are learned by default.

    Returns
    -------
    Dataset
        Validation: its own examples, then half of those not learned. Test: its own, then the other half.

    Raises
    ------
    ValueError
        If there are not so many.

    Examples
    --------
    >>> import wd_jax as wd
    >>> made = few(wd.data.digits(), 300, 1000)
    >>> made.name, made.n, len(made.validation), len(made.test)
    ('digits_300', 300, 747, 750)
    """
    kept = learned if reserved is None else reserved
    if not 0 < learned <= kept < data.n:
        said = f"learned={learned}, reserved={reserved}"
        raise ValueError(f"{said}: {data.name} has {data.n} examples to train on; give fewer, learned at most reserved")
    half = kept + (data.n - kept) // 2
    return Dataset(
        f"{data.name}_{learned}",
        train=_rows(data.train, slice(0, learned)),
        validation=_joined(data.validation, _rows(data.train, slice(kept, half)), watched),
        test=_joined(data.test, _rows(data.train, slice(half, None)), watched),
    )


def _rows(split: Split, rows: slice) -> Split:
    return Split(split.inputs[rows], split.targets[rows], split.loss_weights[rows])


def _joined(one: Split, other: Split, most: int) -> Split:
    names = ("inputs", "targets", "loss_weights")
    return Split(*(np.concatenate([getattr(one, name), getattr(other, name)])[:most] for name in names))
