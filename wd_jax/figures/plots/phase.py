"""Phase diagram over eta and lmbda: where decay dominates, where it tails off within the run, where it diverges."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax import siblings
from wd_jax.figures import style
from wd_jax.figures.needs import FEWER, Needs, check_sweeps, layers, rising, settings, usable
from wd_jax.figures.sketch import Key, Sketch
from wd_jax.results.divergence import UNSTABLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wd_jax.figures.drawn import Drawn

NEEDS = Needs(
    axes=("eta", "lmbda"),
    variables=("weight_norm2", "budget_decay", "budget_drift", "budget_noise"),
    epochs=3,
    shows_divergence=True,
    example="--eta 0.01 0.1 1 10 --lmbda 0.1 1 10 100 1000 --seeds 3 --epochs 30",
)
NOTE = (
    "Measured: decay dominates where it is over half of the first epoch's traffic in ‖W‖²; a layer is balanced where "
    "in the run's last third ‖W‖² changes by less than 10 % of what decay takes. The noise is that at the smallest λ."
)
BALANCED = 0.1
"""A layer is balanced if its squared norm changed in the last third by less than this share of what decay took."""
FINE = 100
MARGIN = 10**0.2
TINTS = {"dominates": "#cfe2f0", "diverges": "#f3cfc0"}


def phase(
    runs: xr.Dataset,
    ax: "Axes | Sequence[Axes] | None" = None,
    *,
    layer: int | Sequence[int] | None = None,
    width: style.Width = "two",
) -> "Drawn":
    """Draw over eta and lmbda where decay dominates, where it tails off within the run, and where it diverges.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of `wd_jax.sweep` over eta and lmbda, with the budget. Regions are theory, points are measured.
    ax : Axes or sequence of Axes, optional
        Where to draw, one a layer; by default a figure is made.
    layer : int or sequence of int, optional
        Which layers, a panel each; all by default.
    width : {"one", "two"}
        Columns of a paper that a figure made here is as wide as: 3.25 or 6.75 inches.

    Returns
    -------
    wd_jax.figures.Drawn
        Figure, axes and artists. Nothing is shown: a notebook shows it, ``.save("phase.png")`` writes it.

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what is no such sweep, and for too many or too few axes.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup, values = wd.Setup(widths=(64, 8, 10)), {"eta": [0.1, 1.0], "lmbda": [1.0, 100.0]}
    >>> runs = wd.sweep(setup, wd.data.digits(), **values, seeds=2, epochs=3, progress=False)
    >>> drawn = wd.figures.phase(runs, layer=1)
    >>> len(drawn.axes), "dominates" in drawn.artists["layer 1 (hidden)"]
    (1, True)
    """
    with style.around(ax, width):
        return sketch(usable("phase", NEEDS, runs), layer).draw("phase", ax, width)


def sketch(runs: xr.Dataset, layer: int | Sequence[int] | None = None) -> Sketch:
    """Lay out one panel per layer.

    Parameters
    ----------
    runs : xarray.Dataset
        Over eta, lmbda, seed, layer and epoch.
    layer : int or sequence of int, optional
        Which layers.
    """
    check_sweeps(runs)
    runs = rising(runs.sel(lmbda=runs.lmbda > 0))
    epochs = float(runs.epoch[-1])

    def draw(which: int, ax: "Axes") -> dict[str, Any]:
        one = runs.sel(layer=which)
        artists = panel(ax, measure(one), borders(one), epochs)
        ax.set_title(style.layer_name(which, runs))
        if style.leads(ax):
            ax.set_ylabel("regularisation rate λ")
        return artists

    title = f"Weight decay over η and λ ({settings(runs, 'm')}, {epochs:g} epochs)"
    panels = {style.layer_name(one, runs): partial(draw, one) for one in layers(runs, layer)}
    return Sketch(title, panels, height=2.9, legend=lambda _: _key(epochs), note=NOTE, below=True, fewer=FEWER)


def measure(layer: xr.Dataset) -> xr.Dataset:
    """Reduce every cell of a sweep to what the diagram shows, from means over its seeds.

    Parameters
    ----------
    layer : xarray.Dataset
        One layer: dimensions eta, lmbda, seed, epoch.

    Returns
    -------
    xarray.Dataset
        Over (eta, lmbda): ``share`` of decay in the first epoch's traffic, its drift summed step by step (in an older
        file: net of every record); ``balance``, the change of the squared norm over the last third of the run by
        decay's part of it; ``diverged``, whether a seed did.
    """
    from wd_jax import theory

    last = float(layer.epoch[-1])
    parts = {part: layer[f"budget_{part}"].mean("seed") for part in ("decay", "drift", "noise")}
    traffic = layer["budget_drift_traffic"] if "budget_drift_traffic" in layer else abs(layer["budget_drift"])
    first = {part: _sum(value, 0.0, 1.0) for part, value in (parts | {"drift": traffic.mean("seed")}).items()}
    late = {part: _sum(value, 2 * last / 3, last) for part, value in parts.items()}
    share = theory.evaluate("dominance", "decay_share", layer, **first)
    balance = (late["decay"] + late["drift"] + late["noise"]) / abs(late["decay"])
    diverged = (layer.diverged_at >= 0).any("seed")
    return xr.Dataset({"share": share, "balance": balance, "diverged": diverged}).reset_coords(drop=True)


def borders(layer: xr.Dataset) -> xr.Dataset:
    """Evaluate the theory on a fine grid that covers a sweep.

    Parameters
    ----------
    layer : xarray.Dataset
        One layer: dimensions eta, lmbda, seed, epoch; eta and lmbda in any order.

    Returns
    -------
    xarray.Dataset
        Over (eta, lmbda): ``epsilon``, the decay per step, and, where weights started at N(0, 1), ``t_star``, epochs in
        which decay alone brings them to 1/sqrt(n_in). Over eta: ``critical_lmbda``, above which decay exceeds the
        gradient's noise in the first epoch's budget; that noise is measured where lmbda is smallest, and NaN if all
        runs diverged there.
    """
    siblings.check("derivations")
    import derivations
    from wd_jax import conventions, theory

    layer = rising(layer)
    eta, lmbda = (_fine(layer[name].values, name) for name in ("eta", "lmbda"))
    given = {"eta": eta, "lmbda": lmbda, "n": layer.n}
    found = {"epsilon": conventions.per_step_decay(**given)}
    if str(layer.init.values) == "gaussian":
        found["t_star"] = theory.evaluate(
            "initialisation", "epochs_to_fan_in", layer, eta=eta, lmbda=lmbda, n_in=layer.n_in
        )
    weakest = layer.isel(lmbda=int(np.argmin(layer.lmbda.values)))
    steps = float(layer.steps_per_epoch) * weakest.eta**2 * float(layer.n_w)
    gradient_ms = _sum(weakest.budget_noise.mean("seed"), 0.0, 1.0) / steps
    weight_ms = (weakest.weight_rms.sel(epoch=0, drop=True) ** 2).mean("seed")
    # The formula itself, whatever the rule: what it calls the gradient is here the step that was made, over eta. Where
    # that is large it is off by more than its box says; there decay does not dominate anyway.
    law = derivations.derive("dominance").formulas["critical_lmbda"].to_numpy()
    critical = law(eta=weakest.eta, n=weakest.n, gradient_ms=gradient_ms, weight_ms=weight_ms)
    # At the same gradient the border is proportional to eta: so it goes on outside the sweep, and between its values.
    # Where all seeds diverged, and without gradients, there is no noise.
    known = (critical / weakest.eta).where(critical > 0).dropna("eta")
    slope = np.interp(np.log(eta), np.log(known.eta), np.log(known)) if known.size else np.full(eta.size, np.nan)
    found["critical_lmbda"] = np.exp(slope) * eta
    return xr.Dataset(found).reset_coords(drop=True)


def panel(ax: "Axes", measured: xr.Dataset, theory: xr.Dataset, epochs: float) -> dict[str, Any]:
    """Draw the theory's regions and borders, and a point per cell of the sweep.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    measured, theory : xarray.Dataset
        From `measure` and `borders`.
    epochs : float
        Length of the runs.

    Returns
    -------
    dict of str to artists
        "dominates", "tails off", "diverges": the borders; and per state of a cell its points.
    """
    theory = theory.transpose("lmbda", "eta", missing_dims="ignore")
    eta, lmbda = theory.eta.values, theory.lmbda.values
    excess = np.log(lmbda)[:, None] - np.log(theory.critical_lmbda.values)[None, :]
    artists: dict[str, Any] = {}
    ax.contourf(eta, lmbda, excess, [0, np.inf], colors=[TINTS["dominates"]], zorder=0)
    if "t_star" in theory:
        reached = np.log(epochs) - np.log(theory.t_star.values)
        shade = ax.contourf(eta, lmbda, reached, [0, np.inf], colors="none", hatches=["////"], zorder=0.5)
        shade.set(edgecolor="#9db4c4", linewidth=0)
        artists["tails off"] = ax.contour(
            eta, lmbda, reached, [0], colors=[style.BLACK], linestyles=":", linewidths=1.4
        )
    over = theory.epsilon.values - UNSTABLE
    ax.contourf(eta, lmbda, over, [0, np.inf], colors=[TINTS["diverges"]], zorder=0.7)
    artists["dominates"] = ax.contour(eta, lmbda, excess, [0], colors=[style.BLUE], linestyles="--", linewidths=1.4)
    artists["diverges"] = ax.contour(eta, lmbda, over, [0], colors=[style.RED], linestyles="-", linewidths=1.4)
    states = state(measured).transpose("lmbda", "eta").values
    for name, look in STATES.items():
        down, along = np.nonzero(states == name)
        if down.size:
            x, y = measured.eta.values[along], measured.lmbda.values[down]
            (artists[name],) = ax.plot(x, y, ls="none", zorder=3, **look)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(eta[0], eta[-1])
    ax.set_ylim(lmbda[0], lmbda[-1])
    style.plain_log(ax, "x")
    style.plain_log(ax, "y")
    ax.grid(visible=False)
    ax.set_xlabel("learning rate η")
    return artists


_FILLED = {"color": style.BLACK, "mec": style.BLACK, "mew": 0.8, "ms": 4}
_OPEN = _FILLED | {"mfc": "white"}
STATES: dict[str, dict[str, Any]] = {
    "decay dominates, then balanced": _FILLED | {"marker": "s"},
    "decay dominates, not balanced": _FILLED | {"marker": "o"},
    "gradient dominates, balanced": _OPEN | {"marker": "s"},
    "gradient dominates, not balanced": _OPEN | {"marker": "o"},
    "diverged": {"color": style.RED, "marker": "x", "mew": 1.4, "ms": 5},
}
"""What a cell of a sweep turned out to be, and its mark."""


def state(measured: xr.Dataset) -> xr.DataArray:
    """Name the state of every cell (see `STATES`).

    Parameters
    ----------
    measured : xarray.Dataset
        From `measure`.
    """
    ahead, balanced, moving = (measured.share > 0.5), abs(measured.balance) < BALANCED, list(STATES)
    names = xr.where(ahead, xr.where(balanced, moving[0], moving[1]), xr.where(balanced, moving[2], moving[3]))
    return xr.where(measured.diverged, "diverged", names)


def _key(epochs: float) -> Key:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(facecolor=TINTS["dominates"], edgecolor=style.BLUE, ls="--"),
        Patch(facecolor="white", edgecolor=style.GREY, ls=":", hatch="////"),
        Patch(facecolor=TINTS["diverges"], edgecolor=style.RED),
        *(Line2D([], [], ls="none", **look) for look in STATES.values()),
    ]
    labels = [
        "theory: decay exceeds gradient noise in epoch 1",
        f"theory: decay alone is at $1/\\sqrt{{n_{{in}}}}$ by epoch {epochs:g}",
        "theory: diverges, ηλ/n ≥ 2",
        *(f"measured: {name}" for name in STATES),
    ]
    return handles, labels


def _fine(values: np.ndarray, name: str) -> xr.DataArray:
    grid = np.geomspace(values.min() / MARGIN, values.max() * MARGIN, FINE)
    return xr.DataArray(grid, {name: grid}, name)


def _sum(series: xr.DataArray, after: float, until: float) -> xr.DataArray:
    """Sum records over the epochs after one and until another."""
    inside = (series.epoch > after + 1e-9) & (series.epoch <= until + 1e-9)
    return series.sel(epoch=inside).sum("epoch", min_count=1)
