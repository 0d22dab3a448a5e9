"""What the page's explorer is given: formulas as JavaScript, Nielsen's networks and this run's setting."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wd_jax import conventions, files

if TYPE_CHECKING:
    import xarray as xr

    from derivations import Formula
    from wd_jax.report.contents import Explorer

SETTINGS = "settings.json"
PRINTED = {
    # name on the page: (derivation, formula)
    "per_epoch_factor": ("epoch_decay", "per_epoch_factor"),
    "per_epoch_factor_limit": ("epoch_decay", "per_epoch_factor_limit"),
    "relative_error_of_limit": ("epoch_decay", "relative_error_of_limit"),
    "half_life_epochs": ("epoch_decay", "half_life_epochs"),
    "decayed_rms": ("epoch_decay", "weight_rms"),
    "epochs_to_fan_in": ("initialisation", "epochs_to_fan_in"),
    "epochs_to_fan_in_exact": ("initialisation", "epochs_to_fan_in_exact"),
    "epochs_to_plateau": ("initialisation", "epochs_to_plateau"),
    "relaxed_rms": ("initialisation", "weight_rms_exact"),
    "relaxed_rms_limit": ("initialisation", "weight_rms"),
    "plateau_rms": ("tail_off", "plateau_rms"),
    "momentum_per_epoch_factor": ("momentum", "per_epoch_factor"),
    "momentum_per_epoch_factor_leading": ("momentum", "per_epoch_factor_leading"),
    "critical_lmbda": ("momentum", "critical_lmbda"),
}
NIELSEN = {"eta": 0.1, "lmbda": 5.0, "n": 50_000, "m": 10, "n_in": 784, "momentum": 0.0}
# docs/mnist.md, claim 3: at 8 to 64 hidden units the plateau is 44 to 50 times 1/sqrt(n_w), so that Q is 0.19 to 0.25.
EXAMPLE_Q = 0.22
EXAMPLE = "Here Q = 0.22 is an example: about what networks of 8 to 64 hidden units had on MNIST at η = 0.1, λ = 5."


def gather(folder: Path | None = None) -> "Explorer":
    """Make the explorer of a run's page.

    Parameters
    ----------
    folder : Path, optional
        A folder that ``wd-jax reproduce`` wrote; its setting and measured Q become the preset the page opens with.

    Returns
    -------
    Explorer
    """
    from derivations.output import javascript
    from wd_jax.report.explorer import explorer

    own = this_run(folder) if folder is not None else None
    float32 = {
        "lost": conventions.FLOAT32_LOST,
        "stuck": conventions.FLOAT32_STUCK,
        "doubtful": conventions.FLOAT32_DOUBTFUL,
    }
    presets = [*([own] if own else []), *nielsens()]
    return explorer(javascript.program(formulas()), {"presets": presets, "float32": float32})


def formulas() -> dict[str, "Formula"]:
    """Return the formulas that the page evaluates, by their names there.

    Examples
    --------
    >>> sorted(formulas())[:3]
    ['critical_lmbda', 'decayed_rms', 'epochs_to_fan_in']
    """
    from derivations import Formula, derive
    from derivations.laws.momentum.heavy_ball import mu
    from derivations.laws.shared import openings

    built = {name: derive(name) for name in {derivation for derivation, _ in PRINTED.values()}}
    epsilon = Formula(
        "per_step_decay",
        openings.STEP_DECAY,
        (openings.eta, openings.lmbda, openings.n),
        "share of a weight that one step removes",
        "1",
        openings.decay_per_step().name,
    )
    held = Formula(
        "momentum_per_step_decay",
        openings.STEP_DECAY / (1 - mu),
        (openings.eta, openings.lmbda, openings.n, mu),
        "share of a weight that one step of heavy ball removes, leading order",
        "1",
        "factor_leading",
    )
    slow, half = built["momentum"].formulas["slow_root"], built["epoch_decay"].formulas["half_life_epochs"]
    halved = Formula(
        "momentum_half_life_epochs",
        half.expr.subs(openings.lmbda, openings.n * (1 - slow.expr) / openings.eta),  # a step takes 1 - r
        (openings.eta, openings.lmbda, openings.n, openings.m, mu),
        "epochs until half of a weight is left under heavy ball, the slow mode's",
        "epochs",
        "factor",
        slow.validity,
    )
    return {formula.name: formula for formula in (epsilon, held, halved)} | {
        name: built[derivation].formulas[formula] for name, (derivation, formula) in PRINTED.items()
    }


def nielsens() -> list[dict[str, Any]]:
    """Return presets for the two networks of the book's figures.

    Examples
    --------
    >>> [preset["values"]["n_w"] for preset in nielsens()]
    [23820, 79400]
    """
    return [
        {
            "label": f"Nielsen's [784, {hidden}, 10]",
            "note": EXAMPLE,
            "measured": False,
            "values": NIELSEN | {"n_w": 784 * hidden + hidden * 10, "Q": EXAMPLE_Q},
        }
        for hidden in (30, 100)
    ]


def this_run(folder: Path) -> dict[str, Any] | None:
    """Return a preset with a run's setting, and its Q where claim 3 measured one; None without results.

    Parameters
    ----------
    folder : Path
        It holds settings.json and the results of one experiment or more.

    Returns
    -------
    dict or None
    """
    from experiments.claim_3_tail_off import BY_LMBDA
    from experiments.expected import SWEEPS
    from wd_jax.cli import stored_settings
    from wd_jax.results import netcdf

    settings = stored_settings.read(folder / SETTINGS).to_dict()
    measured = folder / f"{BY_LMBDA}{files.SUFFIX}"
    others = sorted(files.path_of(folder / name) for sweeps in SWEEPS.values() for name in sweeps)
    for file in (measured, *others):
        if not file.is_file():
            continue
        runs = netcdf.open_runs(file)
        if "hidden" not in runs.dims:
            supplied = _supply(runs, float(settings["lmbda"])) if file == measured else None
            return _preset(runs, settings, supplied)
    return None


def _preset(runs: "xr.Dataset", settings: Mapping[str, Any], supplied: float | None) -> dict[str, Any]:
    note = "Here Q is what this run measured late in it, for the whole network; mean over seeds."
    setting = {name: float(settings[name]) for name in ("eta", "lmbda")}
    counts = {"n": int(runs.n), "m": int(runs.m), "n_in": int(runs.n_in[0]), "n_w": int(runs.n_w.sum())}
    return {
        "label": f"This run: {settings['dataset']}",
        "note": EXAMPLE if supplied is None else note,
        "measured": supplied is not None,
        "values": setting | counts | {"momentum": 0.0, "Q": EXAMPLE_Q if supplied is None else supplied},
    }


def _supply(runs: "xr.Dataset", lmbda: float) -> float | None:
    """Return the network's Q at one lmbda, in four digits; None where decay has not tailed off."""
    import numpy as np

    from experiments import late_weights

    chosen = runs.lmbda.values[np.isclose(runs.lmbda.values, lmbda, rtol=1e-9)]
    if not chosen.size:
        return None
    found = late_weights.measure(runs.sel(lmbda=chosen[:1]))
    supplied = float(found.Q.sel(part=late_weights.NETWORK).mean())
    return float(f"{supplied:.4g}") if np.isfinite(supplied) and supplied > 0 else None
