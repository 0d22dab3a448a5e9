"""The decay that a sweep really had: measured in a control, cell by cell, and held against what was expected."""

import math
import warnings
from collections.abc import Sequence

import jax
import numpy as np

from wd_jax import precision
from wd_jax.engine import code_hash, control
from wd_jax.engine.hyper_tree import stacked
from wd_jax.hyper import Hyper
from wd_jax.optimisers import rules
from wd_jax.setup import Setup
from wd_jax.sweeps.axes import Grid, Group
from wd_jax.sweeps.run_task import numerics

STEPS = 4096
"""Most steps of a control."""
LOGS = 20.0
"""A cell's control ends where decay has taken so much off the logarithm: no dtype has underflowed there."""
AT_ONCE, FEW = 64, 8
"""Cells of one compiled program; fewer are filled up to one or the other, so that there are two at most."""
OFF = 0.05
"""By how much a measured share may differ from the expected one: 128 weights tell it to 0.02 at least."""


def of_grid(grid: Grid, device: object, stacklevel: int) -> np.ndarray:
    """Measure the share of its decay that each cell has, and warn once where it is not what was expected.

    Parameters
    ----------
    grid : Grid
        What is run.
    device : jax.Device
        On which.
    stacklevel : int
        Of the caller that a warning names, as seen from where this is called.

    Returns
    -------
    array [group, cell]
        NaN where there is no decay, or it has no rate, or a rate of 1 or more, or a schedule changes it.
    """
    found, unexpected = [], []
    known: dict[tuple, np.ndarray] = {}
    for group in grid.groups:
        setup, steps = group.setup, min(STEPS, grid.epochs * group.steps_per_epoch)
        key = (setup.rule, setup.dtype, setup.rounding, steps, setup.decay_changes)
        if key not in known:
            known[key] = _of_group(grid, group, steps, device)
            unexpected += _unexpected(grid, setup, known[key], steps)
        found.append(known[key])
    if unexpected:
        words, many = unexpected[0], f" ({len(unexpected)} cells)" * (len(unexpected) > 1)
        warnings.warn(f"{words}{many}: see decay_measured, and use what it says", stacklevel=stacklevel + 1)
    return np.array(found)


def _of_group(grid: Grid, group: Group, steps: int, device: object) -> np.ndarray:
    """Measure each cell of a group, those once that differ only in what no decay depends on."""
    setup = group.setup
    shares = np.full(len(grid.cells), math.nan)
    decays = np.array([setup.rule.decay_per_step(cell, grid.n) for cell in grid.cells])
    there = [] if setup.decay_changes else np.flatnonzero((decays > 0) & (decays < 1)).tolist()
    alike: dict[Hyper, list[int]] = {}
    for cell in there:
        numbers = grid.cells[cell].for_rule(setup.rule)
        alike.setdefault(Hyper.of({**numbers, "init_scale": 1.0}, setup.rule.numbers), []).append(cell)
    cells = list(alike)
    for first in range(0, len(cells), AT_ONCE):
        part = cells[first : first + AT_ONCE]
        rates = -np.log1p(-decays[[alike[one][0] for one in part]])
        found = _measured(setup, grid.n, part, rates, steps, device)
        for one, share in zip(part, found, strict=True):
            shares[alike[one]] = share
    return shares


def _measured(
    setup: Setup, n: int, cells: Sequence[Hyper], rates: np.ndarray, steps: int, device: object
) -> np.ndarray:
    """Measure several cells at once: what their weights lost, over what was due."""
    counts = np.minimum(steps, np.maximum(1, np.ceil(LOGS / rates))).astype(np.int32)
    filled = (FEW if len(cells) <= FEW else AT_ONCE) - len(cells)
    padded = [*cells, *[cells[0]] * filled]
    own = "" if setup.rule.name in rules.LIBRARY else code_hash.of(setup.rule)
    with numerics(setup.dtype), jax.default_device(device):
        hyper = stacked(padded, setup.rule, setup.arithmetic)
        try:
            every = np.append(counts, counts[:1].repeat(filled))
            lost = control.logs_lost(setup.rule, setup.arithmetic, setup.held, n, hyper, every, own)
        except Exception:  # whatever a direction of the user's says of another tree than its own
            if setup.rule.name in rules.LIBRARY:
                raise
            return np.full(len(cells), math.nan)
    shares = lost[: len(cells)] / (rates * counts)
    return np.where(np.isfinite(shares), shares, math.nan)


def _unexpected(grid: Grid, setup: Setup, shares: np.ndarray, steps: int) -> list[str]:
    """Say of each cell whose control is not what rounding should have left of it; of a velocity nothing is expected."""
    if not setup.rule.decay.symbol:
        return []
    form, said = precision.form_of(setup.dtype, setup.rounding), []
    for cell, share in zip(grid.cells, shares, strict=True):
        if math.isnan(share):
            continue
        decay = setup.rule.decay_per_step(cell, grid.n)
        expected = precision.decay_kept(decay, setup.dtype, steps, form)
        if abs(share - expected) > OFF:
            said.append(
                f"eta={cell.eta:g}, lmbda={cell.lmbda:g}, n={grid.n}: a control of weights without gradient lost "
                f"{share:.3g} of the decay due in {setup.dtype}, where rounding would leave {expected:.3g}"
            )
    return said
