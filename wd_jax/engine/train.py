"""One member from its key to its records: `train` composes the steps that `wd_jax.sweeps.threads` runs for a sweep."""

import jax
import jax.numpy as jnp

from wd_jax.conventions import steps_per_epoch
from wd_jax.data import Dataset
from wd_jax.data.targets import check_loss
from wd_jax.engine import blocked, blocked_probes, minibatches
from wd_jax.engine.examples import Examples
from wd_jax.engine.member import Carry, Records, advance, as_arrays, initial_record, measure, start
from wd_jax.engine.method import check, chosen_steps, fits
from wd_jax.inputs import checks, limits
from wd_jax.inputs.spellings import answers_foreign_names
from wd_jax.setup import Hyper, Method, Probes, Setup
from wd_jax.sweeps import decay_check


@answers_foreign_names
def train(
    setup: Setup,
    hyper: Hyper,
    data: Examples,
    key: jax.Array,
    epochs: int,
    probes: Probes = Probes(),
    method: Method = "auto",
) -> tuple[Carry, Records]:
    """Train one member from its key: pure, jittable, vmappable over `hyper` and `key`.

    Parameters
    ----------
    setup, hyper, data, probes
        As for `advance`; ``data`` from `wd_jax.engine.examples.on_device`.
    key : jax.Array
        Typed threefry key, see `wd_jax.engine.minibatches.member_key`.
    epochs : int
        Passes over the training set.
    method : {"auto", "blocked", "generic"}
        How the member is trained (`wd_jax.engine.method`); "auto" takes blocks where they pay for one member and its
        decay, a plain number, is known to fit. A traced decay is not looked at: "blocked" then trusts the caller.

    Returns
    -------
    Carry
        The trained member.
    Records
        As `advance` and `measure`, with the record of epoch 0 in front: [epochs * records_per_epoch + 1, ...];
        evaluations are NaN between their epochs, the last of which is always one.

    Raises
    ------
    ValueError
        For ``dtype="float64"`` where JAX would silently compute in float32; for blocks that a setup or decay has not;
        for a decay that the dtype cannot represent, where it is a plain number; for a loss that means nothing for the
        targets.
    TypeError
        For a data set that is not on the device.
    """
    for name, value, wanted in (("setup", setup, Setup), ("hyper", hyper, Hyper), ("probes", probes, Probes)):
        if not isinstance(value, wanted):
            raise TypeError(
                f"{name}: got {checks.shown(value)}; give a {wanted.__name__}, such as wd.{wanted.__name__}(...)"
            )
    limits.counted("epochs", epochs, limits.EPOCHS)
    if isinstance(data, Dataset):
        raise TypeError("data is a Dataset: give wd_jax.engine.examples.on_device(data, setup.dtype)")
    if not isinstance(data, Examples):
        raise TypeError(f"data: got {checks.shown(data)}; give wd_jax.engine.examples.on_device(data, setup.dtype)")
    if setup.dtype == "float64" and not jax.config.read("jax_enable_x64"):
        raise ValueError("dtype='float64': JAX computes in float32 here; call train under `with jax.enable_x64(True):`")
    if not _traced(hyper):
        plain = Hyper(eta=float(hyper.eta), lmbda=float(hyper.lmbda))
        steps = epochs * steps_per_epoch(data.n, setup.batch_size)
        decay_check.check([plain], data.n, setup.dtype, [steps], stacklevel=3)
    check_loss(setup.loss, data.targets.shape[-1], data.target_kind, data.distributions)
    steps_per_block = _steps_per_block(setup, hyper, data.n, method, probes)
    hyper = as_arrays(hyper, setup.dtype)
    carry = start(setup, hyper, key)

    def one_epoch(carry: Carry, number: jax.Array) -> tuple[Carry, tuple[Records, Records]]:
        order = minibatches.epoch_order(key, number, data.n, setup.sampling)
        carry, records = _advance(setup, probes, steps_per_block, hyper, data, carry, number, order[None])
        absent = jax.tree.map(lambda s: jnp.full(s.shape, jnp.nan, s.dtype), evaluated)
        due = ((number + 1) % probes.evaluate_every == 0) | (number + 1 == epochs)
        found = jax.lax.cond(due, lambda c: measure(setup, probes, data, c), lambda c: absent, carry)
        return carry, (records, found)

    def laid_out(epoch_0: jax.Array, later: jax.Array, gaps: int) -> jax.Array:
        later = jnp.concatenate([jnp.full((epochs, gaps, *later.shape[1:]), jnp.nan, later.dtype), later[:, None]], 1)
        return jnp.concatenate([epoch_0[None], later.reshape(-1, *later.shape[2:])])

    evaluated = jax.eval_shape(lambda c: measure(setup, probes, data, c), carry)
    first, found_first = initial_record(setup, probes, hyper, data, carry), measure(setup, probes, data, carry)
    carry, (records, found) = jax.lax.scan(one_epoch, carry, jnp.arange(epochs, dtype=jnp.int32))
    rest = jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), records)
    whole = jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), first, rest)
    gaps = probes.records_per_epoch - 1
    return carry, whole | jax.tree.map(lambda a, b: laid_out(a, b, gaps), found_first, found)


def _traced(hyper: Hyper) -> bool:
    """Whether the decay is a stand-in inside jit or vmap, and so no number yet."""
    return any(isinstance(value, jax.core.Tracer) for value in (hyper.eta, hyper.lmbda))


def _steps_per_block(setup: Setup, hyper: Hyper, n: int, method: Method, probes: Probes) -> int:
    """Choose K for one member, 0 for the generic method."""
    if _traced(hyper):
        check(setup, [], n, method, probes)
        possible = method == "blocked" and setup.optimiser == "sgd"
    else:
        plain = Hyper(eta=float(hyper.eta), lmbda=float(hyper.lmbda))
        check(setup, [plain], n, method, probes)
        possible = fits(setup, plain, n) and not blocked_probes.unmeasured(probes)
    platform = jax.default_backend()
    return chosen_steps(setup, 1, 1, n, method, platform, probes.records_per_epoch) if possible else 0


def _advance(
    setup: Setup,
    probes: Probes,
    steps_per_block: int,
    hyper: Hyper,
    data: Examples,
    carry: Carry,
    first: jax.Array,
    orders: jax.Array,
) -> tuple[Carry, Records]:
    """Advance by the method chosen; the blocked one takes one seed of one cell."""
    if not steps_per_block:
        return advance(setup, probes, hyper, data, carry, first, orders)
    cell, member = jax.tree.map(lambda a: a[None], hyper), jax.tree.map(lambda a: a[None, None], carry)
    found = blocked.advance(setup, probes, steps_per_block, cell, data, member, first, orders[None])
    return jax.tree.map(lambda a: a[0, 0], found)
