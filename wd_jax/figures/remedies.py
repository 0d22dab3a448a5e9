"""What to do about a sweep that a figure cannot be drawn from: as typed in a shell, and as called in Python."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wd_jax.engine.probes.probe import Switch


@dataclass(frozen=True)
class Remedies:
    """How a remedy is worded.

    Parameters
    ----------
    run : callable
        Options of a sweep -> the sweep that would do.
    choose : callable
        Values by axis -> how one of each is chosen.
    again : callable
        The switch of a probe -> how it is measured.
    """

    run: Callable[[str], str]
    choose: Callable[[Mapping[str, Sequence[object]]], str]
    again: "Callable[[Switch], str]"


def call(example: str) -> str:
    """Write the options of a sweep as a call.

    Examples
    --------
    >>> call("--init gaussian fan_in --lmbda 5 --seeds 8 --epochs 240")
    "wd.sweep(setup, data, init=['gaussian', 'fan_in'], lmbda=5, seeds=8, epochs=240)"
    """
    given: dict[str, list[str]] = {}
    for word in shlex.split(example):
        if word.startswith("--"):
            given[word.removeprefix("--").replace("-", "_")] = []
        else:
            given[next(reversed(given))].append(_written(word))
    words = {name: values[0] if len(values) == 1 else f"[{', '.join(values)}]" for name, values in given.items()}
    return f"wd.sweep(setup, data, {', '.join(f'{name}={value}' for name, value in words.items())})"


def _written(word: str) -> str:
    """Write a value as Python reads it."""
    try:
        float(word)
    except ValueError:
        return repr(word)
    return word


def _typed_choice(held: Mapping[str, Sequence[object]]) -> str:
    return "choose with --at " + " ".join(f"{axis}={shown(values[0])}" for axis, values in held.items())


def _called_choice(held: Mapping[str, Sequence[object]]) -> str:
    first = {axis: repr(str(v[0])) if isinstance(v[0], str) else shown(v[0]) for axis, v in held.items()}
    return f"choose with runs.sel({', '.join(f'{axis}={value}' for axis, value in first.items())})"


def _called_again(switch: "Switch") -> str:
    asked = f"{switch.option}={switch.given!r}"
    if switch.given is True:
        return f"run the sweep again with probes=wd.Probes({asked})"
    return f"run the sweep again without {asked} in wd.Probes"


def shown(value: object) -> str:
    """Write a value of an axis in few characters.

    Examples
    --------
    >>> shown(0.5), shown("fan_in")
    ('0.5', 'fan_in')
    """
    return str(value) if isinstance(value, str) else f"{value:g}"


SHELL = Remedies(lambda example: f"run `wd-jax sweep {example} --out RUN`", _typed_choice, lambda switch: switch.remedy)
PYTHON = Remedies(lambda example: f"run {call(example)}", _called_choice, _called_again)
