"""From a grid to chunks: which members of a group are trained together, and by which method. Cut once, for all."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from wd_jax.engine import method, sizes
from wd_jax.engine.probes import registry
from wd_jax.measurement import Probes
from wd_jax.setup import Method, Setup
from wd_jax.sweeps.axes import Grid, Group


@dataclass(frozen=True)
class Chunk:
    """Places in the grid of members that are trained together, in step; the last repeated as padding.

    Attributes
    ----------
    group : int
        Number of their group.
    cells, seeds : tuple of int
        Number of each member's cell and seed.
    steps_per_block : int
        K of the blocked method, 0 for the generic one.
    epochs_per_call : int
        Epochs of one call of the compiled program.
    """

    group: int
    cells: tuple[int, ...]
    seeds: tuple[int, ...]
    steps_per_block: int
    epochs_per_call: int

    @property
    def size(self) -> int:
        """Members with the padding: as many as are computed."""
        return len(self.cells)

    @property
    def members(self) -> int:
        """Members without the padding."""
        return len(set(zip(self.cells, self.seeds, strict=True)))


Wanted = Callable[[int, int, int], bool]
"""(group, cell, seed), numbers of each -> whether that member is to be trained."""


def cut(grid: Grid, probes: Probes, asked: Method, platform: str, wanted: Wanted | None = None) -> tuple[Chunk, ...]:
    """Cut every group of a grid into chunks of one method and one size each.

    Parameters
    ----------
    grid : Grid
        What was asked for; a decay too strong for a block goes the generic way.
    probes : Probes
        A block ends where a record does, and a probe of which the blocked method has no form needs the generic one.
    asked : {"auto", "blocked", "generic"}
        How to train.
    platform : str
        Of the devices: which method pays depends on it, and how many members the generic method takes at once.
    wanted : callable, optional
        Which members; all of them by default.

    Raises
    ------
    ValueError
        For a method that is none, or that the grid or a probe has not.
    """
    method.check(asked, (group.setup for group in grid.groups), grid.cells, grid.decays, grid.n, probes)
    every = wanted or (lambda group, cell, seed: True)
    return tuple(
        chunk
        for number, group in enumerate(grid.groups)
        for chunk in _group(number, group, grid, probes, asked, platform, every)
    )


def _group(
    number: int,
    group: Group,
    grid: Grid,
    probes: Probes,
    asked: Method,
    platform: str,
    wanted: Wanted,
) -> Iterator[Chunk]:
    """Cut one group: blocks of one seed's cells where they pay, then the rest."""
    setup, decays = group.setup, grid.decays
    every = probes.evaluate_every if registry.on_splits(probes) else grid.epochs
    epochs = epochs_per_call(grid.epochs, group.steps_per_epoch, every)
    fitting = [i for i, decay in enumerate(decays) if asked != "generic" and method.fits(setup, decay, probes)]
    steps = max(1, group.steps_per_epoch // probes.records_per_epoch)
    alike: dict[tuple[int, ...], list[int]] = {}  # seeds of which the same cells are wanted
    for seed in range(len(grid.seeds)):
        alike.setdefault(tuple(cell for cell in fitting if wanted(number, cell, seed)), []).append(seed)
    in_blocks: set[tuple[int, int]] = set()
    for own, seeds in alike.items():
        together = cells_together(setup, len(own), len(seeds)) if own else 0
        k = method.choose(setup, len(own), together, steps, asked, platform) if own else 0
        if k:
            in_blocks |= {(cell, seed) for cell in own for seed in seeds}
            for first in range(0, len(own), together):
                cells = tuple(own[min(i, len(own) - 1)] for i in range(first, first + together))
                for seed in seeds:
                    yield Chunk(number, cells, (seed,) * together, k, epochs)
    rest = [
        (cell, seed)
        for seed in range(len(grid.seeds))
        for cell in range(len(decays))
        if (cell, seed) not in in_blocks and wanted(number, cell, seed)
    ]
    if rest:
        step = members_together(setup, len(rest), platform)
        epochs = epochs_per_call(grid.epochs, group.steps_per_epoch, every, _most_epochs(step, grid.n, platform))
        for first in range(0, len(rest), step):
            members = [rest[min(i, len(rest) - 1)] for i in range(first, first + step)]
            cells, own_seeds = zip(*members, strict=True)
            yield Chunk(number, cells, own_seeds, 0, epochs)


def members_together(setup: Setup, members: int, platform: str = "cpu") -> int:
    """Choose how many members one task trains one by one: all tasks as many.

    Parameters
    ----------
    setup : Setup
        Its weights decide.
    members : int
        In all.
    platform : str
        Of the device, as JAX names it.

    Examples
    --------
    >>> members_together(Setup(widths=(784, 30, 10)), 1000, platform="gpu")
    500
    >>> [members_together(Setup(widths=(64, 30, 10)), members) for members in (3, 8, 10, 24, 96)]
    [3, 8, 5, 8, 8]
    """
    bytes_per_member = setup.model.size * np.dtype(setup.arithmetic).itemsize
    most, weights = (
        (sizes.MAX_CHUNK, sizes.CHUNK_BYTES)
        if platform == "cpu"
        else (sizes.MAX_CHUNK_ON_ACCELERATORS, sizes.CHUNK_BYTES_ON_ACCELERATORS)
    )
    limit = min(max(weights // bytes_per_member, 2), most)
    return math.ceil(members / math.ceil(members / limit))


def _most_epochs(members: int, n: int, platform: str) -> int | None:
    """Epochs whose orders, one of each member, one call may take to an accelerator; None for a CPU, which has them."""
    return None if platform == "cpu" else max(1, sizes.ORDER_BYTES_ON_ACCELERATORS // (4 * members * n))


def cells_together(setup: Setup, cells: int, seeds: int) -> int:
    """Choose how many cells one block takes: all as many, and one seed's in two where each is large enough."""
    most = next((cells for units, cells in sizes.MOST_CELLS if setup.widths[1] <= units), 8)
    limit = most // 2 if setup.dtype == "float64" else most
    count = max(-(-cells // limit), min(2, cells // sizes.FEWEST_CELLS) if seeds == 1 else 1)
    even = -(-cells // count)
    whole = -(-even // sizes.LANES) * sizes.LANES
    return whole if even > sizes.LANES and 4 * (whole * count - cells) <= cells else even


def epochs_per_call(epochs: int, steps: int, evaluate_every: int, at_most: int | None = None) -> int:
    """Epochs per call of the compiled program: every call is as long, and an evaluation falls on the end of one.

    Parameters
    ----------
    epochs : int
        In all.
    steps : int
        Of an epoch.
    evaluate_every : int
        Epochs between evaluations; `epochs` if there are none.
    at_most : int, optional
        Epochs that a call may take.

    Examples
    --------
    >>> epochs_per_call(epochs=120, steps=120, evaluate_every=10), epochs_per_call(30, steps=5000, evaluate_every=1)
    (10, 1)
    """
    common = math.gcd(epochs, evaluate_every)
    most = min(common, max(1, sizes.STEPS_PER_CALL // steps), at_most or common)
    return max(b for b in range(1, most + 1) if common % b == 0)
