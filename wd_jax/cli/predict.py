"""``wd-jax predict``: what the formulas say of one setting, without training anything."""

import dataclasses
from dataclasses import dataclass
from typing import Annotated

from tyro.conf import arg

from wd_jax.cli import checks
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalFloat, OptionalInt
from wd_jax.inputs import limits
from wd_jax.predictions.language import SHELL
from wd_jax.predictions.setting import SPELLINGS, Setting
from wd_jax.setup import CHOICES


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Print the factors per step and per epoch, the half-life and t* of one setting, and what they assume.

    Exactly one of --lmbda, --weight-decay and --absolute-decay says how strong the decay is. Give --momentum for
    PyTorch's SGD with momentum, whose decay goes through the velocity, and --optimiser for one that decays by itself.
    """

    eta: float
    """Learning rate."""
    n: int
    """Training-set size, examples."""
    m: OptionalInt = None
    """Minibatch size, in the unit of n; 10 by default."""
    lmbda: OptionalFloat = None
    """Nielsen's regularisation rate: the cost carries lmbda/(2n) * sum of w**2."""
    weight_decay: OptionalFloat = None
    """lmbda/n: weight_decay of AdamW, Lion and SGD; with --momentum that of PyTorch's SGD with momentum."""
    absolute_decay: OptionalFloat = None
    """Loshchilov's decay per step, eta*lmbda/n, not multiplied by the learning rate."""
    momentum: OptionalFloat = None
    """Of SGD as in PyTorch, below 1, with the decay in the gradient; none is assumed if it is left out."""
    nesterov: bool = False
    """The momentum is Nesterov's."""
    optimiser: Annotated[
        str, arg(metavar="{" + ",".join(CHOICES["optimiser"]) + "}", help_behavior_hint="(optional)")
    ] = ""
    """Whose decay: that of sgd, momentum and nesterov goes through --momentum, the others' does not."""
    n_in: OptionalInt = None
    """Inputs per neuron; given, t* is printed: the epochs from N(0, 1) to N(0, 1/n_in), exact and in the limit."""

    def __post_init__(self) -> None:
        """Refuse values outside their range."""
        checks.positive("--eta", self.eta)
        for option, count in (("--n", self.n), ("--m", self.m), ("--n-in", self.n_in)):
            if count is not None:
                checks.at_least(option, 1, count)
                checks.at_most(option, count, limits.ROWS_OF_FORMULAS)
        for name in SPELLINGS:
            if (value := getattr(self, name)) is not None:
                checks.non_negative(SHELL.name(name), value)
        try:
            self.setting.check(SHELL)
        except ValueError as error:
            raise UsageError(str(error)) from error

    @property
    def setting(self) -> Setting:
        """What is asked."""
        return Setting(**{field.name: getattr(self, field.name) for field in dataclasses.fields(Setting)})

    def run(self) -> Output:
        """Evaluate the formulas, and say what they assume and what is doubtful."""
        from wd_jax.predictions import predict  # loads NumPy

        found = predict.of(self.setting)
        return Output(found.text(SHELL), found.record(SHELL), (*found.doubts_in(SHELL), *found.warnings))
