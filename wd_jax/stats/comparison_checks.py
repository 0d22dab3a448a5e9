"""What a comparison refuses: arguments from which no verdict can follow, each with its remedy."""

import math
from typing import Any, get_args

import numpy as np
import xarray as xr

from wd_jax.inputs import checks
from wd_jax.stats.verdict import Kind

TIMES = ("epoch", "epochs", "step", "steps")
"""Units of time: what is measured in one of them is held against nothing else."""


def check_tolerance(within: float, factor: bool) -> None:
    """Refuse a tolerance that allows nothing, or everything."""
    checks.flag("factor", factor)
    within = checks.number("within", within)
    if not (math.isfinite(within) and (within > 1 if factor else 0 < within < 1)):
        asked = "a factor above 1, such as 2" if factor else "a relative deviation above 0 and below 1, such as 0.01"
        meant = f", or factor=True if a factor of {within:g} is meant" if not factor and within > 1 else ""
        raise ValueError(f"within={within}: give {asked}{meant}")


def check_words(claim: int | str, kind: str, **texts: str) -> None:
    """Refuse what could not stand in a `Verdict`."""
    checks.choice("kind", kind, get_args(Kind))
    if not (checks.whole(claim) or isinstance(claim, str)):
        raise TypeError(f"claim={checks.shown(claim)}: give a number, or the name of a law")
    for name, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"{name}={checks.shown(text)}: give a text")


def check_units(measured: xr.DataArray, theory: Any) -> None:
    """Refuse a time held against what is none: the theory and the variable say their units."""
    here, there = (getattr(array, "attrs", {}).get("units", "") for array in (measured, theory))
    if here and there and (here in TIMES) != (there in TIMES):
        law = theory.attrs.get("law", "the theory")
        raise ValueError(f"{law} is in {there!r}, the measurement in {here!r}: give a theory of what was measured")


def check_seeds(measured: xr.DataArray) -> None:
    """Refuse a measurement whose seeds are no independent sample."""
    if not isinstance(measured, xr.DataArray):
        raise TypeError(f"measured is a {type(measured).__name__}: give one variable of a result: runs.weight_rms")
    if measured.dtype.kind not in "iuf":
        raise TypeError(f"measured holds values of type {measured.dtype}: give a variable of real numbers")
    if "seed" not in measured.dims:
        raise ValueError(
            f"measured has dimensions {measured.dims}: an interval needs a 'seed' dimension; sweep with seeds=8, "
            "and do not average over them"
        )
    if "seed" in measured.coords:
        labels, times = np.unique(measured.seed.values, return_counts=True)
        if (times > 1).any():
            most = int(times.argmax())
            raise ValueError(
                f"seed={labels[most]} occurs {times[most]} times: one run counted as several narrows the interval; "
                f"give each seed once, or sweep with seeds={len(measured.seed)}"
            )
    if "independent_seeds" in measured.coords and not bool(np.all(measured.independent_seeds)):
        raise ValueError(
            "order='shared': its seeds see one minibatch order and give no interval; sweep with order='seed'"
        )
