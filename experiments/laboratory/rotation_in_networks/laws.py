"""What the laws say of a layer on gradient noise, and how much signal it sees: from the first stretch of a run."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

import derivations
from experiments.laboratory.rotation_in_networks.preset import RULES, Settings, epsilon


def numbers(rule: str, memory: int) -> dict[str, Any]:
    """Give the numbers of a rule as the laws take them: eta, lmbda, n = 1, and its coefficients."""
    return RULES[rule] | {"lmbda": epsilon(rule, memory) / RULES[rule]["eta"], "n": 1}


def stretches(preset: Settings, runs: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """Give the means over the first stretch and over the second, and the cells that are judged.

    A cell is a layer under a rule. Kernels under Muon are left out: they are no matrices, and another rule steps them.

    Parameters
    ----------
    preset : Settings
        How long they are.
    runs : xarray.Dataset
        From the simulation.

    Returns
    -------
    xarray.Dataset, xarray.Dataset
        Of [cell, seed]; the first also has, of [cell], ``signal``, over noise as the weights' memory sees it, and
        ``coherence``, the squared norm of the mean gradient of a memory over what independent gradients leave of it.
    """
    cells = runs.drop_vars(["cost", "network_name"], errors="ignore").stack(cell=("rule", "place"), create_index=False)
    cells = cells.isel(cell=np.flatnonzero((cells.rule != "muon") | (cells.matrix == 1)))
    first, second = (cells.isel(record=part) for part in (slice(None, preset.first), slice(preset.first, None)))
    signal = signal_to_noise(first.signal2, first.gradient2, preset.memory)
    together = first.signal2.mean(("seed", "record")) * preset.memory / first.gradient2.mean(("seed", "record"))
    first, second = (one.mean("record") for one in (first, second))
    return first.assign(signal=signal, coherence=together), second


def signal_to_noise(signal2: xr.DataArray, gradient2: xr.DataArray, memory: int) -> xr.DataArray:
    r"""Give :math:`2\varrho T`, signal over noise of the gradient averaged over the weights' memory of T steps.

    Of a record of T steps of noise N the mean gradient's square holds N/T, which is taken off; what is left is the
    signal S, and :math:`\varrho=S/N`. An average that forgets in T steps keeps 1/(2T) of the noise.

    Parameters
    ----------
    signal2, gradient2 : xarray.DataArray [..., seed, record]
        Squared norm of a record's mean gradient; mean squared norm of its gradients.
    memory : int
        Steps of a record, and of the memory.

    Returns
    -------
    xarray.DataArray [...]
        From the means over seeds and records; not below 0.
    """
    whole, mean = (one.mean(("seed", "record")) for one in (gradient2, signal2))
    noise = (whole - mean) * memory / (memory - 1)
    return 2 * memory * (mean - noise / memory).clip(0) / noise


def slowed(signal: xr.DataArray) -> xr.DataArray:
    """Give the angle over the noise law's if all of the signal were along the weights, the worst case."""
    return 1 / xr.ufuncs.sqrt(1 + signal)


def angles(preset: Settings, first: xr.Dataset) -> xr.DataArray:
    """Give the noise law's angle of each cell, radians, [cell]; Muon's is the middle of its bracket."""
    found = [_angle(str(rule), float(share), preset.memory) for rule, share in _cells(first)]
    return xr.DataArray(found, dims=("cell",))


def norms(preset: Settings, first: xr.Dataset) -> xr.DataArray:
    """Give the noise law's norm of each cell, [cell], from the first stretch's gradients, live weights and updates."""
    of_cell = first.mean("seed")
    found = [
        _norm(str(rule), float(share), preset.memory, *(float(of_cell[name][i]) for name in _INPUTS))
        for i, (rule, share) in enumerate(_cells(first))
    ]
    return xr.DataArray(found, dims=("cell",))


def along(preset: Settings, first: xr.Dataset) -> xr.DataArray:
    r"""Give :math:`f` of each cell and seed: the share of the decay that what is new in a step resists.

    With momentum that is the gradient, :math:`f=-\langle W,g\rangle/(L\|W\|^2)`. Otherwise directions are averages,
    :math:`u'=\beta_1u+(1-\beta_1)h`, and :math:`h=(u'-\beta_1u)/(1-\beta_1)` stands for g: of AdamW it is
    :math:`g/\sqrt v` but for the change of v in a step.

    Parameters
    ----------
    preset : Settings
        What was trained.
    first : xarray.Dataset
        Means over the first stretch, of [cell, seed]; f of means over seeds where it has no seeds.

    Returns
    -------
    xarray.DataArray [cell, seed]
    """
    labels = [name for name in first.coords if name != "seed"]
    plain, given = first.drop_vars(labels), [numbers(rule, preset.memory) for rule in map(str, first.rule.values)]
    averaging, eta, lmbda = (
        xr.DataArray([float(one.get(name, 0.0)) for one in given], dims="cell") for name in ("beta1", "eta", "lmbda")
    )
    new = (plain.weight_dot_update - averaging * plain.weight_dot_last_update) / ((1 - averaging) * eta)
    push = xr.where(xr.DataArray(first.rule.values == "momentum", dims="cell"), plain.weight_dot_gradient, new)
    return (-push / (lmbda * plain.norm2)).transpose("cell", ...)


def angles_with(preset: Settings, first: xr.Dataset) -> xr.DataArray:
    """Give the angle by the law of `radial_gradient` with the share f, radians; NaN where all decay is resisted.

    Parameters
    ----------
    preset : Settings
        What was trained.
    first : xarray.Dataset
        Means over the first stretch, of [cell, seed], or of [cell] where seeds were averaged.

    Returns
    -------
    xarray.DataArray [cell, seed]
    """
    laws, share = derivations.derive("radial_gradient").formulas, along(preset, first)
    cosine = np.full(share.shape, math.nan)
    for rule in RULES:
        law = laws["cos_angle_momentum" if rule == "momentum" else "cos_angle_averaged"]
        there = (share.values < 1) & (first.rule.values == rule).reshape(-1, *(1,) * (share.ndim - 1))
        given = numbers(rule, preset.memory) | {"radial_share": share.values[there]}
        cosine[there] = law(**{name: given[name] for name in law.parameters})
    return share.copy(data=np.arccos(cosine))


_INPUTS = ("gradient2", "live", "update2")


def _cells(first: xr.Dataset) -> list[tuple[Any, Any]]:
    return list(zip(first.rule.values, first.linear_share.values, strict=True))


def _law(owner: str, name: str, given: dict[str, Any]) -> float:
    formula: Callable[..., Any] = derivations.derive(owner).formulas[name]
    return float(formula(**{key: given[key] for key in formula.parameters}))  # pyrefly: ignore


@functools.cache
def _angle(rule: str, share: float, memory: int) -> float:
    given = numbers(rule, memory)
    if rule == "momentum":
        return float(np.arccos(_law("scale_invariant", "cos_angle_momentum", given)))
    if rule == "muon":
        given |= {"linear_share": share}
        return sum(_law("muon", f"rotation_nesterov_{end}", given) for end in ("lower", "upper")) / 2
    return _law(rule, "rotation", given)


def _norm(rule: str, share: float, memory: int, gradient2: float, live: float, update2: float) -> float:
    given = numbers(rule, memory)
    if rule == "momentum":
        return float(np.sqrt(_law("momentum", "weight_variance", given | {"batch_noise": gradient2})))
    if rule == "muon":
        given |= {"linear_share": share, "update_norm": np.sqrt(update2) / given["eta"]}
        return sum(_law("muon", f"weight_norm_nesterov_{end}", given) for end in ("lower", "upper")) / 2
    return float(np.sqrt(live)) * _law(rule, "weight_rms", given)
