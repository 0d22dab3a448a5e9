"""How updates are correlated, and where norm, cosine and angle are between their bounds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from experiments.laboratory.muon_as_it_is_run import law
from wd_jax.figures import style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.laboratory.muon_as_it_is_run.analysis import Forms

PANELS = {"weight_norm": "norm", "cosine": "cosine", "rotation": "angle"}


def figure(found: "Mapping[str, Forms]") -> "Figure":
    """Draw the correlation of updates beside the three quantities.

    Parameters
    ----------
    found : mapping of str to Forms
        By the shape of the matrices, as "24 x 24".

    Returns
    -------
    matplotlib Figure
    """
    drawn, axes = style.panels(4, height=2.5, low=2.2)
    correlations(axes[1], found)
    for ax, (what, words) in zip((axes[0], *axes[2:]), PANELS.items(), strict=True):
        quantities(ax, found, what)
        ax.set_xlabel(f"{words} / middle of the bounds")
        if not style.leads(ax) and not style.narrow():
            ax.set_yticklabels([])
    plain = [float(end) for one in found.values() for end in _ends(one.plain["weight_norm"] / one.law["weight_norm"])]
    note = f"The plain law's norm is off the axis: {min(plain):.2f} to {max(plain):.2f} times the law's."
    handles = {label: handle for ax in axes for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    style.legend(drawn, list(handles.values()), list(handles), note)
    style.title(drawn, "Muon as it is run, on noise: between its bounds (means over seeds, 95 % intervals)")
    return drawn


def _ends(array: "xr.DataArray") -> tuple["xr.DataArray", "xr.DataArray"]:
    """Smallest and largest number."""
    return array.min(), array.max()


def correlations(ax: "Axes", found: "Mapping[str, Forms]") -> None:
    """Draw phi over rho: drawn pairs as points, the bounds as bands, plain Muon's law as a line."""
    rho = np.linspace(0, 1, 101)
    for i, (where, one) in enumerate(found.items()):
        share = float(one.runs.linear_share)
        low, high = share * rho, share * rho + (1 - share) * rho**3
        colour = style.SERIES[2 * i]
        ax.fill_between(rho, low, high, color=colour, alpha=0.2, lw=0)
        fine = np.linspace(float(one.runs.rho[0]), float(one.runs.rho[-1]), 60)
        ax.plot(fine, law.correlation(fine, one.runs.rho.values, one.runs.phi.values, share), color=colour, lw=0.9)
        ax.plot(one.runs.rho, one.runs.phi, color=colour, ls="none", marker=style.MARKS[i], ms=3.5, label=where)
    ax.plot(rho, rho, color=style.BLACK, ls=":", lw=1, label="plain law")
    ax.set(xlabel="correlation of averaged gradients", ylabel="correlation of updates", xlim=(0, 1), ylim=(0, 1))


def quantities(ax: "Axes", found: "Mapping[str, Forms]", what: str) -> None:
    """Draw a quantity, a row a cell: bounds as a bar, the law as a line, measured as a point, over the bar's middle."""
    from experiments.laboratory.muon_as_it_is_run.analysis import cells

    names: list[str] = []
    for i, (where, one) in enumerate(found.items()):
        colour = style.SERIES[2 * i]
        for settings, numbers in cells(one):
            cell = numbers[what]
            row, middle = len(names), (cell.low + cell.high) / 2
            for low, high, strength, label in (
                (cell.low, cell.high, 0.2, "between the bounds"),
                (cell.narrow_low, cell.narrow_high, 0.4, "narrower, one correlation known"),
            ):
                bar = {"color": colour, "alpha": strength, "lw": 8, "solid_capstyle": "butt"}
                ax.plot([low / middle, high / middle], [row, row], label=label, **bar)
            ax.plot(cell.law / middle, row, color=style.BLACK, marker="|", ms=9, ls="none", label="law by drawn pairs")
            ax.errorbar(
                cell.measured / middle,
                row,
                xerr=[[(cell.measured - cell.first) / middle], [(cell.last - cell.measured) / middle]],
                color=colour,
                marker=style.MARKS[i],
                ms=3.5,
                lw=0.9,
                ls="none",
            )
            names.append(f"{where}, {settings}".replace(" x ", "×"))
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
