"""``wd-jax predict``: what the formulas say of one setting, without training anything."""

from dataclasses import dataclass
from typing import Annotated, Any

from tyro.conf import arg

from wd_jax import conventions
from wd_jax.cli import assumed, checks, rates
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.doubts import Setting, Spelling, doubts
from wd_jax.cli.fields import OptionalFloat, OptionalInt
from wd_jax.inputs import foreign_values, limits
from wd_jax.setup import CHOICES

SMALLEST = 1e-30
"""Decay per step below which there is none, and no formula has digits left."""


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
    """Whose decay: sgd's goes through --momentum, that of sgdw, adamw and lion does not."""
    n_in: OptionalInt = None
    """Inputs per neuron; given, t* is printed: the epochs from N(0, 1) to N(0, 1/n_in), exact and in the limit."""

    def __post_init__(self) -> None:
        """Refuse values outside their range."""
        checks.positive("--eta", self.eta)
        checks.at_least("--n", 1, self.n)
        checks.at_least("--m", 1, self.batch)
        for option, rows in (("--n", self.n), ("--m", self.batch), ("--n-in", self.n_in or 1)):
            checks.at_most(option, rows, limits.ROWS_OF_FORMULAS)
        if self.batch > self.n:
            raise UsageError(f"--m: a minibatch of {self.batch} is larger than the {self.n} examples: give at most --n")
        if self.n_in is not None:
            checks.at_least("--n-in", 1, self.n_in)
        options = (
            ("--lmbda", self.lmbda),
            ("--weight-decay", self.weight_decay),
            ("--absolute-decay", self.absolute_decay),
        )
        given = checks.exactly_one(options)
        value = dict(options)[given] or 0.0
        checks.non_negative(given, value)
        self._check_optimiser()
        epsilon = conventions.per_step_decay(self.eta, self.nielsen, self.n)
        if value and epsilon < SMALLEST:
            raise UsageError(f"{given}: {value:g} removes {epsilon:g} of a weight per step: give 0, or a larger one")
        if not epsilon < 1:
            hint = f"; if {value:g} is Nielsen's lmbda, give --lmbda {value:g}" if given == "--weight-decay" else ""
            raise UsageError(
                f"{given}: a step would remove {epsilon:g} of each weight: lower it until that is below 1{hint}"
            )

    def _check_optimiser(self) -> None:
        """Refuse a momentum that is none, and an optimiser whose decay has no rate."""
        if self.optimiser and self.optimiser not in CHOICES["optimiser"]:
            remedy = foreign_values.remedy("optimiser", self.optimiser, CHOICES["optimiser"])
            raise UsageError(f"--optimiser: {self.optimiser!r}: {remedy}")
        if self.momentum is not None and not 0 <= self.momentum < 1:
            raise UsageError(f"--momentum: {self.momentum:g} is not at least 0 and below 1: give one such as 0.9")
        if self.nesterov and not self.momentum:
            raise UsageError("--nesterov: it is a kind of momentum: give --momentum too, such as 0.9")

    @property
    def batch(self) -> int:
        """The minibatch size."""
        return 10 if self.m is None else self.m

    @property
    def nielsen(self) -> float:
        """The decay in Nielsen's convention."""
        if self.weight_decay is not None:
            return conventions.lmbda_from_weight_decay(self.weight_decay, self.n)
        if self.absolute_decay is not None:
            return conventions.lmbda_from_absolute_decay(self.absolute_decay, self.eta, self.n)
        return self.lmbda or 0.0

    def run(self) -> Output:
        """Evaluate the formulas, and say what they assume and what is doubtful."""
        from wd_jax.cli import kept  # loads NumPy

        decoupled = self.optimiser in assumed.DECOUPLED or self.absolute_decay is not None
        momentum = 0.0 if decoupled else self.momentum or 0.0
        record = predict(self.eta, self.nielsen, self.n, self.batch, self.n_in, momentum, self.nesterov)
        setting = self._setting(record["half_life_epochs"])
        if assumed.open_question(setting, self.momentum):
            record["half_life_epochs_at_momentum_0.9"] = assumed.at_typical_momentum(setting)
        oscillates = record.pop("oscillates", False)
        said = assumed.assumptions(setting, self.momentum, self.nesterov, oscillates, self.m is not None)
        found = doubts(setting)
        removed = record.get("per_step_decay_with_momentum", record["per_step_decay"])
        shares = kept.kept(removed)
        rows = _table(record, kept.rows(shares) if removed else {})
        table = "\n".join([rows, "", *(f"assumed: {sentence}" for sentence in said)])
        record |= {"decay_kept": shares, "assumptions": list(said), "doubts": list(found)}
        return Output(table, record, (*found, *kept.warnings(shares, removed)))

    def _setting(self, half_life: float) -> Setting:
        pairs: tuple[tuple[Spelling, float | None], ...] = (
            ("weight_decay", self.weight_decay),
            ("absolute_decay", self.absolute_decay),
            ("lmbda", self.lmbda),
        )
        ((spelling, value),) = ((name, value) for name, value in pairs if value is not None)
        return Setting(self.eta, self.nielsen, self.n, self.batch, spelling, value, half_life, self.optimiser)


def predict(
    eta: float,
    lmbda: float,
    n: int,
    m: int,
    n_in: int | None = None,
    momentum: float = 0.0,
    nesterov: bool = False,
) -> dict[str, Any]:
    """Evaluate every formula that needs no training.

    Parameters
    ----------
    eta, lmbda : float
        Learning rate and Nielsen's regularisation rate, dimensionless.
    n, m, n_in : int
        Training-set size and minibatch size, examples; inputs per neuron.
    momentum : float
        Of SGD as in PyTorch, which the decay goes through, dimensionless, below 1.
    nesterov : bool
        Whether it is Nesterov's.

    Returns
    -------
    dict
        In order of printing; times in epochs, infinite without decay. An epoch has ceil(n/m) steps, so where m does not
        divide n the formulas are given n/ceil(n/m) in its place. With momentum factors and times are the slow mode's
        (`wd_jax.cli.rates.coupled`), and the record says whether weights oscillate.
    """
    epsilon = conventions.per_step_decay(eta, lmbda, n)
    if lmbda == 0:
        found: dict[str, Any] = rates.without_decay(n_in)
    elif momentum == 0:
        found = rates.plain(eta, lmbda, n, m, n_in)
    else:
        found = {"momentum": momentum} | rates.coupled(eta, lmbda, n, m, momentum, nesterov, n_in)
    record = {
        "eta": eta,
        "lmbda": lmbda,
        "weight_decay": conventions.from_nielsen(lmbda, n),
        "n": n,
        "m": m,
        "steps_per_epoch": conventions.steps_per_epoch(n, m),
        "per_step_decay": epsilon,
        **found,
    }
    if n_in is not None:
        record["n_in"] = n_in
    return {name: record[name] for name in (*LABELS, "oscillates") if name in record}


LABELS = {
    "eta": "learning rate η",
    "lmbda": "Nielsen's λ",
    "weight_decay": "weight_decay, λ/n",
    "n": "training examples n",
    "m": "minibatch m",
    "steps_per_epoch": "steps per epoch, ⌈n/m⌉",
    "per_step_decay": "decay per step, ε = ηλ/n",
    "momentum": "momentum μ of SGD, which the decay goes through",
    "per_step_decay_with_momentum": "decay per step with momentum, 1 − r",
    "per_step_factor": "factor per step, 1 − ε",
    "per_epoch_factor": "factor per epoch, exact",
    "per_epoch_factor_limit": "factor per epoch, limit exp(−ηλ/m)",
    "relative_error_of_limit": "relative error of exact against limit",
    "half_life_epochs": "half-life, epochs",
    "half_life_epochs_from_rest": "half-life from a velocity of 0, epochs",
    "n_in": "inputs per neuron n_in",
    "epochs_to_fan_in_exact": "t*, exact: epochs, N(0,1) to N(0,1/n_in)",
    "epochs_to_fan_in": "t*, limit: epochs, N(0,1) to N(0,1/n_in)",
}


LIMITS = {
    # (m does not divide n, with momentum): the limit; in an uneven epoch there are more than n/m steps
    (False, False): "exp(−ηλ/m)",
    (True, False): "exp(−ηλ⌈n/m⌉/n)",
    (False, True): "exp(−ηλ/(m(1 − μ)))",
    (True, True): "exp(−ηλ⌈n/m⌉/(n(1 − μ)))",
}


def _table(record: dict[str, Any], kept_rows: dict[str, str]) -> str:
    """Lay the numbers of the record out in two columns, and what dtypes keep below them."""
    labels = dict(LABELS)
    labels["per_epoch_factor_limit"] = (
        f"factor per epoch, limit {LIMITS[record['n'] % record['m'] > 0, 'momentum' in record]}"
    )
    if "momentum" in record:
        labels["per_step_factor"] = "factor per step, r, once the velocity has settled"
        labels["half_life_epochs"] = "half-life once the velocity has settled, epochs"
    rows = {labels[key]: _text(record[key]) for key in labels if record.get(key) is not None} | kept_rows
    width = max(map(len, rows))
    return "\n".join(f"{label:<{width}}  {text}" for label, text in rows.items())


def _text(value: float) -> str:
    """Write a number; a time without end is never."""
    return "never" if value == float("inf") else f"{value:.10g}"
