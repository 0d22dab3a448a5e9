"""The laws, one a file, or a folder where a law has parts. Nothing here is imported before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MODULES: Mapping[str, str] = MappingProxyType({
    "epoch_decay": "epoch_decay",
    "stationary_variance": "stationary_variance",
    "schedules": "schedules.law",
    "momentum": "momentum.law",
    "shuffling": "shuffling.law",
    "adam_l2": "adam.adam_l2",
    "adamw": "adam.adamw",
    "scale_invariant": "scale_invariant",
    "schedule_law": "schedule_law",
    "saturation": "saturation.law",
    "dominance": "dominance",
    "tail_off": "tail_off",
    "initialisation": "initialisation",
    "symmetry": "symmetry",
    "online_perceptron": "online_perceptron.law",
    "ridge": "ridge.law",
    "timescale": "timescale.law",
    "sign_momentum": "sign.sign_momentum",
    "muon": "muon.law",
    "lion": "sign.lion",
    "blocked_sgd": "blocked_sgd.law",
    "blocked_momentum": "blocked_momentum.law",
    "ways_to_decay": "elsewhere.ways_to_decay",
    "trust_ratio": "elsewhere.trust_ratio",
    "averaged_decay": "elsewhere.averaged_decay.law",
    "decay_under_schedule": "elsewhere.decay_under_schedule",
    "rms_scaled": "elsewhere.rms_scaled",
    "coupled_start": "elsewhere.coupled_start",
    "momentum_forms": "elsewhere.momentum_forms",
    "rounding": "rounding",
    "cautious_decay": "cautious.law",
    "corrected_decay": "corrected_decay",
    "box_constraint": "box_constraint",
    "grokking": "grokking",
    "radial_gradient": "radial_gradient",
    "factors": "factors",
    "neural_collapse": "neural_collapse",
    "low_rank_memory": "low_rank_memory",
    "start_gradient": "saturation.start_gradient",
})  # fmt: skip
"""Name of each law and the module below `derivations.laws` whose `build()` makes it, in the order they are listed."""
