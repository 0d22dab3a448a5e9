"""The doors of the widget: what is checked before anything of Jupyter is loaded."""

import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import xarray as xr

from wd_jax import siblings

if TYPE_CHECKING:
    from wd_jax.notebook.piece import Piece
    from wd_jax.notebook.widget import Explorer


def explorer(runs: xr.Dataset, **setting: Any) -> "Explorer":
    """Show a sweep with sliders: the band that was measured beside the line of weights that only decay.

    The sliders are marked where runs were made, and go beyond. Where no run was made, the line is of the setting and
    the band of the nearest that was measured, and it says so. The formulas are those of the report's explorer, which
    the derivations print.

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
    state, values = _model(runs, setting)
    if importlib.util.find_spec("anywidget") is None:
        raise ModuleNotFoundError(
            "wd.notebook.explorer needs anywidget: pip install 'wd-jax[notebook]', in the kernel's environment; "
            "wd.notebook.html shows the same without it"
        )
    from wd_jax.notebook.widget import Explorer

    return Explorer(runs, state, values)


def html(runs: xr.Dataset, **setting: Any) -> "Piece":
    """Give the explorer of a sweep as a piece of HTML, which needs neither Jupyter nor a network.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of `wd_jax.sweep`, over any axes.
    **setting
        What it opens with, as `explorer` takes it.

    Returns
    -------
    str
        For the body of a page. A notebook shows it; nothing in Python learns where its sliders stand.

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what cannot be explored.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup = wd.Setup(widths=(16, 8, 4))
    >>> runs = wd.sweep(setup, wd.data.null(), lmbda=[1.0, 10.0], eta=0.1, seeds=2, epochs=3, progress=False)
    >>> wd.notebook.html(runs, lmbda=3).startswith("<div>")
    True
    """
    from wd_jax.notebook import piece

    return piece.html(*_model(runs, setting))


def _model(runs: xr.Dataset, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Give what a model holds: its values by name, and its bands."""
    siblings.check("derivations")
    from wd_jax.notebook import module
    from wd_jax.notebook.given import given
    from wd_jax.notebook.setting import opened

    found = given(runs)
    facts = found.facts | module.shared_data()
    return {"given": facts, **opened(facts, asked)}, found.values.tobytes()
