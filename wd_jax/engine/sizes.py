"""How many members train together, and for how long at a time: every size with its reason, in one place.

The sizes are fixed numbers, read off ``python -m benchmarks.throughput``, never measured where they run: another size
would be another program, with other rounding. So none depends on the machine. Those of the generic method depend on the
kind of platform, a CPU or an accelerator, and with it on the plan; those for accelerators follow from reasons and have
not been measured yet (``python -m benchmarks.accelerator``).
"""

MAX_CHUNK = 8
"""Most members of a task of the generic method: more gain nothing, and eight divide the usual numbers of seeds."""
CHUNK_BYTES = 2**21
"""Weights of such a task that stay in a cache; fewer members where they are larger, but two at least."""
MAX_CHUNK_ON_ACCELERATORS = 4096
"""The same on a GPU, where a step of a small network is its kernels' starts, however many members they serve."""
CHUNK_BYTES_ON_ACCELERATORS = 2**26
"""Weights of such a task: moving them a few times takes about as long as starting a step's kernels."""
ORDER_BYTES_ON_ACCELERATORS = 2**28
"""Orders of the examples that one call takes to the device, for all of a task's members."""

MOST_CELLS = ((16, 64), (48, 32), (160, 16))
"""Most cells of a block, by the units of the first layer: (up to so many units, cells); 8 beyond, half in float64."""
FEWEST_CELLS = 8
"""Cells that are worth a task of their own, so that another core can take the rest."""
LANES = 8
"""Members that a vector unit takes at once: a block is filled up to a multiple where that adds a quarter at most."""
MAX_STEPS = 10
"""Steps of the longest block: with more, the Gram matrix costs more than it saves."""
ROWS_PER_INPUT = 7
"""A block's K*m rows are at most n_in over this: their Gram matrix stays small beside the product with the weights."""
STEPS_WITH_MOMENTUM = 5
"""Fewest steps of a block that pays with momentum: blocks of 3 ran at 0.4 to 0.85 of the generic method's rate."""
COLUMNS_WITH_MOMENTUM = 240
"""Fewest units of all its members together: 120 ran at 1.04 of the generic method's rate, 960 at 1.5."""

STEPS_PER_CALL = 4000
"""Steps between two looks at the host: progress and Ctrl-C answer after about this many."""
