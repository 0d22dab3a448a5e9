"""Where a chunk's members lie in the arrays of a result: one index for each swept axis, and one for the seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wd_jax.sweeps.chunks import Chunk


@dataclass(frozen=True)
class GridPlaces:
    """How groups and cells become the axes of a result.

    Attributes
    ----------
    dims : tuple of str
        The swept axes in the order given; `seed` comes after them.
    sizes : tuple of int
        Values of each.
    static : tuple of bool
        Whether the axis makes groups.
    """

    dims: tuple[str, ...]
    sizes: tuple[int, ...]
    static: tuple[bool, ...]

    def of(self, chunk: Chunk) -> tuple[np.ndarray, ...]:
        """Give the places of a chunk's members, copies at its end included: an array for each axis, then the seeds.

        Examples
        --------
        >>> places = GridPlaces(("hidden", "lmbda"), (2, 3), (True, False))
        >>> [axis.tolist() for axis in places.of(Chunk(1, (0, 2), (0, 0), 0, 1))]
        [[1, 1], [0, 2], [0, 0]]
        """
        cells = np.asarray(chunk.cells)
        groups = iter(np.unravel_index(np.full(cells.size, chunk.group), self._of(True)))
        numbers = iter(np.unravel_index(cells, self._of(False)))
        axes = [next(groups) if static else next(numbers) for static in self.static]
        return (*axes, np.asarray(chunk.seeds))

    def _of(self, static: bool) -> tuple[int, ...]:
        found = tuple(size for size, one in zip(self.sizes, self.static, strict=True) if one == static)
        return found or (1,)

    def lookup(self, chunks: Sequence[Chunk], seeds: int) -> tuple[np.ndarray, np.ndarray]:
        """Say, for every member of the grid, in which chunk it is and in which place of it.

        Parameters
        ----------
        chunks : sequence of Chunk
            Of a whole plan.
        seeds : int
            How many there are.

        Returns
        -------
        array, array, int32 [axes..., seed]
            Number of the chunk, -1 for none, and the member's place in it.
        """
        chunk_of = np.full((*self.sizes, seeds), -1, np.int32)
        place_in = np.zeros((*self.sizes, seeds), np.int32)
        for number, chunk in enumerate(chunks):
            places = self.of(chunk)
            # A copy at the end has its member's bits, so either place is right: the first one is taken.
            chunk_of[places] = number
            place_in[tuple(axis[::-1] for axis in places)] = np.arange(chunk.size)[::-1]
        return chunk_of, place_in
