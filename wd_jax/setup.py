"""What is fixed in a compiled program (`Setup`, `Probes`) and what is traced through it (`Hyper`)."""

import dataclasses
import inspect
import itertools
import math
from collections.abc import Iterable, Sized
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast, get_args

from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Probe
from wd_jax.inputs import checks, foreign_values, limits, spellings
from wd_jax.inputs.checks import whole
from wd_jax.inputs.spelling_table import Facts

Split = Literal["train", "validation", "test"]
Method = Literal["auto", "blocked", "generic"]
"""How members are trained (`wd_jax.engine.method`)."""

CHOICES: dict[str, tuple[str, ...]] = {
    "init": ("gaussian", "fan_in"),
    "activation": ("sigmoid", "tanh", "relu"),
    "loss": ("cross_entropy", "quadratic", "softmax"),
    "optimiser": ("sgd", "sgdw", "adamw", "lion"),
    "sampling": ("reshuffle", "iid"),
    "order": ("seed", "shared"),
    "dtype": ("float32", "float64"),
}


Part = TypeVar("Part")


def only_its_fields(part: type[Part]) -> type[Part]:
    """Make a dataclass answer a keyword that is no field with the right one, by a TypeError in one line."""
    fields = tuple(inspect.signature(part.__init__).parameters)[1:]
    wrap = spellings.answering(f"{part.__name__} has no field", fields, Facts(choices=CHOICES))
    part.__init__ = wrap(part.__init__)  # pyrefly: ignore
    return part


@only_its_fields
@dataclass(frozen=True)
class Setup:
    """The static description of a training run: everything that needs its own compiled program.

    Parameters
    ----------
    widths : tuple of int
        Units per layer, inputs first: (784, 30, 10) has two layers of weights.
    init : {"gaussian", "fan_in"}
        Weights start at N(0, 1) or N(0, 1/n_in); biases start at N(0, 1) under both.
    activation : {"sigmoid", "tanh", "relu"}
        Hidden units.
    loss : {"cross_entropy", "quadratic", "softmax"}
        Cross-entropy summed over sigmoid outputs, half the squared error of sigmoid outputs, or softmax cross-entropy.
    optimiser : {"sgd", "sgdw", "adamw", "lion"}
        Update rule; all decay the weights (never the biases) by the factor 1 - eta*lmbda/n per step.
    batch_size : int
        Minibatch size m, examples; a shorter last batch is averaged over its own length.
    sampling : {"reshuffle", "iid"}
        Minibatches drawn without replacement in each epoch, or with replacement.
    order : {"seed", "shared"}
        A minibatch order per seed, or one for all seeds (for benchmarks and screening: seeds are then dependent).
    dtype : {"float32", "float64"}
        Type of weights and arithmetic.

    Raises
    ------
    ValueError
        For a width, a batch size or a choice that cannot be meant.

    Examples
    --------
    >>> Setup(widths=(784, 30, 10)).n_w
    (23520, 300)
    """

    widths: tuple[int, ...]
    init: Literal["gaussian", "fan_in"] = "gaussian"
    activation: Literal["sigmoid", "tanh", "relu"] = "sigmoid"
    loss: Literal["cross_entropy", "quadratic", "softmax"] = "cross_entropy"
    optimiser: Literal["sgd", "sgdw", "adamw", "lion"] = "sgd"
    batch_size: int = 10
    sampling: Literal["reshuffle", "iid"] = "reshuffle"
    order: Literal["seed", "shared"] = "seed"
    dtype: Literal["float32", "float64"] = "float32"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, naming the field, its value and the remedy."""
        object.__setattr__(self, "widths", _widths(self.widths))
        if not whole(self.batch_size) or self.batch_size < 1:
            given = checks.shown(self.batch_size)
            raise ValueError(f"batch_size={given}: give a whole number of at least 1 example per minibatch")
        object.__setattr__(self, "batch_size", limits.at_most("batch_size", self.batch_size, limits.EXAMPLES))
        for field, choices in CHOICES.items():
            value = getattr(self, field)
            if not isinstance(value, str) or value not in choices:
                remedy = foreign_values.remedy(field, value, choices)
                raise ValueError(f"{field}={checks.shown(value)}: {remedy}")

    @property
    def layers(self) -> int:
        """Number of weight matrices."""
        return len(self.widths) - 1

    @property
    def n_w(self) -> tuple[int, ...]:
        """Number of weights in each layer, biases excluded."""
        return tuple(a * b for a, b in zip(self.widths[:-1], self.widths[1:], strict=True))

    def with_hidden(self, hidden: int | None = None, depth: int | None = None) -> "Setup":
        """Replace the hidden layers by `depth` layers of `hidden` units (default: as many, as wide, as now)."""
        for name, value, least in (("hidden", hidden, 1), ("depth", depth, 0)):
            if value is not None:
                limits.counted(name, value, limits.WIDTH if name == "hidden" else limits.LAYERS, least)
        inner = self.widths[1:-1]
        width = hidden if hidden is not None else (inner[0] if inner else 1)
        count = depth if depth is not None else max(1, len(inner))
        return dataclasses.replace(self, widths=(self.widths[0], *(width,) * count, self.widths[-1]))


def _widths(given: Any) -> tuple[int, ...]:
    """Give the widths of the layers as plain numbers."""
    listed = isinstance(given, Iterable) and not isinstance(given, str | bytes | set | frozenset | dict)
    widths = tuple(itertools.islice(given, limits.LAYERS.most + 2)) if listed and getattr(given, "ndim", 1) else ()
    if len(widths) < 2 or not all(whole(width) and width >= 1 for width in widths):
        raise ValueError(
            f"widths={checks.shown(given)}: give at least two whole positive layer widths, inputs first: (784, 30, 10)"
        )
    layers = len(given if isinstance(given, Sized) else widths) - 1
    limits.at_most("layers of weights in widths", layers, limits.LAYERS)
    return tuple(limits.at_most("widths", width, limits.WIDTH, "give a narrower layer") for width in widths)


@only_its_fields
@dataclass(frozen=True)
class Probes:
    """What is measured inside the training scan, and how often.

    Parameters
    ----------
    budget : bool
        The split of each layer's change of squared norm into decay, drift and noise.
    moved : bool
        Norms of the displacements by decay and by the gradient over a record (one more array of the weights' size).
    full_gradient : bool
        The full-batch gradient at each evaluation: its norm and its product with the weights (costs about an epoch).
    splits : tuple of {"train", "validation", "test"}
        Where cost and accuracy are evaluated.
    evaluate_every : int
        Epochs between evaluations; epochs in between hold NaN, the last epoch is always evaluated.
    records_per_epoch : int
        Records per epoch; must divide the steps per epoch.
    keep_weights : bool
        Also store the final weights and biases.
    extra : tuple of Probe
        Probes of your own (`wd_jax.engine.probes.probe.Probe`), measured besides those of the library.
    """

    budget: bool = True
    moved: bool = True
    full_gradient: bool = False
    splits: tuple[Split, ...] = ("train", "validation", "test")
    evaluate_every: int = 1
    records_per_epoch: int = 1
    keep_weights: bool = False
    extra: tuple[Probe, ...] = ()

    def __post_init__(self) -> None:
        """Refuse frequencies below one, unknown splits, and probes that cannot be told apart."""
        for field in ("budget", "moved", "full_gradient", "keep_weights"):
            object.__setattr__(self, field, checks.flag(field, getattr(self, field)))
        for field, limit in (("evaluate_every", limits.EPOCHS), ("records_per_epoch", limits.EXAMPLES)):
            object.__setattr__(self, field, limits.counted(field, getattr(self, field), limit))
        # A list would do as well, but only a tuple can be hashed, and so be static.
        object.__setattr__(self, "splits", _splits(self.splits))
        object.__setattr__(self, "extra", _extra(self.extra))

    def record(self) -> dict[str, Any]:
        """Give the settings, JSON-ready; probes of your own by name, and only where there are some.

        Examples
        --------
        >>> Probes(moved=False).record()["moved"]
        False
        """
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        fields["extra"] = [probe.name for probe in self.extra]
        return {name: value for name, value in fields.items() if name != "extra" or value}


def _splits(given: Any) -> tuple[Split, ...]:
    """Give the splits as a tuple; a single word is one."""
    known = get_args(Split)
    ordered = isinstance(given, Iterable) and not isinstance(given, bytes | set | frozenset | dict)
    splits = (given,) if isinstance(given, str) else tuple(itertools.islice(given, 4)) if ordered else (None,)
    if not all(isinstance(split, str) and split in known for split in splits) or len(set(splits)) < len(splits):
        raise ValueError(f"splits={checks.shown(given)}: choose among {', '.join(known)}, each only once, in a tuple")
    return cast(tuple[Split, ...], splits)


def _extra(given: Any) -> tuple[Probe, ...]:
    """Give a user's own probes as a tuple, each variable of which has a name of its own."""
    if isinstance(given, Probe):
        return (given,)
    found = tuple(probe for probe in given if isinstance(probe, Probe)) if isinstance(given, list | tuple) else None
    if found is None or len(found) < len(given):
        raise TypeError(f"extra={checks.shown(given)}: give a tuple of wd_jax.engine.probes.probe.Probe")
    there = set(registry.variables())
    for probe in found:
        if names := [name for name in probe.names if name in there]:
            raise ValueError(f"extra: probe {probe.name!r} has a variable {names[0]}, as another has: rename it")
        there.update(probe.names)
    return found


@only_its_fields
@dataclass(frozen=True)
class Hyper:
    """The traced numbers of one member: changing them never recompiles.

    Parameters
    ----------
    eta : float
        Learning rate, dimensionless.
    lmbda : float
        Nielsen's regularisation rate, dimensionless.
    init_scale : float
        Factor on all initial weights (not biases), dimensionless.
    momentum, beta1, beta2 : float
        Coefficients of sgdw (momentum) and of adamw and lion (betas), dimensionless, in [0, 1).
    """

    eta: Any = 0.1
    lmbda: Any = 0.0
    init_scale: Any = 1.0
    momentum: Any = 0.9
    beta1: Any = 0.9
    beta2: Any = 0.999

    def __post_init__(self) -> None:
        """Refuse plain numbers outside their range; traced values pass."""
        for field, value in vars(self).items():
            if type(value) is not float:
                if value is None or isinstance(value, str | bytes | bool | complex | list | tuple | dict | set):
                    checks.number(field, value)
                if not isinstance(value, int | float):
                    continue
            plain = value if type(value) is float else checks.number(field, value)
            above = plain > 0 if field == "eta" else plain >= 0
            if not (above and plain < (1 if field in _BELOW_1 else math.inf)):
                kind = "a positive" if field == "eta" else "a non-negative"
                limit = " below 1" if field in _BELOW_1 else ""
                raise ValueError(f"{field}={value}: give {kind} finite number{limit}")


_BELOW_1 = ("momentum", "beta1", "beta2")

COEFFICIENTS = {"sgd": (), "sgdw": ("momentum",), "adamw": ("beta1", "beta2"), "lion": ("beta1", "beta2")}
"""Numbers that each optimiser reads besides eta and lmbda."""

HYPER_FIELDS = tuple(field.name for field in dataclasses.fields(Hyper))
SETUP_FIELDS = tuple(field.name for field in dataclasses.fields(Setup))
