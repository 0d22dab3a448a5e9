"""One setting of learning rate, decay and minibatches, as it was asked for, checked."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from wd_jax import conventions
from wd_jax.optimisers.decays import decoupled
from wd_jax.optimisers.rules import RULES
from wd_jax.optimisers.schedule import Schedule

Spelling: TypeAlias = Literal["lmbda", "weight_decay", "absolute_decay"]
SPELLINGS: tuple[Spelling, ...] = ("lmbda", "weight_decay", "absolute_decay")
DECOUPLED = tuple(name for name, rule in RULES.items() if rule.decay == decoupled.DECAY and not rule.plain)
"""Rules whose decay does not go through a momentum."""
COUPLED = {"momentum": False, "nesterov": True}
"""Rules whose decay always does, and whether the momentum is Nesterov's."""
DIVIDED = tuple(name for name, rule in RULES.items() if rule.decay.idle is None)
"""Rules that divide the decay by the gradient's size: without gradient it has no rate."""
DEFAULT_M = 10
SMALLEST = 1e-30
"""Decay per step below which there is none, and no formula has digits left."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is asked of `wd_jax.predict`; `wd_jax.predictions.refusals` says what cannot be.

    Parameters
    ----------
    eta : float
        Learning rate, the largest of the run, dimensionless.
    n : int or None
        Training-set size, examples; None where the data are not counted in epochs.
    m : int or None
        Minibatch size, in the unit of n; 10 if None.
    lmbda, weight_decay, absolute_decay : float or None
        Exactly one: Nielsen's regularisation rate, lmbda/n, or eta*lmbda/n, dimensionless.
    momentum : float or None
        Of SGD as in PyTorch, dimensionless; None if nobody mentioned one.
    nesterov : bool
        Whether it is Nesterov's.
    optimiser : str
        One of the library's that has a rate of decay; empty if it was not said.
    n_in : int or None
        Inputs per neuron.
    steps, epochs, tokens, tokens_per_step : int or None
        How long the run is: steps, or epochs of n examples, or tokens and how many of them a step uses.
    eta_schedule, lmbda_schedule : Schedule or None
        Of the learning rate and of the decay; None if nobody mentioned one: constant.
    beta1, beta2 : float or None
        Averaging factors of Adam, Lion and their like; None if nobody mentioned them.
    dtype : str
        Of the weights; empty if it was not said.
    batch_gradient_rms : float or None
        Root mean square of the minibatch gradient, all of it noise; None if it is not known.

    Examples
    --------
    >>> Setting(eta=0.1, n=50_000, weight_decay=1e-4).nielsen
    5.0
    >>> Setting(eta=3e-4, weight_decay=0.1, tokens=10**9, tokens_per_step=2**19).total_steps
    1908
    """

    eta: float
    n: int | None = None
    m: int | None = None
    lmbda: float | None = None
    weight_decay: float | None = None
    absolute_decay: float | None = None
    momentum: float | None = None
    nesterov: bool = False
    optimiser: str = ""
    n_in: int | None = None
    steps: int | None = None
    epochs: int | None = None
    tokens: int | None = None
    tokens_per_step: int | None = None
    eta_schedule: Schedule | None = None
    lmbda_schedule: Schedule | None = None
    beta1: float | None = None
    beta2: float | None = None
    dtype: str = ""
    batch_gradient_rms: float | None = None

    @property
    def batch(self) -> int:
        """Minibatch size, examples."""
        return DEFAULT_M if self.m is None else self.m

    @property
    def spelling(self) -> Spelling:
        """Name of the argument that says how strong the decay is."""
        return next(name for name in SPELLINGS if getattr(self, name) is not None)

    @property
    def value(self) -> float:
        """What that argument was given."""
        return getattr(self, self.spelling)

    @property
    def nielsen(self) -> float | None:
        """The decay in Nielsen's convention, lmbda; None where n is not known."""
        if self.n is None:
            return None
        if self.weight_decay is not None:
            return conventions.lmbda_from_weight_decay(self.weight_decay, self.n)
        if self.absolute_decay is not None:
            return conventions.lmbda_from_absolute_decay(self.absolute_decay, self.eta, self.n)
        return self.lmbda or 0.0

    @property
    def coefficient(self) -> float:
        """The decay as AdamW takes it, lmbda/n."""
        if self.weight_decay is not None:
            return self.weight_decay
        if self.absolute_decay is not None:
            return self.absolute_decay / self.eta
        return conventions.from_nielsen(self.lmbda or 0.0, self.n)

    @property
    def steps_per_epoch(self) -> int | None:
        """Steps per epoch; None where n is not known."""
        return None if self.n is None else conventions.steps_per_epoch(self.n, self.batch)

    @property
    def total_steps(self) -> int | None:
        """Steps of the run; None where nobody said how long it is."""
        if self.epochs is not None and self.steps_per_epoch is not None:
            return self.epochs * self.steps_per_epoch
        if self.tokens is not None and self.tokens_per_step is not None:
            return -(-self.tokens // self.tokens_per_step)
        return self.steps

    @property
    def total_epochs(self) -> float | None:
        """Epochs of the run; None where it or n is not known."""
        total, each = self.total_steps, self.steps_per_epoch
        return None if total is None or each is None else total / each

    @property
    def epsilon(self) -> float:
        """Decay per step without momentum, at the largest rate."""
        return self.eta * self.pull if self.absolute_decay is None else self.absolute_decay

    @property
    def pull(self) -> float:
        """Decay per step over the rate: the coefficient, over the gradient's size where a rule divides by that."""
        return self.coefficient / self.divisor

    @property
    def divisor(self) -> float:
        """What the rule divides its decay by: the gradient's root mean square in Adam with L2, else 1."""
        return 1.0 if self.batch_gradient_rms is None or self.optimiser not in DIVIDED else self.batch_gradient_rms

    @property
    def decoupled(self) -> bool:
        """Whether the decay is the same under any momentum."""
        return self.absolute_decay is not None or self.optimiser in DECOUPLED

    @property
    def through(self) -> float:
        """The momentum that the decay goes through; 0 where it goes through none."""
        return 0.0 if self.decoupled or self.optimiser in DIVIDED else self.momentum or 0.0

    @property
    def nesterovs(self) -> bool:
        """Whether the momentum is Nesterov's, said by itself or by the optimiser's name."""
        return self.nesterov or COUPLED.get(self.optimiser, False)

    @property
    def scheduled(self) -> bool:
        """Whether the decay per step changes over the run, or the weight that an update is given."""
        return any(one is not None and not one.constant for one in (self.eta_schedule, self.lmbda_schedule))

    @property
    def asks_more(self) -> bool:
        """Whether anything was asked that concerns a run, and not a constant decay alone."""
        asked = (self.total_steps, self.eta_schedule, self.lmbda_schedule, self.beta1, self.beta2)
        asked += (self.dtype or None, self.batch_gradient_rms)
        return any(one is not None for one in asked)
