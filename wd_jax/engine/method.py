"""How each member is trained: in blocks with others of its seed, or one by one; and how many at a time.

Both methods give the same result up to rounding. The rule and the sizes are fixed numbers, read off
``python -m benchmarks.throughput``, never measured where they run: another size would be another program, with other
rounding. They depend on how many cells and seeds a sweep has, so a member's last bits do too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from wd_jax.conventions import per_step_decay, steps_per_epoch
from wd_jax.engine import blocked, blocked_probes
from wd_jax.inputs import checks
from wd_jax.setup import Hyper, Method, Probes, Setup
from wd_jax.sweeps.plan import Chunk, Group, chunks

MOST_CELLS = ((16, 64), (48, 32), (160, 16))
"""Most cells of a part, by the units of the first layer: (up to so many units, cells); 8 beyond, half in float64."""
FEWEST_CELLS = 8
"""Cells that are worth a part of their own, so that another core can take the rest."""
LANES = 8
"""Members that a vector unit takes at once: a part is filled up to a multiple where that adds a quarter at most."""
MAX_STEPS = 10
"""Longest block: with more, the Gram matrix costs more than it saves."""
ROWS_PER_INPUT = 7
"""A block's K*m rows are at most n_in over this: their Gram matrix stays small beside the product with the weights."""


@dataclass(frozen=True)
class Part:
    """Members trained together, and how: K steps per block, or 0 for the generic method."""

    chunk: Chunk
    steps_per_block: int

    @property
    def method(self) -> str:
        """Name of the method."""
        return "blocked" if self.steps_per_block else "generic"


def steps_per_block(setup: Setup, cells: int, most: int = MAX_STEPS) -> int:
    """Choose the steps per block of `cells` members that share a minibatch order.

    Parameters
    ----------
    setup : Setup
        Its first layer's widths and its batch size decide.
    cells : int
        Members with one order.
    most : int
        Steps of a record, which ends a block.

    Examples
    --------
    >>> steps_per_block(Setup(widths=(784, 30, 10)), cells=16)
    10
    >>> steps_per_block(Setup(widths=(784, 30, 10), batch_size=128), cells=16)
    1
    """
    n_in, units = setup.widths[:2]
    m = setup.batch_size
    return max(1, min(MAX_STEPS, most, n_in // (ROWS_PER_INPUT * m), units * cells // m))


def pays(setup: Setup, cells: int, most: int = MAX_STEPS, platform: str = "cpu") -> bool:
    """Whether `cells` members of one order train faster in blocks than one by one: known on a CPU only.

    Parameters
    ----------
    setup, cells, most
        As for `steps_per_block`.
    platform : str
        Of the device, as JAX names it.
    """
    if setup.optimiser != "sgd" or platform != "cpu":
        return False
    n_in, units = setup.widths[:2]
    if steps_per_block(setup, cells, most) == 1:
        # The Gram matrix of a batch, m by m, must stay small beside what the batch is multiplied with.
        return cells >= 16 and setup.batch_size <= min(2 * n_in, units * cells)
    if setup.batch_size > 16:
        return cells >= 8
    return cells >= 4 or units * cells >= 200


def chosen_steps(
    setup: Setup, cells: int, together: int, n: int, method: Method, platform: str, records_per_epoch: int
) -> int:
    """Choose K for members that all fit, 0 for the generic method.

    Parameters
    ----------
    setup : Setup
        What is trained.
    cells, together : int
        Members with one order, and how many of them, filled up, make a part.
    n : int
        Training-set size, examples.
    method, platform
        As for `parts`.
    records_per_epoch : int
        A block ends where a record does.
    """
    most = max(1, steps_per_epoch(n, setup.batch_size) // records_per_epoch)
    wanted = method == "blocked" or (method == "auto" and pays(setup, min(together, cells), most, platform))
    return steps_per_block(setup, together, most) if wanted else 0


def parts(
    group: Group,
    cells: Sequence[Hyper],
    seeds: int,
    n: int,
    method: Method = "auto",
    platform: str = "cpu",
    probes: Probes = Probes(),
) -> tuple[Part, ...]:
    """Cut a group into parts of one method and one size each.

    Parameters
    ----------
    group : Group
        Members that share a `Setup`.
    cells : sequence of Hyper
        Each cell's numbers: a decay too strong for a block goes the generic way.
    seeds : int
        Number of seeds.
    n : int
        Training-set size, examples.
    method : {"auto", "blocked", "generic"}
        "auto" takes blocks where they pay; on an accelerator they are not known to.
    platform : str
        Of the devices the parts will run on.
    probes : Probes
        A block ends where a record does, and a probe of which the blocked method has no form needs the generic one.

    Returns
    -------
    tuple of Part

    Raises
    ------
    ValueError
        As `check`.
    """
    setup = group.setup
    check(setup, cells, n, method, probes)
    fitting = [] if blocked_probes.unmeasured(probes) else [i for i, one in enumerate(cells) if fits(setup, one, n)]
    together = _together(setup, len(fitting), seeds) if fitting else 0
    steps = chosen_steps(setup, len(fitting), together, n, method, platform, probes.records_per_epoch)
    fast = fitting if steps else []
    in_blocks = set(fast)
    slow = [i for i in range(len(cells)) if i not in in_blocks]
    found = []
    if fast:
        for first in range(0, len(fast), together):
            chosen = tuple(fast[min(i, len(fast) - 1)] for i in range(first, first + together))
            found += [Part(Chunk(chosen, (seed,)), steps) for seed in range(seeds)]
    if slow:
        for chunk in chunks(group, len(slow), seeds):
            found.append(Part(Chunk(tuple(slow[i] for i in chunk.cells), chunk.seeds), 0))
    return tuple(found)


def check(setup: Setup, cells: Sequence[Hyper], n: int, method: str, probes: Probes = Probes()) -> None:
    """Refuse a method that is none, and blocks for an optimiser, a decay or a probe that has none."""
    checks.choice("method", method, get_args(Method))
    if method != "blocked":
        return
    if lacking := blocked_probes.unmeasured(probes):
        raise ValueError(
            f"method='blocked': the probe {lacking[0].name!r} looks at every step and has no form for blocks; "
            "use method='auto' or leave it out of Probes(extra=...)"
        )
    bad = [cell for cell in cells if not fits(setup, cell, n)]
    if bad:
        raise ValueError(
            f"method='blocked': optimiser {setup.optimiser!r} with eta={bad[0].eta}, lmbda={bad[0].lmbda}, n={n} "
            "cannot be trained in blocks, which need plain sgd and eta*lmbda/n below 0.49; use method='auto'"
        )


def _together(setup: Setup, cells: int, seeds: int) -> int:
    """Choose how many cells one part takes: all as many, and one seed's in two parts where each is large enough."""
    most = next((cells for units, cells in MOST_CELLS if setup.widths[1] <= units), 8)
    limit = most // 2 if setup.dtype == "float64" else most
    count = max(-(-cells // limit), min(2, cells // FEWEST_CELLS) if seeds == 1 else 1)
    even = -(-cells // count)
    whole = -(-even // LANES) * LANES
    return whole if even > LANES and 4 * (whole * count - cells) <= cells else even


def fits(setup: Setup, cell: Hyper, n: int) -> bool:
    """Whether a cell's optimiser and decay, plain numbers, allow blocks of any length that the rule chooses."""
    return blocked.fits(setup, per_step_decay(cell.eta, cell.lmbda, n), MAX_STEPS)
