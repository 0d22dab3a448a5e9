"""How each member is trained, its `method`: in blocks with others of its seed, or one by one.

Both give the same result up to rounding. The rule depends on how many cells a sweep has, so a member's last bits do
too.
"""

from collections.abc import Iterable, Sequence
from typing import get_args

from wd_jax.engine import blocked, blocked_probes, sizes
from wd_jax.engine.sizes import MAX_STEPS, ROWS_PER_INPUT
from wd_jax.held import USUAL
from wd_jax.hyper import Hyper
from wd_jax.inputs import checks
from wd_jax.measurement import Probes
from wd_jax.optimisers.decays.mask import LAYERS
from wd_jax.setup import Method, Setup


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
    if not (blocked.has_blocks(setup.rule) and setup.model.plain) or platform != "cpu":
        return False
    n_in, units = setup.widths[:2]
    steps = steps_per_block(setup, cells, most)
    if not setup.rule.plain:
        # With momentum a block has twice the wide products: it needs many steps to pay for them.
        return steps >= sizes.STEPS_WITH_MOMENTUM and units * cells >= sizes.COLUMNS_WITH_MOMENTUM
    if steps == 1:
        # The Gram matrix of a batch, m by m, must stay small beside what the batch is multiplied with.
        return cells >= 16 and setup.batch_size <= min(2 * n_in, units * cells)
    if setup.batch_size > 16:
        return cells >= 8
    return cells >= 4 or units * cells >= 200


def choose(setup: Setup, cells: int, together: int, steps: int, method: Method = "auto", platform: str = "cpu") -> int:
    """Choose K for members that all fit, 0 for the generic method.

    Parameters
    ----------
    setup : Setup
        What is trained.
    cells, together : int
        Members with one minibatch order, and how many of them, filled up, make a block.
    steps : int
        Of a record: a block ends where a record does.
    method : {"auto", "blocked", "generic"}
        "auto" takes blocks where they pay; on an accelerator they are not known to.
    platform : str
        Of the device, as JAX names it.

    Examples
    --------
    >>> book = Setup(widths=(784, 30, 10))
    >>> choose(book, 16, 16, 5000), choose(book, 16, 16, 5000, platform="gpu"), choose(book, 1, 1, 5000)
    (10, 0, 0)
    """
    wanted = method == "blocked" or (method == "auto" and pays(setup, min(together, cells), steps, platform))
    return steps_per_block(setup, together, steps) if wanted else 0


def check(
    method: str,
    setups: Iterable[Setup],
    cells: Sequence[Hyper],
    decays: Sequence[float],
    n: int,
    probes: Probes = Probes(),
) -> None:
    """Refuse a method that is none, and blocks for a probe, an optimiser or a decay that has none.

    Parameters
    ----------
    method : str
        As it was asked for.
    setups : iterable of Setup
        One a group.
    cells : sequence of Hyper
        Plain numbers, named in the refusal.
    decays : sequence of float
        Of each cell, eta*lmbda/n, dimensionless.
    n : int
        Training-set size, examples.
    probes : Probes
        What is measured.

    Raises
    ------
    ValueError
        Naming the probe or the cell that has no blocks.
    """
    checks.choice("method", method, get_args(Method))
    if method != "blocked":
        return
    if lacking := blocked_probes.unmeasured(probes):
        switch = lacking[0].switch
        without = f"set Probes({switch.option}=False)" if switch else "leave it out of Probes(extra=...)"
        raise ValueError(
            f"method='blocked': the probe {lacking[0].name!r} looks at every step and has no form for blocks; "
            f"use method='auto' or {without}"
        )
    for setup in setups:
        if setup.scheduled:
            name, words = next((name, one.words) for name, one in setup.schedules.items() if not one.constant)
            raise ValueError(
                f"method='blocked': {name}={words}: a block takes its steps at one eta and one lmbda; use method='auto'"
            )
        if setup.held != USUAL:
            words = f"dtype={setup.dtype!r}, rounding={setup.rounding!r}"
            raise ValueError(f"method='blocked': {words}: a block does not round after each step; use method='auto'")
        for cell, decay in zip(cells, decays, strict=True):
            if not (setup.model.plain and setup.decays == LAYERS):
                raise ValueError(
                    "method='blocked': only multilayer perceptrons with biases and without normalisation, whose layers "
                    "decay and nothing else, are trained in blocks; use method='auto'"
                )
            if not fits(setup, decay):
                raise ValueError(
                    f"method='blocked': optimiser {setup.rule.name!r} with eta={cell.eta}, lmbda={cell.lmbda}, n={n} "
                    "cannot be trained in blocks, which need sgd, momentum, nesterov or sgdw, and eta*lmbda/n below "
                    "0.49; use method='auto'"
                )


def fits(setup: Setup, decay: float, probes: Probes = Probes()) -> bool:
    """Whether model, rule, decay per step (a plain number) and probes allow blocks of any length that is chosen."""
    known = setup.model.plain and setup.decays == LAYERS and not setup.scheduled and setup.held == USUAL
    return known and blocked.fits(setup.rule, decay, MAX_STEPS) and not blocked_probes.unmeasured(probes)
