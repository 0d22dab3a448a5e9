"""What the laws are about: the catalogue's groups, and the formulas that say what a law found."""

from collections.abc import Mapping
from types import MappingProxyType

SUBJECTS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "Decay alone": {
        "epoch_decay": ("per_epoch_factor", "per_epoch_factor_limit"),
        "timescale": ("tau_epoch", "tau_run"),
        "ways_to_decay": ("decoupled", "absolute", "implicit"),
    },
    "Under a schedule": {
        "schedules": ("rate_sum_cosine", "log_factor_cosine"),
        "decay_under_schedule": ("left", "tau_run"),
        "schedule_law": ("phi_next",),
        "corrected_decay": ("weight_ms", "excess_bound"),
    },
    "SGD: noise, momentum, sampling": {
        "stationary_variance": ("noise_floor", "noise_floor_leading"),
        "momentum": ("per_epoch_factor_leading", "critical_lmbda"),
        "momentum_forms": ("nesterov",),
        "shuffling": ("end_ratio",),
        "ridge": ("stationary_variance", "stability_bound"),
    },
    "Adam, signs and Muon": {
        "adamw": ("weight_rms_leading", "rotation_leading"),
        "adam_l2": ("weight_rms", "decay_factor"),
        "coupled_start": ("adam",),
        "sign_momentum": ("weight_rms_leading",),
        "lion": ("weight_bound_after", "weight_rms"),
        "muon": ("weight_norm_leading", "weight_bound"),
        "box_constraint": ("weight_abs_after",),
        "cautious_decay": ("weight_rms",),
    },
    "Optimisers that scale or average": {
        "trust_ratio": ("norm_at_rest", "rotation"),
        "rms_scaled": ("most", "least"),
        "averaged_decay": ("schedule_free_share",),
    },
    "Weights whose scale the cost ignores": {
        "scale_invariant": ("weight_norm2", "cos_angle"),
        "radial_gradient": ("cos_angle_momentum",),
    },
    "The exercise: from a wide start to a plateau": {
        "dominance": ("critical_lmbda",),
        "tail_off": ("plateau_rms",),
        "initialisation": ("epochs_to_fan_in", "weight_rms"),
        "saturation": ("mean_slope",),
        "start_gradient": ("pair_slope", "batch_gradient_ms"),
    },
    "What decay does to what is learnt": {
        "symmetry": ("decayed", "imbalance"),
        "online_perceptron": ("critical_gamma_wide",),
        "grokking": ("delay_leading",),
        "factors": ("singular_value", "fold_lmbda"),
        "neural_collapse": ("singular_value", "collapse_decay_product"),
        "low_rank_memory": ("rank_enough",),
    },
    "Numbers and programs": {
        "rounding": ("stuck", "left"),
        "blocked_sgd": ("operations_ratio",),
        "blocked_momentum": ("operations_ratio",),
    },
})  # fmt: skip
"""Laws by subject, each with its main formulas. `tests/docs` holds it against the catalogue."""

THE_SAME_AS: Mapping[str, str] = MappingProxyType({
    "stationary_variance.noise_floor_leading": "noise_floor",
    "momentum.per_epoch_factor_leading": "per_epoch_factor",
    "shuffling.end_ratio": "end_ratio_exact",
    "shuffling.end_ratio_exact": "variance_at_epoch_end",
    "adamw.weight_rms_leading": "weight_rms",
    "adamw.rotation_leading": "rotation",
    "adam_l2.weight_rms": "weight_rms_exact",
    "sign_momentum.weight_rms_leading": "weight_rms",
    "muon.weight_norm_leading": "weight_norm",
    "grokking.delay_leading": "delay",
})  # fmt: skip
"""Which formula is meant where the meaning of a main one begins with "the same"."""


def main_formulas(name: str) -> tuple[str, ...]:
    """Return the formulas that say what a law found, none for a law without a subject.

    Examples
    --------
    >>> main_formulas("stationary_variance"), main_formulas("no_law")
    (('noise_floor', 'noise_floor_leading'), ())
    """
    return next((laws[name] for laws in SUBJECTS.values() if name in laws), ())


def full_meaning(name: str, formula: str, meanings: Mapping[str, str]) -> str:
    """Return what a formula gives in words that stand alone.

    Parameters
    ----------
    name, formula : str
        The law and its formula.
    meanings : mapping of str to str
        Of all its formulas, by name.

    Examples
    --------
    >>> full_meaning("grokking", "delay_leading", {"delay": "steps", "delay_leading": "the same for small eta L"})
    'steps, for small eta L'
    """
    meaning = meanings[formula]
    if not meaning.startswith("the same"):
        return meaning
    return f"{full_meaning(name, THE_SAME_AS[f'{name}.{formula}'], meanings)}, {meaning.removeprefix('the same ')}"


def grouped(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Group laws by subject, in the order of the table; what has no subject comes last, under "Other".

    Examples
    --------
    >>> grouped(("grokking", "epoch_decay", "mine"))
    {'Decay alone': ['epoch_decay'], 'What decay does to what is learnt': ['grokking'], 'Other': ['mine']}
    """
    found = {subject: [name for name in laws if name in names] for subject, laws in SUBJECTS.items()}
    found["Other"] = [name for name in names if not any(name in laws for laws in SUBJECTS.values())]
    return {subject: laws for subject, laws in found.items() if laws}
