"""What the cells of a grid decay by: what their dtype keeps of it, and whether weights change sign."""

import math
import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from wd_jax import precision
from wd_jax.held import Rounding
from wd_jax.inputs import decay_check
from wd_jax.optimisers.rule import Rule
from wd_jax.results.divergence import UNSTABLE
from wd_jax.setup import Setup
from wd_jax.sweeps import rates_kept
from wd_jax.sweeps.axes import Grid, Group

DISTORTED = 0.02
"""Share of a scheduled decay in steps that a dtype distorts from which is warned: any schedule to 0 has some."""


def checked(grid: Grid, stacklevel: int) -> np.ndarray:
    """Check the decays against every dtype of a grid once, and say what share of each is kept.

    A decay that a dtype loses is refused; of one that it distorts, and of weights that change sign, is warned.

    Parameters
    ----------
    grid : Grid
        What is run.
    stacklevel : int
        Of the caller that a warning names, as seen from where this is called.

    Returns
    -------
    array [group, cell]
        Share of the decay that weights without gradient keep over the run (`wd_jax.precision.decay_kept`), where they
        are stepped one step at a time; the first layer keeps more where it is trained in blocks. NaN where a rule's
        decay has no rate of its own, or a schedule changes it.
    """
    rates = {rule: _rates(rule, grid) for rule in dict.fromkeys(group.setup.rule for group in grid.groups)}
    alike: dict[tuple[str, Rounding, tuple[float, ...]], set[int]] = {}
    for group in grid.groups:
        if group.setup.decay_changes:
            _check_scheduled(grid, group, stacklevel + 1)
            continue
        key = (group.setup.dtype, group.setup.rounding, rates[group.setup.rule])
        alike.setdefault(key, set()).add(grid.epochs * group.steps_per_epoch)
    for (dtype, rounding, decays), steps in alike.items():
        decay_check.check(grid.cells, decays, grid.n, dtype, sorted(steps), stacklevel + 1, rounding)
    for rule, decays in {rule.decay.symbol or rule: (rule, rates[rule]) for rule in rates}.values():
        _check_stability(rule, decays, grid, stacklevel + 1)
    return np.array(
        [
            [
                math.nan
                if group.setup.decay_changes
                else _kept(decay, group.setup, grid.epochs * group.steps_per_epoch)
                for decay in rates[group.setup.rule]
            ]
            for group in grid.groups
        ]
    )


def _rates(rule: Rule, grid: Grid) -> tuple[float, ...]:
    """Give each cell's decay per step of weights without gradient, NaN where it has no rate."""
    return tuple(rule.decay_per_step(cell, grid.n) for cell in grid.cells)


def _kept(decay: float, setup: Setup, steps: int) -> float:
    """Give the share that is kept, NaN of a decay that has no rate, 1 of weights that grow."""
    form = precision.form_of(setup.dtype, setup.rounding)
    return decay if math.isnan(decay) else precision.decay_kept(max(decay, 0.0), setup.dtype, steps, form)


def _check_scheduled(grid: Grid, group: Group, stacklevel: int) -> None:
    """Refuse a decay that the dtype loses in every step, and warn once where it distorts a part of it that matters."""
    setup = group.setup
    steps = rates_kept.of_steps(setup, grid.epochs, group.steps_per_epoch)
    form = precision.form_of(setup.dtype, setup.rounding)
    distorted = []
    for cell in {(cell.eta, cell.lmbda): cell for cell in grid.cells}.values():
        shares = rates_kept.shares(setup.rule, cell.eta, cell.lmbda, steps, grid.n)
        largest = float(np.max(shares))
        if not largest > 0:  # no decay, or none with a rate
            continue
        if precision.word(largest, setup.dtype, form) == "lost":
            decay_check.check([cell], [largest], grid.n, setup.dtype, [len(shares)], stacklevel + 1, setup.rounding)
        wrong = float(shares[precision.distorts(shares, setup.dtype, form)].sum() / shares.sum())
        if wrong > DISTORTED:
            distorted.append((wrong, cell))
    if distorted:
        worst, cell = max(distorted, key=lambda one: one[0])
        ways = "dtype='float64'" if form == "compensated" else "rounding='compensated'"
        ways = f"dtype='float64' or {ways}" if setup.dtype == "float32" and form != "compensated" else ways
        warnings.warn(
            f"eta={cell.eta:g}, lmbda={cell.lmbda:g}, n={grid.n}: {worst:.2g} of the decay is taken in steps of the "
            f"schedule in which {setup.dtype} distorts it on weights without gradient: use {ways}",
            stacklevel=stacklevel + 1,
        )


def _check_stability(rule: Rule, decays: Sequence[float], grid: Grid, stacklevel: int) -> None:
    """Warn once of a decay per step that turns weights' signs, or makes them grow."""
    found = list(zip(decays, grid.cells, strict=True))
    if rule.decay.symbol:
        cells = {(cell.eta, cell.lmbda): decay for decay, cell in found}
        _check_factor(rule.decay.symbol, cells, grid.n, stacklevel + 1)
    elif growing := [one for one in found if one[0] <= 0 < one[1].lmbda]:
        decay, cell = min(growing, key=lambda one: one[0])
        many = f" ({len(growing)} of {len(found)} cells)" * (len(found) > 1)
        warnings.warn(
            f"eta={cell.eta:g}, lmbda={cell.lmbda:g}, n={grid.n}: with {rule.name} weights without gradient do not "
            f"shrink, their factor being {1 - decay:.3g} a step{many}: lower eta or lmbda",
            stacklevel=stacklevel + 1,
        )


def _check_factor(symbol: str, cells: Mapping[tuple[float, float], float], n: int, stacklevel: int) -> None:
    """Warn, once for all cells, of a decay per step of 1 or more: it turns weights' signs, and from 2 on they grow."""
    over = {cell: decay for cell, decay in cells.items() if decay >= 1}
    if not over:
        return
    worst = max(over, key=lambda cell: over[cell])
    eta, lmbda = worst
    decay = over[worst]
    if decay >= UNSTABLE:
        effect = f"weights change sign and grow by the factor {decay - 1:.3g} a step, and diverge"
    elif decay > 1:
        effect = f"weights change sign every step, their factor being {1 - decay:.3g}"
    else:
        effect = "a step wipes the weights out"
    growing = sum(value >= UNSTABLE for value in over.values())
    many = f" ({len(over)} of {len(cells)} settings of eta and lmbda reach 1, {growing} of them 2)" * (len(cells) > 1)
    warnings.warn(
        f"eta={eta:g}, lmbda={lmbda:g}, n={n}: {symbol} = {decay:.3g}, so that {effect}{many}: "
        f"lower {'eta or lmbda' if 'eta' in symbol.split('*') else 'lmbda'} until it is below 1",
        stacklevel=stacklevel + 1,
    )
