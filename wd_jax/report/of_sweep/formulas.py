"""A formula on a part of a sweep: its value in every cell where it may be used, or why it has none."""

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax import law_scope, theory
from wd_jax.engine.probes import registry
from wd_jax.report.of_sweep.parts import Part

if TYPE_CHECKING:
    from derivations import Formula


SCOPES = {
    "optimiser": "it is for the update rule {allowed}, and here it is {shown}",
    "sampling": "it is for minibatches drawn {allowed}, and here they are drawn {shown}",
    "gradients": "it is for gradients of kind {allowed}, and here they are {shown}",
    "schedule": "it is for rates that are {allowed}, and here the schedule is {shown}",
    "scale_invariant": "it is for layers whose scale the cost ignores, as before a normalisation",
}
"""How it is worded that a law is for other runs, by the setting in which this one differs."""


@dataclass(frozen=True)
class Silent:
    """Why a law says nothing of a part.

    Attributes
    ----------
    why : str
        The reason, a sentence without its full stop.
    remedy : str
        What would allow it; empty where nothing would, as the law is for other runs.
    """

    why: str
    remedy: str = ""


def unmeasured(variable: str) -> Silent:
    """Say which probe would allow it.

    Examples
    --------
    >>> unmeasured("rotation").remedy
    'run the sweep again with --rotation, in Python wd.Probes(rotation=True)'
    """
    switch = registry.switch_of(variable)
    if switch is None:
        return Silent(f"it needs {variable}, which this sweep does not have")
    flag = f"--{switch.flag.replace('_', '-')}"
    how = f"with {flag}, in Python wd.Probes({switch.option}={switch.given!r})"
    if switch.given is False or not switch.given:
        how = f"without {flag}, in Python without {switch.option}={switch.given!r}"
    return Silent(f"it needs {variable}, which was not measured", f"run the sweep again {how}")


def evaluated(derivation: str, formula: str, part: Part, **given: Any) -> xr.DataArray | Silent:
    """Evaluate a formula on a part of a sweep; NaN outside its conditions of use.

    Parameters
    ----------
    derivation, formula : str
        Names.
    part : Part
        Of one update rule.
    **given
        As for `wd_jax.theory.evaluate`.

    Returns
    -------
    xarray.DataArray or Silent
        Without coordinates but those of its dimensions.
    """
    import derivations

    law = derivations.derive(derivation).formulas[formula]
    if others := _for_others(law, part, given):
        return Silent(others)
    try:
        with warnings.catch_warnings(action="ignore"):
            found = theory.evaluate(derivation, formula, part.runs, **given)
    except derivations.UnknownNameError as error:
        missing = next((name for name in law.parameters if name not in given and name not in part.runs.variables), "")
        if missing and registry.switch_of(missing) is not None:
            return unmeasured(missing)
        what = missing or str(error).strip("'\"")
        return Silent(f"it needs {what}, which a training does not have: `wd_jax.lab` sets it")
    except ValueError as error:
        return Silent(str(error).partition(": ")[0])
    if law.conditions():
        found = found.where(_valid(law, part.runs, given))
    return found.reset_coords(drop=True)


def assumption(name: str) -> str:
    """Say what a formula assumes of the gradients; nothing where it assumes nothing, or is no formula.

    Examples
    --------
    >>> assumption("adamw.weight_rms")
    'noise of mean 0, independent from step to step and of the weights'
    """
    import derivations

    derivation, _, formula = name.partition(".")
    if derivation not in derivations.names() or formula not in (held := derivations.derive(derivation).formulas):
        return ""
    scope = held[formula].scope
    return "" if scope is None or scope.gradients == "any" else derivations.GRADIENTS[scope.gradients]


def _for_others(law: "Formula", part: Part, given: Collection[str]) -> str:
    """Say for which other runs a law is; nothing if it is for this one."""
    met = law_scope.mismatch(law, part.runs, given)
    if met is None:
        return ""
    name, allowed, there, _ = met
    words = SCOPES.get(name, "it is for {name} {allowed}, and here it is {shown}")
    shown = ", ".join(map(str, there))
    return words.format(name=name, allowed=" or ".join(map(str, allowed)), shown=shown)


def _valid(law: Any, runs: xr.Dataset, given: dict[str, Any]) -> xr.DataArray:
    """Say in which cells a formula may be used."""
    meanings = law.describe()
    bound = [theory.bind(name, runs, given, meanings[name]) for name in law.parameters]
    arrays = [one.reset_coords(drop=True) if isinstance(one, xr.DataArray) else xr.DataArray(one) for one in bound]

    def each(*numbers: float) -> bool:
        finite = all(np.isfinite(numbers))
        return bool(finite and law.valid(**dict(zip(law.parameters, numbers, strict=True))))

    return xr.apply_ufunc(np.vectorize(each, otypes=[bool]), *arrays)
