"""What is trained, as far as it is fixed in a compiled program: `Setup`.

What is measured is a `wd_jax.measurement.Probes`, and what is traced a `wd_jax.hyper.Hyper`.
"""

import dataclasses
import enum
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from wd_jax import held
from wd_jax.held import Held, Rounding
from wd_jax.inputs import checks, foreign_values, limits, spellings
from wd_jax.inputs.checks import whole
from wd_jax.inputs.spelling_table import Facts
from wd_jax.models.model import ACTIVATIONS, MLP, Model
from wd_jax.models.own import OwnModel, supported
from wd_jax.optimisers import rules, schedules
from wd_jax.optimisers.decays import mask
from wd_jax.optimisers.decays.mask import Mask
from wd_jax.optimisers.rule import Rule
from wd_jax.optimisers.schedule import Schedule
from wd_jax.program import Program, Start

Loss = Literal["cross_entropy", "quadratic", "softmax", "mean_squared_error"]
Method = Literal["auto", "blocked", "generic"]
"""How members are trained (`wd_jax.engine.method`)."""

CHOICES: dict[str, tuple[str, ...]] = {
    "init": ("gaussian", "fan_in"),
    "activation": ACTIVATIONS,
    "loss": ("cross_entropy", "quadratic", "softmax", "mean_squared_error"),
    "optimiser": tuple(rules.RULES),
    "sampling": ("reshuffle", "iid"),
    "order": ("seed", "shared"),
    "dtype": ("float32", "float64", "bfloat16"),
    "rounding": ("nearest", "compensated"),
}


SCHEDULES = ETA_SCHEDULE, LMBDA_SCHEDULE = "eta_schedule", "lmbda_schedule"
"""Fields that say how a number changes over a run."""


class Unsaid(enum.Enum):
    """Stands for a field that was not given: None is a value, and refused."""

    UNSAID = "by default"

    def __repr__(self) -> str:
        """Return what a signature shows."""
        return str(self.value)


UNSAID = Unsaid.UNSAID

Part = TypeVar("Part")


def only_its_fields(part: type[Part]) -> type[Part]:
    """Make a dataclass answer a keyword that is no field with the right one, by a TypeError in one line."""
    fields = tuple(inspect.signature(part.__init__).parameters)[1:]
    wrap = spellings.answering(f"{part.__name__} has no field", fields, Facts(choices=CHOICES))
    part.__init__ = wrap(part.__init__)  # pyrefly: ignore
    return part


@only_its_fields
@dataclass(frozen=True, init=False)
class Setup:
    """The static description of a training run: everything that needs its own compiled program.

    Parameters
    ----------
    widths : tuple of int
        Units per layer, inputs first: (784, 30, 10) has two layers of weights.
    init : {"gaussian", "fan_in"}, optional
        Weights start at N(0, 1) or N(0, 1/n_in), gaussian by default; biases start at N(0, 1) under both. Another model
        than a multilayer perceptron starts as its own ``init`` says, and this is then "own".
    activation : {"sigmoid", "tanh", "relu", "erf", "gelu"}, optional
        Hidden units; sigmoid by default.
    loss : {"cross_entropy", "quadratic", "softmax", "mean_squared_error"}
        Cross-entropy summed over sigmoid outputs, half the squared error of sigmoid outputs, softmax cross-entropy, or
        the mean squared error of linear outputs.
    optimiser : str or Rule, optional
        Update rule, sgd by default. With decoupled decay, the factor 1 - eta*lmbda/n per step: "sgd", "sgdw", "adamw",
        "nadamw", "sign_momentum", "lion", "muon"; the same followed by "_cautious", "_absolute" or "_corrected", as
        "adamw_cautious"; "adamc" is "adamw_corrected". With the decay in the gradient: "momentum", "nesterov",
        "adam_l2", "rmsprop_l2".
    batch_size : int
        Minibatch size m, examples; a shorter last batch is averaged over its own length.
    sampling : {"reshuffle", "iid"}
        Minibatches drawn without replacement in each epoch, or with replacement.
    order : {"seed", "shared"}
        A minibatch order per seed, or one for all seeds (for benchmarks and screening: seeds are then dependent).
    dtype : {"float32", "float64", "bfloat16"}
        Type of weights and arithmetic; of bfloat16 only the weights are, rounded after each step of float32.
    decays : {"layers", "all"} or tree of bool
        Which leaves of the parameters decay: those of two dimensions or more, so no biases; all; or as a tree of the
        parameters' form says. An update of your own, `wd_jax.rule`, is handed it as ``h.mask``.
    rounding : {"nearest", "compensated"}
        What becomes of what rounding takes off the weights in a step: it is lost, or kept beside them and added to the
        next step (Kahan's sum), so that the smallest decay acts; that takes one more array of the weights' size.
    eta_schedule, lmbda_schedule : str or Schedule, optional
        How the learning rate and the decay change over the run, whose eta and lmbda are then the largest: "constant",
        "linear", "cosine", "wsd", "inverse_time", ``wd.schedules.warm_up(0.1, then="cosine")``, or that in quotes.
    model : Model, optional
        The long form of widths and activation, ``wd.mlp((784, 30, 10), activation="tanh")``; or any other model,
        `wd_jax.model`.
    rule : Rule, optional
        The long form of optimiser: ``wd.rules.adamw()``, or a rule of your own, ``wd.rules.Rule(...)``.

    Raises
    ------
    ValueError
        For a width, a batch size or a choice that cannot be meant, or a thing said twice in two ways.
    TypeError
        For a model or a rule that is none.

    Examples
    --------
    >>> Setup(widths=(784, 30, 10)).n_w
    (23520, 300)
    >>> from wd_jax.models.model import mlp
    >>> short = Setup(widths=(784, 30, 10), activation="tanh", optimiser="adamw")
    >>> Setup(model=mlp((784, 30, 10), activation="tanh"), rule=rules.adamw()) == short
    True
    """

    widths: tuple[int, ...]
    init: Literal["gaussian", "fan_in"]
    activation: Literal["sigmoid", "tanh", "relu", "erf", "gelu"]
    loss: Loss
    optimiser: str | Rule
    batch_size: int
    sampling: Literal["reshuffle", "iid"]
    order: Literal["seed", "shared"]
    dtype: Literal["float32", "float64", "bfloat16"]
    eta_schedule: str | Schedule
    lmbda_schedule: str | Schedule
    decays: Mask
    rounding: Rounding
    network: MLP | OwnModel | None

    def __init__(
        self,
        widths: Sequence[int] | None = None,
        init: Literal["gaussian", "fan_in"] | Unsaid = UNSAID,
        activation: Literal["sigmoid", "tanh", "relu", "erf", "gelu"] | Unsaid = UNSAID,
        loss: Loss = "cross_entropy",
        optimiser: str | Rule | Unsaid = UNSAID,
        batch_size: int = 10,
        sampling: Literal["reshuffle", "iid"] = "reshuffle",
        order: Literal["seed", "shared"] = "seed",
        dtype: Literal["float32", "float64", "bfloat16"] = "float32",
        eta_schedule: str | Schedule = "constant",
        lmbda_schedule: str | Schedule = "constant",
        *,
        decays: Any = "layers",
        rounding: Rounding = "nearest",
        model: Model | None = None,
        rule: Rule | None = None,
        network: MLP | OwnModel | None = None,
    ) -> None:
        trained = _model(widths, activation, model, network)
        given = _of_model(trained, init) | {"loss": loss}
        given |= {"optimiser": _optimiser(optimiser, rule), "batch_size": batch_size}
        given |= {"sampling": sampling, "order": order, "dtype": dtype, "decays": _decays(decays, optimiser, rule)}
        given |= {"rounding": rounding}
        for field, value in ((ETA_SCHEDULE, eta_schedule), (LMBDA_SCHEDULE, lmbda_schedule)):
            one = schedules.chosen(field, value)
            given[field] = one.words if one.own is None else one
        for field, value in given.items():
            object.__setattr__(self, field, value)
        if not whole(batch_size) or batch_size < 1:
            raise ValueError(
                f"batch_size={checks.shown(batch_size)}: give a whole number of at least 1 example per minibatch"
            )
        object.__setattr__(self, "batch_size", limits.at_most("batch_size", batch_size, limits.EXAMPLES))
        for field, choices in CHOICES.items():
            value = given[field]
            if isinstance(trained, OwnModel) and field in OF_MLPS:
                continue
            known = rules.LIBRARY if field == "optimiser" else choices
            if not (isinstance(value, Rule) or (isinstance(value, str) and value in known)):
                remedy = foreign_values.remedy(field, value, choices)
                raise ValueError(f"{field}={checks.shown(value)}: {remedy}")

    @property
    def model(self) -> MLP | OwnModel:
        """What is trained, as a value."""
        return MLP(self.widths, self.activation) if self.network is None else self.network

    @property
    def rule(self) -> Rule:
        """How it is stepped, as a value."""
        found = self.optimiser if isinstance(self.optimiser, Rule) else rules.LIBRARY[self.optimiser]
        if self.decays == mask.LAYERS and self.network is None:
            return found
        return dataclasses.replace(found, mask=mask.WEIGHTS if self.decays == mask.LAYERS else self.decays)

    @property
    def schedules(self) -> dict[str, Schedule]:
        """How eta and lmbda change over the run, as values, by the names of the fields."""
        return {name: schedules.chosen(name, getattr(self, name)) for name in (ETA_SCHEDULE, LMBDA_SCHEDULE)}

    @property
    def scheduled(self) -> bool:
        """Whether eta or lmbda changes over the run."""
        return (self.eta_schedule, self.lmbda_schedule) != ("constant", "constant")

    @property
    def decay_changes(self) -> bool:
        """Whether the decay per step changes over the run: of an absolute decay eta's schedule changes nothing."""
        return self.lmbda_schedule != "constant" or (self.scheduled and self.rule.decay.symbol != "lmbda/n")

    @property
    def arithmetic(self) -> str:
        """Type in which steps are computed."""
        return held.arithmetic(self.dtype)

    @property
    def held(self) -> Held:
        """How weights are held between steps."""
        return held.of(self.dtype, self.rounding)

    @property
    def start(self) -> Start:
        """What the program that starts members depends on."""
        return Start(self.model, self.init, self.rule, self.arithmetic, self.held)

    @property
    def program(self) -> Program:
        """What the program that trains members depends on: not how they start, nor how examples are drawn."""
        return Program(self.model, self.loss, self.rule, self.batch_size, self.arithmetic, self.held)

    @property
    def layers(self) -> int:
        """Number of weight matrices."""
        return self.model.layers

    @property
    def n_w(self) -> tuple[int, ...]:
        """Number of weights in each layer, biases excluded."""
        return self.model.n_w

    def with_hidden(self, hidden: int | None = None, depth: int | None = None) -> "Setup":
        """Replace the hidden layers by `depth` layers of `hidden` units (default: as many, as wide, as now)."""
        for name, value, least in (("hidden", hidden, 1), ("depth", depth, 0)):
            if value is not None:
                if not isinstance(self.model, MLP):
                    raise ValueError(f"{name}={checks.shown(value)}: {_not_of(self.model)}")
                limits.counted(name, value, limits.WIDTH if name == "hidden" else limits.LAYERS, least)
        inner = self.widths[1:-1]
        width = hidden if hidden is not None else (inner[0] if inner else 1)
        count = depth if depth is not None else max(1, len(inner))
        return dataclasses.replace(self, widths=(self.widths[0], *(width,) * count, self.widths[-1]))

    def record(self) -> dict[str, Any]:
        """Give the fields as JSON holds them: a rule that the library does not have says what it does.

        Schedules are in it by their words, and only those that change something, so that older hashes stay true; and
        so is how weights are rounded.
        """
        left_out = OF_MLPS if isinstance(self.network, OwnModel) else ()
        found = {field: getattr(self, field) for field in SETUP_FIELDS if field not in left_out}
        found |= {"optimiser": self.rule.name} | ({} if self.network is None else self.network.record())
        found |= {"init": "own"} if isinstance(self.network, OwnModel) else {}
        del found["decays"]
        found |= {} if self.decays == mask.LAYERS else {"decays": self.decays.record()}
        if self.rounding == "nearest":
            del found["rounding"]
        found = {name: value for name, value in found.items() if name not in self.schedules}
        found |= {name: one.words for name, one in self.schedules.items() if not one.constant}
        return found | ({"rule": self.rule.record()} if isinstance(self.optimiser, Rule) else {})

    def __repr__(self) -> str:
        """Return the fields, without those that have nothing to add."""
        shown = {field: getattr(self, field) for field in SETUP_FIELDS}
        shown |= {} if self.network is None else {"network": self.network}
        if self.decays == mask.LAYERS:
            del shown["decays"]
        if self.rounding == "nearest":
            del shown["rounding"]
        shown = {name: value for name, value in shown.items() if not (name in SCHEDULES and value == "constant")}
        return f"Setup({', '.join(f'{field}={value!r}' for field, value in shown.items())})"


OF_MLPS = ("widths", "activation", "init")
"""Fields that only a multilayer perceptron has."""


def _of_model(trained: MLP | OwnModel, init: Any) -> dict[str, Any]:
    """Give the fields that describe a model: short where widths and activation say all of it."""
    if isinstance(trained, MLP):
        network = None if trained.plain else trained
        start = "gaussian" if init is UNSAID else init
        return {"widths": trained.widths, "init": start, "activation": trained.activation, "network": network}
    if init is not UNSAID and init != "own":
        raise ValueError(f"init={checks.shown(init)}: {_not_of(trained)}")
    return {"widths": (), "init": "own", "activation": "own", "network": trained}


def _not_of(model: OwnModel) -> str:
    """Say why a field is refused."""
    return f"of multilayer perceptrons only, and the model is {model.name!r}: leave it out; its own functions say it"


def _model(widths: Any, activation: Any, model: Any, network: Any) -> MLP | OwnModel:
    """Give the model of the long or of the short form; refuse both at once where they differ."""
    if model is None and isinstance(network, MLP):  # of another setup, whose fields are replaced
        kept = {"widths": widths, "activation": activation}
        return dataclasses.replace(network, **{name: one for name, one in kept.items() if _said(one)})
    if model is None and network is None:
        return MLP(widths, "sigmoid" if activation is UNSAID else activation)
    found = supported(network if model is None else model)
    for name, value in (("widths", widths), ("activation", activation)):
        if isinstance(found, OwnModel):
            if _said(value) and not (isinstance(value, str | tuple) and value in ("own", ())):
                raise ValueError(f"{name}={checks.shown(value)}: {_not_of(found)}")
            continue
        own = getattr(found, name)
        if _said(value) and value != own:
            raise ValueError(
                f"{name}={checks.shown(value)}: the model has {name} {own}; give one of the two, and "
                "dataclasses.replace(setup, widths=..., activation=...) without a model"
            )
    return found


def _said(value: Any) -> bool:
    """Whether a field was given."""
    return value is not None and value is not UNSAID


def _decays(decays: Any, optimiser: Any, rule: Any) -> Mask:
    """Give what decays; where that is not said, as a rule of another setup says."""
    given = mask.chosen(decays)
    carried = [one.mask for one in (rule, optimiser) if isinstance(one, Rule)]
    return carried[0] if given == mask.LAYERS and carried else given


def _optimiser(optimiser: Any, rule: Any) -> Any:
    """Give the rule of the long or of the short form: by name if it is the library's."""
    for field, given in (("optimiser", optimiser), ("rule", rule)):
        if callable(getattr(given, "init", None)) and callable(getattr(given, "update", None)):
            raise TypeError(
                f"{field}={checks.shown(given)}: its numbers are set, and could not be swept: give "
                "wd.rule(lambda h: optax.adamw(h.eta, weight_decay=h.weight_decay, mask=h.mask))"
            )
    if rule is not None and not isinstance(rule, Rule):
        raise TypeError(f"rule={checks.shown(rule)}: give a Rule, such as wd.rules.adamw()")
    chosen = rule if rule is not None else "sgd" if optimiser is UNSAID else optimiser
    chosen = rules.ALIASES.get(chosen, chosen) if isinstance(chosen, str) else chosen
    if isinstance(chosen, Rule):
        chosen = dataclasses.replace(chosen, mask=mask.LAYERS)
        own = rules.LIBRARY.get(chosen.name)
        if own is not None and own != chosen:
            raise ValueError(f"rule {chosen.name!r}: the library has another of that name; give it a name of its own")
        if own is None and chosen.plain and chosen.direction is not rules.RULES["sgd"].direction:
            raise ValueError(f"rule {chosen.name!r}: plain=True is for plain SGD's own direction; leave it out")
        if own is None and chosen.recursion is not None:
            raise ValueError(f"rule {chosen.name!r}: recursion= is for the library's own heavy balls; leave it out")
        chosen = chosen.name if own is not None else chosen
    if rule is not None and optimiser is not UNSAID and optimiser not in (rule, chosen):
        given = f"optimiser={checks.shown(optimiser)}: the rule is {rule.name}"
        raise ValueError(f"{given}; give one of the two, and dataclasses.replace(setup, optimiser=...) alone")
    return chosen


SETUP_FIELDS = tuple(field.name for field in dataclasses.fields(Setup) if field.name != "network")
