"""What the page's explorer is given: formulas as JavaScript, Nielsen's networks and this run's setting."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wd_jax import siblings
from wd_jax.report import explorer_precision, explorer_schedules

if TYPE_CHECKING:
    import xarray as xr

    from derivations import Formula
    from wd_jax.report.contents import Explorer

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
    "nesterov_critical_lmbda": ("momentum", "nesterov_critical_lmbda"),
    "weight_decay": ("timescale", "weight_decay"),
    "beyond_second_order": ("schedules", "beyond_second_order"),
}
NIELSEN = {"eta": 0.1, "lmbda": 5.0, "n": 50_000, "m": 10, "n_in": 784, "momentum": 0.0, "epochs": 30}
# A usual AdamW: learning rate 3e-4, weight_decay = lmbda/n = 0.1, 100 000 steps.
ADAMW = {"eta": 3e-4, "lmbda": 1e5, "n": 1_000_000, "m": 100, "n_in": 1024, "momentum": 0.0, "epochs": 10}
ADAMW_PLATEAU = {"n_w": 1_000_000, "Q": 40.0}
ADAMW_NOTE = "Here Q = 40 is an example: weights that rest at an rms of 0.02."
# docs/mnist.md, claim 3: at 8 to 64 hidden units the plateau is 44 to 50 times 1/sqrt(n_w), so that Q is 0.19 to 0.25.
EXAMPLE_Q = 0.22
EXAMPLE = "Here Q = 0.22 is an example: about what networks of 8 to 64 hidden units had on MNIST at η = 0.1, λ = 5."


def gather(own: Mapping[str, Any] | None = None, moving: Mapping[str, Any] | None = None) -> "Explorer":
    """Make the explorer of a run's page.

    Parameters
    ----------
    own : mapping, optional
        The run's own setting (`preset_of`), with which the page opens.
    moving : mapping, optional
        What the figure of the first screen draws (`moving.of_runs`).

    Returns
    -------
    Explorer
    """
    siblings.check("derivations")
    from derivations.output import javascript
    from wd_jax.report.explorer import explorer

    presets = [*([own] if own else []), *nielsens(), adamw()]
    data = {
        "presets": presets,
        "precision": explorer_precision.data(),
        "schedules": explorer_schedules.data(),
        **({"moving": moving} if moving else {}),
    }
    return explorer(javascript.program(formulas()), data)


def formulas() -> dict[str, "Formula"]:
    """Return the formulas that the page evaluates, by their names there.

    Examples
    --------
    >>> sorted(formulas())[:3]
    ['beyond_second_order', 'critical_lmbda', 'decayed_rms']
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
    slow, nesterov = (built["momentum"].formulas[name] for name in ("slow_root", "nesterov_slow_root"))
    half = built["epoch_decay"].formulas["half_life_epochs"]
    halved = Formula(
        "momentum_half_life_epochs",
        half.expr.subs(openings.lmbda, openings.n * (1 - slow.expr) / openings.eta),  # a step takes 1 - r
        (openings.eta, openings.lmbda, openings.n, openings.m, mu),
        "epochs until half of a weight is left under heavy ball, the slow mode's",
        "epochs",
        "factor",
        slow.validity,
    )
    alike = {
        "lmbda_of_leading": openings.lmbda / (1 - mu),
        "lmbda_of_slow_mode": openings.n * (1 - slow.expr) / openings.eta,
        "lmbda_of_nesterov": openings.n * (1 - nesterov.expr) / openings.eta,
    }
    decays_alike = [
        Formula(
            name,
            expr,
            (openings.eta, openings.lmbda, openings.n, mu),
            "lmbda that decays as much in a step without momentum",
            "1",
            "factor",
            nesterov.validity if name == "lmbda_of_nesterov" else slow.validity,
        )
        for name, expr in alike.items()
    ]
    own = {formula.name: formula for formula in (epsilon, held, halved, *decays_alike)}
    named = {name: built[derivation].formulas[formula] for name, (derivation, formula) in PRINTED.items()}
    return own | named | explorer_schedules.formulas()


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


def adamw() -> dict[str, Any]:
    """Return the preset of a usual AdamW under cosine, in bfloat16.

    Examples
    --------
    >>> round(adamw()["values"]["lmbda"] / adamw()["values"]["n"], 3), adamw()["choices"]["schedule"]
    (0.1, 'cosine')
    """
    return {
        "label": "AdamW, 3e-4, 0.1, cosine, bfloat16",
        "note": ADAMW_NOTE,
        "measured": False,
        "values": ADAMW | ADAMW_PLATEAU,
        "choices": {"optimiser": "decoupled", "schedule": "cosine", "precision": "bfloat16"},
    }


def preset_of(runs: "xr.Dataset", dataset: str, eta: float, lmbda: float, supplied: float | None) -> dict[str, Any]:
    """Return a preset with the setting of a run.

    Parameters
    ----------
    runs : xarray.Dataset
        One of its sweeps, over one network.
    dataset : str
        Its name.
    eta, lmbda : float
        Learning rate and regularisation rate, dimensionless.
    supplied : float or None
        Q of the whole network that the run measured, dimensionless.
    """
    note = "Here Q is what this run measured late in it, for the whole network; mean over seeds."
    counts = {"n": int(runs.n), "m": int(runs.m), "n_in": int(runs.n_in[0]), "n_w": int(runs.n_w.sum())}
    return {
        "label": f"This run: {dataset}",
        "note": EXAMPLE if supplied is None else note,
        "measured": supplied is not None,
        "values": {"eta": eta, "lmbda": lmbda}
        | counts
        | {"momentum": 0.0, "Q": EXAMPLE_Q if supplied is None else supplied}
        | {"epochs": max(1, round(float(runs.epoch.max())))},
    }
