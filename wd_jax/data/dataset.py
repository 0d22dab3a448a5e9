"""What a training run is given: three splits of checked float32 arrays that cannot change, and a hash of them."""

import hashlib
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wd_jax.data import targets as meaning
from wd_jax.data.conversion import Float32, to_float32
from wd_jax.data.declared import NOTHING, Declared, check_numbers, with_positions
from wd_jax.data.errors import DatasetError as DatasetError
from wd_jax.data.scale import warn_of_scale
from wd_jax.data.shapes import check_rows, check_shape

SPLITS = ("train", "validation", "test")
ARRAYS = ("inputs", "targets", "loss_weights")


@dataclass(frozen=True, eq=False)
class Split:
    """Examples with their targets and their weights in the loss.

    Parameters
    ----------
    inputs : array, shape [N, n_in], dimensionless
        Stored as a read-only float32 copy: what is done to the array later changes nothing here.
    targets : array, shape [N, n_out], dimensionless
        Numbers in [0, 1], where every loss has its outputs. Rows of one label (`wd_jax.data.one_hot`), rows of several
        labels, one column of 0 and 1, or real numbers; see `Dataset.target_kind`.
    loss_weights : array, shape [N], dimensionless, optional
        Factor of each example's cost, 1 by default; 0 takes an example out of every gradient.
    classes : int, optional
        Says that the targets are class numbers 0 to classes - 1, [N] or [N, positions]: a network has an output for
        each class, at each position if there are several. Without it no number is taken for a class.
    tokens : int, optional
        Says that the inputs are token numbers 0 to tokens - 1, which a network looks up rather than multiplies.
    real : bool
        Says that the targets are real numbers of any size, which linear outputs reach (``loss="mean_squared_error"``);
        without it they lie in [0, 1].

    Raises
    ------
    DatasetError
        For what is no array of numbers (a path, text, a sparse matrix, complex or masked values), an empty or wrongly
        shaped array, rows that do not match, a value that is not finite, targets outside [0, 1], a negative weight;
        for numbers that are not what was said of them.

    Examples
    --------
    >>> Split(inputs=[[0.0, 0.5]], targets=[[1.0]]).loss_weights
    array([1.], dtype=float32)
    >>> Split(inputs=[[0.0, 0.5], [1.0, 0.0]], targets=[2, 0], classes=3)
    Split of 2 examples: 2 inputs, one of 3 classes
    """

    inputs: Float32
    targets: Float32
    loss_weights: Float32
    classes: int | None
    tokens: int | None
    real: bool

    def __init__(
        self,
        inputs: ArrayLike,
        targets: ArrayLike,
        loss_weights: ArrayLike | None = None,
        *,
        classes: int | None = None,
        tokens: int | None = None,
        real: bool = False,
    ) -> None:
        self._fill(inputs, targets, loss_weights, Declared(classes, tokens, real), own=False)

    def _fill(self, inputs: Any, targets: Any, loss_weights: Any, declared: Declared, own: bool) -> None:
        """Check and store the arrays, without a copy of float32 ones that nobody else holds."""
        for name in ("classes", "tokens", "real"):
            object.__setattr__(self, name, getattr(declared, name))
        given = {"inputs": inputs, "targets": targets, "loss_weights": loss_weights}
        arrays = {}
        for name, values in given.items():
            if name != "loss_weights" or values is not None:
                arrays[name] = to_float32(name, values, own)
        if declared.classes is not None:
            arrays["targets"] = with_positions(arrays["targets"])
        for name, array in arrays.items():
            check_shape(name, array, arrays)
        rows = len(arrays["inputs"])
        arrays.setdefault("loss_weights", np.ones(rows, np.float32))
        check_rows(arrays)
        weights = arrays["loss_weights"]
        if weights.min() < 0:
            index = int(weights.argmin())
            raise DatasetError(f"loss_weights[{index}] is {weights[index]}: give weights of at least 0")
        swapped = not declared.words() and meaning.look_swapped(arrays["inputs"], arrays["targets"])
        if declared.classes is not None:
            check_numbers("targets", arrays["targets"], "classes", declared.classes)
        elif not declared.real:
            meaning.check_range(arrays["targets"], swapped)
        if declared.tokens is not None:
            check_numbers("inputs", arrays["inputs"], "tokens", declared.tokens)
        if swapped:
            what = f"inputs are labels and targets {arrays['targets'].shape[1]} columns of real numbers"
            warnings.warn(f"{what}: if the two were swapped, give Split(inputs, targets)", stacklevel=3)
        for name, array in arrays.items():
            object.__setattr__(self, name, _frozen(array))

    @property
    def declared(self) -> Declared:
        """What was said of the numbers."""
        return Declared(self.classes, self.tokens, self.real)

    def __reduce__(self) -> tuple[Any, tuple[Float32, Float32, Float32, Declared]]:
        """Copy and unpickle by `adopt`: NumPy would make the arrays writable again."""
        return adopt, (self.inputs, self.targets, self.loss_weights, self.declared)

    def __len__(self) -> int:
        """Give the number of examples."""
        return len(self.inputs)

    def __repr__(self) -> str:
        """Give the sizes, not the numbers."""
        outputs = f"{self.targets.shape[1]} outputs"
        if self.classes is not None:
            positions = self.targets.shape[1]
            outputs = f"one of {self.classes} classes" + (f" at each of {positions} positions" if positions > 1 else "")
        return f"Split of {len(self)} examples: {self.inputs.shape[1]} inputs, {outputs}"


def _frozen(array: Float32) -> Float32:
    """Give a read-only view of a read-only array: not even its flag can be set back."""
    for part in (array.base, array):
        if isinstance(part, np.ndarray):
            part.flags.writeable = False
    return array.view()


def adopt(
    inputs: NDArray, targets: NDArray, loss_weights: NDArray | None = None, declared: Declared = NOTHING
) -> Split:
    """Make a split of arrays that the caller gives away: float32 is not copied, and becomes read-only.

    For arrays that the library made itself; whoever keeps one could change the split under its hash.

    Parameters
    ----------
    inputs, targets, loss_weights
        As for `Split`.
    declared : Declared
        What is said of them.

    Returns
    -------
    Split
    """
    split = object.__new__(Split)
    split._fill(inputs, targets, loss_weights, declared, own=True)
    return split


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

    Warns
    -----
    UserWarning
        For inputs that are not scaled (`wd_jax.data.scale.LARGE_RMS`); for rows without a label among rows of one.

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
        for split in SPLITS:
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

            said, expected = getattr(self, split).declared, self.train.declared
            if said != expected:
                words = [", ".join(one.words()) or "nothing" for one in (said, expected)]
                raise DatasetError(
                    f"{self.name}: of the numbers in {split} {words[0]} is said and of those in train {words[1]}: "
                    "say the same of every split"
                )
        if self.train.loss_weights.any():  # nothing is learned otherwise
            if self.train.tokens is None:
                warn_of_scale(self.name, {split: getattr(self, split).inputs for split in SPLITS}, stacklevel=4)
            self._warn_of_unlabelled_rows()

    def _warn_of_unlabelled_rows(self) -> None:
        """Tell of a few rows that make class labels look like several labels at once."""
        if self.target_kind != "multilabel":
            return
        counts = np.concatenate([(getattr(self, split).targets > 0.5).sum(axis=1) for split in SPLITS])
        if counts.max() == 1:
            what = f"{(counts == 0).sum()} of {len(counts)} rows of targets hold no label and the others one"
            warnings.warn(
                f"{self.name}: {what}: accuracy counts each output by itself; if each example has one class, leave "
                "these rows out, targets.any(axis=1)",
                stacklevel=4,
            )

    def __repr__(self) -> str:
        """Give the sizes, and a network that fits."""
        splits = f"n = {self.n}, {len(self.validation)} for validation, {len(self.test)} for tests"
        tokens, widths = self.train.tokens, f"({self.n_in}, 30, {self.n_out})"
        inputs = f"{self.n_in} inputs, of which {int(self.dead_inputs.sum())} are always zero"
        inputs = inputs if tokens is None else f"{self.n_in} inputs, each one of {tokens} tokens"
        outputs = f"{self.n_out} outputs" if self.train.classes is None else f"targets are {self.n_out} classes"
        outputs += f" at each of {self.positions} positions" if self.positions > 1 else ""
        fitting = f"widths={widths}" if self.target_kind != "classes" else f"widths={widths}, loss='softmax'"
        if self.positions > 1:
            fitting = f"model=..., loss='softmax'), outputs [batch, {self.positions}, {self.n_out}]"
            if (tokens, self.n_in) == (self.n_out, self.positions):
                fitting = f"model=wd.transformer(vocab={tokens}, length={self.n_in}), loss='softmax'"
        return f"Dataset {self.name}: {splits}; {inputs}, {outputs}; fits wd.Setup({fitting})"

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
        """Outputs per example, or classes at each position where targets are class numbers."""
        return self.train.targets.shape[1] if self.train.classes is None else self.train.classes

    @property
    def positions(self) -> int:
        """Places of an example that have an answer of their own, as in a text: 1 unless targets are class numbers."""
        return 1 if self.train.classes is None else self.train.targets.shape[1]

    @property
    def outputs(self) -> tuple[int, ...]:
        """Shape of what a model makes of one example: (n_out,), or (positions, n_out) where there are several."""
        return self.train.declared.outputs(self.train.targets.shape[1])

    @cached_property
    def target_kind(self) -> meaning.Kind:
        """What the targets of all splits are: "one_hot", "distribution", "binary", "multilabel", "real" or "classes".

        It decides what `accuracy` of a result means (`wd_jax.data.targets.ACCURACY`), once for every split and epoch.
        """
        if self.train.real or self.train.classes is not None:
            return "real" if self.train.real else "classes"
        return meaning.target_kind([getattr(self, split).targets for split in SPLITS])

    @cached_property
    def distributions(self) -> bool:
        """Whether each row of targets sums to 1, which softmax asks; rows of loss weight 0 cost nothing and may not."""
        if self.train.classes is not None:
            return True
        parts = [getattr(self, split) for split in SPLITS]
        sums = meaning.row_sums([part.targets[part.loss_weights > 0] for part in parts])
        return max(abs(total - 1) for total in sums) <= meaning.OFF_ONE

    @cached_property
    def bounded(self) -> bool:
        """Whether all targets lie in [0, 1], where sigmoid and softmax outputs do."""
        return not self.train.real or all(meaning.in_range(getattr(self, split).targets) for split in SPLITS)

    @cached_property
    def dead_inputs(self) -> NDArray[np.bool_]:
        """Inputs that are zero on the whole training set, shape [n_in]; their weights get no gradient from the data.

        Of token numbers there are none: 0 is a token as any other.
        """
        dead = np.asarray(~self.train.inputs.any(axis=0)) & (self.train.tokens is None)
        dead.flags.writeable = False
        return dead

    @cached_property
    def sha256(self) -> str:
        """Hash of every array's place, shape and values (64 hexadecimal digits); the same data, the same hash.

        What was said of the numbers is hashed with them, if anything was.
        """
        digest = hashlib.sha256()
        for split in SPLITS:
            for name in ARRAYS:
                array = getattr(getattr(self, split), name)
                digest.update(f"{split} {name} {array.shape}\n".encode())
                digest.update(np.ascontiguousarray(array, dtype="<f4").data)
        for words in self.train.declared.words():
            digest.update(f"{words}\n".encode())
        return digest.hexdigest()
