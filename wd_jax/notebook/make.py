"""The door of the widget: what is checked before anything of Jupyter is loaded."""

import importlib.util
from typing import TYPE_CHECKING, Any

import xarray as xr

from wd_jax import siblings

if TYPE_CHECKING:
    from wd_jax.notebook.widget import Explorer


def explorer(runs: xr.Dataset, **setting: Any) -> "Explorer":
    """Show a sweep with sliders: the band that was measured beside the line of weights that only decay.

    The sliders stop at what was measured, and between. Where no run was made, the line is of the setting and the band
    of the nearest that was measured, and it says so. The formulas are those of the report's explorer, which the
    derivations print.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of `wd_jax.sweep`, over any axes.
    **setting
        What it opens with: ``lmbda=5``, ``layer=2``, or another axis of the sweep, as ``init="fan_in"``; the first
        of each by default.

    Returns
    -------
    Explorer
        A widget (anywidget, ipywidgets). Its values can be read and set: ``shown.lmbda = 5``.

    Raises
    ------
    ModuleNotFoundError
        If anywidget is missing.
    TypeError, ValueError
        In one line with the remedy, for what cannot be explored.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup = wd.Setup(widths=(16, 8, 4))
    >>> runs = wd.sweep(setup, wd.data.null(), lmbda=[1.0, 10.0], eta=0.1, seeds=2, epochs=3, progress=False)
    >>> shown = wd.notebook.explorer(runs, lmbda=10)  # doctest: +SKIP
    >>> shown.lmbda = 3  # doctest: +SKIP
    >>> shown.nearest  # doctest: +SKIP
    {'lmbda': 1.0}
    """
    siblings.check("derivations")
    from wd_jax.notebook.given import given

    found = given(runs)
    if importlib.util.find_spec("anywidget") is None:
        raise ModuleNotFoundError(
            "wd.notebook.explorer needs anywidget: pip install 'wd-jax[notebook]', in the kernel's environment"
        )
    from wd_jax.notebook.widget import Explorer

    return Explorer(runs, found, setting)
