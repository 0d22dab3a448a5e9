"""One setting of learning rate, decay and minibatches, as it was asked for, checked."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from wd_jax import conventions
from wd_jax.inputs import foreign_values
from wd_jax.optimisers.decays import decoupled
from wd_jax.optimisers.rules import RULES
from wd_jax.predictions.language import PYTHON, Language
from wd_jax.setup import CHOICES

Spelling: TypeAlias = Literal["lmbda", "weight_decay", "absolute_decay"]
SPELLINGS: tuple[Spelling, ...] = ("lmbda", "weight_decay", "absolute_decay")
DECOUPLED = tuple(name for name, rule in RULES.items() if rule.decay == decoupled.DECAY and not rule.plain)
"""Rules whose decay does not go through a momentum."""
COUPLED = {"momentum": False, "nesterov": True}
"""Rules whose decay always does, and whether the momentum is Nesterov's."""
DEFAULT_M = 10
SMALLEST = 1e-30
"""Decay per step below which there is none, and no formula has digits left."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is asked of `wd_jax.predict`.

    Parameters
    ----------
    eta : float
        Learning rate, dimensionless.
    n : int
        Training-set size, examples.
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

    Examples
    --------
    >>> Setting(eta=0.1, n=50_000, weight_decay=1e-4).nielsen
    5.0
    """

    eta: float
    n: int
    m: int | None = None
    lmbda: float | None = None
    weight_decay: float | None = None
    absolute_decay: float | None = None
    momentum: float | None = None
    nesterov: bool = False
    optimiser: str = ""
    n_in: int | None = None

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
    def nielsen(self) -> float:
        """The decay in Nielsen's convention, lmbda."""
        if self.weight_decay is not None:
            return conventions.lmbda_from_weight_decay(self.weight_decay, self.n)
        if self.absolute_decay is not None:
            return conventions.lmbda_from_absolute_decay(self.absolute_decay, self.eta, self.n)
        return self.lmbda or 0.0

    @property
    def coefficient(self) -> float:
        """The decay as AdamW takes it, lmbda/n."""
        return conventions.from_nielsen(self.nielsen, self.n)

    @property
    def steps(self) -> int:
        """Steps per epoch."""
        return conventions.steps_per_epoch(self.n, self.batch)

    @property
    def epsilon(self) -> float:
        """Decay per step without momentum."""
        return conventions.per_step_decay(self.eta, self.nielsen, self.n)

    @property
    def decoupled(self) -> bool:
        """Whether the decay is the same under any momentum."""
        return self.absolute_decay is not None or self.optimiser in DECOUPLED

    @property
    def nesterovs(self) -> bool:
        """Whether the momentum is Nesterov's, said by itself or by the optimiser's name."""
        return self.nesterov or COUPLED.get(self.optimiser, False)

    def check(self, language: Language = PYTHON) -> None:
        """Refuse what no law can take: numbers that do not go together, an optimiser whose decay has no rate.

        Parameters
        ----------
        language : Language
            In which the error names the arguments.

        Raises
        ------
        ValueError
            In one line, with the remedy.
        """
        if self.batch > self.n:
            about, at_most = language.about("m", self.batch), language.name("n")
            raise ValueError(
                f"{about}: a minibatch of {self.batch} is larger than the {self.n} examples: give at most {at_most}"
            )
        names = {language.name(name): getattr(self, name) for name in SPELLINGS}
        given = [name for name, value in names.items() if value is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none of them"
            raise ValueError(f"{', '.join(names)}: {found} given: give exactly one")
        self._check_optimiser(language)
        self._check_strength(language)

    def _check_optimiser(self, language: Language) -> None:
        """Refuse a momentum that is none, and an optimiser whose decay has no rate."""
        if self.optimiser and self.optimiser not in CHOICES["optimiser"]:
            remedy = foreign_values.remedy("optimiser", self.optimiser, CHOICES["optimiser"])
            shown = f": {self.optimiser!r}" if language.shell else ""
            raise ValueError(f"{language.about('optimiser', self.optimiser)}{shown}: {remedy}")
        if self.optimiser and RULES[self.optimiser].decay.idle is None:
            about = language.about("optimiser", self.optimiser)
            raise ValueError(
                f"{about}: its decay is divided by the gradient's size and has no rate of its own (see "
                f"derivations.derive('adam_l2')): give a rule with decoupled decay, such as {DECOUPLED[1]}"
            )
        if self.optimiser in COUPLED and self.momentum is None:
            about, momentum = language.about("optimiser", self.optimiser), language.name("momentum")
            raise ValueError(f"{about}: its decay depends on the momentum: give {momentum} too, such as 0.9")
        if self.momentum is not None and not 0 <= self.momentum < 1:
            about = language.about("momentum", self.momentum)
            raise ValueError(f"{about}: {self.momentum:g} is not at least 0 and below 1: give one such as 0.9")
        if self.nesterov and not self.momentum:
            about, momentum = language.about("nesterov", True), language.name("momentum")
            raise ValueError(f"{about}: it is a kind of momentum: give {momentum} too, such as 0.9")

    def _check_strength(self, language: Language) -> None:
        """Refuse a decay that is as good as none, and one that leaves nothing."""
        value, epsilon = self.value, self.epsilon
        about = language.about(self.spelling, value)
        if value and epsilon < SMALLEST:
            raise ValueError(f"{about}: {value:g} removes {epsilon:g} of a weight per step: give 0, or a larger one")
        if not epsilon < 1:
            nielsens = f"; if {value:g} is Nielsen's lmbda, give {language.given('lmbda', value)}"
            hint = nielsens if self.spelling == "weight_decay" else ""
            raise ValueError(
                f"{about}: a step would remove {epsilon:g} of each weight: lower it until that is below 1{hint}"
            )
