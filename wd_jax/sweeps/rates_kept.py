"""What a result keeps of its schedules: the rates of each record, and the exact factor by decay in it."""

from typing import Any

import numpy as np

from wd_jax.engine import rates
from wd_jax.optimisers.rule import Rule
from wd_jax.setup import ETA_SCHEDULE, LMBDA_SCHEDULE, Setup
from wd_jax.sweeps.axes import Grid, Group

LENGTHS = ("total_steps", "warmup_steps", "stable_steps", "cooldown_steps", "t_c")
"""Durations of a schedule in steps, by the names of the laws' symbols."""


def of_group(grid: Grid, group: Group, records_per_epoch: int) -> dict[str, Any]:
    """Give the coordinates of one group that say how its eta and lmbda changed.

    Parameters
    ----------
    grid : Grid
        Of the sweep.
    group : Group
        One of its groups.
    records_per_epoch : int
        Of the probes.

    Returns
    -------
    dict of str to (dims, array)
        Only of what some group of the sweep schedules; empty if none does. ``eta_mean``, ``eta_last`` and the same of
        lmbda of each record's steps, at epoch 0 that of the first step; ``decay_log_factor``, NaN where a rule's decay
        has no factor of its own; and durations, in steps.
    """
    changing = (name for one in grid.groups for name, schedule in one.setup.schedules.items() if not schedule.constant)
    scheduled = tuple(dict.fromkeys(changing))
    if not scheduled:
        return {}
    setup = group.setup
    total = grid.epochs * group.steps_per_epoch
    found: dict[str, Any] = {name: setup.schedules[name].words for name in scheduled}
    steps = of_steps(setup, grid.epochs, group.steps_per_epoch)
    axes = {axis.name: axis for axis in grid.axes if axis.name in ("eta", "lmbda")}
    kind = np.dtype(setup.arithmetic).type
    for name, whole in steps.items():
        if (ETA_SCHEDULE if name == "eta" else LMBDA_SCHEDULE) in scheduled:
            dims = (name,) if name in axes else ()
            values = axes[name].values if name in axes else (grid.cells[0][name],)
            each = np.stack([(kind(value) * whole).astype(np.float64) for value in values])
            cut = each.reshape(len(each), -1, group.steps_per_epoch // records_per_epoch)
            first = each[:, :1]
            for what, array in (("mean", cut.mean(-1)), ("last", cut[..., -1])):
                rows = np.concatenate([first, array], 1)
                found[f"{name}_{what}"] = ((*dims, "epoch"), rows if dims else rows[0])
    found["decay_log_factor"] = _log_factors(grid, group, steps, axes, records_per_epoch)
    return found | _lengths(grid, group, total)


def of_steps(setup: Setup, epochs: int, steps_per_epoch: int) -> dict[str, np.ndarray]:
    """Give the factors on "eta" and "lmbda" in every step of a run, each [steps] in the run's dtype.

    Parameters
    ----------
    setup : Setup
        Its schedules.
    epochs, steps_per_epoch : int
        Of the run.
    """
    found = rates.of_run(setup, epochs, steps_per_epoch) or rates.Factors(None, None)
    ones = np.ones(epochs * steps_per_epoch, setup.arithmetic)
    return {name: ones if factor is None else factor.reshape(-1) for name, factor in found._asdict().items()}


def _lengths(grid: Grid, group: Group, total: int) -> dict[str, float]:
    """Give eta's durations in steps: those that some schedule of the sweep has, NaN where another has it."""
    each = [one.setup.schedules[ETA_SCHEDULE].lengths(grid.epochs * one.steps_per_epoch) for one in grid.groups]
    known = group.setup.schedules[ETA_SCHEDULE].lengths(total)
    return {name: float(known.get(name, np.nan)) for name in LENGTHS if any(name in one for one in each)}


def _log_factors(
    grid: Grid, group: Group, steps: dict[str, np.ndarray], axes: dict[str, Any], records_per_epoch: int
) -> tuple[tuple[str, ...], np.ndarray]:
    """Give the sum over each record's steps of log |1 - share|, the decay's own share of a weight in that step."""
    dims = tuple(axis.name for axis in grid.axes if axis.name in axes)
    sizes = tuple(len(axes[name].values) for name in dims)
    pairs = list(dict.fromkeys((cell.eta, cell.lmbda) for cell in grid.cells))  # once each, in the grid's order
    rows = np.stack([log_factors(group.setup.rule, *pair, steps, grid.n) for pair in pairs])
    sums = rows.reshape(len(pairs), -1, group.steps_per_epoch // records_per_epoch).sum(-1)
    sums = np.concatenate([np.zeros((len(pairs), 1)) + 0 * sums[:, :1], sums], 1)
    return (*dims, "epoch"), sums.reshape(*sizes, -1)


def log_factors(rule: Rule, eta: float, lmbda: float, factors: dict[str, np.ndarray], n: int) -> np.ndarray:
    """Give log |1 - share| of each step, computed in float64 from the shares that the run's dtype has.

    Parameters
    ----------
    rule : Rule
        Its decay says the share.
    eta, lmbda : float
        Largest values of the run.
    factors : dict of str to array [steps]
        On "eta" and "lmbda", in the run's dtype.
    n : int
        Training-set size, examples.

    Returns
    -------
    array [steps] float64
        NaN where the rule's decay has no share of its own.
    """
    share = shares(rule, eta, lmbda, factors, n)
    with np.errstate(divide="ignore"):
        return np.where(share < 1, np.log1p(-np.minimum(share, 1)), np.log(np.abs(1 - share)))


def shares(rule: Rule, eta: float, lmbda: float, factors: dict[str, np.ndarray], n: int) -> np.ndarray:
    """Give the share of a weight without gradient that decay takes in each step, as the run's dtype has it.

    Parameters
    ----------
    rule, eta, lmbda, factors, n
        As for `log_factors`.

    Returns
    -------
    array [steps] float64
        NaN where the rule's decay has no share of its own.
    """
    idle = rule.decay.idle
    if idle is None or not rule.decay.symbol:
        return np.full(len(factors["eta"]), np.nan)
    kind = factors["eta"].dtype.type
    now = {"eta": kind(eta) * factors["eta"], "lmbda": kind(lmbda) * factors["lmbda"]}
    return np.asarray(idle({**now, "eta_peak": kind(eta), "n": kind(n)}), np.float64)
