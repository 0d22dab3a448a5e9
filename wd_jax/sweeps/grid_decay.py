"""What the cells of a grid decay by: what their dtype keeps of it, and whether weights change sign."""

import warnings

import numpy as np

from wd_jax import precision
from wd_jax.inputs import decay_check
from wd_jax.results.divergence import UNSTABLE
from wd_jax.sweeps.axes import Grid


def kept_by_cell(grid: Grid, epochs: int) -> np.ndarray:
    """Share of the decay that weights without gradient keep over a run, see `wd_jax.precision.decay_kept`.

    Parameters
    ----------
    grid : Grid
        What is run.
    epochs : int
        Passes over the training set.

    Returns
    -------
    array [group, cell]
        For weights that are stepped one step at a time; the first layer keeps more where it is trained in blocks.
    """
    return np.array(
        [
            [precision.decay_kept(decay, group.setup.dtype, epochs * group.steps_per_epoch) for decay in grid.decays]
            for group in grid.groups
        ]
    )


def check_grid(grid: Grid, n: int, epochs: int, stacklevel: int) -> None:
    """Check the decays against every dtype of a grid once, and warn of those that turn weights' signs.

    Parameters
    ----------
    grid : Grid
        What is run.
    n : int
        Training-set size, examples.
    epochs : int
        Passes over the training set.
    stacklevel : int
        Of the caller that a warning names, as seen from where this is called.
    """
    for dtype in dict.fromkeys(group.setup.dtype for group in grid.groups):
        steps = {epochs * group.steps_per_epoch for group in grid.groups if group.setup.dtype == dtype}
        decay_check.check(grid.cells, grid.decays, n, dtype, sorted(steps), stacklevel + 1)
    _check_stability(grid, n, stacklevel + 1)


def _check_stability(grid: Grid, n: int, stacklevel: int) -> None:
    """Warn, once for all cells, of a decay per step of 1 or more: it turns weights' signs, and from 2 on they grow."""
    cells = {(cell.eta, cell.lmbda): decay for cell, decay in zip(grid.cells, grid.decays, strict=True)}
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
        f"eta={eta:g}, lmbda={lmbda:g}, n={n}: eta*lmbda/n = {decay:.3g}, so that {effect}{many}: "
        "lower eta or lmbda until it is below 1",
        stacklevel=stacklevel + 1,
    )
