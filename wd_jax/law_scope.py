"""Whether a law is for a run: its update rule, its sampling, its network, and the settings given beside it.

What a law assumes of the gradients no sweep can say; a result of the laboratory does.
"""

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.laboratory import gradients
from wd_jax.results import coefficients

if TYPE_CHECKING:
    from derivations import Formula, Scope

NETWORK = {"biases": {"trained"}, "scale_invariant": {"no"}}
"""What is true of every usual network that `wd_jax.sweep` trains, by the name a law asks for it."""
_SCHEDULES = ("eta_schedule", "lmbda_schedule")
WITHOUT_NETWORK = {"biases": {"none"}, "activation": {"none"}, "loss": {"none"}}
"""What is true of the laboratory's weights instead."""
WITH_MOMENTUM = {"sgdw", "momentum", "nesterov"}
"""Rules that are plain SGD at momentum 0."""
NOT_MADE = "others, which the laboratory does not make"
SETTINGS = ("n", "steps_per_epoch")
"""Coordinates that a run has one value of in each cell, as of what its rule reads: another one would be another run."""


def facts(runs: xr.Dataset) -> dict[str, set[Any]]:
    """Collect what a result says of its rule, sampling and network; what it does not say is left out.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep` or `wd_jax.lab`, or a part of one.

    Returns
    -------
    dict of str to set
        Values by name, from the coordinates and then from the configuration that is stored as an attribute.
        ``gradients`` are those of the laboratory, and ``assumed`` pairs them with what laws may assume of each.

    Examples
    --------
    >>> facts(xr.Dataset(coords={"optimiser": "sgdw", "momentum": [0.0, 0.9], "sampling": "iid"}))["optimiser"]
    {'sgdw'}
    """
    found: dict[str, set[Any]] = {}
    for name in ("optimiser", "sampling", "activation", "loss", "init", "init_scale", "depth"):
        if name in runs.coords:
            found[name] = set(np.unique(runs[name].values).tolist())
    for name, value in _configured(runs).items():
        found.setdefault(name, {value})
    if "optimiser" not in found:
        return found
    muon = {"nesterov": {"yes"}} if found["optimiser"] == {"muon"} else {}
    return found | _network(runs) | muon | _schedules(runs) | _of_laboratory(runs)


def _network(runs: xr.Dataset) -> dict[str, set[Any]]:
    """Give what is true of the network; of a normalised one, or a model of the user's own, only what is known."""
    unknown = {"biases", "scale_invariant"} if "model" in runs.coords else set()
    unknown |= {"scale_invariant"} if "norm" in runs.coords else set()
    found = {name: value for name, value in NETWORK.items() if name not in unknown}
    if "biases" in runs.coords and "biases" in found:
        found["biases"] = {"trained" if there else "none" for there in np.ravel(runs.biases).tolist()}
    return found


def _demand_decay(owner: str, law: "Formula", runs: xr.Dataset) -> None:
    """Refuse layers that a mask keeps from decaying."""
    for text in np.unique(runs.decays.values).tolist() if "decays" in runs.coords else ():
        decays = json.loads(text) if text.startswith("{") else {}
        layers = np.ravel(runs.layer.values)
        names = np.ravel(runs.layer_name.values) if "layer_name" in runs.coords else [f"{n - 1:g}/w" for n in layers]
        still = [f"{n:g}" for n, name in zip(layers, names, strict=False) if not decays.get(name, True)]
        if still:
            raise ValueError(
                f"decays={text}: layer {', '.join(still)} does not decay, and {owner}.{law.name} is for what does: "
                "select the other layers, runs.sel(layer=[...])"
            )


def _schedules(runs: xr.Dataset) -> dict[str, set[str]]:
    """Collect the schedules of a result by their words, and as laws name them: those of eta, lmbda being constant.

    A schedule of eta has a law's name where it is the law's: to 0, and within the run.
    """
    held = [runs.coords[name] if name in runs.coords else xr.DataArray("constant") for name in _SCHEDULES]
    both = xr.broadcast(*(one.reset_coords(drop=True) for one in held))
    pairs = set(zip(*(np.ravel(one.values).tolist() for one in both), strict=True))
    named = {_as_law(eta, runs) if lmbda == "constant" else f"{eta}, of lmbda {lmbda}" for eta, lmbda in pairs}
    return {
        "eta_schedule": {eta for eta, _ in pairs},
        "lmbda_schedule": {lmbda for _, lmbda in pairs},
        "schedule": named,
    }


def _as_law(words: str, runs: xr.Dataset) -> str:
    """Give a schedule's name in the laws if the result has the durations that they need, else its words."""
    needed = {"linear": "total_steps", "cosine": "total_steps", "wsd": "stable_steps", "inverse_time": "t_c"}
    name = words.partition("(")[0]
    held = runs.coords.get(needed.get(name, ""), xr.DataArray(np.nan))
    held = held.sel(eta_schedule=words) if "eta_schedule" in held.dims else held
    return name.replace("_", " ") if bool(held.notnull().all()) else words


def _of_laboratory(runs: xr.Dataset) -> dict[str, set[Any]]:
    """Return what is true of the laboratory's gradients and weights; nothing for the result of a sweep."""
    if "gradients" not in runs.coords:
        return {}
    there = set(np.unique(runs.gradients.values).tolist())
    across = {"yes" if gradients.GRADIENTS[name].scale_invariant else "no" for name in there}
    read = {one.name for kind in gradients.GRADIENTS.values() for one in kind.coefficients} & set(runs.coords)
    zero = {name for name in read if bool((runs[name].fillna(0) == 0).all())}
    assumed = {(name, keyword) for name in gradients.GRADIENTS for keyword in gradients.laws_of(name, zero)}
    return WITHOUT_NETWORK | {"gradients": there, "scale_invariant": across, "assumed": assumed}


def _configured(runs: xr.Dataset) -> dict[str, Any]:
    """Return the settings that all cells share, from the attribute ``config``; nothing where that is not to be read."""
    try:
        setup = json.loads(runs.attrs["config"])["setup"]
        return {name: setup[name] for name in ("optimiser", "sampling", "activation", "loss", "init") if name in setup}
    except (KeyError, TypeError, ValueError):
        return {}


def demand_scope(owner: str, law: "Formula", runs: xr.Dataset, given: Collection[str] = ()) -> None:
    """Refuse a run that a law is not for.

    Parameters
    ----------
    owner : str
        Name of the derivation.
    law : derivations.Formula
        The formula.
    runs : xarray.Dataset
        The result. What it does not say of itself is not judged.
    given : collection of str
        Symbols that do not come from the result: a rate given need not be the run's own, which a schedule changes.

    Raises
    ------
    ValueError
        Naming the setting, what the law is for, and the laws that fit the run.
    """
    met = mismatch(law, runs, given)
    if met is not None:
        name, allowed, there, known = met
        said = f"{name}={', '.join(map(repr, there))}: {owner}.{law.name} is for {' or '.join(map(_plain, allowed))}"
        fitting = [value for value in there if value in allowed]
        if fitting:
            swept = ", ".join(f"{one}=..." for one in _SCHEDULES if one in runs.dims)
            label = f"{name}={fitting[0]!r}" if name in runs.coords else swept
            label = f"biases={fitting[0] == 'trained'}" if name == "biases" else label
            raise ValueError(f"{said}: select that part of the result first: runs.sel({label})")
        raise ValueError(f"{said}: {_remedy(owner, law, known, name)}")
    if law.scope is None or not facts(runs):
        return
    _demand_decay(owner, law, runs)


def mismatch(
    law: "Formula", runs: xr.Dataset, given: Collection[str] = ()
) -> tuple[str, tuple[str | float, ...], list[Any], dict[str, set[Any]]] | None:
    """Find the first demand of a law that a run does not meet.

    Parameters
    ----------
    law : derivations.Formula
        The formula.
    runs : xarray.Dataset
        The result.
    given : collection of str
        As for `demand_scope`.

    Returns
    -------
    (str, tuple, list, dict) or None
        The setting, what is allowed of it, what it is in the run, and all that is known of the run; None if all is met.
    """
    known = facts(runs)
    if law.scope is None or not known:
        return None
    known = _with_aliases(known, runs, law.scope.rules)
    if not _unsteady(law, known) - set(given):  # another rate than the run's is what the caller wants
        known = {name: values for name, values in known.items() if name not in _SCHEDULES}
    for name, allowed in _outside(law, known).items():
        return name, allowed, sorted(known[name], key=str), known
    return None


def _unsteady(law: "Formula", known: dict[str, set[Any]]) -> set[str]:
    """Name the rates that a formula reads and a schedule of the run changes."""
    steady = {"constant"}
    return {
        name for name in ("eta", "lmbda") if name in law.parameters and known.get(f"{name}_schedule", steady) != steady
    }


def _outside(law: "Formula", known: dict[str, set[Any]]) -> dict[str, tuple[str | float, ...]]:
    """Return which demands of a law a run does not meet; one that says nothing of schedules is for constant rates."""
    found = outside(law.scope, known) if law.scope else {}
    silent = law.scope is None or "schedule" not in law.scope.network
    return found | ({"schedule": ("constant",)} if silent and _unsteady(law, known) else {})


def outside(scope: "Scope", known: Mapping[str, Collection[Any]]) -> dict[str, tuple[Any, ...]]:
    """Give the demands of a law that a run does not meet, each with what is allowed; of gradients, which kinds are.

    Parameters
    ----------
    scope : derivations.Scope
        What the law is for.
    known : mapping of str to collection
        From `facts`.
    """
    found = scope.outside(known)
    if "gradients" not in known:
        return found
    fit = tuple(name for name in gradients.GRADIENTS if (name, scope.gradients) in known["assumed"])
    return found if set(known["gradients"]) <= set(fit) else found | {"gradients": fit or (NOT_MADE,)}


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _with_aliases(known: dict[str, set[Any]], runs: xr.Dataset, rules: Collection[str]) -> dict[str, set[Any]]:
    """Name a rule as the law does where it is the same rule: momentum 0 is none, one average makes Lion's sign."""
    rule = known.get("optimiser", set())
    still = "momentum" in runs.coords and bool((runs.momentum == 0).all())
    if len(rule) == 1 and rule <= WITH_MOMENTUM and not rule & set(rules) and still:
        return known | {"optimiser": {"sgd"}}
    averages = {"beta1", "beta2"} <= set(runs.coords)
    if rule == {"lion"} and "lion" not in rules and averages and bool((runs.beta1 == runs.beta2).all()):
        return known | {"optimiser": {"sign_momentum"}}
    return known


def _remedy(owner: str, law: "Formula", known: dict[str, set[Any]], name: str) -> str:
    """Say which laws are for such a run, those of the same name first, and how to have this one all the same."""
    import derivations

    laws = {other: derivations.derive(other).formulas for other in derivations.names()}
    fit = {
        other: [f for f in formulas.values() if f.scope is not None and not _outside(f, known)]
        for other, formulas in laws.items()
    }
    named = [f"{other}.{law.name}" for other, formulas in fit.items() if law.name in {f.name for f in formulas}]
    # A formula for any rule, such as a count of operations, is no law of this one.
    others = named or [other for other, formulas in fit.items() if any(f.scope and f.scope.rules for f in formulas)]
    if name == "schedule":
        others = [f"{other}.{f.name}" for other, found in fit.items() for f in found if _for_a_schedule(f)]
    these = f"for this run there {'is' if len(others) == 1 else 'are'} {', '.join(others)}" if others else ""
    value = ", ".join(map(repr, sorted(known[name], key=str)))
    if name == "schedule":
        rates = " and ".join(sorted(_unsteady(law, known))) or "eta"
        kept = f"decay_log_factor has the decay of each record; for other rates than the run's give {rates}"
        these = f"{these}; {kept}" if these else kept
    return (
        f"{these or f'no law is for {name}={value}'}; to use it all the same call "
        f"derivations.derive({owner!r}).formulas[{law.name!r}](...)"
    )


def _for_a_schedule(law: "Formula") -> bool:
    """Whether a law is for a certain schedule, and not for any."""
    asked = law.scope.network.get("schedule", ()) if law.scope else ()
    return bool(asked) and not {"any", "constant"} & set(asked)


def demand_own(name: str, value: Any, runs: xr.Dataset) -> None:
    """Refuse a given setting that contradicts the run's own.

    A grid along a dimension of the symbol's own name says by its labels what it is, and contradicts nothing.

    Parameters
    ----------
    name : str
        Symbol.
    value : number, array or xarray.DataArray
        What was given for it.
    runs : xarray.Dataset
        The result.

    Raises
    ------
    ValueError
        Naming both values.
    """
    if name in SETTINGS or (name in coefficients.names(runs) and name != "init_scale"):
        own = [runs[name]] if name in runs.coords else []
    elif name == "m":
        own = [runs.m, runs.n / runs.steps_per_epoch] if {"m", "n", "steps_per_epoch"} <= set(runs.coords) else []
    elif name == "n_in" and "n_in" in runs.coords:
        own = [xr.DataArray(one) for one in np.unique(runs.n_in.values)] + [runs.n_in]  # of one layer, or of each
    else:
        return
    if f"{name}_schedule" in runs.coords:
        return  # the label is the largest of the run, one of its many
    own = [one for one in own if bool(one.notnull().all())]  # what a rule does not read has no value
    if not own or name in getattr(value, "dims", ()):
        return
    try:
        with xr.set_options(arithmetic_join="exact"):
            same = any(bool((abs(xr.DataArray(value) - one) <= 1e-6 * abs(one)).all()) for one in own)
    except ValueError:
        return  # labels that do not go together are refused where they meet
    if not same:
        held = np.unique(runs[name].values)
        shown = f"{held[0]:g}" if held.size == 1 else f"{held[0]:g} to {held[-1]:g}"
        given = np.ravel(getattr(value, "values", value))
        told = f"{given[0]:g}" if given.size == 1 else f"{given.min():g} to {given.max():g}"
        raise ValueError(
            f"{name}={told}: the run's own is {shown}: leave {name} out, or, for a curve at other values, give an "
            f"xarray.DataArray along a dimension {name!r}"
        )
