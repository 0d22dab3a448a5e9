"""Settings of the experiment, and the numbers that decide its words, with what had been seen when they were chosen."""

from dataclasses import dataclass

from experiments.preset import Preset
from experiments.tolerance import Tolerance

NAME = "timescale_collapse"
DATE = "2026-11-29"

SHARE = Tolerance(
    "SHARE",
    (NAME,),
    (0.1,),
    "share of the variance between settings that may be left unexplained where they collapse on one number",
    "what is left then has less than a third of the spread (sqrt(0.1) = 0.32): a curve can be seen through the points",
    DATE,
    words="is a function of",
)
MORE = Tolerance(
    "MORE",
    (NAME,),
    (0.0,),
    "least lead, in share of variance, of tau over the best of lmbda, eta and epochs alone",
    "a law should order the settings better than any one of the numbers it is made of",
    DATE,
    words="explains more",
)
STEADIER = Tolerance(
    "STEADIER",
    (NAME,),
    (1.0,),
    "most spread of the best tau/epochs over settings, relative to that of the best lmbda",
    "if the optimum kept tau it would be the steadier of the two",
    DATE,
    words="varies less",
)
EXPONENT = Tolerance(
    "EXPONENT",
    (NAME,),
    (0.25,),
    "deviation of the exponent of the best lmbda in eta",
    "half-way to the next simple exponent, 1/2 away",
    DATE,
    words="exponent",
)
SEEN = "the first result on digits, of all settings together"
SHARE_INSIDE = Tolerance(
    "SHARE (within the guideline)",
    (NAME,),
    (SHARE.value,),
    "the same, of the settings within the guideline: the question was added",
    "the same number",
    DATE,
    "after",
    seen=SEEN,
    words="within the guideline",
)
STEADIER_LONGEST = Tolerance(
    "STEADIER (the longest runs)",
    (NAME,),
    (STEADIER.value,),
    "the same, of the longest runs alone: the question was added",
    "the same number",
    DATE,
    "after",
    seen=SEEN,
    words="of the longest runs",
)
TOLERANCES = (SHARE, SHARE_INSIDE, MORE, STEADIER, STEADIER_LONGEST, EXPONENT)


@dataclass(frozen=True)
class Settings(Preset):
    """What is trained: a perceptron with one hidden layer of relu units, softmax, AdamW at a constant rate.

    Parameters
    ----------
    learned, watched : int
        Examples that are trained on, and the most that validation and test have.
    batch_size, hidden : int
        Minibatch size, and hidden units.
    eta, lmbda : tuple of float
        Grid of learning rates and of decays.
    epochs : tuple of int
        Lengths of the runs.
    seeds : int
        How many.
    """

    learned: int = 300
    watched: int = 1000
    batch_size: int = 20
    hidden: int = 32
    eta: tuple[float, ...] = (2e-3, 4e-3, 8e-3, 16e-3)
    lmbda: tuple[float, ...] = (4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
    epochs: tuple[int, ...] = (50, 100, 200)
    seeds: int = 8

    SEEDS = {"seeds": ""}  # noqa: RUF012


MNIST = Settings(
    "mnist",
    learned=2000,
    watched=5000,
    batch_size=100,
    eta=(1e-3, 2e-3, 4e-3, 8e-3),
    lmbda=(64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0),
    epochs=(20, 40, 80),
)
PRESETS = {
    ("digits", "quick"): Settings("digits"),
    ("digits", "full"): Settings("digits", epochs=(50, 100, 200, 400), seeds=24),
    ("mnist", "quick"): MNIST,
    ("mnist", "full"): Settings(
        "mnist",
        learned=10_000,
        watched=10_000,
        batch_size=100,
        hidden=64,
        eta=(5e-4, 1e-3, 2e-3, 4e-3),
        lmbda=(128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0),
        epochs=(20, 40, 80),
        seeds=12,
    ),
}
