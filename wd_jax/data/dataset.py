"""What a training run is given: three splits of checked float32 arrays, and a hash of their content."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32 = NDArray[np.float32]


class DatasetError(ValueError):
    """A data set that cannot be used: one line naming the file or array, the check it failed and the remedy."""


@dataclass(frozen=True, eq=False)
class Split:
    """Examples with their targets and their weights in the loss.

    Parameters
    ----------
    inputs : array, shape [N, n_in], dimensionless
        Stored as read-only float32; an array that is already float32 is not copied.
    targets : array, shape [N, n_out], dimensionless
        One-hot for a classification.
    loss_weights : array, shape [N], dimensionless, optional
        Factor of each example's cost, 1 by default; 0 takes an example out of every gradient.

    Raises
    ------
    DatasetError
        For an empty or wrongly shaped array, rows that do not match, a value that is not finite, a negative weight.

    Examples
    --------
    >>> Split(inputs=[[0.0, 0.5]], targets=[[1.0]]).loss_weights
    array([1.], dtype=float32)
    """

    inputs: Float32
    targets: Float32
    loss_weights: Float32

    def __init__(self, inputs: ArrayLike, targets: ArrayLike, loss_weights: ArrayLike | None = None) -> None:
        rows = len(checked := _checked("inputs", inputs, ndim=2))
        weights = np.ones(rows, np.float32) if loss_weights is None else loss_weights
        arrays = {
            "inputs": checked,
            "targets": _checked("targets", targets, ndim=2),
            "loss_weights": _checked("loss_weights", weights, ndim=1),
        }
        for name, array in arrays.items():
            if len(array) != rows:
                raise DatasetError(f"{name} has {len(array)} rows and inputs has {rows}: give one row per example")
            object.__setattr__(self, name, array)
        if self.loss_weights.min() < 0:
            index = int(self.loss_weights.argmin())
            raise DatasetError(f"loss_weights[{index}] is {self.loss_weights[index]}: give weights of at least 0")

    def __len__(self) -> int:
        """Give the number of examples."""
        return len(self.inputs)

    def __repr__(self) -> str:
        """Give the sizes, not the numbers."""
        return f"Split of {len(self)} examples: {self.inputs.shape[1]} inputs, {self.targets.shape[1]} outputs"


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named data set in three splits of the same widths.

    Parameters
    ----------
    name : str
        Short name, as printed in results.
    train, validation, test : Split
        The examples to train on, to watch while training, and to judge with.

    Raises
    ------
    DatasetError
        For splits whose numbers of inputs or outputs differ.

    Examples
    --------
    >>> one = Split(inputs=[[0.0, 0.5]], targets=[[1.0]])
    >>> data = Dataset("one", train=one, validation=one, test=one)
    >>> data.n, data.n_in, data.n_out, data.dead_inputs.tolist()
    (1, 2, 1, [True, False])
    """

    name: str
    train: Split
    validation: Split
    test: Split

    def __post_init__(self) -> None:
        """Refuse splits of different widths, and what is no split."""
        for split in ("train", "validation", "test"):
            if not isinstance(getattr(self, split), Split):
                kind = type(getattr(self, split)).__name__
                raise DatasetError(f"{self.name}: {split} is a {kind}: give wd.data.Split(inputs, targets)")
        for split in ("validation", "test"):
            for array in ("inputs", "targets"):
                width = getattr(getattr(self, split), array).shape[1]
                expected = getattr(self.train, array).shape[1]
                if width != expected:
                    raise DatasetError(
                        f"{self.name}: {split} {array} has {width} columns and train has {expected}: "
                        "give every split the same columns"
                    )

    def __repr__(self) -> str:
        """Give the sizes, and a network that fits."""
        splits = f"n = {self.n}, {len(self.validation)} for validation, {len(self.test)} for tests"
        widths = f"{self.n_in} inputs, of which {int(self.dead_inputs.sum())} are always zero, {self.n_out} outputs"
        return f"Dataset {self.name}: {splits}; {widths}; fits wd.Setup(widths=({self.n_in}, 30, {self.n_out}))"

    @property
    def n(self) -> int:
        """Training-set size, examples."""
        return len(self.train)

    @property
    def n_in(self) -> int:
        """Inputs per example."""
        return self.train.inputs.shape[1]

    @property
    def n_out(self) -> int:
        """Outputs per example."""
        return self.train.targets.shape[1]

    @cached_property
    def dead_inputs(self) -> NDArray[np.bool_]:
        """Inputs that are zero on the whole training set, shape [n_in]; their weights get no gradient from the data."""
        return np.asarray(~self.train.inputs.any(axis=0))

    @cached_property
    def sha256(self) -> str:
        """Hash of every array's place, shape and values (64 hexadecimal digits); the same data, the same hash."""
        digest = hashlib.sha256()
        for split in ("train", "validation", "test"):
            for name in ("inputs", "targets", "loss_weights"):
                array = getattr(getattr(self, split), name)
                digest.update(f"{split} {name} {array.shape}\n".encode())
                digest.update(np.ascontiguousarray(array, dtype="<f4").data)
        return digest.hexdigest()


def _checked(name: str, values: ArrayLike, ndim: int) -> Float32:
    """Give `values` as a read-only float32 array of `ndim` dimensions, or say what is wrong with them."""
    try:
        with np.errstate(over="ignore"):  # a float64 too large for float32 becomes inf and is refused below, by index
            array = np.asarray(values, dtype=np.float32).view()
    except (TypeError, ValueError) as error:
        raise DatasetError(f"{name} is not an array of numbers ({error}): give a rectangular array") from error
    if array.ndim != ndim or array.size == 0:
        labels = "; class numbers become rows by wd_jax.data.arrays.one_hot" if name == "targets" else ""
        raise DatasetError(f"{name} has shape {array.shape}: give a non-empty array of {ndim} dimension(s){labels}")
    # The sum is finite only if every value is, and takes no array of flags as large as the data.
    with np.errstate(invalid="ignore"):
        finite = np.isfinite(array.sum(dtype=np.float64))
    if not finite:
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise DatasetError(f"{name}{list(index)} is {array[index]}: remove the example or give a finite number")
    array.flags.writeable = False
    return array
