"""How weights on which decay alone acts shrink over the records of a part, by the law of its update rule."""

import numpy as np
import xarray as xr

from wd_jax.report.of_sweep.formulas import Silent, evaluated
from wd_jax.report.of_sweep.parts import Part

DEEPEST = -40.0
"""Logarithm of the factor below which later records are left out: the square of such a weight is near float32's least.
"""
COUPLED = {"momentum": "weight", "nesterov": "nesterov_weight"}
"""Rules whose decay goes through the velocity: the formula of a weight without gradient, from a velocity of 0."""


def course(part: Part) -> tuple[xr.DataArray, str] | Silent:
    """Give the logarithm of what decay alone leaves of a weight, and the formula.

    Parameters
    ----------
    part : Part
        Of one update rule.

    Returns
    -------
    (xarray.DataArray [axes, epoch], str) or Silent
        0 at epoch 0; NaN where the formula may not be used.
    """
    runs = part.runs
    if part.scheduled:
        if "decay_log_factor" not in runs.coords or not bool(runs.decay_log_factor.notnull().any()):
            return Silent("a schedule changes the decay, which goes through the rule: no formula says what is left")
        since = runs.decay_log_factor.cumsum("epoch").assign_coords(epoch=runs.epoch)
        return since.reset_coords(drop=True), "schedules: the factors of all steps multiplied (log_sum)"
    rule = str(runs.optimiser.item())
    steps = runs.epoch * runs.steps_per_epoch
    if rule in COUPLED and bool((runs.momentum != 0).any()):
        left = evaluated("momentum", COUPLED[rule], part, w_0=1.0, step=_numbers(steps))
        if isinstance(left, Silent):
            return left
        highest = evaluated("momentum", "critical_lmbda" if rule == "momentum" else "nesterov_critical_lmbda", part)
        monotone = left > 0 if isinstance(highest, Silent) else (left > 0) & (runs.lmbda < highest)
        with np.errstate(all="ignore"):
            return xr.ufuncs.log(left.where(monotone)).reset_coords(drop=True), f"momentum.{COUPLED[rule]}"
    factor = evaluated("epoch_decay", "per_epoch_factor_of_steps", part)
    if not isinstance(factor, Silent):
        with np.errstate(all="ignore"):
            return _timed(xr.ufuncs.log(factor), runs.epoch), "epoch_decay.per_epoch_factor_of_steps"
    own = runs.coords.get("per_step_factor")
    if own is None or not bool(own.notnull().any()):
        return factor
    with np.errstate(all="ignore"):
        log = xr.ufuncs.log(own.where(own > 0)) * runs.steps_per_epoch
    return _timed(log, runs.epoch), "the rule's own factor per step (per_step_factor)"


def _timed(log: xr.DataArray, epoch: xr.DataArray) -> xr.DataArray:
    return (log.reset_coords(drop=True) * epoch).reset_coords(drop=True)


def _numbers(steps: xr.DataArray) -> xr.DataArray:
    return steps.reset_coords(drop=True).astype(float)


def rate(part: Part) -> xr.DataArray:
    """Give the decay per step at the largest rate, eta lmbda/n, of each cell; of a rule that divides it, over that."""
    runs = part.runs
    rate = (runs.eta * runs.lmbda / runs.n).reset_coords(drop=True)
    divided = str(runs.optimiser.item()) in ("adam_l2", "rmsprop_l2") and "batch_gradient_rms" in runs.coords
    return rate / runs.batch_gradient_rms.reset_coords(drop=True) if divided else rate
