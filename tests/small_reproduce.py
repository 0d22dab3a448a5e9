"""``wd-jax`` with the quick preset of digits made small: what the tests run in a process of its own."""

import signal
import sys

from experiments.exercise import preset
from wd_jax.cli import main

SMALL = {
    "seeds": 3, "hidden": 8, "batch_size": 30, "eta": 1.0, "lmbda": 15.0, "epochs": 24, "epochs_of_starts": 24,
    "epochs_of_book": 6,
    "lmbda_cells": 7, "widths": (6, 12, 24), "width_seeds": 4, "factor_seeds": 3, "lmbdas": (10.0, 15.0, 25.0),
    "lmbdas_of_slider": (5.0, 40.0), "seeds_of_slider": 2, "epochs_of_slider": 15,
}  # fmt: skip
"""Changes to the preset: a small network, trained so shortly that decay tails off in some cells only."""

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # started in the background it would be ignored
    preset.PRESETS["digits", "quick"] = preset.preset("digits", "quick", **SMALL)
    sys.exit(main())
