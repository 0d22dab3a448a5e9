"""The figure that moves on a page's first screen: weights as they were measured, beside what the formulas say."""

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from wd_jax.figures import style as figures
from wd_jax.report.mathematics import formula

if TYPE_CHECKING:
    import xarray as xr

POINTS = 120
"""At most so many epochs of a curve are kept for the page."""
TIMESCALES = 6
"""Epochs are shown up to so many times m/(ηλ) of the smallest λ: all of them have come to rest by then."""
DIGITS = 4
LABELS = 6
"""At most so many stops of the slider are named."""
COLOURS = {
    # Of a part of the network, on a light page and on a dark one; each has a name beside its curve besides.
    "hidden": (figures.BLUE, "#4fb0f2"),
    "output": (figures.RED, "#ff8f4a"),
    "network": (figures.GREEN, "#35c99b"),
    "theory": ("#1b1f24", "#e8eaed"),
}
SCRIPT = "moving.js"


def of_runs(
    runs: "xr.Dataset",
    dataset: str,
    rest: Mapping[str, Sequence[float]] | None = None,
    supply: Sequence[float] = (),
    opens_at: float | None = None,
    ends: Sequence[float] | None = None,
) -> dict[str, Any]:
    """Give the page what it draws of a sweep from one start.

    Parameters
    ----------
    runs : xarray.Dataset
        Over seed, layer, epoch, and lmbda where it is swept, of a network with one hidden layer.
    dataset : str
        Its name.
    rest : mapping of str to sequence of float, optional
        Where each part, "hidden", "output" and "network", came to rest, a number for each lmbda, NaN where it did not.
    supply : sequence of float, optional
        Q of the whole network, the gradient's part of the norm balance, at each lmbda, dimensionless; NaN where it is
        not known.
    opens_at : float, optional
        The run's own lmbda, with which the figure opens if its Q is known; the first whose Q is known otherwise, and
        without any the one that is nearest to it.
    ends : sequence of float, optional
        Last epoch that was trained at each lmbda; the last of `runs` by default.

    Returns
    -------
    dict
        Numbers of four digits, as JSON has them: for each lmbda and part the mean over the seeds that have a number at
        every epoch, and the lowest and highest of them; ``lost`` counts those that have none. ``reference`` is the
        place of the lmbda with which the figure opens, and whose Q, ``supply``, its theory has at every lmbda.
    """
    if "lmbda" not in runs.weight_rms.dims:
        runs = runs.assign(weight_rms=runs.weight_rms.expand_dims(lmbda=[float(runs.lmbda)]))
    lmbdas = [float(value) for value in runs.weight_rms.lmbda.values]
    kept = _epochs(runs, min(lmbda for lmbda in lmbdas if lmbda > 0) if any(lmbdas) else 0.0)
    rms = runs.weight_rms.sel(epoch=kept).transpose("lmbda", "layer", "seed", "epoch").values
    n_w = np.asarray(runs.n_w.values, float)
    parts = {"hidden": rms[:, 0], "output": rms[:, -1]}
    parts["network"] = np.sqrt((rms**2 * n_w[:, None, None]).sum(axis=1) / n_w.sum())
    stops = []
    for k, lmbda in enumerate(lmbdas):
        trained = slice(None) if ends is None else kept <= ends[k]
        whole = np.isfinite(rms[k][..., trained]).all(axis=(0, 2))
        curves = {name: _curve(part[k][whole][:, trained]) for name, part in parts.items()} if whole.any() else {}
        rests = {name: _number(values[k]) for name, values in (rest or {}).items()}
        own = _positive(supply[k]) if len(supply) else None
        stops.append({"lmbda": lmbda, "curves": curves, "rest": rests, "supply": own, "lost": int((~whole).sum())})
    reference = _reference(stops, opens_at)
    return {
        "dataset": dataset,
        "eta": float(runs.eta),
        "n": int(runs.n),
        "m": int(runs.m),
        "n_in": int(runs.n_in.values[0]),
        "n_w": int(n_w.sum()),
        "epochs": [float(epoch) for epoch in kept],
        "seeds": int(runs.sizes["seed"]),
        "reference": reference,
        "supply": stops[reference]["supply"],
        "stops": stops,
    }


def _reference(stops: Sequence[Mapping[str, Any]], lmbda: float | None) -> int:
    """Place of the run's own lmbda if its Q is known, else of the first whose is, else of the nearest above 0."""
    own = [k for k, stop in enumerate(stops) if lmbda is not None and np.isclose(stop["lmbda"], lmbda, atol=0)]
    known = [k for k, stop in enumerate(stops) if stop["supply"]]
    decays = [k for k, stop in enumerate(stops) if stop["lmbda"] > 0]
    nearest = sorted(decays, key=lambda k: abs(np.log(stops[k]["lmbda"] / lmbda))) if lmbda else decays
    return next(iter([k for k in own if k in known] + known + nearest), 0)


def _epochs(runs: "xr.Dataset", lmbda: float) -> np.ndarray:
    """Choose the epochs that are shown: each of the first, then every so many."""
    epochs = runs.epoch.values
    timescale = float(runs.m) / (float(runs.eta) * lmbda) if lmbda else np.inf
    shown = epochs[epochs <= max(TIMESCALES * timescale, 2)]
    stride = max(1, -(-len(shown) // POINTS))
    return np.unique(np.concatenate([shown[:10], shown[::stride], shown[-1:]]))


def _curve(values: np.ndarray) -> dict[str, list[float | None]]:
    """Mean, lowest and highest of [seed, epoch]."""
    found = {"mean": values.mean(axis=0), "low": values.min(axis=0), "high": values.max(axis=0)}
    return {name: [_number(one) for one in row] for name, row in found.items()}


def _number(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None


def _positive(value: float) -> float | None:
    return _number(value) if value > 0 else None


def html(data: Mapping[str, Any]) -> str:
    """Write the figure, its slider and the place of its words."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["formula"] = _typeset
    return environment.from_string(_text("moving.html.j2")).render(**data, every=-(-len(data["stops"]) // LABELS))


def style() -> str:
    """Give the figure's rules, with its colours for both themes."""
    light, dark = (" ".join(f"--moving-{name}: {pair[k]};" for name, pair in COLOURS.items()) for k in (0, 1))
    rule = f"@media screen and (prefers-color-scheme: dark) {{ .moving {{ {dark} }} }}"
    return f".moving {{ {light} }}\n{rule}\n{_text('moving.css')}"


def _typeset(text: str) -> Any:
    from markupsafe import Markup

    return Markup(formula(text))


def _text(name: str) -> str:
    return (resources.files("wd_jax.report") / "templates" / name).read_text(encoding="utf-8")
