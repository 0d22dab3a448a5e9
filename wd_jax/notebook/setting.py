"""The setting a widget stands at: what may be set, and what it opens with."""

import math
from collections.abc import Mapping
from typing import Any

NUMBERS = ("lmbda", "eta", "momentum", "batch_size")
"""What a slider may move; a model has None where there is no slider."""


def opened(facts: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of a model that opens: the first cell and the first layer, or what is asked for.

    Parameters
    ----------
    facts : mapping
        Of `wd_jax.notebook.given.Given`.
    asked : mapping
        By the names that `wd_jax.sweep` has, and ``layer``.

    Returns
    -------
    dict
        A number or None for each of `NUMBERS`, ``choices`` and ``layer``.

    Raises
    ------
    ValueError
        Naming what is no setting of the sweep, and what it has.
    """
    there = [*(slider["axis"] for slider in facts["sliders"]), *facts["lists"], "layer"]
    for name, value in asked.items():
        if name not in there:
            raise ValueError(f"explorer: {name}={value!r}: the sweep has no such setting: it has {', '.join(there)}")
    first, axes = facts["cells"][0], {axis["name"]: axis["values"] for axis in facts["axes"]}
    chosen = {name: axes[name][0] for name in facts["lists"]}
    layers = [layer["value"] for layer in facts["layers"]]
    try:
        return {
            **{name: number(facts, name, asked.get(name, first[name] if name in there else None)) for name in NUMBERS},
            "choices": choices(facts, chosen, {name: value for name, value in asked.items() if name in chosen}),
            "layer": one_of("layer", asked.get("layer", layers[0]), layers),
        }
    except ValueError as error:
        raise ValueError(f"explorer: {error}") from None


def number(facts: Mapping[str, Any], name: str, value: Any) -> Any:
    """Give a number that a run could have; None is where there is no slider.

    Raises
    ------
    ValueError
        For another one, naming what to give.

    Examples
    --------
    >>> number({"sliders": [{"axis": "eta"}]}, "eta", -1)
    Traceback (most recent call last):
        ...
    ValueError: eta=-1: give a number above 0
    """
    if name not in [slider["axis"] for slider in facts.get("sliders", ())]:
        if value is not None:
            raise ValueError(f"{name}={value!r}: the sweep's runs have no {name} that moves anything")
        return None
    good = isinstance(value, int | float) and math.isfinite(value)
    if name == "batch_size":
        most = min(cell["n"] for cell in facts["cells"])
        good, asked = good and value == int(value) and 1 <= value <= most, f"a whole number from 1 to {most}"
    elif name == "momentum":
        good, asked = good and 0 <= value < 1, "a number from 0 to below 1"
    elif name == "eta":
        good, asked = good and value > 0, "a number above 0"
    else:
        good, asked = good and value >= 0, "a number, 0 or above"
    if not good:
        raise ValueError(f"{name}={value!r}: give {asked}")
    return int(value) if name == "batch_size" else float(value)


def one_of(name: str, value: Any, there: list[Any]) -> Any:
    """Give a value that the sweep has.

    Examples
    --------
    >>> one_of("layer", 3, [1, 2])
    Traceback (most recent call last):
        ...
    ValueError: layer=3: the sweep has 1, 2
    """
    if value not in there:
        raise ValueError(f"{name}={value!r}: the sweep has {', '.join(map(repr, there))}")
    return value


def choices(facts: Mapping[str, Any], before: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Put some choices in place of those before, each one that the sweep has."""
    values = {axis["name"]: axis["values"] for axis in facts.get("axes", ())}
    lists = facts.get("lists", ())
    if unknown := [name for name in asked if name not in lists]:
        raise ValueError(f"choices: no {unknown[0]}; the sweep has {', '.join(lists) or 'none'}")
    return {**before, **{name: one_of(name, value, values[name]) for name, value in asked.items()}}
