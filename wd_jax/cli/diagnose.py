"""``wd-jax diagnose``: what a training's log says of its weight decay."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg

from wd_jax import files
from wd_jax.cli import checks
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalFloat, OptionalInt, OptionalPath

Words = Annotated[tuple[str, ...], arg(metavar="NAME...", help_behavior_hint="(optional)")]


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Say what a training's log shows of its weight decay: each layer's state, the decay in effect, mistakes.

    LOG is a file of Keras' CSVLogger, Lightning, TensorBoard, Hugging Face, W&B or JSON lines, or a folder of saved
    weights. It should have norms of layers: a hook of ten lines writes them, for PyTorch, Keras and JAX (docs, how-to:
    log what decay does). A mistake that is seen is a result: the exit code is 0 with and without one; --json has them
    under "findings".
    """

    log: Annotated[Path, Positional, arg(metavar="LOG", help_behavior_hint="")]
    """File or folder that a training wrote."""
    optimiser: Annotated[str, arg(metavar="LIBRARY:NAME")]
    """The optimiser, with options in brackets: torch:AdamW, 'torch:SGD(momentum=.9,nesterov)', keras:AdamW."""
    lr: OptionalFloat = None
    """Learning rate, where the log has none: it is then taken to be constant."""
    weight_decay: OptionalFloat = None
    """Weight decay that you asked for, in the optimiser's own convention; the log's column otherwise."""
    momentum: OptionalFloat = None
    """Momentum of the optimiser, unless its brackets say it."""
    dtype: Literal["float32", "bfloat16", "float16", "float64"] = "float32"
    """Of the weights that the optimiser steps."""
    steps_per_epoch: OptionalFloat = None
    """Steps of an epoch, where the log counts epochs alone."""
    first: OptionalInt = None
    """Number that the log gives to its first epoch or step: 0 or 1. Keras gives 0, at the end of the first epoch."""
    batch: OptionalInt = None
    """Rows of a minibatch, for an optimiser whose decay is divided by them."""
    map: Annotated[tuple[str, ...], arg(metavar="NAME=COLUMN...", help_behavior_hint="(optional)")] = ()
    """Columns by other names than ours: step=iteration, lr=train/rate, weight_norm/head=norms.head."""
    scale_invariant: Words = ()
    """Layers whose scale the cost ignores, such as those before a normalisation; 'conv*' names several."""
    out: Annotated[OptionalPath, arg(aliases=("-o",), metavar="FILE")] = None
    """Picture of the layers' norms to write besides: .svg, .pdf or .png."""

    def __post_init__(self) -> None:
        """Refuse values outside their range."""
        for option, value in (("--lr", self.lr), ("--steps-per-epoch", self.steps_per_epoch)):
            if value is not None:
                checks.positive(option, value)
        if self.weight_decay is not None:
            checks.non_negative("--weight-decay", self.weight_decay)
        if self.momentum is not None and not 0 <= self.momentum < 1:
            raise UsageError(f"--momentum: {self.momentum:g} is not at least 0 and below 1: give one such as 0.9")
        if self.first not in (None, 0, 1):
            raise UsageError(f"--first: {self.first} is not 0 or 1: give the number of the log's first epoch or step")
        if self.batch is not None:
            checks.at_least("--batch", 1, self.batch)
        if self.out is not None:
            checks.picture("--out", self.out)

    def run(self) -> Output:
        """Read the log and hold it against the optimiser's law."""
        from wd_jax.audit.diagnosis.diagnose import diagnose, named  # loads NumPy

        if self.out is not None:
            files.writable_folder(self.out.parent)
        options: dict[str, Any] = {} if self.momentum is None else {"momentum": self.momentum}
        try:
            named(self.optimiser, options)
        except ValueError as error:
            raise UsageError(str(error)) from error
        try:
            found = diagnose(
                self.log, self.optimiser, lr=self.lr, weight_decay=self.weight_decay, dtype=self.dtype,
                steps_per_epoch=self.steps_per_epoch, columns=_columns(self.map) or None,
                scale_invariant=self.scale_invariant, batch=self.batch, first=self.first, **options,
            )  # fmt: skip
        except ValueError as error:
            raise ValueError(_spoken(str(error))) from error
        if self.out is None:
            return Output(found.text(), found.record())
        from wd_jax.figures.plots.diagnosis import diagnosis

        try:
            diagnosis(found).save(self.out)
        except ValueError as error:  # what was found is told all the same
            return Output(found.text(), found.record() | {"figure": None}, failed=f"--out {self.out}: {error}")
        return Output(f"{found.text()}\n\n{self.out}", found.record() | {"figure": str(self.out)})


def _spoken(text: str) -> str:
    """Write an error in the command's words, not in Python's.

    Examples
    --------
    >>> _spoken("a.csv: say which does, columns={'step': NAME} (--map step=NAME)")
    'a.csv: say which does, --map step=NAME'
    >>> _spoken("scale_invariant='fc3': no layer is called so")
    '--scale-invariant fc3: no layer is called so'
    """
    text = re.sub(r"columns=\{.*?\} \((--map.*?)\)", r"\1", text)
    text = re.sub(r"scale_invariant='(.*?)'", r"--scale-invariant \1", text)
    return text.replace("steps_per_epoch=", "--steps-per-epoch ").replace("weight_decay=", "--weight-decay ")


def _columns(pairs: tuple[str, ...]) -> dict[str, str]:
    """Read NAME=COLUMN.

    Examples
    --------
    >>> _columns(("lr=train/rate",))
    {'lr': 'train/rate'}
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not equals or not name or not column:
            raise UsageError(f"--map {pair}: no column: write NAME=COLUMN, such as lr=train/rate")
        if name in found:
            raise UsageError(f"--map {pair}: {name} is given twice: give it once")
        found[name] = column
    return found
