"""Claim 1: decay's part of the first epoch against lmbda, in each sense, per layer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import xarray as xr

from wd_jax.figures import style
from wd_jax.figures.bands import band
from wd_jax.figures.needs import rising, settings
from wd_jax.stats.estimates import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SENSE_COLORS = {"norm budget": style.BLUE, "displacement": style.ORANGE, "force": style.GREEN}
SENSE_MARKS = {"norm budget": "s", "displacement": "^", "force": "D"}
SENSE_LABELS = {
    "norm budget": "share of the budget of ‖W‖²",
    "displacement": "share of the displacement",
    "force": "share of the force at the start",
}


def figure(
    runs: xr.Dataset,
    excess: Mapping[str, xr.DataArray],
    thresholds: Mapping[tuple[str, int], Estimate],
    noise: xr.DataArray,
    lmbda: float,
) -> "Figure":
    """Draw one panel per layer.

    Parameters
    ----------
    runs : xarray.Dataset
        Claim 1's sweep.
    excess : dict of str to xarray.DataArray [lmbda, seed, layer]
        ln(decay/rest) per sense.
    thresholds : dict of (sense, layer) to Estimate
        lmbda_crit with its interval.
    noise : xarray.DataArray [layer]
        lmbda_crit of E1-E3, the noise part at the start.
    lmbda : float
        The value the claim is judged at.

    Returns
    -------
    matplotlib Figure
    """
    runs = rising(runs)
    drawn, axes = style.panels(runs.sizes["layer"], height=2.6)
    for ax, layer in zip(axes, runs.layer.values, strict=True):
        panel(ax, {s: e.sel(layer=layer) for s, e in excess.items()}, {s: thresholds[s, layer] for s in SENSE_COLORS})
        ax.plot(
            runs.lmbda,
            runs.lmbda / (runs.lmbda + float(noise.sel(layer=layer))),
            color=style.BLACK,
            ls="--",
            lw=1.1,
            label="theory: noise part at the start (E1–E3)",
        )
        ax.axvline(lmbda, color=style.GREY, lw=1, ls=":", label=f"Nielsen's λ = {lmbda:g}")
        ax.set_title(style.layer_name(layer, runs))
        ax.set_xlabel("regularisation rate λ (dimensionless)")
        if style.leads(ax):
            ax.set_ylabel("decay's share (1 = decay alone)")
    style.legend_of(drawn, axes[0])
    style.title(drawn, f"Claim 1: does decay dominate the first epoch? ({settings(runs)}, 95 % bands)")
    return drawn


def panel(
    ax: "Axes", excess: Mapping[str, xr.DataArray], thresholds: Mapping[str, Estimate]
) -> dict[str, tuple[Any, Any]]:
    """Draw decay's share in each sense as bands, and lmbda_crit as bars on the line at one half.

    Returns
    -------
    dict of str to (Line2D, PolyCollection)
    """
    artists = {}
    for sense, color in SENSE_COLORS.items():
        share = 1 / (1 + xr.ufuncs.exp(-excess[sense].sortby("lmbda")))
        artists[sense] = band(ax, share, color, SENSE_LABELS[sense], x="lmbda", marker=SENSE_MARKS[sense], markevery=4)
        estimate = thresholds[sense]
        label = r"$\lambda_{crit}$, 95 % interval" if sense == "norm budget" else None
        ax.errorbar(
            estimate.value,
            0.5,
            xerr=[[estimate.value - estimate.low], [estimate.high - estimate.value]],
            color=color,
            marker="o",
            ms=5,
            mec="white",
            capsize=3,
            zorder=5,
            label=label,
        )
    ax.axhline(0.5, color=style.GREY, lw=0.8)
    style.plain_log(ax, "x")
    ax.set_ylim(0, 1)
    return artists
