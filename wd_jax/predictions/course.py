"""What a decay does over a run: what is left of the start, and the weight that data of each age have.

A weight is the start, by the product of all factors, and all updates, each by its rate and the factors after it:
derivation ``timescale``, step ``memory``. At a constant rate the formulas are closed; under a schedule the logarithms
of the factors are added up step by step in float64, and where the decay goes through a momentum the steps are made.
"""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from wd_jax.predictions import rates
from wd_jax.predictions.setting import Setting

PARTS = 10
"""Into which a run is divided to say what weight its data have."""
STEPPED = 100_000
"""Steps of a run at a constant rate up to which they are made where a momentum's two modes cannot be told apart."""
AT_REST = 0.01
"""Share of the distance in mean square that is left where a size counts as reached."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """A run, as decay alone sees it.

    Attributes
    ----------
    total_steps : int
        T.
    per_step_decay_mean, per_step_decay_last : float
        Over the run, and in its last step; with momentum that of a velocity that has settled.
    retained, retained_at_constant_rate : float
        Share of the start that is left at the end, and that would be left at the largest rate throughout.
    half_life_steps : float
        Steps until half of the start is left; infinite where a schedule does not get there.
    timescale_steps : float
        T over the sum of the decays of all steps, 1/epsilon at a constant rate; infinite without decay.
    weight_by_age : tuple of float
        Share of the end's weight that the updates of each tenth of the run have, the last tenth first; with `retained`
        they are 1. Empty without decay, where nothing is forgotten.
    median_age_steps : float or None
        Of the updates' share half is younger.
    steps_to_rest : float
        Steps until 1 % is left of the distance of the mean square from its rest.
    """

    total_steps: int
    per_step_decay_mean: float
    per_step_decay_last: float
    retained: float
    retained_at_constant_rate: float
    half_life_steps: float
    timescale_steps: float
    weight_by_age: tuple[float, ...]
    median_age_steps: float | None
    steps_to_rest: float


def of(setting: Setting, coefficient: float | None = None) -> Course:
    """Follow a weight through the run of a setting.

    Parameters
    ----------
    setting : Setting
        Checked, and with a length.
    coefficient : float, optional
        Decay per step over the rate, in place of the setting's `pull`.

    Examples
    --------
    >>> adamw = Setting(eta=3e-4, weight_decay=0.1, optimiser="adamw", steps=100_000)
    >>> round(of(adamw).retained, 4), round(of(adamw).timescale_steps)
    (0.0498, 33333)
    """
    total = setting.total_steps
    if total is None:
        raise ValueError("a run without a length has no course")
    decay = setting.pull if coefficient is None else coefficient
    if decay == 0:
        return _without_decay(total)
    if setting.through:
        return _through_momentum(setting, decay, total)
    return _scheduled(setting, decay, total) if setting.scheduled else _constant(setting.eta * decay, total)


def decays(setting: Setting, coefficient: float) -> np.ndarray:
    """Give the decay of each step of a run, without momentum: the rate times the coefficient, each by its schedule.

    An absolute decay does not follow the learning rate.

    Returns
    -------
    array [total_steps] float64
    """
    return rate_factors(setting, of_decay=True) * _of_decay(setting) * (setting.eta * coefficient)


def rate_factors(setting: Setting, of_decay: bool = False) -> np.ndarray:
    """Give the schedule's factor on eta in each step of a run; for a decay those that it follows.

    Returns
    -------
    array [total_steps] float64
    """
    schedule, total = setting.eta_schedule, setting.total_steps or 0
    if schedule is None or (of_decay and setting.absolute_decay is not None):
        return np.ones(total)
    return schedule.factors(total)


def removed(setting: Setting, coefficient: float) -> np.ndarray | float:
    """Give the same with the momentum there is, its velocity settled at each step's rate; a number if constant."""
    each = decays(setting, coefficient) if setting.scheduled else setting.eta * coefficient
    return rates.settled(each, setting.through, setting.nesterovs) if setting.through else each


def log_left(setting: Setting, coefficient: float) -> np.ndarray:
    """Give the logarithm of what is left of a weight after 0, 1, ..., T steps of decay that goes through no momentum.

    Returns
    -------
    array [total_steps + 1] float64
        -inf from the step on that removes all.
    """
    with np.errstate(divide="ignore"):
        return np.concatenate([[0.0], np.cumsum(np.log1p(-decays(setting, coefficient)))])


def path(setting: Setting, coefficient: float, steps: int | None = None) -> np.ndarray:
    """Make the steps of PyTorch's SGD on a weight of 1 without gradient, its velocity 0 at the start.

    Returns
    -------
    array [steps + 1] float64
        The weight.
    """
    mu, nesterov = setting.through, setting.nesterovs
    etas, pulls = _numbers(setting, coefficient, steps)
    weight, velocity, weights = 1.0, 0.0, [1.0]
    for eta, pull in zip(etas, pulls, strict=True):
        gradient = pull * weight
        velocity = mu * velocity + gradient
        weight -= eta * (gradient + mu * velocity if nesterov else velocity)
        weights.append(weight)
    return np.array(weights)


def end(setting: Setting, coefficient: float) -> float:
    """Give what `path` ends at, at a constant rate by its two modes."""
    total, epsilon = setting.total_steps or 0, setting.eta * coefficient
    found = rates.modes(epsilon, setting.through, setting.nesterovs)
    if not setting.scheduled and found is not None:
        return rates.left_from_rest(found, total)
    if setting.scheduled or total <= STEPPED:
        return float(path(setting, coefficient)[-1])
    return math.exp(total * math.log1p(-rates.settled(epsilon, setting.through, setting.nesterovs)))


def steps_to_factor(setting: Setting, factor: float) -> float:
    """Count the steps of a scheduled run until this much is left of a weight; infinite if that is never."""
    decay = setting.pull
    if not setting.through:
        return crossing(log_left(setting, decay), math.log(factor))
    with np.errstate(divide="ignore"):
        return crossing(np.log(np.abs(path(setting, decay))), math.log(factor))


def crossing(logs: np.ndarray, level: float) -> float:
    """Count the steps until a logarithm has fallen to a level, linear between two steps; infinite if it never does.

    Examples
    --------
    >>> crossing(np.array([0.0, -1.0, -2.0, -2.5]), -2.25)
    2.5
    """
    below = logs <= level
    if not below.any():
        return math.inf
    k = int(np.argmax(below))
    if k == 0:
        return 0.0
    step = logs[k] - logs[k - 1]
    return k - 1 + (float((level - logs[k - 1]) / step) if np.isfinite(step) else 0.0)


def _without_decay(total: int) -> Course:
    return Course(
        total_steps=total,
        per_step_decay_mean=0.0,
        per_step_decay_last=0.0,
        retained=1.0,
        retained_at_constant_rate=1.0,
        half_life_steps=math.inf,
        timescale_steps=math.inf,
        weight_by_age=(),
        median_age_steps=None,
        steps_to_rest=math.inf,
    )


def _constant(epsilon: float, total: int) -> Course:
    """Evaluate the closed forms of a constant decay of epsilon a step."""
    rate = -math.log1p(-epsilon)
    retained = math.exp(-rate * total)
    edges = np.array(_edges(total), np.float64)
    left = np.exp(-rate * (total - edges))
    return Course(
        total_steps=total,
        per_step_decay_mean=epsilon,
        per_step_decay_last=epsilon,
        retained=retained,
        retained_at_constant_rate=retained,
        half_life_steps=math.log(2) / rate,
        timescale_steps=1 / epsilon,
        weight_by_age=tuple(np.diff(left)[::-1].tolist()),
        # of 1 - R half is younger: q^age = (1 + R)/2
        median_age_steps=-math.log1p(math.expm1(-rate * total) / 2) / rate,
        steps_to_rest=-math.log(AT_REST) / 2 / rate,
    )


def _scheduled(setting: Setting, coefficient: float, total: int) -> Course:
    """Add up the logarithms of the factors of all steps."""
    each, logs = decays(setting, coefficient), log_left(setting, coefficient)
    coefficients = rate_factors(setting) * np.exp(logs[-1] - logs[1:])
    retained = math.exp(logs[-1])
    shares, age = _by_age(coefficients, retained)
    return Course(
        total_steps=total,
        per_step_decay_mean=float(each.mean()),
        per_step_decay_last=float(each[-1]),
        retained=retained,
        retained_at_constant_rate=math.exp(total * math.log1p(-setting.eta * coefficient)),
        half_life_steps=crossing(logs, -math.log(2)),
        timescale_steps=total / float(each.sum()),
        weight_by_age=shares,
        median_age_steps=age,
        steps_to_rest=crossing(2 * logs, math.log(AT_REST)),
    )


def _through_momentum(setting: Setting, coefficient: float, total: int) -> Course:
    """Make the steps, forwards for the weight and backwards for what each update is worth at the end.

    A run at a constant rate is the sum of its two modes; its last updates together are worth what a weight loses in so
    many steps from rest. Where weights oscillate times are those of the envelope.
    """
    epsilon, mu, nesterov = setting.eta * coefficient, setting.through, setting.nesterovs
    slow, found = rates.settled(epsilon, mu, nesterov), rates.modes(epsilon, mu, nesterov)
    if not setting.scheduled and found is not None:
        return _of_modes(found, slow, epsilon, setting, total)
    if not setting.scheduled and total > STEPPED:
        return _constant(slow, total)
    weights = path(setting, coefficient)
    retained = float(weights[-1])
    shares, age = _by_age(_worth(setting, coefficient), retained)
    each = np.broadcast_to(removed(setting, coefficient), (total,))
    if bool(np.any(rates.oscillating(decays(setting, coefficient), mu, nesterov))):
        logs = np.concatenate([[0.0], np.cumsum(np.log1p(-each))])  # the envelope's
    else:
        with np.errstate(divide="ignore"):
            logs = np.log(np.abs(weights))
    half, rest = crossing(logs, -math.log(2)), crossing(2 * logs, math.log(AT_REST))
    even = retained
    if setting.scheduled:
        even = float(path(_at_constant_rate(setting), coefficient)[-1])
    else:  # beyond the run it goes on as it does at the end
        rate = -math.log1p(-slow)
        half = half if half <= total else total + (float(logs[-1]) + math.log(2)) / rate
        rest = rest if rest <= total else total + (float(logs[-1]) - math.log(AT_REST) / 2) / rate
    return Course(
        total_steps=total,
        per_step_decay_mean=float(each.mean()),
        per_step_decay_last=float(each[-1]),
        retained=retained,
        retained_at_constant_rate=even,
        half_life_steps=half,
        timescale_steps=total / float(each.sum()),
        weight_by_age=shares,
        median_age_steps=age,
        steps_to_rest=rest,
    )


def _of_modes(found: tuple[float, float, float], slow: float, epsilon: float, setting: Setting, total: int) -> Course:
    """Add up the two modes of a run at a constant rate."""

    def until(level: float) -> float:
        return rates.steps_from_rest(epsilon, setting.through, setting.nesterovs, level) or 0.0

    retained = rates.left_from_rest(found, total)
    left = [rates.left_from_rest(found, total - edge) for edge in _edges(total)]
    return Course(
        total_steps=total,
        per_step_decay_mean=slow,
        per_step_decay_last=slow,
        retained=retained,
        retained_at_constant_rate=retained,
        half_life_steps=until(0.5),
        timescale_steps=1 / slow,
        weight_by_age=tuple(np.diff(left)[::-1].tolist()),
        median_age_steps=until((1 + retained) / 2),
        steps_to_rest=until(math.sqrt(AT_REST)),
    )


def _worth(setting: Setting, coefficient: float) -> np.ndarray:
    """Give what a gradient of -1 in each step adds to the weight at the end: the steps of `path`, backwards."""
    mu, nesterov = setting.through, setting.nesterovs
    etas, pulls = _numbers(setting, coefficient, None)
    of_velocity, of_weight, found = 0.0, 1.0, []
    for eta, pull in zip(reversed(etas), reversed(pulls), strict=True):
        if nesterov:
            gradient, of_velocity = of_velocity - eta * (1 + mu) * of_weight, mu * (of_velocity - eta * mu * of_weight)
        else:
            gradient = of_velocity - eta * of_weight
            of_velocity = mu * gradient
        of_weight += pull * gradient
        found.append(-gradient)
    return np.array(found[::-1])


def _by_age(coefficients: np.ndarray, retained: float) -> tuple[tuple[float, ...], float | None]:
    """Share 1 - `retained` out in proportion to the updates' coefficients: tenths, the last first; the median age."""
    total = len(coefficients)
    younger = np.concatenate([[0.0], np.cumsum(coefficients[::-1])])
    if not younger[-1] > 0:
        return (), None
    younger /= younger[-1]
    ages = [total - edge for edge in _edges(total)][::-1]
    shares = np.diff(younger[ages]) * (1 - retained)
    return tuple(shares.tolist()), crossing(-younger, -0.5)


def _edges(total: int) -> list[int]:
    """Give the steps at which the parts of a run begin, and its end."""
    parts = min(PARTS, total)
    return [part * total // parts for part in range(parts + 1)]


def _of_decay(setting: Setting) -> np.ndarray:
    total = setting.total_steps or 0
    return np.ones(total) if setting.lmbda_schedule is None else setting.lmbda_schedule.factors(total, "lmbda_schedule")


def _numbers(setting: Setting, coefficient: float, steps: int | None) -> tuple[list[float], list[float]]:
    """Give the rate and the coefficient of each step."""
    if steps is not None and not setting.scheduled:
        return [setting.eta] * steps, [coefficient] * steps
    etas = (setting.eta * rate_factors(setting))[:steps]
    pulls = (coefficient * _of_decay(setting))[:steps]
    return etas.tolist(), pulls.tolist()


def _at_constant_rate(setting: Setting) -> Setting:
    return dataclasses.replace(setting, eta_schedule=None, lmbda_schedule=None)
