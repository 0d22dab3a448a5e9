"""What decay gives what is wanted: ``want="timescale=0.2"`` solved under the run's schedule.

Closed where a form is: the timescale without momentum, and the half-life and what is left at a constant rate. Else the
root of the very function that the answer prints, in a bracket, to 1e-12.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wd_jax.inputs import checks
from wd_jax.predictions import course, rates, rest, roots
from wd_jax.predictions.language import PYTHON, Language
from wd_jax.predictions.setting import Setting

WANTS = {
    "timescale": "a share of the run, such as 0.2",
    "half_life": "a number of epochs, of steps where there are no epochs, such as 5",
    "retained": "what is to be left of the start, such as 0.1",
    "rms_at_rest": "a size of weights, such as 0.02",
}
FOR_LEFT = "decay_under_schedule.weight_decay_for_left_constant"
LEAST, MOST = 1e-20, 1 - 1e-12
"""Decays per step between which a root is looked for."""


@dataclass(frozen=True)
class Want:
    """What the decay is to do.

    Parameters
    ----------
    name : str
        One of `WANTS`.
    value : float
        Of it.

    Examples
    --------
    >>> read("half-life=5")
    Want(name='half_life', value=5.0)
    """

    name: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Solved:
    """The decay that does it.

    Attributes
    ----------
    want : Want
        What was asked.
    unit : str
        Of its value: "share of the run", "epochs", "steps", or "1".
    weight_decay : float
        As AdamW takes it.
    how : str
        "closed form" or "bracketed root".
    formula : str
        The derivation's, or what the root is of.
    """

    want: Want
    unit: str
    weight_decay: float
    how: str
    formula: str


def read(given: Any, name: str = "want") -> Want:
    """Read ``"timescale=0.2"``, or ``{"timescale": 0.2}``.

    Raises
    ------
    ValueError
        For what is none of `WANTS`, in one line.
    """
    listed = ", ".join(f"{one}=VALUE" for one in WANTS)
    if isinstance(given, Want):
        return given
    if isinstance(given, Mapping):
        if len(given) != 1:
            raise ValueError(f"{name}={checks.shown(given)}: give one: one decay cannot do two things")
        ((asked, value),) = given.items()
    elif isinstance(given, str):
        asked, equals, text = given.partition("=")
        if not equals or "=" in text:
            raise ValueError(f"{name}={checks.shown(given)}: give one of {listed}")
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"{name}={checks.shown(given)}: {text.strip()!r} is not a number: give one") from None
    else:
        raise ValueError(f"{name}={checks.shown(given)}: give one of {listed}, as a text or a dict")
    key = str(asked).strip().replace("-", "_")
    if key not in WANTS:
        raise ValueError(f"{name}={checks.shown(given)}: {key!r} is none of those there are: give one of {listed}")
    number = checks.number(f"{name} {key}", value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name}={key}={number:g}: give {WANTS[key]}, above 0")
    if key == "retained" and number >= 1:
        raise ValueError(
            f"{name}=retained={number:g}: a decay leaves less than all of the start: give a number below 1"
        )
    return Want(key, number)


def solve(setting: Setting, want: Want, language: Language = PYTHON) -> Solved:
    """Find the decay.

    Parameters
    ----------
    setting : Setting
        Checked, without a decay.
    want : Want
        What it is to do.
    language : Language
        In which a refusal names the arguments.

    Raises
    ------
    ValueError
        Where no decay does it, saying why.

    Examples
    --------
    >>> adamw = Setting(eta=3e-4, optimiser="adamw", steps=100_000)
    >>> round(solve(adamw, Want("timescale", 0.2)).weight_decay, 6)
    0.166667
    """
    said = f"{language.name('want')}={language.name(want.name).removeprefix('--')}={want.value:g}"
    if want.name != "rms_at_rest" and not (want.name == "half_life" and not setting.scheduled):
        _needs_a_run(setting, said, language)
    # A decay alone has no spelling yet; as a weight_decay of 0 it does not change what is asked.
    trial = dataclasses.replace(setting, weight_decay=0.0)
    ways = {"timescale": _timescale, "half_life": _half_life, "retained": _retained, "rms_at_rest": _rms}
    found = ways[want.name](trial, want, said, language)
    return dataclasses.replace(found, weight_decay=found.weight_decay * setting.divisor)


def _timescale(setting: Setting, want: Want, said: str, language: Language) -> Solved:
    """T over the sum of all decays is the value times T."""
    unit, needed = "share of the run", 1 / want.value
    if not setting.through:
        sum_of_rates = _sum(course.decays(setting, 1.0)) if setting.scheduled else setting.eta * _steps(setting)
        found = needed / sum_of_rates
        _possible(setting, found * setting.eta, said)
        return _closed(want, unit, found, "decay_under_schedule.weight_decay_for_tau")
    if not setting.scheduled:
        each = needed / _steps(setting)
        slowest = _fastest(setting)
        if each > slowest:
            raise ValueError(f"{said}: {_no_faster(setting, slowest, language)}")
        found = _epsilon_of_settled(each, setting.through, setting.nesterovs) / setting.eta
        return _closed(want, unit, found, "momentum.slow_root, read backwards")
    return _root(
        setting, want, unit, lambda decay: math.log(_sum(course.removed(setting, decay)) / needed), said, language
    )


def _half_life(setting: Setting, want: Want, said: str, language: Language) -> Solved:
    """Half of a weight is left after so many steps, from a velocity of 0."""
    each = setting.steps_per_epoch
    unit, steps = ("steps", want.value) if each is None else ("epochs", want.value * each)
    if not setting.through and not setting.scheduled:
        found = -math.expm1(-math.log(2) / steps)
        _possible(setting, found, said)
        return _closed(want, unit, found / setting.eta, f"{FOR_LEFT}, 1/2 left after so many steps")
    if setting.scheduled and steps > _steps(setting):
        raise ValueError(
            f"{said}: that is {steps:g} steps, and the run under a schedule has {_steps(setting)}: give a shorter one, "
            f"or {language.given('want', 'retained=0.6')} for what is left at its end"
        )

    def off(decay: float) -> float:
        if setting.scheduled and setting.through:
            weights = course.path(setting, decay, math.ceil(steps))
            with np.errstate(divide="ignore"):
                return math.log(2) + _between(np.log(np.maximum(weights, 1e-300)), steps)
        if setting.scheduled:
            return math.log(2) + _between(course.log_left(setting, decay), steps)
        halved = rates.steps_from_rest(setting.eta * decay, setting.through, setting.nesterovs)
        return math.inf if halved is None else math.log(halved / steps)

    return _root(setting, want, unit, off, said, language)


def _retained(setting: Setting, want: Want, said: str, language: Language) -> Solved:
    """So much of the start is left at the end."""
    level = math.log(want.value)
    if not setting.through and not setting.scheduled:
        found = -math.expm1(level / _steps(setting))
        return _closed(want, "1", found / setting.eta, FOR_LEFT)

    def off(decay: float) -> float:
        if setting.through:
            return math.log(max(course.end(setting, decay), 1e-300)) - level
        return float(course.log_left(setting, decay)[-1]) - level

    return _root(setting, want, "1", off, said, language)


def _rms(setting: Setting, want: Want, said: str, language: Language) -> Solved:
    """Noise alone holds the weights at this size, at the largest rate."""
    found = rest.of(setting, 1e-6 / setting.eta)
    if found.rms is None or found.rms[0] != found.rms[1]:
        two = "; Muon's size is known between two bounds only" if found.law == "muon" else ""
        raise ValueError(f"{said}: {found.why}{two}: give {language.name('optimiser')} adamw, lion or sign_momentum")

    def off(decay: float) -> float:
        size = rest.of(setting, decay).rms
        return math.log((size or (0.0, 0.0))[0] / want.value)

    least = rest.of(setting, MOST / setting.eta).rms
    if least is not None and want.value < least[0]:
        raise ValueError(
            f"{said}: a single update holds weights of {least[0]:.4g} even if a step removed all of the rest: lower "
            f"{language.name('eta')}"
        )
    return _root(setting, want, "1", off, said, language)


def _root(
    setting: Setting, want: Want, unit: str, off: Callable[[float], float], said: str, language: Language
) -> Solved:
    """Find where a function of the decay is 0 that falls, or grows, from one end of the bracket to the other."""
    high = (_largest(setting) if setting.through else MOST) / setting.eta
    low = LEAST / setting.eta
    try:
        found = roots.bracketed(off, low, high)
    except ValueError:
        if setting.through:
            raise ValueError(f"{said}: {_no_faster(setting, _fastest(setting), language)}") from None
        at = off(high)
        raise ValueError(
            f"{said}: no decay does that: at a step that removes all of a weight it is still {abs(at):.3g} away in its "
            "logarithm: ask for less"
        ) from None
    law = f"the {want.name} that is printed, to 1e-12"
    return Solved(want=want, unit=unit, weight_decay=found, how="bracketed root", formula=law)


def _closed(want: Want, unit: str, weight_decay: float, formula: str) -> Solved:
    return Solved(want=want, unit=unit, weight_decay=weight_decay, how="closed form", formula=formula)


def _possible(setting: Setting, epsilon: float, said: str) -> None:
    if not epsilon < 1:
        raise ValueError(
            f"{said}: a step would have to remove {epsilon:.4g} of each weight, more than there is: ask for a longer "
            "one, or train for more steps"
        )


def _needs_a_run(setting: Setting, said: str, language: Language) -> None:
    if setting.total_steps is None:
        how = f"{language.name('steps')}, {language.name('epochs')} or {language.name('tokens')}"
        raise ValueError(f"{said}: it is of a run, which has no length: give {how}")


def _largest(setting: Setting) -> float:
    """Give the decay per step without momentum beyond which weights oscillate."""
    mu = setting.through
    edge = ((1 - mu) / (1 + mu)) ** 2 if setting.nesterovs else (1 - math.sqrt(mu)) ** 2
    return edge * (1 - 1e-9)


def _fastest(setting: Setting) -> float:
    """Give the largest decay per step that momentum lets through before weights oscillate."""
    return rates.settled(_largest(setting), setting.through, setting.nesterovs)


def _no_faster(setting: Setting, fastest: float, language: Language) -> str:
    return (
        f"with a momentum of {setting.through:g} weights decay by at most {fastest:.4g} per step, and oscillate "
        f"beyond: ask for less, or lower {language.name('momentum')}"
    )


def _epsilon_of_settled(removed: float, momentum: float, nesterov: bool) -> float:
    """Give eta*lmbda/n from 1 - r: the quadratic of the roots, read backwards."""
    if nesterov:
        return removed * (1 - momentum - removed) / (1 - removed * (1 + momentum))
    return removed * (1 - momentum - removed) / (1 - removed)


def _between(logs: np.ndarray, steps: float) -> float:
    """Give a logarithm after a number of steps that need not be whole."""
    whole = min(int(steps), len(logs) - 1)
    more = min(whole + 1, len(logs) - 1)
    return float(logs[whole] + (steps - whole) * (logs[more] - logs[whole]))


def _steps(setting: Setting) -> int:
    return setting.total_steps or 0


def _sum(values: Any) -> float:
    return float(np.sum(values))
