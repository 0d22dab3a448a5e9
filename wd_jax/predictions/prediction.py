"""What the laws say of a setting: numbers, what they assume, what is doubtful, and all of it as text or JSON."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from wd_jax import display
from wd_jax.predictions import kept, labels, remarks, sources
from wd_jax.predictions.assumptions import assumptions
from wd_jax.predictions.course import Course
from wd_jax.predictions.doubts import doubts
from wd_jax.predictions.language import PYTHON, Language
from wd_jax.predictions.rest import Rest, rms_at_end
from wd_jax.predictions.setting import DIVIDED, Setting
from wd_jax.predictions.wants import Solved


@dataclass(frozen=True, kw_only=True, repr=False)
class Prediction:
    """What a decay does to a weight on which nothing else acts; made by `wd_jax.predict`.

    Attributes
    ----------
    setting : Setting
        What was asked, with the decay that was solved for where one was wanted.
    solved : Solved or None
        How it was solved for.
    lmbda, weight_decay : float
        The decay as Nielsen and as AdamW write it, dimensionless; lmbda is None where n is not known.
    m, steps_per_epoch : int or None
        Minibatch size, examples, and ceil(n/m); None where n is not known.
    per_step_decay : float
        eta*lmbda/n, at the largest rate.
    per_step_factor, per_epoch_factor : float or None
        By which a weight is multiplied; with momentum the slow mode's, and where weights oscillate their envelope's.
        None under a schedule, where they change.
    per_epoch_factor_limit, relative_error_of_limit : float or None
        The factor where eta*lmbda is far below n, and the exact one over it, minus 1; None where weights oscillate.
    half_life_epochs : float or None
        Epochs until half of a weight is left, under a schedule from the start of the run; infinite where that is never.
    momentum, per_step_decay_with_momentum, half_life_epochs_from_rest : float or None
        1 - r for the slow mode's factor r, and the half-life of a weight whose velocity starts at 0; None without
        momentum.
    half_life_epochs_at_typical_momentum : float or None
        The half-life with PyTorch's SGD(momentum=0.9), where nobody said which momentum there is.
    epochs_to_fan_in_exact, epochs_to_fan_in : float or None
        t*, from N(0, 1) to N(0, 1/n_in), epochs, exact and in the limit; None without n_in.
    oscillates : bool
        Whether weights change their sign on the way.
    half_life_steps, timescale_steps, steps_to_rest : float
        Steps until half of a weight is left; of the moving average that weights are; until 1 % is left of the distance
        of the mean square from its rest. Infinite where that is never.
    course : Course or None
        What the decay does over the run; None where nobody said how long it is.
    rest : Rest
        Where the rule's weights settle on gradient noise, or why that cannot be said.
    decays : float or array
        Decay of each step with the momentum there is.
    decay_kept : dict
        What each dtype keeps of it (`wd_jax.predictions.kept.kept`).
    """

    setting: Setting
    solved: Solved | None = None
    lmbda: float | None
    weight_decay: float
    m: int | None
    steps_per_epoch: int | None
    per_step_decay: float
    per_step_factor: float | None = None
    per_epoch_factor: float | None = None
    half_life_epochs: float | None = None
    per_epoch_factor_limit: float | None = None
    relative_error_of_limit: float | None = None
    momentum: float | None = None
    per_step_decay_with_momentum: float | None = None
    half_life_epochs_from_rest: float | None = None
    half_life_epochs_at_typical_momentum: float | None = None
    epochs_to_fan_in_exact: float | None = None
    epochs_to_fan_in: float | None = None
    oscillates: bool = False
    half_life_steps: float
    timescale_steps: float
    steps_to_rest: float
    course: Course | None = None
    rest: Rest
    decays: float | np.ndarray
    decay_kept: kept.Kept

    @property
    def eta(self) -> float:
        """Learning rate."""
        return self.setting.eta

    @property
    def n(self) -> int | None:
        """Training-set size, examples; None where epochs are not known."""
        return self.setting.n

    @property
    def n_in(self) -> int | None:
        """Inputs per neuron."""
        return self.setting.n_in

    @property
    def total_steps(self) -> int | None:
        """Steps of the run."""
        return self.setting.total_steps

    @property
    def total_epochs(self) -> float | None:
        """Epochs of the run."""
        return self.setting.total_epochs

    @property
    def per_step_decay_mean(self) -> float | None:
        """Decay per step, the mean over the run."""
        return None if self.course is None else self.course.per_step_decay_mean

    @property
    def per_step_decay_last(self) -> float | None:
        """Decay of the run's last step."""
        return None if self.course is None else self.course.per_step_decay_last

    @property
    def half_life_share(self) -> float | None:
        """Half-life as a share of the run."""
        return self._share(self.half_life_steps)

    @property
    def timescale_epochs(self) -> float | None:
        """Timescale in epochs."""
        return None if self.steps_per_epoch is None else self.timescale_steps / self.steps_per_epoch

    @property
    def timescale_share(self) -> float | None:
        """Timescale as a share of the run."""
        return self._share(self.timescale_steps)

    @property
    def retained(self) -> float | None:
        """What is left of the start at the end of the run."""
        return None if self.course is None else self.course.retained

    @property
    def retained_at_constant_rate(self) -> float | None:
        """What would be left at the largest rate throughout."""
        return None if self.course is None else self.course.retained_at_constant_rate

    @property
    def decay_over_run(self) -> float | None:
        """What the decay takes of the start over the run."""
        return None if self.course is None else 1 - self.course.retained

    @property
    def weight_by_age(self) -> tuple[float, ...] | None:
        """Share of the end's weight that the updates of each tenth of the run have, the last first."""
        return None if self.course is None else self.course.weight_by_age

    @property
    def median_age_steps(self) -> float | None:
        """Steps before the end of which the updates after have half of that weight."""
        return None if self.course is None else self.course.median_age_steps

    @property
    def rms_at_rest(self) -> float | None:
        """Root mean square of weights at rest on noise; None where only bounds are known, or nothing."""
        return _one(self.rest.rms)

    @property
    def rms_at_rest_least(self) -> float | None:
        """The least that it can be, where it is not known."""
        return _end(self.rest.rms, 0)

    @property
    def rms_at_rest_most(self) -> float | None:
        """The most that it can be, where it is not known."""
        return _end(self.rest.rms, 1)

    @property
    def rotation_at_rest(self) -> float | None:
        """Angle by which a step turns weights at rest, degrees; None where only bounds are known, or nothing."""
        return _degrees(_one(self.rest.rotation))

    @property
    def rotation_at_rest_least(self) -> float | None:
        """The least that it can be, degrees, where it is not known."""
        return _degrees(_end(self.rest.rotation, 0))

    @property
    def rotation_at_rest_most(self) -> float | None:
        """The most that it can be, degrees, where it is not known."""
        return _degrees(_end(self.rest.rotation, 1))

    @property
    def rms_at_end(self) -> float | None:
        """Root mean square of AdamW's weights at the end of a run on noise that starts at N(0, 1/n_in)."""
        return rms_at_end(self.setting)

    @property
    def formulas(self) -> dict[str, str]:
        """On which formula each number rests: derivation and formula, and what was evaluated."""
        named = sources.of(self.setting, self.rest)
        return {name: named[name] for name in self._shown() if name in named and getattr(self, name) is not None}

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
        """What rounding loses of the decay, what a schedule or the run's end cuts short; empty where nothing is."""
        return self.warnings_in(PYTHON)

    def warnings_in(self, language: Language) -> tuple[str, ...]:
        """Give `warnings` with the arguments named as Python or the shell has them."""
        return tuple(remarks.of(self.setting, self.course, self.decays, language))

    def assumptions_in(self, language: Language) -> tuple[str, ...]:
        """Give `assumptions` with the arguments named as Python or the shell has them."""
        return assumptions(self.setting, self.oscillates, language)

    def doubts_in(self, language: Language) -> tuple[str, ...]:
        """Give `doubts` with the arguments named as Python or the shell has them."""
        half_life = math.inf if self.half_life_epochs is None else self.half_life_epochs
        return doubts(self.setting, half_life, language)

    def record(self, language: Language = PYTHON) -> dict[str, Any]:
        """Give everything as JSON knows it: an infinite time is None.

        Returns
        -------
        dict
            In the order in which it is printed; without what was not asked (momentum, n_in, a run).
        """
        numbers: dict[str, Any] = {name: _finite(getattr(self, name)) for name in self._shown()}
        if self.half_life_epochs_at_typical_momentum is not None and self.n is not None:
            numbers["half_life_epochs_at_momentum_0.9"] = _finite(self.half_life_epochs_at_typical_momentum)
        words: dict[str, Any] = {}
        if self._asked_more:
            words = {"asked": self._asked(), "formulas": self.formulas, "at_rest": self.rest.why}
        words |= {"assumptions": list(self.assumptions_in(language)), "doubts": list(self.doubts_in(language))}
        if self._asked_more:
            words["warnings"] = list(self.warnings_in(language))
        return numbers | {"decay_kept": self.decay_kept} | words

    def facts(self) -> dict[str, str]:
        """Give the numbers as text, under their labels, each with the formula behind it where a run was asked for."""
        named = dict(labels.LABELS)
        with_momentum = self.momentum is not None
        if self.n is not None and self.m is not None:
            limit = labels.LIMITS[self.n % self.m > 0, with_momentum]
            named["per_epoch_factor_limit"] = f"factor per epoch, limit {limit}"
        else:
            named["per_step_decay"] = "decay per step, ε = ηL"
            named["weight_decay"] = "weight_decay L"
        if with_momentum:
            named["per_step_factor"] = "factor per step, r, once the velocity has settled"
            named["half_life_epochs"] = "half-life once the velocity has settled, epochs"
            named["half_life_steps"] = "half-life from a velocity of 0, steps"
        if self.setting.scheduled:
            named |= labels.SCHEDULED
            if self.n is None:
                named["per_step_decay"] = "decay per step at the largest rate, ε = ηL"
        if self.setting.optimiser in DIVIDED:
            named["per_step_decay"] = "decay per step on noise of rms s, ε = ηλ/(n s)"
        found = {name: getattr(self, name) for name in self._shown()}
        behind = self.formulas if self._asked_more else {}
        rows = {} if not self._asked_more else self._asked()
        for name, value in found.items():
            if value is not None:
                rows[named[name]] = _text(value) + (f"   [{behind[name]}]" if name in behind else "")
        if self._asked_more and self.rest.rotation is None and self.rest.rms is None:
            rows["size at rest and rotation"] = f"not known: {self.rest.why}"
        dtypes = {self.setting.dtype: self.decay_kept[self.setting.dtype]} if self.setting.dtype else self.decay_kept
        rounded = self.removed and self.setting.optimiser not in DIVIDED
        return rows | (kept.rows(dtypes) if rounded else {})

    def text(self, language: Language = PYTHON) -> str:
        """Lay the numbers out in two columns, and below them what they assume."""
        said = [f"assumed: {sentence}" for sentence in self.assumptions_in(language)]
        if self._asked_more and self.rest.law:
            said.append(f"assumed: at rest {self.rest.why}")
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

    @property
    def _asked_more(self) -> bool:
        return self.setting.asks_more or self.solved is not None

    def _asked(self) -> dict[str, str]:
        """Give what was asked in words: the rule, its schedules, its dtype, what was wanted."""
        setting, found = self.setting, {}
        if self.solved is not None:
            want = self.solved.want
            unit = "" if self.solved.unit == "1" else f" ({self.solved.unit})"
            found["wanted"] = (
                f"{want.name} = {want.value:g}{unit}: weight_decay by {self.solved.how}   [{self.solved.formula}]"
            )
        if setting.optimiser:
            found["optimiser"] = setting.optimiser
        for name in ("eta_schedule", "lmbda_schedule"):
            if getattr(setting, name) is not None:
                found[name] = getattr(setting, name).words
        if setting.dtype:
            found["dtype"] = setting.dtype
        return found

    def _share(self, steps: float) -> float | None:
        return None if self.total_steps is None else steps / self.total_steps

    def _shown(self) -> list[str]:
        """Name the numbers that were asked for, in order."""
        left_out = {
            *(labels.OF_MOMENTUM if self.momentum is None else ()),
            *(labels.OF_FAN_IN if self.n_in is None else ()),
            *(labels.OF_EPOCHS if self.n is None else ()),
            *(labels.OF_A_CONSTANT_RATE if self.setting.scheduled or self.n is None else ()),
            *(labels.OF_A_SCHEDULE if not self.setting.scheduled else ()),
            *(labels.OF_A_RUN if self.total_steps is None else ()),
            *((*labels.OF_MORE, *labels.OF_REST) if not self._asked_more else ()),
            *(name for name in labels.OF_REST if getattr(self, name) is None),
        }
        if self.setting.scheduled or self.n is None:
            left_out |= {"half_life_epochs_from_rest", "epochs_to_fan_in"}
        if self.n is None:
            left_out |= {"epochs_to_fan_in_exact"}
        return [name for name in labels.LABELS if name not in left_out]


def _one(ends: tuple[float, float] | None) -> float | None:
    return None if ends is None or ends[0] != ends[1] else ends[0]


def _end(ends: tuple[float, float] | None, which: int) -> float | None:
    return None if ends is None or ends[0] == ends[1] else ends[which]


def _degrees(angle: float | None) -> float | None:
    return None if angle is None else math.degrees(angle)


def _finite(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_finite(one) for one in value]
    return None if value is None or not math.isfinite(value) else value


def _text(value: Any) -> str:
    """Write a number; a time without end is never."""
    if isinstance(value, tuple):
        return " ".join(f"{one:.3g}" for one in value) or "nothing is forgotten"
    return "never" if value == math.inf else f"{value:.10g}"
