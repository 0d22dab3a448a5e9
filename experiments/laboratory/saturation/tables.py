"""Tables of the report on the start, and the names of what is compared."""

import numpy as np
import xarray as xr

from experiments.laboratory.saturation import averages
from experiments.laboratory.saturation.settings import LAYERS, Settings
from wd_jax.stats.estimates import Estimate, t_interval
from wd_jax.stats.outcome import Table

PARTS: dict[str, str] = {
    "preactivation_ms": "weighted input (rms)",
    "slope": "mean slope E σ′",
    "slope_ms": "squared slope E σ′² (rms)",
    "saturated": "saturated units",
    "delta_ms": "error dC/dz (rms)",
    "example_ms": "gradient of an example (rms)",
    "batch_ms": "gradient of a minibatch (rms)",
    "mean_ms": "gradient of the training set (rms)",
    "drift": "drift ⟨W, g⟩",
}
"""What is compared, and its name; those that end in _ms by their root."""
SENSES = {
    "noise": "budget, noise alone",
    "budget": "budget, drift and noise",
    "force": "force of the mean gradient",
    "displacement": "displacement of one step",
}


def over(measured: xr.DataArray, law: xr.DataArray, root: bool, cells: int = 1) -> Estimate:
    """Give measured/predicted of one cell with its interval; by roots where mean squares are compared as such."""
    found = t_interval((measured / law).values, cells)
    if not root:
        return found
    value, low, high = np.sqrt(np.maximum([found.value, found.low, found.high], 0))
    return Estimate(float(value), float(low), float(high), found.n, found.left_out)


def _number(found: Estimate) -> str:
    return found.with_digits(".3g", ".1g")


def parts(preset: Settings, runs: xr.Dataset, law: xr.Dataset, plain: xr.Dataset) -> Table:
    """Lay out what networks start with.

    Parameters
    ----------
    preset : Settings
        Its widths.
    runs, law, plain : xarray.Dataset
        Measured [hidden, layer, seed]; predicted, with averages over |x|^2 and at its mean.
    """
    rows = []
    for hidden in preset.hidden:
        for layer in LAYERS:
            for name, words in PARTS.items():
                one, theory, mean = (of[name].sel(hidden=hidden, layer=layer) for of in (runs, law, plain))
                root = name.endswith("_ms")
                shown = np.sqrt if root else np.asarray
                rows.append(
                    (
                        hidden,
                        layer,
                        words,
                        f"{float(shown(one.mean())):.4g}",
                        f"{float(shown(theory)):.4g}",
                        over(one, theory, root).with_digits(".3f", ".3f"),
                        f"{float(shown(mean)):.4g}",
                    )
                )
    columns = ("hidden units", "layer", "what", "measured", "law", "measured / law", "law at the mean |x|²")
    note = "Mean over seeds; rms: root of the mean square over weights or units, examples and seeds."
    return Table("What networks start with", columns, tuple(rows), note)


def thresholds(preset: Settings, n: int, found: xr.Dataset, said: xr.Dataset) -> Table:
    """Lay out thresholds in lmbda, measured [hidden, layer, seed] and predicted, for n examples."""
    rows = []
    for hidden in preset.hidden:
        for layer in LAYERS:
            one, theory = (of.sel(hidden=hidden, layer=layer) for of in (found, said))
            rows += [
                (
                    hidden,
                    layer,
                    words,
                    _number(t_interval(one[sense].values)),
                    f"{float(theory[sense]):.3g}",
                    f"{float(theory.zero_mean):.3g}" if sense == "noise" else "",
                    f"{preset.lmbda / float(one[sense].mean()):.2g}",
                )
                for sense, words in SENSES.items()
            ]
    columns = ("hidden units", "layer", "sense", "λ measured", "law", "without a mean", f"λ = {preset.lmbda:g} over it")
    note = (
        f"η = {preset.eta:g}, m = {preset.m}, n = {n}; mean over seeds with 95 % interval. Budget: of the first step, "
        "drift being that of the mean gradient. Force: λ|w|/n against the gradient of the training set. Over a whole "
        "epoch gradients change: that is claim 1's measurement."
    )
    return Table("The λ above which decay dominates at the start", columns, tuple(rows), note)


def constant() -> Table:
    """Lay out c(s) and what follows from it."""
    s = np.array([0.05, 0.5, 1.0, 2.0, 3.83, 9.4, 22.4, 40.0])
    rows = tuple(
        (f"{w:g}", f"{c:.6f}", f"{slope:.6f}", f"{(_closed_slope(w) / slope - 1) * 100:+.2f} %", f"{share:.3f}")
        for w, c, slope, share in zip(s, averages.c_of(s), averages.mean_slope(s), averages.saturated(s), strict=True)
    )
    columns = ("s", "c(s)", "E σ′", "1.702² in place of c", "saturated")
    return Table("The mean slope 1/√(2π(s² + c(s)))", columns, rows, "By quadrature; no network.")


def _closed_slope(s: float) -> float:
    """Return the closed mean slope, with a constant in place of c(s)."""
    return float(1 / np.sqrt(2 * np.pi * (s**2 + averages.PROBIT)))
