"""Settings of the experiment, and the numbers that decide its words."""

from dataclasses import dataclass

from experiments.preset import Preset
from experiments.tolerance import Tolerance

NAME = "adam_l2_and_adamw"
DATE = "2026-11-29"

FORGETS = Tolerance(
    "FORGETS",
    (NAME,),
    (1e-15,),
    "relative difference between weights that decay with different lmbda under Adam with L2",
    "what rounding leaves of float64 after some hundred steps; set by the law's table",
    DATE,
    words="does not depend on lmbda",
)
EXACT = Tolerance(
    "EXACT",
    (NAME,),
    (1e-13,),
    "error of AdamW's factor, as a share of the start",
    "500 steps of float64 round by at most 1.1e-16 each, so that 5.5e-14 can be met",
    DATE,
    words="(1 - eta L)^t",
)
SIMILAR = Tolerance(
    "SIMILAR",
    (NAME,),
    (1e-13,),
    "relative difference between weights of the same eta/w_0",
    "weights of another size are rounded otherwise in each of 500 steps, by at most 1.1e-16",
    DATE,
    "after",
    "an error of 5e-15 in a trial, where 1e-15, as for another lmbda, had been meant",
    words="f(t, eta/w_0)",
)
ONE_STEP = Tolerance(
    "ONE_STEP",
    (NAME,),
    (1e-11,),
    "relative error of the first step",
    "the step is read off a weight that is up to 1e4 times as large and is rounded by 1.1e-16",
    DATE,
    words="first step",
)
SCALING = Tolerance(
    "SCALING",
    (NAME,),
    (0.03,),
    "relative difference of weights at the same eta t",
    "as for the laws against noise",
    DATE,
    words="function of eta t alone",
)
RATE = Tolerance(
    "RATE",
    (NAME,),
    (0.03,),
    "relative error of the decay rate against noise",
    "the law's table asks for 2 to 3 %: it is the leading order in the rate, and takes the second average as known",
    DATE,
    words="rate",
)
SPHERE = Tolerance(
    "SPHERE",
    (NAME,),
    (0.03,),
    "relative error of norm and rotation of scale-invariant weights",
    "the law's table asks for 2 to 3 %: small angles, many weights",
    DATE,
    words="scale-invariant",
)
TOLERANCES = (FORGETS, EXACT, SIMILAR, ONE_STEP, SCALING, RATE, SPHERE)


@dataclass(frozen=True)
class Settings(Preset):
    """What is stepped; n = 1, so that lmbda is what optax and PyTorch call weight_decay.

    Parameters
    ----------
    alone_eta, alone_lmbda, alone_steps : float, tuple of float, int
        Learning rate, decays L and steps of weights that are given no gradient.
    long_steps : int
        Steps after which the same time at twice the learning rate is compared.
    small_lmbda : tuple of float
        Decays L beside which Adam's epsilon is not small.
    adam_epsilon, beta1, beta2 : float
        Of both optimisers.
    eta, lmbda, sigma : float, tuple of float, tuple of float
        Learning rate, decays L, and standard deviations of the gradient, on noise.
    start : float
        Weights on noise at the start.
    weights : int
        Weights on noise, of each seed.
    warm_up : int
        Steps on noise before what is left of the start is judged.
    records, every : int
        Times of record on noise, and steps between them.
    sphere_eta, sphere_lmbda : float, tuple of float
        Learning rate and decays L where the gradient stands across the weights.
    gradient_scale : tuple of float
        G there: the gradient's norm is G/|w|.
    sphere_weights, sphere_burn_in, sphere_steps : int
        Weights there, steps before anything is measured, and steps in all.
    seeds : int
        How many.
    """

    alone_eta: float = 1e-3
    alone_lmbda: tuple[float, ...] = (1e-4, 1e-2, 1.0)
    alone_steps: int = 500
    long_steps: int = 2000
    small_lmbda: tuple[float, ...] = (1e-9, 1e-8, 1e-7, 1e-6, 1e-4)
    adam_epsilon: float = 1e-8
    beta1: float = 0.9
    beta2: float = 0.999
    eta: float = 4e-3
    lmbda: tuple[float, ...] = (0.05, 0.1, 0.2)
    sigma: tuple[float, ...] = (0.5, 1.0, 2.0)
    start: float = 0.1
    weights: int = 256
    warm_up: int = 1000
    records: int = 80
    every: int = 100
    sphere_eta: float = 2e-3
    sphere_lmbda: tuple[float, ...] = (0.2, 0.4, 0.8)
    gradient_scale: tuple[float, ...] = (0.25, 1.0, 4.0)
    sphere_weights: int = 128
    sphere_burn_in: int = 8000
    sphere_steps: int = 12000
    seeds: int = 8

    SEEDS = {"seeds": ""}  # noqa: RUF012


FULL = Settings("none", weights=1024, sigma=(0.25, 0.5, 1.0, 2.0, 4.0), sphere_weights=1024, seeds=32)
PRESETS = {("none", "quick"): Settings("none"), ("none", "full"): FULL}
