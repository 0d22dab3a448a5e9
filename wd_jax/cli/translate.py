"""``wd-jax translate``: the same weight decay in another library's optimiser, or why there is none."""

from dataclasses import dataclass
from typing import Annotated, Literal

from tyro.conf import arg

from wd_jax.cli import checks
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalFloat, OptionalInt
from wd_jax.inputs import limits

OptionalWord = Annotated[str, arg(metavar="SCHEDULE", help_behavior_hint="(optional)")]


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Give the value that decays weights alike in other optimisers, or say why none does and what comes closest.

    Optimisers are written LIBRARY:NAME, with settings in brackets: torch:AdamW, 'torch:SGD(momentum=.9,nesterov)'. No
    library needs to be installed. An lr in the brackets is that optimiser's own rate.
    """

    from_: Annotated[str, arg(name="from", metavar="LIBRARY:NAME")]
    """Optimiser that you come from."""
    to: Annotated[tuple[str, ...], arg(metavar="LIBRARY:NAME [LIBRARY:NAME ...]")]
    """Optimisers that you go to."""
    lr: float
    """Learning rate of the optimiser --from, the largest of the run."""
    weight_decay: float
    """Weight decay of the optimiser --from, by whatever name its library has for it."""
    to_lr: OptionalFloat = None
    """Learning rate of the optimisers --to; the same unless given."""
    momentum: OptionalFloat = None
    """Momentum of each optimiser that has one, on either side, unless its brackets say which."""
    n: OptionalInt = None
    """Training-set size, examples."""
    batch: OptionalInt = None
    """Minibatch size of the optimiser --from."""
    to_batch: OptionalInt = None
    """Minibatch size of the optimisers --to; the same unless given."""
    epochs: OptionalInt = None
    """Length of the run, with --n and --batch; where the minibatch changes, the epochs stay."""
    steps: OptionalInt = None
    """Length of the run, in steps of the optimiser --from."""
    schedule: OptionalWord = "constant"
    """Of the learning rate: constant, cosine, 'linear(end=0.1)', 'wsd(warm_up=0.1)', 'warm_up(0.1, then=cosine)'."""
    to_schedule: OptionalWord = ""
    """Of the learning rate of the optimisers --to; the same unless given."""
    keep: Annotated[
        Literal["", "step", "epoch", "run"], arg(metavar="{step,epoch,run}", help_behavior_hint="(optional)")
    ] = ""
    """What is to be the same; the decay per epoch where the minibatch changes, else that per step."""
    first_lr: OptionalFloat = None
    """Rate that a relative decay is divided by, as composer's; --lr unless given. OneCycleLR writes a 25th of it."""
    gradient_rms: OptionalFloat = None
    """Root mean square of a weight's gradient, for laws that depend on it."""
    weight_rms: OptionalFloat = None
    """Root mean square of the weights, for laws that depend on it."""

    def __post_init__(self) -> None:
        """Refuse values outside their range."""
        checks.positive("--lr", self.lr)
        checks.non_negative("--weight-decay", self.weight_decay)
        for option, value in (
            ("--to-lr", self.to_lr), ("--first-lr", self.first_lr), ("--gradient-rms", self.gradient_rms),
            ("--weight-rms", self.weight_rms),
        ):  # fmt: skip
            if value is not None:
                checks.positive(option, value)
        if self.momentum is not None and not 0 <= self.momentum < 1:
            raise UsageError(f"--momentum: {self.momentum:g} is not at least 0 and below 1: give one such as 0.9")
        for option, count in (
            ("--n", self.n), ("--batch", self.batch), ("--to-batch", self.to_batch), ("--epochs", self.epochs),
            ("--steps", self.steps),
        ):  # fmt: skip
            if count is not None:
                checks.at_least(option, 1, count)
                checks.at_most(option, count, limits.ROWS_OF_FORMULAS)

    def run(self) -> Output:
        """Look the laws up and convert."""
        from wd_jax.audit.translate import translate  # loads NumPy

        try:
            found = translate(
                self.from_, lr=self.lr, weight_decay=self.weight_decay, to=self.to, to_lr=self.to_lr,
                momentum=self.momentum, n=self.n, batch=self.batch, to_batch=self.to_batch, epochs=self.epochs,
                steps=self.steps, schedule=self.schedule, to_schedule=self.to_schedule or None,
                keep=self.keep or None, first_lr=self.first_lr, gradient_rms=self.gradient_rms,
                weight_rms=self.weight_rms,
            )  # fmt: skip
        except ValueError as error:
            raise UsageError(str(error)) from error
        return Output(found.text(), found.record(), found.warnings)
