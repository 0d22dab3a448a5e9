"""An update rule as a value: what it reads, what it does in words, and how optax makes it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wd_jax.inputs import checks
from wd_jax.optimisers.coefficient import COMMON, Coefficient
from wd_jax.optimisers.decays import decoupled
from wd_jax.optimisers.decays import mask as masks
from wd_jax.optimisers.decays.decay import Decay
from wd_jax.optimisers.decays.mask import LAYERS, Mask
from wd_jax.optimisers.decays.ways import chosen
from wd_jax.optimisers.recursion import Linear

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper

TAKEN = (
    *("widths", "init", "activation", "loss", "optimiser", "batch_size", "sampling", "order", "dtype", "model", "rule"),
    *("hidden", "depth", "seed", "seeds", "epoch", "epochs", "layer", "split", "n", "m", "steps_per_epoch", "n_w"),
    *("n_in", "per_step_factor", "decay_kept", "update_rule", "dataset", "dataset_sha256", "target_kind", "path"),
    *("accuracy_means", "method", "environment", "config", "config_hash", "independent_seeds", "diverged_at", "status"),
    *("setup", "data", "out", "overwrite", "probes", "progress", "devices", "n_out", "weight_decay", "decay_per_step"),
    *("half_life_epochs", "decay", "no_budget", "decays", "mask", "norm", "biases", "layer_name"),
    *("eta_schedule", "lmbda_schedule", "eta_peak", "eta_mean", "eta_last"),
    *("lmbda_mean", "lmbda_last", "decay_log_factor", "total_steps", "warmup_steps", "stable_steps", "cooldown_steps"),
    *("rounding", "decay_measured", "t_c", "step", "gradients", "batch_noise", "batch_gradient_rms"),
    *("gradient_std", "mean_gradient", "curvature", "gradient_scale"),
)
"""Names that mean something else in a sweep or in its result, so that no coefficient may have them."""


@dataclass(frozen=True)
class Rule:
    r"""An update rule: what it makes of a gradient, and how weights decay beside that or in it.

    With the usual, decoupled, decay :math:`w' = w - (\epsilon w + u)` with :math:`\epsilon=\eta\lambda/n`, u its own.

    Parameters
    ----------
    name : str
        As a result names it in the coordinate ``optimiser``.
    direction : callable
        hyper -> `optax.GradientTransformation` of u/eta, built from the member's numbers, which may be traced
        (``hyper.mu``); n and ``weight_decay`` = lmbda/n are among them. It must neither scale by eta nor decay: both
        are added to it (not so if `decay` is "own": it is then the whole update). Give a function of a module rather
        than a new lambda each time: a program is compiled for each.
    coefficients : tuple of Coefficient
        Numbers that it reads besides eta, lmbda and init_scale: each can be swept.
    equations : tuple of str
        What makes u from the gradient g, in words for the reader of a result: ``("v <- mu*v + g", "u = eta*v")``.
    decay : {"decoupled", "coupled", "absolute", "cautious", "corrected", "own"} or Decay
        How it decays: by itself, scaled by eta; in the gradient, g + lmbda/n w; by itself, not scaled; decoupled, but
        only where the step does not take the weight away from zero; decoupled, and lowered once more as a schedule
        lowers eta; inside of the transformation (see `wd_jax.rule`).
    plain : bool
        Whether u is eta times the gradient itself, as in plain SGD: faster forms of training are made for it.
    by_element : bool
        Whether each element's step comes from its own gradients alone, and is finite if they are, as Adam's: only the
        biases' steps are then looked at for a loss, which takes a fifth less time than all.
    mask : {"layers", "all"}, tree of bool or Mask
        Which leaves decay: ``Setup(decays=...)`` puts it here. A transformation finds it as ``hyper.mask``, which optax
        takes for its ``mask``.
    recursion : callable, optional
        hyper -> `Recursion`, for a heavy ball, whose state is one velocity for each parameter: its members can be
        trained in blocks of steps.

    Raises
    ------
    ValueError
        For a way to decay that is not there, or a coefficient whose name means something else in a result.

    Examples
    --------
    >>> import optax
    >>> mu = Coefficient("mu", 0.9, "memory of the velocity", below=1.0)
    >>> rule = Rule("heavy", lambda hyper: optax.trace(decay=hyper.mu), (mu,), ("v <- mu*v + g", "u = eta*v"))
    >>> rule.names
    ('eta', 'lmbda', 'init_scale', 'mu')
    """

    name: str
    direction: Callable[["Hyper"], "optax.GradientTransformation"]
    coefficients: tuple[Coefficient, ...] = ()
    equations: tuple[str, ...] = ()
    decay: Decay = decoupled.DECAY
    plain: bool = False
    by_element: bool = False
    mask: Mask = LAYERS
    recursion: Linear | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be trained or stored, naming the part and the remedy."""
        if not (isinstance(self.name, str) and self.name.isidentifier()):
            raise ValueError(f"name={checks.shown(self.name)}: give a rule a name such as 'heavy_ball'")
        if not callable(self.direction):
            given = checks.shown(self.direction)
            raise TypeError(f"direction={given}: give a function of the numbers, lambda hyper: optax.trace(hyper.mu)")
        object.__setattr__(self, "coefficients", _all("coefficients", self.coefficients, Coefficient))
        object.__setattr__(self, "equations", _all("equations", self.equations, str))
        for flag in ("plain", "by_element"):
            object.__setattr__(self, flag, checks.flag(flag, getattr(self, flag)))
        object.__setattr__(self, "decay", chosen(self.decay))
        object.__setattr__(self, "mask", masks.chosen(self.mask))
        if self.plain and self.decay != decoupled.DECAY:
            raise ValueError("plain=True: that is u = eta*g with decay='decoupled'; leave one of the two out")
        for name in self.names:
            if self.names.count(name) > 1 or name in TAKEN:
                raise ValueError(f"coefficient {name!r}: the name is taken in a sweep or its result; choose another")

    @property
    def numbers(self) -> tuple[Coefficient, ...]:
        """All numbers of a member: eta, lmbda, init_scale and the rule's coefficients."""
        return (*COMMON, *self.coefficients)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of `numbers`."""
        return tuple(one.name for one in self.numbers)

    @property
    def update_rule(self) -> str:
        """The whole update as equations; g is the minibatch's mean gradient, t the number of the step."""
        which = self.decay.biases or self.mask.words
        return "; ".join((self.decay.gradient, *self.equations, self.decay.update, which))

    def decay_per_step(self, cell: Mapping[str, Any], n: int) -> float:
        """Give the decay per step of a weight without gradient, its rule's memory settled; NaN where it has no rate.

        Parameters
        ----------
        cell : mapping of str to float
            Plain numbers, all that the rule reads among them.
        n : int
            Training-set size, examples.
        """
        return math.nan if self.decay.idle is None else self.decay.idle({**cell, "n": n})

    def record(self) -> dict[str, Any]:
        """Give what a result's settings say of a rule that the library does not have; of the usual decay nothing."""
        coefficients = [one.name for one in self.coefficients]
        found = {"name": self.name, "coefficients": coefficients, "update": self.update_rule}
        return found | ({} if self.decay == decoupled.DECAY else {"decay": self.decay.name})

    def __repr__(self) -> str:
        """Return its name and what it reads."""
        return f"Rule({self.name!r}, reads {', '.join(self.names)})"


def _all(name: str, given: Any, kind: type) -> tuple[Any, ...]:
    """Give a sequence as a tuple, each of one kind."""
    if isinstance(given, str) or not isinstance(given, tuple | list) or not all(isinstance(one, kind) for one in given):
        raise TypeError(f"{name}={checks.shown(given)}: give a tuple, each a {kind.__name__}")
    return tuple(given)
