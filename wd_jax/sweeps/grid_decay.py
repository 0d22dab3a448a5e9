"""What the cells of a grid decay by: what their dtype keeps of it, and whether weights change sign."""

import warnings

import numpy as np

from wd_jax import precision
from wd_jax.inputs import decay_check
from wd_jax.results.divergence import UNSTABLE
from wd_jax.sweeps.axes import Grid


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
        are stepped one step at a time; the first layer keeps more where it is trained in blocks.
    """
    for dtype in dict.fromkeys(group.setup.dtype for group in grid.groups):
        steps = {grid.epochs * group.steps_per_epoch for group in grid.groups if group.setup.dtype == dtype}
        decay_check.check(grid.cells, grid.decays, grid.n, dtype, sorted(steps), stacklevel + 1)
    _check_stability(grid, grid.n, stacklevel + 1)
    return np.array(
        [
            [
                precision.decay_kept(decay, group.setup.dtype, grid.epochs * group.steps_per_epoch)
                for decay in grid.decays
            ]
            for group in grid.groups
        ]
    )


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
