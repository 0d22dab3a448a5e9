"""The optimisers: how each is measured, its law, and the usual forms that stand beside that."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.floors import simulation
from experiments.laboratory.floors.settings import COUPLED, EXACT, SHORT
from experiments.tolerance import Tolerance

Form = Callable[[xr.Dataset], xr.DataArray]


@dataclass(frozen=True)
class Rival:
    """A usual form: its name, where it is from, what it predicts."""

    label: str
    source: str
    form: Form


@dataclass(frozen=True)
class Subject:
    """An optimiser: names, its measurement, what its law predicts, within what, its rivals, what its law is called."""

    name: str
    label: str
    measure: Callable[..., xr.Dataset]
    law: Form
    tolerance: Tolerance
    rivals: tuple[Rival, ...]
    law_called: str = "the law"


def of_law(derivation: str, formula: str, power: float = 1.0) -> Form:
    """Give a formula as a form; used outside its conditions it is an error."""

    def form(runs: xr.Dataset) -> xr.DataArray:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            return wd.theory.evaluate(derivation, formula, runs) ** power

    return form


def where_meant(derivation: str, formula: str) -> Form:
    """Give a formula as a form that has no value outside its conditions."""

    def form(runs: xr.Dataset) -> xr.DataArray:
        import derivations

        law = derivations.derive(derivation).formulas[formula]
        values = [runs[name].astype(float) for name in law.parameters]
        valid = np.vectorize(lambda *numbers: law.valid(**dict(zip(law.parameters, numbers, strict=True))))
        meant = xr.apply_ufunc(valid, *values)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return wd.theory.evaluate(derivation, formula, runs).where(meant)

    return form


def with_penalty(formula: str) -> Form:
    """Give a floor of Adam or RMSprop with L2: the size of the gradient that it asks for holds the penalty's too."""

    def form(runs: xr.Dataset) -> xr.DataArray:
        rate = runs.lmbda / runs.n
        noise = runs.batch_gradient_rms
        floor = _floor(formula, runs, noise)
        for _ in range(30):  # each round makes the error smaller by a factor of about eta lmbda/(4 n sigma)
            before, floor = floor, _floor(formula, runs, np.hypot(noise, rate * floor))
            if bool((abs(floor - before) <= 1e-14 * abs(floor)).all()):
                break
        return floor

    return form


def _floor(formula: str, runs: xr.Dataset, size: xr.DataArray) -> xr.DataArray:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return wd.theory.evaluate("adam_l2", formula, runs, batch_gradient_rms=size)


def of_short_memory(runs: xr.Dataset) -> xr.DataArray:
    """Give AdamW's size where its average of squares is short; the square of a normal number varies by 2."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return wd.theory.evaluate("adamw", "weight_ms_short_memory", runs, square_var=2.0) ** 0.5


def continuous(runs: xr.Dataset) -> xr.DataArray:
    """Give the Ornstein-Uhlenbeck form of momentum, sqrt(eta/(2 L (1 - mu))) s with L = lmbda/n."""
    return (runs.eta * runs.n / (2 * runs.lmbda * (1 - runs.momentum)) * runs.batch_noise) ** 0.5


def continuous_sgdw(runs: xr.Dataset) -> xr.DataArray:
    """Give the same of SGDW, whose decay is not made 1/(1 - mu) times faster: sqrt(eta/(2 L)) s/(1 - mu)."""
    return (runs.eta * runs.n / (2 * runs.lmbda) * runs.batch_noise) ** 0.5 / (1 - runs.momentum)


OU = "continuous time (Ornstein-Uhlenbeck, as of Mandt et al.)"
SUBJECTS: tuple[Subject, ...] = (
    Subject(
        "heavy_ball",
        "heavy ball",
        simulation.momentum_rule("momentum"),
        of_law("momentum", "weight_variance", 0.5),
        EXACT,
        (Rival("OU", OU, continuous),),
    ),
    Subject(
        "nesterov",
        "Nesterov",
        simulation.momentum_rule("nesterov"),
        of_law("momentum", "nesterov_weight_variance", 0.5),
        EXACT,
        (Rival("OU", OU, continuous),),
    ),
    Subject(
        "sgdw",
        "SGDW",
        simulation.momentum_rule("sgdw"),
        of_law("momentum", "sgdw_weight_variance", 0.5),
        EXACT,
        (Rival("OU", OU, continuous_sgdw),),
    ),
    Subject(
        "adamw",
        "AdamW",
        simulation.adamw,
        of_law("adamw", "weight_rms"),
        EXACT,
        (Rival("√(η/2λ)", "small decay (Kosson et al., Su)", where_meant("adamw", "weight_rms_leading")),),
    ),
    Subject(
        "adamw_short",
        "AdamW, β₂ ≤ 0.98",
        simulation.adamw_short,
        of_short_memory,
        SHORT,
        (Rival("β₂ → 1", "AdamW's law for β₂ near 1 (Wen et al.)", of_law("adamw", "weight_rms")),),
        "AdamW's law to first order in 1 - β₂",
    ),
    Subject(
        "adam_l2",
        "Adam + L2",
        simulation.adam_l2,
        with_penalty("weight_rms_exact"),
        COUPLED,
        (Rival("√(ησ/2λ)", "small decay, σ of the noise alone", where_meant("adam_l2", "weight_rms")),),
    ),
    Subject(
        "rmsprop_l2",
        "RMSprop + L2",
        simulation.rmsprop_l2,
        with_penalty("rmsprop_weight_rms"),
        COUPLED,
        (Rival("√(ησ/2λ)", "σ of the noise alone", of_law("adam_l2", "rmsprop_weight_rms")),),
    ),
    Subject(
        "sign_momentum",
        "sign momentum",
        simulation.sign_momentum,
        of_law("sign_momentum", "weight_rms"),
        EXACT,
        (Rival("mean field", "mean field (Su)", where_meant("sign_momentum", "weight_rms_mean_field")),),
    ),
    Subject(
        "lion",
        "Lion",
        simulation.lion,
        of_law("lion", "weight_rms"),
        EXACT,
        (
            Rival("mean field", "mean field", where_meant("lion", "weight_rms_mean_field")),
            Rival(
                "TUC", "total update contribution (Kosson et al.)", where_meant("lion", "weight_rms_linear_response")
            ),
        ),
    ),
)
