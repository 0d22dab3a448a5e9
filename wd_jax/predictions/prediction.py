"""What the laws say of a setting: numbers, what they assume, what is doubtful, and all of it as text or JSON."""

import math
from dataclasses import dataclass
from typing import Any

from wd_jax import display
from wd_jax.predictions import kept
from wd_jax.predictions.assumptions import assumptions
from wd_jax.predictions.doubts import doubts
from wd_jax.predictions.language import PYTHON, Language
from wd_jax.predictions.setting import Setting

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
OF_MOMENTUM = ("momentum", "per_step_decay_with_momentum", "half_life_epochs_from_rest")
OF_FAN_IN = ("n_in", "epochs_to_fan_in_exact", "epochs_to_fan_in")


@dataclass(frozen=True, kw_only=True, repr=False)
class Prediction:
    """What a decay does to a weight on which nothing else acts; made by `wd_jax.predict`.

    Attributes
    ----------
    setting : Setting
        What was asked.
    lmbda, weight_decay : float
        The decay as Nielsen and as AdamW write it, dimensionless.
    m, steps_per_epoch : int
        Minibatch size, examples, and ceil(n/m).
    per_step_decay : float
        eta*lmbda/n.
    per_step_factor, per_epoch_factor : float
        By which a weight is multiplied; with momentum the slow mode's, and where weights oscillate their envelope's.
    per_epoch_factor_limit, relative_error_of_limit : float or None
        The factor where eta*lmbda is far below n, and the exact one over it, minus 1; None where weights oscillate.
    half_life_epochs : float
        Epochs until half of a weight is left; infinite without decay.
    momentum, per_step_decay_with_momentum, half_life_epochs_from_rest : float or None
        1 - r for the slow mode's factor r, and the half-life of a weight whose velocity starts at 0; None without
        momentum.
    half_life_epochs_at_typical_momentum : float or None
        The half-life with PyTorch's SGD(momentum=0.9), where nobody said which momentum there is.
    epochs_to_fan_in_exact, epochs_to_fan_in : float or None
        t*, from N(0, 1) to N(0, 1/n_in), epochs, exact and in the limit; None without n_in.
    oscillates : bool
        Whether weights change their sign on the way.
    decay_kept : dict
        What each dtype keeps of it (`wd_jax.predictions.kept.kept`).
    """

    setting: Setting
    lmbda: float
    weight_decay: float
    m: int
    steps_per_epoch: int
    per_step_decay: float
    per_step_factor: float
    per_epoch_factor: float
    half_life_epochs: float
    per_epoch_factor_limit: float | None = None
    relative_error_of_limit: float | None = None
    momentum: float | None = None
    per_step_decay_with_momentum: float | None = None
    half_life_epochs_from_rest: float | None = None
    half_life_epochs_at_typical_momentum: float | None = None
    epochs_to_fan_in_exact: float | None = None
    epochs_to_fan_in: float | None = None
    oscillates: bool = False
    decay_kept: kept.Kept

    @property
    def eta(self) -> float:
        """Learning rate."""
        return self.setting.eta

    @property
    def n(self) -> int:
        """Training-set size, examples."""
        return self.setting.n

    @property
    def n_in(self) -> int | None:
        """Inputs per neuron."""
        return self.setting.n_in

    @property
    def removed(self) -> float:
        """Share of a weight that a step removes, with the momentum there is."""
        with_momentum = self.per_step_decay_with_momentum
        return self.per_step_decay if with_momentum is None else with_momentum

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted, a sentence each."""
        return self.assumptions_in(PYTHON)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What cannot well be, a line each; empty where nothing is odd."""
        return self.doubts_in(PYTHON)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What float32 weights do not keep of the decay, with the remedy; empty where they keep it."""
        return kept.warnings(self.decay_kept, self.removed)

    def assumptions_in(self, language: Language) -> tuple[str, ...]:
        """Give `assumptions` with the arguments named as Python or the shell has them."""
        return assumptions(self.setting, self.oscillates, language)

    def doubts_in(self, language: Language) -> tuple[str, ...]:
        """Give `doubts` with the arguments named as Python or the shell has them."""
        return doubts(self.setting, self.half_life_epochs, language)

    def record(self, language: Language = PYTHON) -> dict[str, Any]:
        """Give everything as JSON knows it: an infinite time is None.

        Returns
        -------
        dict
            In the order in which it is printed; without what was not asked (momentum, n_in).
        """
        numbers: dict[str, Any] = {name: _finite(getattr(self, name)) for name in self._shown()}
        if self.half_life_epochs_at_typical_momentum is not None:
            numbers["half_life_epochs_at_momentum_0.9"] = _finite(self.half_life_epochs_at_typical_momentum)
        words = {"assumptions": list(self.assumptions_in(language)), "doubts": list(self.doubts_in(language))}
        return numbers | {"decay_kept": self.decay_kept} | words

    def facts(self) -> dict[str, str]:
        """Give the numbers as text, under their labels."""
        labels = dict(LABELS)
        with_momentum = self.momentum is not None
        labels["per_epoch_factor_limit"] = f"factor per epoch, limit {LIMITS[self.n % self.m > 0, with_momentum]}"
        if with_momentum:
            labels["per_step_factor"] = "factor per step, r, once the velocity has settled"
            labels["half_life_epochs"] = "half-life once the velocity has settled, epochs"
        found = {name: getattr(self, name) for name in self._shown()}
        rows = {labels[name]: _text(value) for name, value in found.items() if value is not None}
        return rows | (kept.rows(self.decay_kept) if self.removed else {})

    def text(self, language: Language = PYTHON) -> str:
        """Lay the numbers out in two columns, and below them what they assume."""
        said = (f"assumed: {sentence}" for sentence in self.assumptions_in(language))
        return "\n".join([*display.facts_text(self.facts()), "", *said])

    def __repr__(self) -> str:
        """Show the numbers, what they assume and what is doubtful."""
        asides = (*self.doubts, *self.warnings)
        return "\n".join([self.text(), *(["", *(f"doubtful: {line}" for line in asides)] if asides else [])])

    def _repr_html_(self) -> str:
        words = {"assumed": "; ".join(self.assumptions)}
        if asides := (*self.doubts, *self.warnings):
            words["doubtful"] = "; ".join(asides)
        return display.facts_html(self.facts() | words)

    def _shown(self) -> list[str]:
        """Name the numbers that were asked for, in order."""
        left_out = (*(OF_MOMENTUM if self.momentum is None else ()), *(OF_FAN_IN if self.n_in is None else ()))
        return [name for name in LABELS if name not in left_out]


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _text(value: float) -> str:
    """Write a number; a time without end is never."""
    return "never" if value == math.inf else f"{value:.10g}"
