"""What the laws say of the three simulations: exact products, closed forms with their bounds, recursions."""

from typing import Any, Literal

import numpy as np
import xarray as xr

from experiments.laboratory.scheduled import recursion
from experiments.laboratory.schedules.settings import (
    NOISY_RULES,
    NOISY_SHAPES,
    RULES,
    SHAPES,
    Settings,
    published_rates,
    schedule,
)

Form = Literal["law", "long memory", "mean field"]
N = 200
"""Examples of the data without gradients."""
CLOSED = ("linear", "cosine", "wsd")


def products(preset: Settings, step: np.ndarray) -> xr.DataArray:
    """Give ln of the exact product of 1 - eta_k lmbda/n, or of 1 - lmbda/n for absolute decay [rule, shape, epoch]."""
    total = int(step[-1])
    found = np.empty((len(RULES), len(SHAPES), len(step)))
    for i, rule in enumerate(RULES):
        for j, shape in enumerate(SHAPES):
            rates = preset.eta * schedule(shape).factors(total)
            taken = np.full(total, preset.lmbda / N) if rule.endswith("absolute") else rates * preset.lmbda / N
            found[i, j] = np.concatenate([[0.0], np.cumsum(np.log1p(-taken))])[step]
    return xr.DataArray(found, dims=("rule", "shape", "epoch"), coords={"rule": list(RULES), "shape": list(SHAPES)})


def first_order(preset: Settings, total: int) -> xr.DataArray:
    """Give -L times the sum of the rates, at the end of the run [shape]."""
    found = [-preset.eta * preset.lmbda / N * schedule(shape).factors(total).sum() for shape in SHAPES]
    return xr.DataArray(found, dims="shape", coords={"shape": list(SHAPES)})


def second_order(preset: Settings, total: int) -> xr.DataArray:
    """Give the closed forms at the end of the run [shape], of those schedules that have one."""
    laws, numbers = formulas("schedules"), {"eta": preset.eta, "lmbda": preset.lmbda, "n": N}
    found = [laws[f"log_factor_{shape}"](**numbers, **_lengths(shape, total)) for shape in CLOSED]
    return xr.DataArray(np.array(found, float), dims="shape", coords={"shape": list(CLOSED)})


def second_order_bound(preset: Settings, total: int) -> float:
    """Give the most that they leave out: T times what one step at the largest rate does."""
    numbers = {"eta": preset.eta, "lmbda": preset.lmbda, "n": N}
    return total * float(formulas("schedules")["beyond_second_order"](**numbers))


def power_law(preset: Settings, total: int) -> tuple[float, float]:
    """Give ln of the power law under inverse time, and the relative error that is stated for it."""
    lengths = _lengths("inverse_time", total)
    found = formulas("schedules")["log_factor_inverse_time"](eta=preset.eta, lmbda=preset.lmbda, n=N, **lengths)
    return float(found), 1 / (2 * lengths["t_c"]) + preset.eta * preset.lmbda / N / 2


def constant(preset: Settings, total: int) -> float:
    """Give ln of what is left at a constant rate, exact."""
    law = formulas("schedules")["log_factor_constant"]
    return float(law(eta=preset.eta, lmbda=preset.lmbda, n=N, total_steps=total))


def absolute(preset: Settings, step: np.ndarray) -> np.ndarray:
    """Give ln of what absolute decay leaves, by the law of a constant rate at eta = 1 [epoch]."""
    law = formulas("schedules")["log_factor_constant"]
    later = [float(law(eta=1.0, lmbda=preset.lmbda, n=N, total_steps=int(one))) for one in step[1:]]
    return np.array([0.0, *later])


def on_noise(preset: Settings, step: np.ndarray, form: Form = "law") -> xr.DataArray:
    """Give the rms weights of the recursion [shape, rule, step], or those of a simpler form.

    Parameters
    ----------
    preset : Settings
        Numbers of the run.
    step : array [step]
        Steps of the schedule, negative at rest.
    form : {"law", "long memory", "mean field"}
        The steps of AdamW are correlated, and its average of squares scatters: the law; it does not scatter; or steps
        are independent and small. For plain SGD the first two are one.
    """
    level = 1 / (2 * preset.epsilon)
    found = [
        [
            np.sqrt(_square(preset.rates(words), share, level, preset, rule, form) / level)[step + preset.rest]
            for rule, share in preset.shares(words).items()
        ]
        for words in NOISY_SHAPES
    ]
    coords = {"shape": list(NOISY_SHAPES), "rule": list(NOISY_RULES), "step": step}
    return xr.DataArray(np.array(found), dims=("shape", "rule", "step"), coords=coords)


def published(start: float = 0.1) -> dict[str, float]:
    """Give the rms weight at the end of Su's setting: by the recursion and by simpler forms.

    Parameters
    ----------
    start : float
        Rms weight at the start, which is not published.
    """
    rates, square = published_rates(), start**2
    return {
        "recursion": float(recursion.on_noise_short(rates, 0.1 * rates, square, 0.9, 0.95)[-1] ** 0.5),
        "recursion, long memory": float(recursion.on_noise(rates, 0.1 * rates, square, 0.9)[-1] ** 0.5),
        "mean field": float(mean_field(rates, 0.1 * rates, square)[-1] ** 0.5),
    }


def mean_field(rates: np.ndarray, shares: np.ndarray, start: float) -> np.ndarray:
    """Solve d rho/dt = -2 epsilon rho + eta^2 with rates that are constant during a step: rho [step + 1].

    Examples
    --------
    >>> mean_field(np.array([0.5]), np.array([0.0]), 1.0)
    array([1.  , 1.25])
    """
    found = [start]
    for eta, epsilon in zip(rates, shares, strict=True):
        gone = -np.expm1(-2 * epsilon)
        found.append(found[-1] * (1 - gone) + eta**2 * (gone / (2 * epsilon) if epsilon else 1.0))
    return np.array(found)


def formulas(name: str) -> Any:
    """Give the formulas of a derivation."""
    import derivations

    return derivations.derive(name).formulas


def _square(rates: np.ndarray, share: np.ndarray, level: float, preset: Settings, rule: str, form: Form) -> np.ndarray:
    if form == "mean field":
        return mean_field(rates, share, level)
    if form == "law" and rule != "sgd":
        return recursion.on_noise_short(rates, share, level, preset.beta1, preset.beta2)
    return recursion.on_noise(rates, share, level, 0.0 if rule == "sgd" else preset.beta1)


def _lengths(shape: str, total: int) -> dict[str, float]:
    return {name: float(value) for name, value in schedule(shape).lengths(total).items()}
