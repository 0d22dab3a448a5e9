"""What a log says of its weight decay: each layer's norm, beside decay alone as asked, and beside the law at rest."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from wd_jax.figures import style
from wd_jax.figures.sketch import Sketch, of_all
from wd_jax.inputs import checks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wd_jax.audit.diagnosis.curve import Curve
    from wd_jax.audit.diagnosis.diagnosis import Diagnosis
    from wd_jax.audit.diagnosis.layer import LayerDiagnosis
    from wd_jax.figures.drawn import Drawn

AT_MOST = 6
"""Layers that are drawn if none is named: first those with a mistake, then the others in the log's order."""
LONGEST = 34
"""Letters of a layer's name in a title; of a longer one the end is kept, which tells layers apart."""
NORM, WRONG, ALONE = "norm in the log", "norm in the log, with a mistake", "decay alone, as asked"
BETWEEN = "decay alone, between its rates at two records"
REST, LAW = "at rest", "rest on noise alone, by the law"
SPAN = 1e8
"""Most that an axis spans: what has decayed below that is gone."""
PIECE = 0.4
"""Of a layer's first norm: so far down decay alone is drawn at least, where it goes as far."""
STATES = {"cannot be said": "its state cannot be said"}
FEWER = ", or choose layers with layer="


def diagnosis(
    found: "Diagnosis",
    ax: "Axes | Sequence[Axes] | None" = None,
    *,
    layer: str | Sequence[str] | None = None,
    width: style.Width = "two",
) -> "Drawn":
    """Draw the norms of a log's layers beside what the decay asked for would leave of them, and the law's size at rest.

    Parameters
    ----------
    found : Diagnosis
        What `wd_jax.diagnose` returns.
    ax : Axes or sequence of Axes, optional
        Where to draw, one a layer; by default a figure is made.
    layer : str or sequence of str, optional
        Which layers, a panel each; by default six, those with a mistake first.
    width : {"one", "two"}
        Columns of a paper that a figure made here is as wide as: 3.25 or 6.75 inches.

    Returns
    -------
    wd_jax.figures.Drawn
        Figure, axes and artists. Nothing is shown: a notebook shows it, ``.save("diagnosis.png")`` writes it.

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what is no diagnosis, a layer that it has not, or one without norms.

    Examples
    --------
    >>> import numpy as np
    >>> import wd_jax as wd
    >>> from wd_jax.audit.logs.log import TrainingLog
    >>> steps = np.arange(0, 1001, 20)
    >>> log = TrainingLog("a run", "NumPy", steps, "step", {"unused": 0.9999 ** steps})
    >>> found = wd.diagnose(log, "torch:AdamW", lr=1e-3, weight_decay=0.1)
    >>> list(wd.figures.diagnosis(found).artists["unused"])
    ['norm in the log', 'decay alone, as asked']
    """
    with style.around(ax, width):
        if not hasattr(found, "curves"):
            raise TypeError(f"diagnosis: found={checks.shown(found)}: give what wd.diagnose(...) returns")
        return sketch(found, layer).draw("diagnosis", ax, width)


def sketch(found: "Diagnosis", layer: str | Sequence[str] | None = None) -> Sketch:
    """Lay out one panel per layer.

    Parameters
    ----------
    found : Diagnosis
        With curves.
    layer : str or sequence of str, optional
        Which layers.
    """
    chosen = _chosen(found, layer)
    mistakes = {name: ", ".join(one.kind for one in found.findings if name in one.layers) for name in chosen}
    about = {one.name: one for one in found.layers}
    panels = {name: partial(panel, about[name], found.curves[name], mistakes[name]) for name in chosen}
    left = f", {len(chosen)} of {len(found.layers)} layers" if len(chosen) < len(found.layers) and layer is None else ""
    title = f"{found.headline} ({style.plain(found.optimiser)}{left})"
    return Sketch(title, panels, height=2.2, legend=of_all, below=True, fewer=FEWER)


def _chosen(found: "Diagnosis", layer: str | Sequence[str] | None) -> list[str]:
    """Give the layers that are drawn, and refuse those that cannot be."""
    there = [one.name for one in found.layers if _drawable(found.curves.get(one.name))]
    if not found.layers:
        raise ValueError(f"diagnosis: {found.source} has no norm of a layer: log weight_norm/LAYER, by a hook")
    if not there:
        raise ValueError(
            f"diagnosis: {found.source} has no norm above 0: there is nothing to draw on a logarithmic axis"
        )
    if layer is None:
        wrong = [name for name in there if any(name in one.layers for one in found.findings)]
        return [*wrong, *(name for name in there if name not in wrong)][:AT_MOST]
    asked = [layer] if isinstance(layer, str) else list(layer) if isinstance(layer, Sequence) else [layer]
    if not asked or len(set(map(str, asked))) < len(asked):
        raise ValueError(f"diagnosis: layer={checks.shown(layer)}: give at least one layer, each once")
    for name in asked:
        if name in there:
            continue
        if name in {one.name for one in found.layers}:
            raise ValueError(f"diagnosis: layer={checks.shown(name)}: has no norm above 0: there is nothing to draw")
        listed = ", ".join(there[:AT_MOST]) + (", ..." if len(there) > AT_MOST else "")
        raise ValueError(f"diagnosis: layer={checks.shown(name)}: {found.source} has no such layer, but {listed}")
    return asked


def _drawable(curve: "Curve | None") -> bool:
    return curve is not None and bool((curve.norm > 0).any())


def panel(layer: "LayerDiagnosis", curve: "Curve", mistake: str, ax: "Axes") -> dict[str, Any]:
    """Draw one layer.

    Parameters
    ----------
    layer : LayerDiagnosis
        What is said of it.
    curve : Curve
        Its norms.
    mistake : str
        What is wrong with it; empty if nothing is.
    ax : matplotlib Axes
        Where to draw.

    Returns
    -------
    dict of str to artist
        What was drawn, by label.
    """
    norm = np.where(curve.norm > 0, curve.norm, np.nan)
    since = layer.since if layer.state == "at rest" else None
    law = np.sqrt(layer.size) * np.asarray(layer.rest.predicted) if layer.size and layer.rest.predicted else None
    low, high = _limits(curve, norm if law is None or since is None else np.concatenate([norm, law]))
    label, color = (WRONG, style.RED) if mistake else (NORM, style.BLUE)
    marker = "o" if len(norm) == 1 else ""
    artists: dict[str, Any] = {label: ax.plot(curve.time, norm, color=color, label=label, marker=marker)[0]}
    artists |= _decay_alone(curve, low, ax)
    if since is not None:
        rests = [since, float(curve.time[-1])]
        artists[REST] = ax.axvspan(rests[0], rests[1], color=style.GREY, alpha=0.12, lw=0, label=REST)
        if law is not None:
            artists[LAW] = ax.fill_between(rests, law[[0, 0]], law[[1, 1]], color=style.GREEN, lw=2.0, label=LAW)
    ax.set_title(_heading(layer, curve, mistake))
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    style.plain_log(ax, "y")
    if curve.ends[1] > curve.ends[0]:
        margin = 0.03 * (curve.ends[1] - curve.ends[0])
        ax.set_xlim(curve.ends[0] - margin, curve.ends[1] + margin)
    ax.set_xlabel(curve.unit)
    if style.leads(ax):
        ax.set_ylabel("norm")
    return artists


def _heading(layer: "LayerDiagnosis", curve: "Curve", mistake: str) -> str:
    """Name the layer, its state, and what is wrong with it."""
    name = layer.name if len(layer.name) <= LONGEST else f"…{layer.name[1 - LONGEST :]}"
    ended = "" if curve.infinite_at is None else f", infinite from {curve.unit} {curve.infinite_at:g}"
    text = f"{style.plain(name)}: {STATES.get(layer.state, layer.state)}{ended}"
    return f"{text}\n{mistake}" if mistake else text


def _limits(curve: "Curve", heights: np.ndarray) -> tuple[float, float]:
    """Give the ends of the axis of norms: what is measured, and a good piece of decay alone below it."""
    low, most = float(np.nanmin(heights)), float(np.nanmax(heights))
    if curve.decayed is not None:
        low = min(low, max(float(curve.decayed.low[-1]), float(curve.decayed.low[0]) * PIECE))
    return 0.85 * max(low, most / SPAN), most / 0.85


def _decay_alone(curve: "Curve", bottom: float, ax: "Axes") -> dict[str, Any]:
    """Draw the line as far as the log says the decay of each step, and what it can be from there on, if that is in."""
    if curve.decayed is None:
        return {}
    found: dict[str, Any] = {}
    (found[ALONE],) = ax.plot(curve.time, curve.decayed.known, color=style.BLACK, ls="--", lw=1.0, label=ALONE)
    beyond = np.isnan(curve.decayed.known)
    since = max(0, int(np.argmax(beyond)) - 1)
    time, low, high = (one[since:] for one in (curve.time, curve.decayed.low, curve.decayed.high))
    if beyond.any() and high.max() > bottom:
        found[BETWEEN] = ax.fill_between(time, low, high, color=style.BLACK, alpha=0.15, lw=0, label=BETWEEN)
    return found
