"""Values against decay for two and for three factors, the jump over its prediction, and how balance comes."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.factors.analysis import NAME, TITLE, found_jumps
from experiments.laboratory.factors.laws import law
from experiments.laboratory.factors.measuring import Settings
from wd_jax.figures import style
from wd_jax.figures.bands import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure(preset: Settings, stored: dict[str, xr.Dataset]) -> "Figure":
    """Draw four panels.

    Parameters
    ----------
    preset : Settings
        With which it was measured.
    stored : dict of str to xarray.Dataset
        Measurements by name.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (two, three, jump, balance) = style.panels(4, height=2.6)
    _two(two, preset, stored[NAME], stored[f"{NAME}_sgd"])
    _three(three, preset, stored[f"{NAME}_jump"])
    _jumps(jump, preset, stored[f"{NAME}_jump"])
    _balance(balance, preset, stored[f"{NAME}_chain"])
    style.legend_of(drawn)
    style.title(drawn, f"{TITLE} ({preset.seeds} seeds)")
    return drawn


def _two(ax: "Axes", preset: Settings, measured: xr.Dataset, noisy: xr.Dataset) -> None:
    s = measured.target_singular.values
    decay = np.linspace(0, max(measured.lmbda.values) / preset.n, 200)
    for k, one in enumerate(s):
        ax.plot(decay, np.maximum(one - decay, 0), color=style.BLACK, lw=1, label="" if k else "law", zorder=1)
        ax.plot(measured.lmbda / preset.n, measured.value.isel(direction=k).mean("seed"), **_dots(style.BLUE))
    ax.plot([], [], **_dots(style.BLUE), label="gradient descent")
    at = noisy.isel(eta=0)
    for k in range(len(s)):
        label = "SGD" if k == 0 else ""
        points(
            ax,
            at.lmbda / preset.n,
            at.value.isel(direction=k).transpose("lmbda", "seed").values,
            style.ORANGE,
            label,
            ms=3.5,
            marker="s",
        )
    ax.set(title="two factors", xlabel="λ/n", ylabel="singular value of the product")


def _dots(color: str) -> dict:
    return {"color": color, "marker": "o", "ls": "none", "ms": 3.5}


def _three(ax: "Axes", preset: Settings, raised: xr.Dataset) -> None:
    n = float(preset.n)
    at = raised.isel(noise=0).sel(factors=3)
    top = float(raised.lmbda.max()) / n
    for k, one in enumerate(at.target_singular.values):
        product = np.linspace(0, one, 400)[1:-1]
        at_product = {"product": xr.DataArray(product, dims="product"), "factors": 3.0}
        decay = law("lmbda_at_product", target_singular=one, n=1.0, **at_product).values
        fold = float(law("fold_product", target_singular=one, factors=3.0))
        high, low = product >= fold, product <= fold
        ax.plot(decay[high], product[high], color=style.BLACK, lw=1, label="" if k else "law")
        ax.plot(decay[low], product[low], color=style.BLACK, lw=1, ls=":", label="" if k else "law, no minimum")
        tie = float(law("tie_lmbda", target_singular=one, n=1.0, factors=3.0))
        ax.plot([tie, tie], [0, one * 0.5], color=style.RED, ls="--", lw=1, label="" if k else "the origin costs less")
        values = at.value.isel(direction=k).mean("seed")[::6]
        ax.plot(values.lmbda / n, values, **_dots(style.BLUE) | {"ms": 2.5})
    ax.set(title="three factors, λ raised", xlabel="λ/n", ylabel="singular value of the product", xlim=(0, top))


def _jumps(ax: "Axes", preset: Settings, raised: xr.Dataset) -> None:
    jumps, n = found_jumps(raised), float(preset.n)
    names = []
    for i, depth in enumerate(raised.factors.values):
        for k, s in enumerate(raised.target_singular.values):
            place = len(names)
            at = {"target_singular": s, "n": n, "factors": float(depth)}
            fold, tie = float(law("fold_lmbda", **at)), float(law("tie_lmbda", **at))
            one = jumps.isel(factors=i, direction=k) / fold
            names.append(f"{depth}, {s:g}")
            first = place == 0
            ax.plot([place - 0.3, place + 0.3], [tie / fold] * 2, color=style.RED, ls="--", lw=1)
            ax.plot([place - 0.12], [one.isel(noise=0).mean()], **_dots(style.BLUE))
            noisy = one.isel(noise=1).values[None]
            points(ax, [place + 0.12], noisy, style.GREEN, "jump under noise" if first else "", ms=3.5, marker="D")
    ax.axhspan(0.97, 1.03, color=style.GREY, alpha=0.25, lw=0, label="± 3 %")
    ax.axhline(1, color=style.BLACK, lw=1)
    ax.set_xticks(range(len(names)), names)
    ax.set(title="λ of the jump over that of the fold", xlabel="factors, target s", ylabel="measured / predicted")


def _balance(ax: "Axes", preset: Settings, chain: xr.Dataset) -> None:
    at = chain.sel(factors=2)
    for k, lmbda in enumerate(at.lmbda.values):
        one = abs(at.gap.sel(lmbda=lmbda).isel(seed=0))
        epsilon = float(at.eta * lmbda / preset.n)
        line = float(one[40]) * (1 - 2 * epsilon) ** (one.step.values - 40)
        rival = float(one[40]) * (1 - epsilon) ** (2 * (one.step.values - 40))
        there = one.values > 1e-13
        ax.plot(one.step[there], line[there], color=style.BLACK, lw=1)
        ax.plot(one.step[there], rival[there], color=style.PURPLE, ls="--", lw=1, label="" if k else "(1 − ηL)² a step")
        ax.plot(one.step[there][::10], one[there][::10], **_dots(style.BLUE))
        place = {"xytext": (3, 0), "textcoords": "offset points", "va": "center", "fontsize": style.note_size()}
        last = int(np.flatnonzero(there)[-1])
        ax.annotate(f"ηL = {epsilon:g}", (float(one.step[last]), float(one[last])), annotation_clip=False, **place)
    ax.set_xlim(right=float(chain.step.max()) * 1.4)
    style.plain_log_y(ax)
    ax.set(title="two factors, balance", xlabel="step", ylabel="|a² − b²|")
