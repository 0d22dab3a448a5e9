"""What a way to decay is: a value that says how a step is put together, in words and in JAX."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wd_jax.conventions import from_nielsen
from wd_jax.optimisers.decays.mask import LAYERS, Mask

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper

GRADIENT = "g = (1/m) sum of gradients"


class Parts(NamedTuple):
    """One step of one member, taken apart; each part a tree like the parameters, and subtracted from them.

    Attributes
    ----------
    whole : Params
        The step.
    decay : Params
        What the step loses if its decay alone is switched off, with the same state and the same gradient.
    gradient : Params
        The rest of the step.
    state : object
        Of the rule, after the step.
    """

    whole: Any
    decay: Any
    gradient: Any
    state: Any


class Optimiser(NamedTuple):
    """An update rule built from a member's numbers.

    Attributes
    ----------
    init : callable
        params -> state.
    step : callable
        (gradients, state, params) -> `Parts`.
    """

    init: Callable[[Any], Any]
    step: Callable[[Any, Any, Any], Parts]


Direction = Callable[["Hyper"], "optax.GradientTransformation"]


@dataclass(frozen=True)
class Decay:
    """A way to decay.

    Parameters
    ----------
    name : str
        One word.
    build : callable
        (direction, hyper) -> `Optimiser`; hyper has ``n``, ``weight_decay`` = lmbda/n, the run's largest ``eta_peak``
        and the ``mask`` of what decays beside the member's numbers of the step.
    gradient, update, biases : str
        Equations before and after those of the rule: of the gradient, of the weight, and which leaves decay where the
        mask of the setup does not say it.
    share : callable, optional
        hyper -> the share of a weight that each step's decay takes, whatever the gradient and the state are; None where
        there is no such number.
    idle : callable, optional
        Plain numbers by name, n among them -> decay per step of a weight without gradient, once the rule's memory has
        settled; None where it has no rate of its own.
    symbol : str
        What that is per step, where it is the same for every rule: "eta*lmbda/n"; else empty.
    words : str
        What a result says of it behind "decay", where there is no symbol.

    Examples
    --------
    >>> from wd_jax.optimisers.decays import absolute, coupled
    >>> absolute.DECAY.symbol, coupled.DECAY.idle
    ('lmbda/n', None)
    """

    name: str
    build: Callable[[Direction, "Hyper"], Optimiser]
    gradient: str = GRADIENT
    update: str = ""
    biases: str = ""
    share: Callable[["Hyper"], Any] | None = None
    idle: Callable[[Mapping[str, Any]], float] | None = None
    symbol: str = ""
    words: str = ""

    def __repr__(self) -> str:
        """Return its name."""
        return f"Decay({self.name!r})"


def with_n(hyper: "Hyper", n: int, mask: Mask = LAYERS) -> "Hyper":
    """Add to a member's numbers what a rule is built from: n, weight_decay = lmbda/n, the largest eta, what decays.

    Examples
    --------
    >>> from wd_jax.hyper import Hyper
    >>> with_n(Hyper(eta=0.1, lmbda=5.0), 50_000).weight_decay
    0.0001
    """
    from wd_jax.hyper import restored

    beside = {"n": n, "weight_decay": from_nielsen(hyper.lmbda, n), "eta_peak": hyper.get("eta_peak", hyper.eta)}
    return restored({**hyper, **beside, "mask": mask})
