"""On which formula each number of a prediction rests: derivation and formula, with what was evaluated."""

from wd_jax.predictions.rest import Rest
from wd_jax.predictions.setting import DIVIDED, Setting

ALWAYS = {
    "per_step_factor": "epoch_decay.per_step_factor",
    "per_epoch_factor": "epoch_decay.per_epoch_factor",
    "per_epoch_factor_limit": "epoch_decay.per_epoch_factor_limit",
    "relative_error_of_limit": "epoch_decay.relative_error_of_limit",
    "half_life_epochs": "epoch_decay.half_life_epochs",
    "epochs_to_fan_in_exact": "initialisation.epochs_to_fan_in_exact",
    "epochs_to_fan_in": "initialisation.epochs_to_fan_in",
}
CONSTANT = {
    "half_life_steps": "epoch_decay.half_life_epochs, m = n",
    "half_life_share": "epoch_decay.half_life_epochs over T",
    "timescale_steps": "timescale.tau_iter",
    "timescale_epochs": "timescale.tau_epoch",
    "timescale_share": "timescale.tau_run",
    "retained": "schedules.log_factor_constant",
    "decay_over_run": "schedules.log_factor_constant",
    "weight_by_age": "timescale.weight_of_age, a tenth of the run in the place of an epoch",
    "median_age_steps": "timescale: gathered: q^age = (1 + q^T)/2",
    "steps_to_rest": "stationary_variance.variance: (1 − ε)^(2 steps) = 0.01",
    "rms_at_end": "adamw.weight_rms, approached by (1 − ε)^(2T): adamw.weight_ms_after without the average's memory",
}
ADDED = "Σ ln(1 − ε_k) step by step, schedules: log_sum"
AGES = "differences of what is left at two steps, decay_under_schedule: weight_of_step"
SCHEDULED = {
    "per_step_decay_mean": "Σ ε_k / T, step by step",
    "per_step_decay_last": "ε at the schedule's last step",
    "half_life_steps": f"{ADDED}, passing ln(1/2)",
    "half_life_epochs": f"{ADDED}, passing ln(1/2)",
    "half_life_share": f"{ADDED}, passing ln(1/2)",
    "timescale_steps": "T / Σ ε_k: decay_under_schedule.tau_run times T",
    "timescale_epochs": "T / Σ ε_k in epochs: decay_under_schedule.tau_run times T",
    "timescale_share": "1 / Σ ε_k: decay_under_schedule.tau_run",
    "retained": f"exp of {ADDED}",
    "decay_over_run": f"1 − exp of {ADDED}",
    "retained_at_constant_rate": "schedules.log_factor_constant",
    "weight_by_age": AGES,
    "median_age_steps": AGES,
    "steps_to_rest": "2 Σ ln(1 − ε_k) = ln 0.01 step by step, stationary_variance.variance at a constant rate",
    "rms_at_end": "adamw's mean square step by step, without the average's memory",
    "epochs_to_fan_in_exact": f"{ADDED}, passing −ln(n_in)/2",
}
WORTH = "η_k times all later factors 1 − ε_j step by step, decay_under_schedule: memory"
"""Where the decay does not follow the rate: an update's share is no difference then."""
STEPS = (
    *("half_life_steps", "half_life_share", "retained", "decay_over_run"),
    *("weight_by_age", "median_age_steps", "steps_to_rest"),
)
STEPPED = "the steps of PyTorch's SGD made one by one in float64"
MOMENTUM = {
    "per_step_decay_with_momentum": "momentum.slow_root",
    "per_step_factor": "momentum.slow_root",
    "per_epoch_factor": "momentum.per_epoch_factor",
    "per_epoch_factor_limit": "momentum.per_epoch_factor_leading",
    "relative_error_of_limit": "momentum.per_epoch_factor over per_epoch_factor_leading",
    "half_life_epochs": "momentum.slow_root",
    "half_life_epochs_from_rest": "momentum.slow_root and fast_root",
    "epochs_to_fan_in_exact": "momentum.slow_root",
    "epochs_to_fan_in": "initialisation.epochs_to_fan_in times 1 − μ",
    "timescale_steps": "1 / (1 − r), momentum.slow_root",
    "timescale_epochs": "1 / (1 − r), momentum.slow_root",
    "timescale_share": "1 / (1 − r), momentum.slow_root",
    "per_step_decay_mean": "1 − r of each step's rate, momentum.slow_root, mean",
    "per_step_decay_last": "1 − r of the last step's rate, momentum.slow_root",
} | dict.fromkeys(
    (*STEPS, "retained_at_constant_rate"),
    "momentum.weight, its two modes added: slow_root and fast_root",
)  # fmt: skip


def of(setting: Setting, rest: Rest) -> dict[str, str]:
    """Name the formula behind each number.

    Parameters
    ----------
    setting : Setting
        What was asked.
    rest : Rest
        Where the weights settle.

    Examples
    --------
    >>> of(Setting(eta=0.1, weight_decay=0.1, steps=5), Rest())["timescale_steps"]
    'timescale.tau_iter'
    """
    found = {"per_step_decay": "epoch_decay.per_step_factor"} | ALWAYS | CONSTANT
    if setting.scheduled:
        found |= SCHEDULED
        decay = setting.lmbda_schedule
        if setting.absolute_decay is not None or (decay is not None and not decay.constant):
            found |= dict.fromkeys(("weight_by_age", "median_age_steps"), WORTH)
    if setting.through:
        nesterov = setting.nesterovs
        found |= {
            name: text.replace("momentum.slow_root", "momentum.nesterov_slow_root") if nesterov else text
            for name, text in MOMENTUM.items()
            if not (setting.scheduled and name == "half_life_epochs")
        }
        if setting.scheduled:
            found |= dict.fromkeys(("half_life_epochs", *STEPS), STEPPED)
    if setting.optimiser in DIVIDED:
        found |= {"per_step_decay": "adam_l2.decay_factor, its first order", "rms_at_rest": "adam_l2.weight_rms_exact"}
    for name, formula in zip(("rms_at_rest", "rotation_at_rest"), rest.formulas, strict=True):
        if formula:
            text = formula if "." in formula.split()[0] else f"{rest.law}.{formula}"
            found |= {f"{name}{end}": text for end in ("", "_least", "_most")}
    return found
