"""``wd-jax predict``: what the formulas say of one setting and its run, without training anything."""

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any

from tyro.conf import arg

from wd_jax.cli import checks
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalFloat, OptionalInt
from wd_jax.inputs import limits
from wd_jax.predictions.language import SHELL
from wd_jax.predictions.setting import SPELLINGS, Setting
from wd_jax.setup import CHOICES

SAME = {"lr": "eta", "schedule": "eta_schedule"}
"""Options by the names that most have for them."""
COUNTS = ("n", "m", "n_in", "steps", "epochs", "tokens", "tokens_per_step")
DTYPES = ("float64", "float32", "bfloat16", "float16")
OptionalSchedule = Annotated[str, arg(metavar="SCHEDULE", help_behavior_hint="(optional)")]


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Print what weight decay does over a run, what that assumes, and what goes another way than one may think.

    Exactly one of --lmbda, --weight-decay and --absolute-decay says how strong the decay is, or --want what it is to
    do. Give --momentum for PyTorch's SGD with momentum, whose decay goes through the velocity, and --optimiser for one
    that decays by itself. How long the run is say --steps, or --epochs with --n and --m, or --tokens with
    --tokens-per-step; without it the factors per step and per epoch, the half-life and t* of a constant rate are
    printed.
    """

    eta: OptionalFloat = None
    """Learning rate, the largest of the run."""
    lr: OptionalFloat = None
    """The same as --eta."""
    n: OptionalInt = None
    """Training-set size, examples."""
    m: OptionalInt = None
    """Minibatch size, in the unit of n; 10 by default."""
    lmbda: OptionalFloat = None
    """Nielsen's regularisation rate: the cost carries lmbda/(2n) * sum of w**2."""
    weight_decay: OptionalFloat = None
    """lmbda/n: weight_decay of AdamW, Lion and SGD; with --momentum that of PyTorch's SGD with momentum."""
    absolute_decay: OptionalFloat = None
    """Loshchilov's decay per step, eta*lmbda/n, not multiplied by the learning rate."""
    want: Annotated[str, arg(metavar="NAME=VALUE", help_behavior_hint="(optional)")] = ""
    """The decay that does this: timescale=0.2 (share of the run), half-life=5 (epochs, or steps), retained=0.1,
    rms-at-rest=0.02."""
    momentum: OptionalFloat = None
    """Of SGD as in PyTorch, below 1, with the decay in the gradient; none is assumed if it is left out."""
    nesterov: bool = False
    """The momentum is Nesterov's."""
    optimiser: Annotated[
        str, arg(metavar="{" + ",".join(CHOICES["optimiser"]) + "}", help_behavior_hint="(optional)")
    ] = ""
    """Whose decay: that of sgd, momentum and nesterov goes through --momentum, the others' does not."""
    beta1: OptionalFloat = None
    """Averaging factor of the gradient, of adamw, nadamw, lion, sign_momentum and muon; 0.9 by default."""
    beta2: OptionalFloat = None
    """Averaging factor of adamw, nadamw, lion and muon; 0.999 by default."""
    steps: OptionalInt = None
    """Steps of the run."""
    epochs: OptionalInt = None
    """Epochs of the run, with --n and --m."""
    tokens: OptionalInt = None
    """Tokens of the run, with --tokens-per-step."""
    tokens_per_step: OptionalInt = None
    """Tokens that a step uses."""
    eta_schedule: OptionalSchedule = ""
    """Of the learning rate: cosine, linear, wsd, inverse_time, 'warm_up(0.1, then=cosine)'; constant by default."""
    schedule: OptionalSchedule = ""
    """The same as --eta-schedule."""
    lmbda_schedule: OptionalSchedule = ""
    """Of the decay; durations are steps, or shares of the run with a point."""
    dtype: Annotated[str, arg(metavar="{" + ",".join(DTYPES) + "}", help_behavior_hint="(optional)")] = ""
    """Of the weights, for what rounding loses of the decay."""
    batch_gradient_rms: OptionalFloat = None
    """Root mean square of the minibatch gradient, taken for noise: for SGD's size at rest, and Adam's decay with L2."""
    n_in: OptionalInt = None
    """Inputs per neuron; given, t* is printed: the epochs from N(0, 1) to N(0, 1/n_in), exact and in the limit."""

    def __post_init__(self) -> None:
        """Refuse values outside their range."""
        for same, option in SAME.items():
            if getattr(self, same) not in (None, "") and getattr(self, option) not in (None, ""):
                raise UsageError(f"{SHELL.name(same)}: the same as {SHELL.name(option)}: give one of them")
        eta = self.eta if self.lr is None else self.lr
        if eta is None:
            raise UsageError("--eta: missing, give it a value: see `wd-jax predict --help`")
        checks.positive("--eta" if self.lr is None else "--lr", eta)
        for name in COUNTS:
            if (count := getattr(self, name)) is not None:
                checks.at_least(SHELL.name(name), 1, count)
                checks.at_most(SHELL.name(name), count, limits.ROWS_OF_FORMULAS)
        if self.batch_gradient_rms is not None:
            checks.positive("--batch-gradient-rms", self.batch_gradient_rms)
        for name in SPELLINGS:
            if (value := getattr(self, name)) is not None:
                checks.non_negative(SHELL.name(name), value)
        try:
            self._check()
        except ValueError as error:
            raise UsageError(str(error)) from error

    def _check(self) -> None:
        from wd_jax.predictions import refusals  # loads NumPy

        refusals.check(self.setting, SHELL, bool(self.want))
        if self.want:
            from wd_jax.predictions import wants

            wants.read(self.want, "--want")

    @property
    def setting(self) -> Setting:
        """What is asked."""
        given: dict[str, Any] = {field.name: getattr(self, field.name) for field in dataclasses.fields(Setting)}
        given["eta"] = self.eta if self.lr is None else self.lr
        words = {"eta_schedule": self.eta_schedule or self.schedule, "lmbda_schedule": self.lmbda_schedule}
        for name, text in words.items():
            given[name] = None
            if text:
                from wd_jax.optimisers import schedules

                given[name] = schedules.chosen(SHELL.name(name), text)
        return Setting(**given)

    def run(self) -> Output:
        """Evaluate the formulas, and say what they assume and what is doubtful."""
        from wd_jax.predictions import predict, wants  # loads NumPy

        try:
            found = predict.of(self.setting, wants.read(self.want, "--want") if self.want else None, SHELL)
        except ValueError as error:  # a want that no decay does
            raise UsageError(str(error)) from error
        return Output(found.text(SHELL), found.record(SHELL), (*found.doubts_in(SHELL), *found.warnings_in(SHELL)))
