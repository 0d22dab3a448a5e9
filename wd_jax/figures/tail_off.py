"""Claim 3: the plateau against the number of weights and against lmbda, with the candidates."""

import numpy as np
import xarray as xr

from wd_jax.estimates import exponent, t_interval
from wd_jax.figures import style
from wd_jax.figures.bands import points

LINES = {
    "1/√n_w": {"color": style.BLACK, "ls": "--"},
    "1/n_w": {"color": style.GREY, "ls": ":"},
    "1/√n_in": {"color": style.ORANGE, "ls": "-."},
    "virial, full-batch gradient": {"color": style.GREEN, "ls": "-"},
    "noise floor": {"color": style.PURPLE, "ls": "-"},
}
NAMES = {
    "virial, full-batch gradient": "virial (measured gradient of the same run)",
    "noise floor": "noise floor (measured gradient noise)",
    "1/√n_w": r"$1/\sqrt{n_w}$",
    "1/n_w": r"$1/n_w$",
    "1/√n_in": r"$1/\sqrt{n_{in}}$",
}


def figure(widths: xr.Dataset, lmbdas: xr.Dataset, candidates: xr.DataArray, dataset: str):
    """Draw the network and its layers by width, and the layers by lmbda.

    Parameters
    ----------
    widths, lmbdas : xarray.Dataset
        Plateaus from ``experiments.plateaus.measure``.
    candidates : xarray.DataArray [candidate, hidden, seed, part]
        Sizes the plateau might have.
    dataset : str
        For the title.

    Returns
    -------
    matplotlib Figure
    """
    drawn, axes = style.new(2, 2, 7.2, 6.0)
    parts = ["network", *(str(p) for p in widths.part.values if p != "network")]
    for ax, part in zip(axes.flat[:3], parts, strict=False):
        by_width(ax, widths.sel(part=part), candidates.sel(part=part))
        ax.set_title(
            "whole network" if part == "network" else f"{part} ({'hidden' if part == 'layer 1' else 'output'})"
        )
    by_lmbda(axes.flat[3], lmbdas)
    drawn.legend(*axes.flat[1].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    drawn.suptitle(
        f"Claim 3: does decay tail off at $1/\\sqrt{{n_w}}$? ({dataset}, {widths.sizes['seed']} seeds, 95 % bands)",
        fontsize=10,
    )
    return drawn


def by_width(ax, plateau: xr.Dataset, candidates: xr.DataArray):
    """Draw the plateau against n_w with every candidate as a line.

    Returns
    -------
    list of artists
    """
    n_w = plateau.n_w.values
    artists = [
        ax.plot(n_w, candidates.sel(candidate=name).mean("seed"), lw=1.2, label=NAMES.get(name, name), **look)
        for name, look in LINES.items()
    ]
    sample = plateau.weight_rms.transpose("hidden", "seed").values
    artists.append(points(ax, n_w, sample, style.BLUE, "measured plateau", zorder=5))
    kept = np.isfinite(sample).all(axis=1)
    if kept.sum() >= 3:
        found = exponent(n_w[kept], sample[kept])
        text = f"exponent {found.value:.3f} ± {(found.high - found.low) / 2:.3f}"
        ax.annotate(text, (0.03, 0.04), xycoords="axes fraction", ha="left", va="bottom", fontsize=8, color=style.BLUE)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks(n_w, [f"{value:g}" for value in n_w], rotation=30)
    ax.set_xticks([], minor=True)
    ax.set_xlabel("number of weights $n_w$")
    ax.set_ylabel("rms weight at the plateau")
    return artists


def by_lmbda(ax, plateau: xr.Dataset):
    """Draw each layer's plateau against lmbda, with the slope -1/2 it would have if Q did not depend on lmbda.

    Returns
    -------
    list of artists
    """
    artists = []
    for i, part in enumerate(p for p in plateau.part.values if p != "network"):
        sample = plateau.weight_rms.sel(part=part).transpose("lmbda", "seed").values
        artists.append(points(ax, plateau.lmbda.values, sample, style.LAYERS[i], str(part)))
        mean = np.array([t_interval(row).value for row in sample])
        anchor = np.flatnonzero(np.isfinite(mean))
        if anchor.size:
            line = mean[anchor[-1]] * (plateau.lmbda / plateau.lmbda[anchor[-1]]) ** -0.5
            label = r"$\propto\lambda^{-1/2}$ through the last point" if i == 0 else None
            artists += ax.plot(plateau.lmbda, line, color=style.LAYERS[i], ls="--", lw=1, label=label)
    ax.set_xscale("log")
    ax.set_xticks(plateau.lmbda.values, [f"{value:g}" for value in plateau.lmbda.values])
    ax.set_xticks([], minor=True)
    ax.set_title("by regularisation rate")
    ax.set_xlabel("regularisation rate λ")
    ax.set_ylabel("rms weight at the plateau")
    if plateau.weight_rms.notnull().any():
        style.plain_log_y(ax)
        bottom, top = ax.get_ylim()
        ax.set_ylim(bottom, top * 4)
    else:
        ax.annotate("no plateau reached", (0.5, 0.5), xycoords="axes fraction", ha="center", fontsize=8)
    ax.legend(loc="upper right")
    return artists
