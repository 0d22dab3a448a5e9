"""What the laws say for the settings of the experiment."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.bfloat16.settings import NAME, NOISE_EPSILON, STARTS, Settings
from wd_jax import precision
from wd_jax.stats.verdict import Verdict

GRID = 2 ** precision.BITS["bfloat16"]
STILL, ALL_MOVE = 1 / (4 * GRID), 1 / (2 * GRID)
"""2^-9 and 2^-8: up to the first no weight moves; from the second on all do."""


def law(name: str, **values: float) -> float:
    """Evaluate a formula of the derivation `rounding`."""
    import derivations

    return float(derivations.derive("rounding").formulas[name](**values))


def left_at_rest(epsilon: np.ndarray) -> np.ndarray:
    """Geometric mean of weights that have stopped, over their start; NaN outside of 2^-9 to 2^-8."""
    inside = (epsilon > STILL) & (epsilon < ALL_MOVE)
    return np.array(
        [law("left", spaces_due=GRID * e) if ok else math.nan for e, ok in zip(epsilon, inside, strict=True)]
    )


def path_spread(preset: Settings, epsilon: float) -> float:
    """Variance of ln w: what rounding adds at every step, summed along the way of the weights without rounding."""
    significand = 2 ** ((np.arange(STARTS) + 0.5) / STARTS)
    logs, total = np.log2(significand), 0.0
    for k in range(preset.steps(epsilon)):
        f = 2 ** ((logs + k * math.log1p(-epsilon) / math.log(2)) % 1.0)
        due = GRID * epsilon * f
        part = due - np.floor(due)
        total += float(np.mean(part * (1 - part) / (GRID * f * (1 - epsilon)) ** 2))
    return total


def spread(preset: Settings, epsilon: float) -> float:
    """Variance of ln w in closed form, where less than a space is due; NaN where more is."""
    if epsilon >= ALL_MOVE:
        return math.nan
    return preset.steps(epsilon) * law("spread_per_step", epsilon=epsilon, grid=GRID)


def usual_spread(preset: Settings, epsilon: float) -> float:
    """Variance of ln w if rounding errors were uniform."""
    return preset.steps(epsilon) * law("usual_spread_per_step", grid=GRID)


def kept_beside_noise(spaces: float, due: float) -> float:
    """Share of the decay that nearest rounding keeps beside normal noise.

    A step of x spaces, x normal with mean -a and deviation s, is rounded to rint(x); its mean is the sum over k >= 1 of
    P(x > k - 1/2) - P(x < -(k - 1/2)).

    Parameters
    ----------
    spaces : float
        s, of the noise.
    due : float
        a, of the decay.
    """
    from scipy.stats import norm

    halves = np.arange(1, 60) - 0.5
    return float(np.sum(norm.sf((halves - due) / spaces) - norm.sf((halves + due) / spaces)) / due)


def theory(preset: Settings, stored: xr.Dataset) -> xr.Dataset:
    """Give every prediction, with the coordinates of what was measured.

    Parameters
    ----------
    preset : Settings
        The settings.
    stored : xarray.Dataset
        What was measured.

    Returns
    -------
    xarray.Dataset
    """
    nearest, random, single = stored.nearest.values, stored.at_random.values, stored.float32.values
    kept = [precision.decay_kept(e, "bfloat16", preset.steps(e), "once") for e in nearest]
    asked = [-preset.steps(e) * math.log1p(-e) for e in nearest]
    after = xr.Dataset({
        "rest": ("nearest", left_at_rest(nearest)),
        "kept": ("nearest", np.where(nearest > ALL_MOVE, kept, np.nan)),
        "asked": ("nearest", asked),
        "mean": ("at_random", [law("mean", w_0=1.0, epsilon=e, step=preset.steps(e)) for e in random]),
        "path_spread": ("at_random", [path_spread(preset, e) for e in random]),
        "spread": ("at_random", [spread(preset, e) for e in random]),
        "usual_spread": ("at_random", [usual_spread(preset, e) for e in random]),
        "beside": ("spaces", [kept_beside_noise(s, 1.5 * GRID * NOISE_EPSILON) for s in stored.spaces.values]),
        "single": ("float32", [precision.decay_kept(e, "float32", preset.float32_steps, "multiply") for e in single]),
        "factor": (
            "float32",
            [math.log1p(-precision.applied_decay(e, "float32", "multiply")) / math.log1p(-e) for e in single],
        ),
    })  # fmt: skip
    return after.assign_coords({name: stored[name] for name in ("nearest", "at_random", "spaces", "float32")})


def torch_left(ways: Sequence[str], epsilon: float, steps: int) -> xr.DataArray:
    """Say what PyTorch leaves of weights without gradient: rounded once, or with a factor that is rounded first."""
    rounded_first = precision.decay_kept(epsilon, "bfloat16", steps, "multiply")
    by_factor = math.exp(rounded_first * steps * math.log1p(-epsilon))
    once = law("left", spaces_due=GRID * epsilon)
    return xr.DataArray([by_factor if way == "foreach" else once for way in ways], {"way": list(ways)}, ("way",))


def compare(measured: xr.DataArray, predicted: xr.DataArray | float, within: float, **words: Any) -> Verdict:
    """Judge under the name of the experiment; a decay per step is called epsilon, whatever is done with it."""
    names = {name: "epsilon" for name in ("nearest", "at_random", "float32") if name in measured.dims}
    if isinstance(predicted, xr.DataArray):
        predicted = predicted.rename({name: new for name, new in names.items() if name in predicted.dims})
    return wd.compare(measured.rename(names), predicted, within, claim=NAME, **words)
