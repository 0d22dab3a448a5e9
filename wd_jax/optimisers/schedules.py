"""``wd.schedules``: how the learning rate, or the decay, changes over a run.

``wd.Setup(eta_schedule=wd.schedules.cosine())``, or by its words, ``eta_schedule="cosine"``. eta and lmbda are then the
largest values of the run, and stay axes; a schedule is the factor on one of them, step k = 0, 1, ... of the run. A
duration is a number of steps where it is whole, as ``100``, and a share of the run where it has a point, as ``0.1``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wd_jax.inputs import checks
from wd_jax.optimisers.schedule import Schedule, no_lengths, refuse

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Schedule", "constant", "cosine", "inverse_time", "linear", "of_optax", "warm_up", "wsd"]

Duration = int | float
"""Steps, a whole number, or a share of the run, 0.0 to 1.0."""


def constant() -> Schedule:
    """Give the schedule that changes nothing.

    Examples
    --------
    >>> constant().factors(3)
    array([1., 1., 1.])
    """
    import numpy as np

    return Schedule("constant", lambda steps, total: np.ones_like(steps))


def linear(end: float = 0.0, over: Duration = 1.0) -> Schedule:
    """Fall in equal steps, 1 - (1 - end) k/T, and stay at the end.

    Parameters
    ----------
    end : float
        Factor after `over`, 0 to 1: at 0 the last step is one T-th.
    over : int or float
        Its length T: steps, or a share of the run.

    Examples
    --------
    >>> linear(end=0.5, over=2).factors(4)
    array([1.  , 0.75, 0.5 , 0.5 ])
    """
    return _falling("linear", end, over, lambda x: 1 - x)


def cosine(end: float = 0.0, over: Duration = 1.0) -> Schedule:
    """Fall along half a cosine wave, end + (1 - end) (1 + cos(pi k/T))/2, and stay at the end.

    Parameters
    ----------
    end : float
        Factor after `over`, 0 to 1.
    over : int or float
        Its length T: steps, or a share of the run.

    Examples
    --------
    >>> cosine().factors(2)
    array([1. , 0.5])
    """
    import numpy as np

    return _falling("cosine", end, over, lambda x: (1 + np.cos(math.pi * x)) / 2)


def wsd(warm_up: Duration = 0.1, cool_down: Duration = 0.2, end: float = 0.0) -> Schedule:
    """Warm up from 0 in equal steps, stay, and cool down in equal steps.

    Parameters
    ----------
    warm_up, cool_down : int or float
        Length of the first and of the last part: steps, or a share of the run; 0 for none.
    end : float
        Factor that the cool-down goes to, 0 to 1.

    Examples
    --------
    >>> wsd(warm_up=2, cool_down=2).factors(6)
    array([0. , 0.5, 1. , 1. , 1. , 0.5])
    """
    import numpy as np

    first, last = _duration("warm_up", warm_up, least=0), _duration("cool_down", cool_down, least=0)
    end = _share("end", end)

    def lengths(total: int) -> dict[str, float]:
        rise, fall = _steps(first, total), _steps(last, total)
        if rise + fall > total:
            raise ValueError(
                f"warm_up and cool_down take {rise + fall} of the run's {total} steps: shorten them, or train longer"
            )
        return {"warmup_steps": rise, "stable_steps": total - rise - fall, "cooldown_steps": fall}

    def shape(steps: np.ndarray, total: int) -> np.ndarray:
        rise, stable, fall = lengths(total).values()
        down = (steps - rise - stable) / max(fall, 1)
        falling = np.where(down > 0, 1 - (1 - end) * down, 1.0)
        return np.where(steps < rise, steps / max(rise, 1), falling)

    said = _said(warm_up=(first, 0.1), cool_down=(last, 0.2), end=(end, 0.0))
    return Schedule(f"wsd{said}", shape, lengths=lengths if end == 0 else no_lengths)


def inverse_time(halved_after: Duration = 0.1) -> Schedule:
    """Fall as 1/(1 + k/t_c): half is left after t_c steps, and a third after 2 t_c.

    Parameters
    ----------
    halved_after : int or float
        t_c: steps, or a share of the run.

    Examples
    --------
    >>> inverse_time(halved_after=2).factors(3).round(3)
    array([1.   , 0.667, 0.5  ])
    """
    after = _duration("halved_after", halved_after)
    return Schedule(
        f"inverse_time{_said(halved_after=(after, 0.1))}",
        lambda steps, total: 1 / (1 + steps / max(1, _steps(after, total))),
        lengths=lambda total: {"total_steps": total, "t_c": max(1, _steps(after, total))},
    )


def warm_up(length: Duration, then: Schedule | str = "constant", start: float = 0.0) -> Schedule:
    """Rise in equal steps, start + (1 - start) k/T, and follow another schedule over the rest of the run.

    Parameters
    ----------
    length : int or float
        T: steps, or a share of the run.
    then : Schedule or str
        What follows; its shares are those of the rest.
    start : float
        Factor of the first step, 0 to 1: at 0 the first step does not learn.

    Examples
    --------
    >>> warm_up(2, then=cosine()).factors(4)
    array([0. , 0.5, 1. , 0.5])
    """
    import numpy as np

    rise, start, rest = _duration("length", length), _share("start", start), chosen("then", then)

    def shape(steps: np.ndarray, total: int) -> np.ndarray:
        first = _steps(rise, total)
        if first >= total:
            raise ValueError(f"the warm-up takes {first} steps and the run has {total}: shorten it, or train longer")
        later = rest.shape(np.arange(total - first, dtype=np.float64), total - first)
        rising = start + (1 - start) * np.arange(first) / max(first, 1)
        return np.concatenate([rising, later])[steps.astype(np.int64)]

    said = [_number(rise), *([f"then={rest.words}"] * (not rest.constant)), *([f"start={start!r}"] * (start != 0))]
    return Schedule(f"warm_up({', '.join(said)})", shape, own=rest.own)


def of_optax(schedule: Callable[[Any], Any], name: str = "") -> Schedule:
    """Take the shape of any function of the step's number, such as one of optax's schedules.

    Its value over the largest of the run is the factor: eta, or lmbda, is what the largest one is. To take the
    values too, ``wd.sweep(..., eta=schedule)``.

    Parameters
    ----------
    schedule : callable
        Number of the step, 0 at first -> value, not negative.
    name : str
        As a result calls it; that of the function unless told. Give different schedules different names.

    Raises
    ------
    TypeError
        For what is no function.

    Examples
    --------
    >>> import optax
    >>> of_optax(optax.linear_schedule(0.3, 0.0, transition_steps=4)).factors(4)
    array([1.  , 0.75, 0.5 , 0.25])
    """
    import numpy as np

    if not callable(schedule) or isinstance(schedule, Schedule | type):
        raise TypeError(f"schedule={checks.shown(schedule)}: give a function of the step's number, value = schedule(k)")
    if getattr(schedule, "__hash__", None) is None:
        raise TypeError(f"schedule={checks.shown(schedule)}: it has no hash: give a function, lambda k: schedule(k)")
    called = name or getattr(schedule, "__name__", "")
    if not isinstance(called, str) or (name and not name.isidentifier()):
        raise ValueError(f"name={checks.shown(name)}: give a schedule a name such as 'my_schedule'")

    def shape(steps: np.ndarray, total: int) -> np.ndarray:
        values = evaluated(schedule, total)
        refuse(values)
        return (values / values.max())[steps.astype(np.int64)]

    return Schedule(f"of_optax({called if called.isidentifier() else 'function'})", shape, own=schedule)


def evaluated(function: Callable[[Any], Any], total: int) -> np.ndarray:
    """Give a function's value at each step of a run, in float64, also inside of a program that JAX traces.

    All at once where the function can do that, which is told from a few single steps.

    Raises
    ------
    ValueError
        For a function that gives no number.
    """
    import jax
    import numpy as np

    with jax.ensure_compile_time_eval(), jax.enable_x64(True):

        def at(step: int) -> float:
            try:
                return float(function(step))
            except Exception as error:  # whatever a user's function does
                said = next(iter(str(error).splitlines()), "") or type(error).__name__
                raise ValueError(f"its value at step {step} is no number ({said}): give one for each step") from error

        some = sorted({0, 1, total // 3, total // 2, total - 1} & set(range(total)))
        single = np.array([at(step) for step in some])
        try:
            found = np.asarray(function(np.arange(total)), np.float64)
            if found.shape == (total,) and np.array_equal(found[some], single, equal_nan=True):
                return found
        except Exception:  # a function of one step, with an if in it for example
            pass
        return np.array([at(step) for step in range(total)])


def chosen(name: str, given: Any) -> Schedule:
    """Give a schedule that was given as a value or by its words.

    Raises
    ------
    ValueError
        For words that are none, with what there is.
    TypeError
        For anything else; a function of the step is answered with the two ways to give it.
    """
    from wd_jax.optimisers import schedule_words

    if isinstance(given, Schedule):
        return given
    if isinstance(given, str):
        return schedule_words.read(name, given)
    if given in (constant, linear, cosine, wsd, inverse_time, warm_up):
        raise TypeError(f"{name}={given.__name__}: that is a function: call it, {name}=wd.schedules.{given.__name__}()")
    if callable(given):
        own = name.removesuffix("_schedule")
        raise TypeError(
            f"{name}={checks.shown(given)}: give wd.schedules.of_optax({checks.shown(given)}) for its shape, with "
            f"{own} for its largest value; or its values themselves, wd.sweep(..., {own}=schedule)"
        )
    raise TypeError(f"{name}={checks.shown(given)}: give a schedule, such as 'cosine' or wd.schedules.cosine(end=0.1)")


def _falling(name: str, end: float, over: Duration, fall: Callable[[np.ndarray], np.ndarray]) -> Schedule:
    """Make a schedule that falls from 1 to an end, and stays there."""
    import numpy as np

    length, end = _duration("over", over), _share("end", end)

    def shape(steps: np.ndarray, total: int) -> np.ndarray:
        there = np.minimum(steps / max(1, _steps(length, total)), 1.0)
        return np.where(there < 1, end + (1 - end) * fall(there), end)

    def lengths(total: int) -> dict[str, float]:
        steps = max(1, _steps(length, total))
        return {"total_steps": steps} if end == 0 and steps <= total else {}

    return Schedule(f"{name}{_said(end=(end, 0.0), over=(length, 1.0))}", shape, lengths=lengths)


def _steps(duration: Duration, total: int) -> int:
    """Give a duration in steps."""
    return duration if isinstance(duration, int) else round(duration * total)


def _duration(name: str, given: Any, least: int = 2) -> Duration:
    """Give steps as an int and a share of the run as a float; refuse 1, which may mean either."""
    if checks.whole(given):
        if given == 1:
            raise ValueError(f"{name}=1: write 1.0 for the whole run; a duration in steps is 2 or more")
        if given >= least:
            return int(given)
        raise ValueError(f"{name}={given}: give a whole number of steps, {least} or more, or a share of the run as 0.1")
    share = checks.number(name, given)
    if not (0 <= share <= 1) or (share == 0 and least):
        remedy = f"; {share:.0f} steps are written without a point" if share > 1 and share.is_integer() else ""
        raise ValueError(f"{name}={share:g}: give a share of the run, above 0 and up to 1.0, or whole steps{remedy}")
    return share


def _share(name: str, given: Any) -> float:
    """Give a factor of 0 to 1."""
    value = checks.number(name, given)
    if not 0 <= value <= 1:
        raise ValueError(f"{name}={value:g}: give a factor of 0 to 1; the largest of a run is 1, and eta says its size")
    return value


def _number(value: Duration) -> str:
    return repr(value)


def _said(**numbers: tuple[Duration, Duration]) -> str:
    """Word what is not so by default: ``(end=0.1)``; 1 step and the share 1.0 are not the same."""
    other = [
        f"{name}={_number(value)}"
        for name, (value, default) in numbers.items()
        if value != default or type(value) is not type(default)
    ]
    return f"({', '.join(other)})" if other else ""
