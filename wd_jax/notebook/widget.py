"""The widget's values on Python's side, each checked when it is set."""

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets
import xarray as xr

from wd_jax import display
from wd_jax.notebook import module, piece
from wd_jax.notebook import setting as allowed
from wd_jax.notebook.nearest import nearest


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

    def __init__(self, runs: xr.Dataset, state: Mapping[str, Any], values: bytes) -> None:
        self.runs = runs
        super().__init__(_esm=module.esm(), values=values, **state)

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

    def as_html(self) -> piece.Piece:
        """Give a piece of HTML that works without Jupyter, as it stands now; it asks the network for nothing."""
        names = (*allowed.NUMBERS, "layer", "choices", "given")
        return piece.html({name: getattr(self, name) for name in names}, self.values)

    def __repr__(self) -> str:
        """Say where it stands."""
        stands = ", ".join(f"{name}={display.number(value)}" for name, value in self.setting.items())
        return f"Explorer({stands}); has .setting, .nearest, .measured and .as_html()"

    @traitlets.validate(*allowed.NUMBERS)
    def _number(self, proposal: Any) -> Any:
        return _refusing(allowed.number, self.given, proposal["trait"].name, proposal["value"])

    @traitlets.validate("layer")
    def _layer(self, proposal: Any) -> int:
        there = [layer["value"] for layer in self.given["layers"]]
        return _refusing(allowed.one_of, "layer", proposal["value"], there)

    @traitlets.validate("choices")
    def _choices(self, proposal: Any) -> dict[str, Any]:
        return _refusing(allowed.choices, self.given, self.choices, proposal["value"])


def _refusing(check: Callable[..., Any], *given: Any) -> Any:
    """Refuse as traitlets do."""
    try:
        return check(*given)
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None
