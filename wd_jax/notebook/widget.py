"""The widget's values on Python's side, each checked when it is set."""

import math
from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets
import xarray as xr

from wd_jax.display import number
from wd_jax.notebook import module, page
from wd_jax.notebook.given import Given, opening
from wd_jax.notebook.nearest import nearest

NUMBERS = ("lmbda", "eta", "momentum", "batch_size")


class Explorer(anywidget.AnyWidget):
    """Sliders over the settings of a sweep; `wd_jax.notebook.explorer` makes it.

    Attributes
    ----------
    lmbda, eta, momentum : float
        Where the sliders stand; any possible value may be set. None where there is no slider.
    batch_size : int
        The same.
    layer : int
        Which layer is shown.
    choices : dict
        A value of the sweep for each axis without a slider: ``shown.choices = {"init": "fan_in"}``.
    runs : xarray.Dataset
        The sweep.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    given = traitlets.Dict().tag(sync=True)
    values = traitlets.Bytes().tag(sync=True)
    lmbda = traitlets.Float(None, allow_none=True).tag(sync=True)
    eta = traitlets.Float(None, allow_none=True).tag(sync=True)
    momentum = traitlets.Float(None, allow_none=True).tag(sync=True)
    batch_size = traitlets.Int(None, allow_none=True).tag(sync=True)
    layer = traitlets.Int().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)

    def __init__(self, runs: xr.Dataset, found: Given, setting: Mapping[str, Any]) -> None:
        facts = found.facts | module.shared_data()
        self.runs = runs
        opened = _opened(facts, setting)
        super().__init__(_esm=module.esm(), given=facts, values=found.values.tobytes(), **opened)

    @property
    def setting(self) -> dict[str, Any]:
        """Where everything stands, by the names that `wd_jax.sweep` has for it."""
        numbers = {slider["axis"]: getattr(self, slider["axis"]) for slider in self.given["sliders"]}
        return {**numbers, **self.choices, "layer": self.layer}

    @property
    def nearest(self) -> dict[str, Any]:
        """The measured value of each axis whose band is shown: ``runs.sel(shown.nearest)`` are its runs."""
        return nearest(self.given["axes"], self.setting)

    @property
    def measured(self) -> xr.Dataset:
        """The runs whose band is shown."""
        return self.runs.sel(self.nearest)

    def as_html(self) -> str:
        """Give a piece of HTML that works without Jupyter, as it stands now; it asks the network for nothing."""
        state = {name: getattr(self, name) for name in (*NUMBERS, "layer", "choices", "given")}
        return page.html(state, self.values)

    def __repr__(self) -> str:
        """Say where it stands."""
        stands = ", ".join(f"{name}={number(value)}" for name, value in self.setting.items())
        return f"Explorer({stands}); has .setting, .nearest, .measured and .as_html()"

    @traitlets.validate("lmbda", "eta", "momentum", "batch_size")
    def _number(self, proposal: Any) -> Any:
        return _checked(self.given, proposal["trait"].name, proposal["value"])

    @traitlets.validate("layer")
    def _layer(self, proposal: Any) -> int:
        return _one_of("layer", proposal["value"], [layer["value"] for layer in self.given["layers"]])

    @traitlets.validate("choices")
    def _choices(self, proposal: Any) -> dict[str, Any]:
        return _chosen(self.given, self.choices, proposal["value"])


def _opened(facts: Mapping[str, Any], setting: Mapping[str, Any]) -> dict[str, Any]:
    """Put what is asked for in place of the first of each, checked."""
    opened = opening(facts)
    chosen = {name: value for name, value in setting.items() if name in facts["lists"]}
    for name, value in setting.items():
        if name in NUMBERS:
            opened[name] = _checked(facts, name, value)
        elif name == "layer":
            opened["layer"] = _one_of("layer", value, [layer["value"] for layer in facts["layers"]])
        elif name not in chosen:
            there = [*(slider["axis"] for slider in facts["sliders"]), *facts["lists"], "layer"]
            raise ValueError(f"explorer: {name}={value!r}: the sweep has no such setting: it has {', '.join(there)}")
    return opened | {"choices": _chosen(facts, opened["choices"], chosen)}


def _checked(facts: Mapping[str, Any], name: str, value: Any) -> Any:
    """Refuse a number that no run could have; None is where there is no slider."""
    there = name in [slider["axis"] for slider in facts.get("sliders", ())]
    if not there and value is not None:
        raise traitlets.TraitError(f"{name}={value!r}: the sweep's runs have no {name} that moves anything")
    if not there:
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
        raise traitlets.TraitError(f"{name}={value!r}: give {asked}")
    return int(value) if name == "batch_size" else float(value)


def _one_of(name: str, value: Any, there: list[Any]) -> Any:
    """Refuse what the sweep does not have."""
    if value not in there:
        raise traitlets.TraitError(f"{name}={value!r}: the sweep has {', '.join(map(repr, there))}")
    return value


def _chosen(facts: Mapping[str, Any], before: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Put some choices in place of those before, each one that the sweep has."""
    values = {axis["name"]: axis["values"] for axis in facts.get("axes", ())}
    if unknown := [name for name in asked if name not in facts.get("lists", ())]:
        raise traitlets.TraitError(
            f"choices: no {unknown[0]}; the sweep has {', '.join(facts.get('lists', ())) or 'none'}"
        )
    return {**before, **{name: _one_of(name, value, values[name]) for name, value in asked.items()}}
