"""Settings of the four claims; `experiments.exercise.settings_tolerances` says which were chosen after looking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from experiments import preset as base
from wd_jax.data import Dataset
from wd_jax.setup import Setup

Range = tuple[float, float]


@dataclass(frozen=True)
class Preset(base.Preset):
    """What the four claims run on one dataset.

    Parameters
    ----------
    dataset : str
        "digits" or "mnist".
    hidden : int
        Hidden units; 30 as in Nielsen's network.
    batch_size : int
        Examples of a minibatch, m; Nielsen's 10.
    eta : float
        Learning rate; Nielsen's 0.1.
    lmbda : float
        Regularisation rate λ, whose decay per step is ηλ/n; Nielsen's 5.
    seeds : int
        Independent seeds of each cell of claims 1 and 4.
    epochs : int
        Of claim 3's runs; 400 are twenty time constants m/(eta*lmbda). After 160 no width moves much any more.
    epochs_of_starts : int
        Of claim 4's runs from both starts; 240 are twelve time constants.
    epochs_of_book : int
        Epochs in the book's examples.
    lmbda_range, lmbda_cells : (float, float), int
        Logarithmic grid for claim 1's thresholds.
    widths : tuple of int
        Hidden units for claim 3.
    width_seeds : int
        Seeds of claim 3's sweeps.
    factor_seeds : int
        Seeds of claim 2's runs, which are short.
    lmbdas : tuple of float
        Claim 3's grid in lmbda at `hidden` units; smaller values need longer runs, as m/(eta*lmbda) grows.
    lmbdas_of_slider : tuple of float
        More values of lmbda for the slider of a page's first figure, which has 0 besides; no word depends on them.
    seeds_of_slider : int
        Seeds of those, the first of claim 3's; the page's first figure shows no more of any lmbda.
    epochs_of_slider : int
        Epochs of those; 240 are six time constants m/(eta*lmbda) of the smallest, and twelve of the book's.
    """

    hidden: int = 30
    batch_size: int = 10
    eta: float = 0.1
    lmbda: float = 5.0
    seeds: int = 32
    epochs: int = 400
    epochs_of_starts: int = 240
    epochs_of_book: int = 30
    lmbda_range: Range = (0.01, 10_000.0)
    lmbda_cells: int = 25
    widths: tuple[int, ...] = (8, 16, 32, 64, 128)
    width_seeds: int = 24
    factor_seeds: int = 96
    lmbdas: tuple[float, ...] = (5.0, 10.0, 20.0)
    lmbdas_of_slider: tuple[float, ...] = (2.5, 7.0, 14.0, 28.0, 40.0)
    seeds_of_slider: int = 8
    epochs_of_slider: int = 240

    SEEDS: ClassVar[Mapping[str, str]] = {
        "seeds": "",
        "factor_seeds": "of claim 2 ",
        "width_seeds": "of claim 3 ",
        "seeds_of_slider": "of the slider ",
    }

    def setup(self, data: Dataset) -> Setup:
        """Nielsen's network on this dataset."""
        return Setup(widths=(data.n_in, self.hidden, data.n_out), batch_size=self.batch_size)

    def lmbda_grid(self) -> list[float]:
        """Claim 1's values of lmbda, increasing."""
        return np.geomspace(*self.lmbda_range, self.lmbda_cells).tolist()

    def coordinates(
        self, lmbda: Sequence[float] | None = None, hidden: Sequence[int] | None = None
    ) -> dict[str, tuple[float, ...]]:
        """Values that a stored sweep of this preset must have, by coordinate; one lmbda and one width by default."""
        return {
            "eta": (self.eta,),
            "m": (self.batch_size,),
            "lmbda": (self.lmbda,) if lmbda is None else tuple(lmbda),
            "hidden": (self.hidden,) if hidden is None else tuple(hidden),
        }


PRESETS = {
    ("digits", "quick"): Preset("digits"),
    ("digits", "full"): Preset(
        "digits",
        seeds=64,
        epochs=800,
        epochs_of_starts=640,
        widths=(8, 16, 32, 64, 128, 256),
        factor_seeds=192,
        lmbdas=(2.5, 5.0, 10.0, 20.0),
    ),
    ("mnist", "quick"): Preset(
        "mnist",
        seeds=8,
        epochs=160,
        epochs_of_starts=120,
        widths=(8, 16, 32, 64),
        width_seeds=5,
        factor_seeds=8,
        lmbdas_of_slider=(14.0, 40.0),
        seeds_of_slider=3,
        epochs_of_slider=96,
    ),
    ("mnist", "full"): Preset("mnist", seeds=8, width_seeds=5, factor_seeds=8, seeds_of_slider=3),
}


def preset(dataset: str, size: str, **changes: Any) -> Preset:
    """Look a preset up, with changes for tests and explorations.

    Raises
    ------
    KeyError
        Naming the presets there are.
    """
    return base.look_up(PRESETS, dataset, size, **changes)
