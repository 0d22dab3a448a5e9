"""``wd-jax predict``: what the formulas say of one setting, without training anything."""

import sys
from dataclasses import dataclass
from typing import Any

from wd_jax import conventions, limits
from wd_jax.cli import checks
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.fields import OptionalFloat, OptionalInt

FLOAT32_TOLERANCE = 0.01
"""Relative error of the rounded decay rate above which a warning is due."""


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Print the factors per step and per epoch, the half-life and t* of one setting.

    Exactly one of --lmbda, --weight-decay and --absolute-decay says how strong the decay is.
    """

    eta: float
    """Learning rate."""
    n: int
    """Training-set size, examples."""
    m: int = 10
    """Minibatch size, examples."""
    lmbda: OptionalFloat = None
    """Nielsen's regularisation rate: the cost carries lmbda/(2n) * sum of w**2."""
    weight_decay: OptionalFloat = None
    """The coefficient optax and PyTorch call weight_decay, lmbda/n."""
    absolute_decay: OptionalFloat = None
    """Loshchilov's decay per step, eta*lmbda/n, not multiplied by the learning rate."""
    n_in: OptionalInt = None
    """Inputs per neuron; given, t* is printed: the epochs from N(0, 1) to N(0, 1/n_in), exact and in the limit."""

    def __post_init__(self) -> None:
        """Refuse values outside their range."""
        checks.positive("--eta", self.eta)
        checks.at_least("--n", 1, self.n)
        checks.at_least("--m", 1, self.m)
        for option, rows in (("--n", self.n), ("--m", self.m), ("--n-in", self.n_in or 1)):
            checks.at_most(option, rows, limits.ROWS_OF_FORMULAS)
        if self.m > self.n:
            raise UsageError(f"--m: a minibatch of {self.m} is larger than the {self.n} examples: give at most --n")
        if self.n_in is not None:
            checks.at_least("--n-in", 1, self.n_in)
        options = (
            ("--lmbda", self.lmbda),
            ("--weight-decay", self.weight_decay),
            ("--absolute-decay", self.absolute_decay),
        )
        given = checks.exactly_one(options)
        checks.non_negative(given, dict(options)[given] or 0.0)
        epsilon = conventions.per_step_decay(self.eta, self.nielsen, self.n)
        if not epsilon < 1:
            raise UsageError(f"{given}: a step would remove {epsilon:g} of each weight: lower it until that is below 1")
        if 0 < epsilon < sys.float_info.min or (epsilon == 0 and dict(options)[given]):
            raise UsageError(f"{given}: a step would remove {epsilon:g} of each weight, too little to count: raise it")

    @property
    def nielsen(self) -> float:
        """The decay in Nielsen's convention."""
        if self.weight_decay is not None:
            return conventions.lmbda_from_weight_decay(self.weight_decay, self.n)
        if self.absolute_decay is not None:
            return conventions.lmbda_from_absolute_decay(self.absolute_decay, self.eta, self.n)
        return self.lmbda or 0.0

    def run(self) -> Output:
        """Evaluate the formulas."""
        record = predict(self.eta, self.nielsen, self.n, self.m, self.n_in)
        return Output(_table(record), record, float32_warnings(record["per_step_decay"]))


def predict(eta: float, lmbda: float, n: int, m: int, n_in: int | None = None) -> dict[str, Any]:
    """Evaluate every formula that needs no training.

    Parameters
    ----------
    eta, lmbda : float
        Learning rate and Nielsen's regularisation rate, dimensionless.
    n, m, n_in : int
        Training-set size and minibatch size, examples; inputs per neuron.

    Returns
    -------
    dict
        In order of printing; times in epochs, infinite without decay. An epoch has ceil(n/m) steps, so where m does not
        divide n the formulas are given n/ceil(n/m) in its place.
    """
    import derivations

    formulas = derivations.derive("epoch_decay").formulas
    batch = conventions.effective_batch_size(n, m)
    exact = {"eta": eta, "lmbda": lmbda, "n": n, "m": batch}
    limit = {"eta": eta, "lmbda": lmbda, "m": batch}
    decays = lmbda > 0
    record: dict[str, Any] = {
        "eta": eta,
        "lmbda": lmbda,
        "weight_decay": conventions.from_nielsen(lmbda, n),
        "n": n,
        "m": m,
        "steps_per_epoch": conventions.steps_per_epoch(n, m),
        "per_step_decay": conventions.per_step_decay(eta, lmbda, n),
        "per_step_factor": conventions.per_step_factor(eta, lmbda, n),
        "per_epoch_factor": float(formulas["per_epoch_factor"](**exact)) if decays else 1.0,
        "per_epoch_factor_limit": float(formulas["per_epoch_factor_limit"](**limit)) if decays else 1.0,
        "relative_error_of_limit": float(formulas["relative_error_of_limit"](**exact)) if decays else 0.0,
        "half_life_epochs": float(formulas["half_life_epochs"](**exact)) if decays else float("inf"),
        "float32_rate_ratio": float32_rate_ratio(conventions.per_step_decay(eta, lmbda, n)),
    }
    if n_in is not None:
        start = derivations.derive("initialisation").formulas
        fan_in, fan_in_exact = start["epochs_to_fan_in"], start["epochs_to_fan_in_exact"]
        record["n_in"] = n_in
        record["epochs_to_fan_in_exact"] = float(fan_in_exact(**exact, n_in=n_in)) if decays else float("inf")
        record["epochs_to_fan_in"] = float(fan_in(**limit, n_in=n_in)) if decays else float("inf")
    return record


def float32_rate_ratio(epsilon: float) -> float:
    """Decay per step that is left when 1 - epsilon is rounded to float32, over epsilon; 1 without decay.

    Parameters
    ----------
    epsilon : float
        Decay per step, dimensionless.

    Examples
    --------
    >>> float32_rate_ratio(2e-8), float32_rate_ratio(2.0**-10)
    (0.0, 1.0)
    """
    import numpy as np

    return float((1 - np.float64(np.float32(1 - epsilon))) / epsilon) if epsilon else 1.0


def float32_warnings(epsilon: float) -> tuple[str, ...]:
    """Warn of a decay that a float32 multiplication by 1 - epsilon loses or distorts, with the remedy."""
    ratio = float32_rate_ratio(epsilon)
    if abs(ratio - 1) <= FLOAT32_TOLERANCE:
        return ()
    if ratio == 0:
        effect, remedy = "no decay is left", "use float64"
    else:
        effect = f"weights decay at {ratio:.3g} times the rate"
        remedy = "subtract eta*(gradient + lmbda/n*w) as wd_jax does, or use float64"
    return (f"float32: 1 - {epsilon:.3g} is rounded and, multiplied into a weight, {effect}: {remedy}",)


LABELS = {
    "eta": "learning rate η",
    "lmbda": "Nielsen's λ",
    "weight_decay": "weight_decay of optax and PyTorch, λ/n",
    "n": "training examples n",
    "m": "minibatch m",
    "steps_per_epoch": "steps per epoch, ⌈n/m⌉",
    "per_step_decay": "decay per step, ε = ηλ/n",
    "per_step_factor": "factor per step, 1 − ε",
    "per_epoch_factor": "factor per epoch, exact",
    "per_epoch_factor_limit": "factor per epoch, limit exp(−ηλ/m)",
    "relative_error_of_limit": "relative error of exact against limit",
    "half_life_epochs": "half-life, epochs",
    "float32_rate_ratio": "decay rate left by a float32 factor, relative",
    "n_in": "inputs per neuron n_in",
    "epochs_to_fan_in_exact": "t*, exact: epochs, N(0,1) to N(0,1/n_in)",
    "epochs_to_fan_in": "t*, limit: epochs, N(0,1) to N(0,1/n_in)",
}


UNEVEN = LABELS | {"per_epoch_factor_limit": "factor per epoch, limit exp(−ηλ⌈n/m⌉/n)"}
"""The labels where m does not divide n: an epoch has then more than n/m steps."""


def _table(record: dict[str, Any]) -> str:
    """Lay the record out in two columns."""
    labels = UNEVEN if record["n"] % record["m"] else LABELS
    width = max(len(labels[key]) for key in record)
    return "\n".join(f"{labels[key]:<{width}}  {value:.10g}" for key, value in record.items())
