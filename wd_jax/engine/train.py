"""One member from its seed to its records: `train` composes the steps that `wd_jax.sweeps.threads` runs for a sweep."""

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.conventions import per_step_decay, steps_per_epoch
from wd_jax.data import Dataset
from wd_jax.data.targets import check_loss
from wd_jax.engine import blocked, minibatches, own_parts, rates
from wd_jax.engine import method as methods
from wd_jax.engine.examples import Examples, on_device
from wd_jax.engine.hyper_tree import Hyper, as_arrays
from wd_jax.engine.member import Carry, Records, advance, initial_record, measure, start
from wd_jax.inputs import checks, decay_check, limits
from wd_jax.inputs.spellings import answers_foreign_names
from wd_jax.measurement import Probes
from wd_jax.optimisers.rule import Rule
from wd_jax.program import Program
from wd_jax.setup import Method, Setup


@answers_foreign_names
def train(
    setup: Setup,
    hyper: Hyper,
    data: Dataset | Examples,
    key: int | jax.Array,
    epochs: int,
    probes: Probes = Probes(),
    method: Method = "auto",
) -> tuple[Carry, Records]:
    """Train one member from its seed: pure, jittable, vmappable over `hyper` and `key`.

    Parameters
    ----------
    setup, probes : Setup, Probes
        Static: what is trained and what is measured.
    hyper : Hyper
        The member's numbers; what its rule reads and is not among them has the rule's default.
    data : Dataset or Examples
        What is learned; where a call is repeated, give ``wd_jax.engine.examples.on_device(data, setup.dtype)``, moved
        to the device once.
    key : int or jax.Array
        A seed, the same as in `wd_jax.sweep`, or the typed threefry key of one
        (`wd_jax.engine.minibatches.member_key`).
    epochs : int
        Passes over the training set.
    method : {"auto", "blocked", "generic"}
        How the member is trained (`wd_jax.engine.method`); "auto" takes blocks where they pay for one member and its
        decay, a plain number, is known to fit. A traced decay is not looked at: "blocked" then trusts the caller.

    Returns
    -------
    Carry
        The trained member: ``params``, the state of its rule, and ``diverged_at``, -1 if all stayed finite.
    Records
        A dict of arrays, each [epochs * records_per_epoch + 1, ...], epoch 0 in front: norms, budget, displacements
        and penalty, and what is evaluated on whole splits; evaluations are NaN between their epochs, the last of which
        is always one.

    Raises
    ------
    ValueError
        For ``dtype="float64"`` where JAX would silently compute in float32; for blocks that a setup or decay has not;
        for a decay that the dtype cannot represent, where it is a plain number; for a loss that means nothing for the
        targets; for widths that are not the data's.
    TypeError
        For a part that is of another kind, or a number that the rule does not read.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup = wd.Setup(widths=(16, 8, 4), optimiser="sgdw")
    >>> member, records = wd.train(setup, wd.Hyper(eta=0.1, lmbda=5.0, momentum=0.5), wd.data.null(), key=0, epochs=3)
    >>> records["weight_norm2"].shape, int(member.diverged_at)
    ((4, 2), -1)
    """
    for name, value, wanted in (("setup", setup, Setup), ("hyper", hyper, Hyper), ("probes", probes, Probes)):
        if not isinstance(value, wanted):
            raise TypeError(
                f"{name}: got {checks.shown(value)}; give a {wanted.__name__}, such as wd.{wanted.__name__}(...)"
            )
    limits.counted("epochs", epochs, limits.EPOCHS)
    if not isinstance(data, Dataset | Examples):
        raise TypeError(f"data: got {checks.shown(data)}; give a Dataset, such as wd.data.digits()")
    if setup.dtype == "float64" and not jax.config.read("jax_enable_x64"):
        raise ValueError("dtype='float64': JAX computes in float32 here; call train under `with jax.enable_x64(True):`")
    hyper = _read(hyper, setup.rule)
    decay = _decay(setup.rule, hyper, data.n)
    if decay is not None:
        steps = epochs * steps_per_epoch(data.n, setup.batch_size)
        decay_check.check([hyper], [decay], data.n, setup.dtype, [steps], stacklevel=3, rounding=setup.rounding)
    key, data = _key(key), on_device(data, setup.dtype) if isinstance(data, Dataset) else data
    check_loss(setup.loss, data.outputs[-1], data.target_kind, data.distributions, bounded=data.bounded)
    _check_widths(setup, data)
    probes, _ = own_parts.checked(setup, data.n, probes)
    program = setup.program
    steps_per_block = _steps_per_block(setup, hyper, data.n, method, probes)
    hyper = as_arrays(hyper, setup.arithmetic)
    carry = start(setup.start, hyper, key, data.n)
    factors = rates.of_run(setup, epochs, steps_per_epoch(data.n, setup.batch_size))

    def one_epoch(
        carry: Carry, numbered: tuple[jax.Array, rates.Factors | None]
    ) -> tuple[Carry, tuple[Records, Records]]:
        number, of_epoch = numbered
        order = minibatches.epoch_order(key, number, data.n, setup.sampling)
        own = jax.tree.map(lambda a: a[None], of_epoch)
        carry, records = _advance(program, probes, steps_per_block, hyper, data, carry, number, order[None], own)
        absent = jax.tree.map(lambda s: jnp.full(s.shape, jnp.nan, s.dtype), evaluated)
        due = ((number + 1) % probes.evaluate_every == 0) | (number + 1 == epochs)
        found = jax.lax.cond(due, lambda c: measure(program.objective, probes, data, c), lambda c: absent, carry)
        return carry, (records, found)

    def laid_out(epoch_0: jax.Array, later: jax.Array, gaps: int) -> jax.Array:
        later = jnp.concatenate([jnp.full((epochs, gaps, *later.shape[1:]), jnp.nan, later.dtype), later[:, None]], 1)
        return jnp.concatenate([epoch_0[None], later.reshape(-1, *later.shape[2:])])

    evaluated = jax.eval_shape(lambda c: measure(program.objective, probes, data, c), carry)
    first, found_first = (
        initial_record(program, probes, rates.in_step(hyper, rates.of_first_step(factors)), data, carry),
        measure(program.objective, probes, data, carry),
    )
    carry, (records, found) = jax.lax.scan(one_epoch, carry, (jnp.arange(epochs, dtype=jnp.int32), factors))
    rest = jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), records)
    whole = jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), first, rest)
    gaps = probes.records_per_epoch - 1
    return carry, whole | jax.tree.map(lambda a, b: laid_out(a, b, gaps), found_first, found)


def _read(hyper: Hyper, rule: Rule) -> Hyper:
    """Give what the rule reads, the rest by default; refuse a number that it does not read."""
    others = [name for name in hyper if name not in rule.names]
    if others:
        reads = ", ".join(rule.names)
        raise TypeError(f"{others[0]}={checks.shown(hyper[others[0]])}: the rule {rule.name!r} reads {reads}")
    return hyper.for_rule(rule)


def _key(given: int | jax.Array) -> jax.Array:
    """Give the key of a seed; a typed key as it is."""
    if isinstance(given, jax.Array) and given.ndim == 0:
        if jax.dtypes.issubdtype(given.dtype, jax.dtypes.prng_key):
            return given
        if jax.dtypes.issubdtype(given.dtype, np.integer):
            return minibatches.member_key(given)
    elif checks.whole(given) and 0 <= given <= limits.SEED.most:
        return minibatches.member_key(int(given))
    raise TypeError(f"key={checks.shown(given)}: give a seed such as 0, or a typed key such as jax.random.key(0)")


def _check_widths(setup: Setup, data: Examples) -> None:
    """Refuse widths that are not those of the data, and an own model that does not fit them."""
    own_parts.check_model(setup, data.n, data.inputs.shape[-1], data.outputs, data.declared.tokens)
    if not setup.widths:
        return
    for place, size in ((0, data.inputs.shape[-1]), (-1, data.outputs[-1])):
        if setup.widths[place] != size:
            side = "outputs" if place else "inputs"
            raise ValueError(f"widths={setup.widths}: the data have {size} {side}; set widths[{place}]={size}")


def _traced(hyper: Hyper) -> bool:
    """Whether the decay is a stand-in inside jit or vmap, and so no number yet."""
    return any(isinstance(value, jax.core.Tracer) for value in (hyper.eta, hyper.lmbda))


def _decay(rule: Rule, hyper: Hyper, n: int) -> float | None:
    """Give the decay per step of weights without gradient; None while a number that it depends on is a stand-in."""
    known = {name: float(value) for name, value in hyper.items() if not isinstance(value, jax.core.Tracer)}
    if _traced(hyper) or (len(known) < len(hyper) and not rule.decay.symbol):
        return None
    return rule.decay_per_step(known, n)


def _steps_per_block(setup: Setup, hyper: Hyper, n: int, asked: Method, probes: Probes) -> int:
    """Choose K for one member, 0 for the generic method."""
    traced = _traced(hyper)
    decay = 0.0 if traced else per_step_decay(float(hyper.eta), float(hyper.lmbda), n)
    methods.check(asked, [setup], [hyper], [decay], n, probes)
    if not methods.fits(setup, decay, probes) or (traced and asked != "blocked"):
        return 0
    steps = max(1, steps_per_epoch(n, setup.batch_size) // probes.records_per_epoch)
    return methods.choose(setup, 1, 1, steps, asked, jax.default_backend())


def _advance(
    program: Program,
    probes: Probes,
    steps_per_block: int,
    hyper: Hyper,
    data: Examples,
    carry: Carry,
    first: jax.Array,
    orders: jax.Array,
    factors: rates.Factors | None,
) -> tuple[Carry, Records]:
    """Advance by the method chosen; the blocked one takes one seed of one cell."""
    if not steps_per_block:
        return advance(program, probes, hyper, data, carry, first, orders, factors)
    cell, member = jax.tree.map(lambda a: a[None], hyper), jax.tree.map(lambda a: a[None, None], carry)
    found = blocked.advance(program, probes, steps_per_block, cell, data, member, first, orders[None])
    return jax.tree.map(lambda a: a[0, 0], found)
