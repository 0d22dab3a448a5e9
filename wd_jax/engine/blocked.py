r"""Plain SGD with L2, exactly, in blocks of K steps: the first layer is read and written once per block.

With :math:`W_{s+1} = q W_s - X_s^T U_s`, where :math:`U_s = \eta\,\partial C/\partial Z_s` and
:math:`q = 1-\epsilon`, step s needs only

.. math:: X_s W_s = q^s \Big(X_s W_0 - \sum_{r<s} X_s X_r^T E_r\Big), \qquad E_r = q^{-(r+1)} U_r,

and after the k steps that a member took :math:`W_k = W_0 + (q^k - 1) W_0 - \sum_r X_r^T q^k E_r`. The products with
X are two wide ones per block and one Gram matrix per minibatch order, shared by all members of a seed. The budget comes
from the same matrices: :math:`\langle W_s, X_s^T U_s\rangle = \langle X_s W_s, U_s\rangle` and
:math:`\|X_s^T U_s\|^2 = \langle U_s, X_s X_s^T U_s\rangle`. Later layers are stepped one by one.
The derivation ``blocked_sgd`` proves the identities.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.conventions import per_step_decay
from wd_jax.engine import blocked_layout, member, minibatches
from wd_jax.engine.examples import Examples
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.engine.member import Carry, Records
from wd_jax.engine.probes import budget
from wd_jax.engine.probes.budget import Budget
from wd_jax.models import mlp
from wd_jax.models.losses import LOSSES
from wd_jax.optimisers.rule import Rule
from wd_jax.program import Program
from wd_jax.setup import Probes

ROOM_FOR_POWERS = 1e-3
"""Smallest q^K of a block: below it the powers of 1/q in the rescaled displacements grow too far apart."""


Layer = dict[str, jax.Array]
State = tuple[mlp.Params, jax.Array]


class _Members(NamedTuple):
    """Numbers of each member, [M]: learning rate, decay per step and log(1 - decay)."""

    eta: jax.Array
    epsilon: jax.Array
    log_factor: jax.Array


class _Progress(NamedTuple):
    """What the blocks hand on: parameters in `members_last` layout, the record's sums, the epoch of divergence [M]."""

    params: mlp.Params
    sums: Budget
    by_decay: tuple[jax.Array, ...]
    diverged_at: jax.Array


class _Inner(NamedTuple):
    """What the steps of a block hand on; `displaced` holds E_r, `norm2` the first layer's squared norm, `taken` k."""

    displaced: jax.Array
    norm2: jax.Array
    taken: jax.Array
    progress: _Progress


class _Fixed(NamedTuple):
    """What a block's steps read: X_s W_0, the Gram matrix, and each step's targets, weights and whether it is one."""

    products: jax.Array
    gram: jax.Array
    targets: jax.Array
    weights: jax.Array
    real: jax.Array


def fits(rule: Rule, epsilon: float, steps_per_block: int) -> bool:
    """Whether a member can be trained in blocks: plain SGD, and a decay whose powers float32 holds over a block."""
    return rule.plain and 0 <= epsilon < 1 and (1 - epsilon) ** steps_per_block >= ROOM_FOR_POWERS


def advance(
    program: Program,
    probes: Probes,
    steps_per_block: int,
    hyper: Hyper,
    data: Examples,
    carry: Carry,
    first: jax.Array,
    orders: jax.Array,
) -> tuple[Carry, Records]:
    """Train S seeds of C members each for a block of epochs: `wd_jax.engine.member.advance` of every member at once.

    Parameters
    ----------
    program, probes : Program, Probes
        Static; the rule must be plain SGD.
    steps_per_block : int
        K, the steps between two updates of the first layer; 1 updates it at every step.
    hyper : Hyper
        The cells' traced numbers, each [C], of ``program.dtype``; every cell must pass `fits`.
    data : Examples
        The dataset, shared by all members.
    carry : Carry
        Every leaf [S, C, ...].
    first : jax.Array
        Number of the first epoch, int32.
    orders : jax.Array [S, epochs, n] int32
        The examples' order of each seed and epoch, shared by the seed's members.

    Returns
    -------
    Carry
        State after the epochs, every leaf [S, C, ...].
    Records
        As `wd_jax.engine.member.advance`, each [S, C, epochs * records_per_epoch, ...].
    """
    seeds, cells = carry.diverged_at.shape
    epsilon = per_step_decay(hyper.eta, hyper.lmbda, data.n)
    members = _Members(*(jnp.tile(a, seeds) for a in (hyper.eta, epsilon, jnp.log1p(-epsilon))))
    weights = jnp.asarray(minibatches.batch_weights(data.n, program.batch_size, program.dtype))
    cut = functools.partial(_cut, intervals=probes.records_per_epoch, steps_per_block=steps_per_block)
    pieces = (cut(weights), cut(jnp.ones(len(weights), bool)))
    standing = jax.vmap(jax.vmap(functools.partial(member.standing, data=data), (0, 0)), (None, 0))

    def one_interval(state: State, piece: tuple[jax.Array, Any]) -> tuple[State, Records]:
        number, batches = piece
        params, diverged_at = state
        nothing = tuple(jnp.zeros_like(w) for w in mlp.weights(params)) if probes.moved else ()
        none = jnp.zeros((program.model.layers, seeds * cells), program.dtype)
        progress = _Progress(params, Budget(none, none, none, none), nothing, diverged_at)
        step = functools.partial(_block, program, probes, members, data, number)
        progress, _ = jax.lax.scan(step, progress, batches)
        record = _by_member(progress.sums, seeds, probes)
        now = blocked_layout.to_first(progress.params, seeds)
        record |= standing(hyper, now)
        if probes.moved:
            before = blocked_layout.to_first(params, seeds)
            decayed = tuple(_first_layer_or_later(i, w, seeds) for i, w in enumerate(progress.by_decay))
            by_decay, by_gradient = jax.vmap(jax.vmap(budget.moved))(before, now, decayed)
            record |= {"moved_by_decay": by_decay, "moved_by_gradient": by_gradient}
        finite = jnp.all(jnp.isfinite(record["weight_norm2"]), axis=-1).reshape(-1)
        diverged_at = jnp.where((progress.diverged_at < 0) & ~finite, number, progress.diverged_at)
        by_seed = diverged_at.reshape(seeds, cells)
        record = jax.vmap(jax.vmap(member.unless_diverged))(by_seed, record)
        return (progress.params, diverged_at), record

    def one_epoch(state: State, numbered: tuple[jax.Array, jax.Array]) -> tuple[State, Records]:
        number, order = numbered
        batches = jnp.moveaxis(minibatches.minibatches(order, program.batch_size), 0, 1)
        numbers = jnp.full(probes.records_per_epoch, number + 1)
        return jax.lax.scan(one_interval, state, (numbers, (cut(batches), *pieces)))

    numbers = first + jnp.arange(orders.shape[1], dtype=jnp.int32)
    state = (blocked_layout.to_last(carry.params), carry.diverged_at.reshape(-1))
    (params, diverged_at), records = jax.lax.scan(one_epoch, state, (numbers, jnp.moveaxis(orders, 1, 0)))
    carry = Carry(blocked_layout.to_first(params, seeds), carry.state, diverged_at.reshape(seeds, cells))
    return carry, jax.tree.map(lambda a: jnp.moveaxis(a.reshape(-1, *a.shape[2:]), 0, 2), records)


def _cut(array: jax.Array, intervals: int, steps_per_block: int) -> jax.Array:
    """Cut [steps, ...] into [intervals, blocks, K, ...], the last block of an interval filled up with zeros."""
    steps = array.shape[0] // intervals
    blocks = -(-steps // steps_per_block)
    even = -(-steps // blocks)
    by_interval = array.reshape(intervals, steps, *array.shape[1:])
    padding = [(0, 0), (0, blocks * even - steps)] + [(0, 0)] * (array.ndim - 1)
    return jnp.pad(by_interval, padding).reshape(intervals, blocks, even, *array.shape[1:])


def _by_member(sums: Budget, seeds: int, probes: Probes) -> Records:
    """Name the sums and lay them out as records, [S, C, layer]."""
    if not probes.budget:
        return {}
    return {name: blocked_layout.tail_to_first(total, seeds) for name, total in budget.records(sums).items()}


def _first_layer_or_later(index: int, w: jax.Array, seeds: int) -> jax.Array:
    return blocked_layout.tail_to_first(w, seeds) if index else jnp.moveaxis(w, -1, 1)


def _block(
    program: Program,
    probes: Probes,
    members: _Members,
    data: Examples,
    number: jax.Array,
    progress: _Progress,
    piece: tuple[jax.Array, jax.Array, jax.Array],
) -> tuple[_Progress, None]:
    """Take K steps and write the first layer once."""
    index, weights, real = piece
    index = jnp.moveaxis(index, 1, 0)
    w = progress.params[0]["w"]
    (seeds, n_in, units, cells), (_, steps, m) = w.shape, index.shape
    x = data.inputs[index.reshape(seeds, steps * m)]
    columns = w.reshape(seeds, n_in, units * cells)
    by_seed = jnp.moveaxis(index, 0, -1)
    fixed = _Fixed(
        blocked_layout.per_seed(x, columns),
        blocked_layout.per_seed(x, jnp.swapaxes(x, 1, 2)),
        jnp.moveaxis(data.targets[by_seed], -1, 2),
        weights[..., None] * data.loss_weights[by_seed],
        real,
    )
    norm2 = jnp.zeros(seeds * cells, w.dtype)
    if probes.budget:
        norm2 = jnp.sum(jnp.sum(columns * columns, axis=1).reshape(seeds, units, cells), axis=1).reshape(-1)
    inner = _Inner(
        jnp.zeros((seeds, steps * m, units * cells), w.dtype), norm2, jnp.zeros(norm2.shape, jnp.int32), progress
    )
    step = functools.partial(_step, program, probes, members, number, fixed)
    (displaced, _, taken, progress), _ = jax.lax.scan(step, inner, jnp.arange(steps))

    def columns_of(factor: jax.Array) -> jax.Array:
        """Scale E by a number per member, or per row and member, and multiply by the inputs."""
        scaled = displaced.reshape(seeds, steps * m, units, cells) * factor
        product = blocked_layout.per_seed(jnp.swapaxes(x, 1, 2), scaled.reshape(seeds, steps * m, -1))
        return product.reshape(w.shape)

    log_factor = members.log_factor.reshape(seeds, 1, 1, cells)
    taken = taken.reshape(seeds, 1, 1, cells)
    shrunk = jnp.where(taken > 0, jnp.expm1(taken * log_factor) * w, 0)
    product = columns_of(jnp.exp(taken * log_factor))
    # Where less than half is left, w + (q^k - 1) w would cancel; elsewhere q^k w would round q.
    left = jnp.exp(taken * log_factor) * w - product
    moved = jnp.where(taken * log_factor < -jnp.log(2.0), left, w - (product - shrunk))
    by_decay = progress.by_decay
    if probes.moved:
        # The rest of what later decay took from step r: q^(r+1) - q^k, as a product that does not cancel.
        after = jnp.repeat(1 + jnp.arange(steps), m).reshape(1, -1, 1, 1)
        lost = -jnp.exp(after * log_factor) * jnp.expm1((taken - after) * log_factor)
        by_decay = (by_decay[0] + (shrunk + columns_of(lost)), *by_decay[1:])
    params = ({**progress.params[0], "w": moved}, *progress.params[1:])
    return progress._replace(params=params, by_decay=by_decay), None


def _step(
    program: Program, probes: Probes, members: _Members, number: jax.Array, fixed: _Fixed, inner: _Inner, s: jax.Array
) -> tuple[_Inner, None]:
    """Take step s of a block; a member whose step is not finite stays where it is from then on."""
    displaced, norm2, taken, progress = inner
    hidden, *later = progress.params
    eta, epsilon, log_factor = members
    seeds, cells = len(displaced), eta.size // len(displaced)
    m = displaced.shape[1] // fixed.real.size
    gram = jax.lax.dynamic_slice_in_dim(fixed.gram, s * m, m, 1)
    product = jax.lax.dynamic_slice_in_dim(fixed.products, s * m, m, 1)
    if fixed.real.size > 1:
        product = product - blocked_layout.per_seed(gram, displaced)
    z = jnp.exp(s * log_factor) * blocked_layout.columns_to_last(product, cells)
    weight, targets = (jnp.repeat(a[s], cells, axis=-1) for a in (fixed.weights, fixed.targets))

    def cost(z: jax.Array, later: list[Layer]) -> tuple[jax.Array, jax.Array]:
        logits = _later_layers(program, z, later)
        return jnp.sum(weight * LOSSES[program.loss](logits, targets, axis=1)), logits

    (delta, grads), logits = jax.grad(cost, argnums=(0, 1), has_aux=True)(z + hidden["b"], later)
    u, us = eta * delta, jax.tree.map(lambda g: eta * g, grads)
    shifts = [jnp.sum(u, axis=0), *(d["b"] for d in us)]
    finite = jnp.all(jnp.isfinite(logits), axis=(0, 1))
    finite &= jnp.all(jnp.stack([jnp.all(jnp.isfinite(shift), axis=0) for shift in shifts]), axis=0)
    split = budget.no_budget(program.model.layers, z.dtype)
    if probes.budget:
        gram = jax.lax.dynamic_slice_in_dim(gram, s * m, m, 2)
        gram_u = blocked_layout.per_seed(gram, blocked_layout.last_to_columns(u, seeds))
        pairs = [(p["w"], d["w"]) for p, d in zip(later, us, strict=True)]
        norms = jnp.stack([norm2, *(_dot(w, w) for w, _ in pairs)])
        dots = jnp.stack([_dot(z, u), *(_dot(w, d) for w, d in pairs)])
        squares = [_dot(u, blocked_layout.columns_to_last(gram_u, cells)), *(_dot(d, d) for _, d in pairs)]
        split = budget.split(norms, dots, jnp.stack(squares), epsilon)
        finite &= jnp.all(jnp.isfinite(split.change), axis=0)
    taking = finite & (progress.diverged_at < 0) & fixed.real[s]

    def keep(new: Any, old: Any) -> Any:
        return jax.tree.map(lambda a, b: jnp.where(taking, a, b), new, old)

    sums, by_decay = progress.sums, progress.by_decay
    if probes.budget:
        sums = keep(jax.tree.map(jnp.add, sums, split), sums)
        norm2 = keep(norm2 + split.change[0], norm2)
    if probes.moved:
        total = tuple(t - epsilon * p["w"] for t, p in zip(by_decay[1:], later, strict=True))
        by_decay = (by_decay[0], *keep(total, by_decay[1:]))
    moved = (
        {"w": hidden["w"], "b": hidden["b"] - shifts[0]},
        *({"w": p["w"] - (epsilon * p["w"] + d["w"]), "b": p["b"] - d["b"]} for p, d in zip(later, us, strict=True)),
    )
    kept = ({"w": hidden["w"], "b": keep(moved[0]["b"], hidden["b"])}, *keep(moved[1:], tuple(later)))
    rescaled = keep(jnp.exp(-(s + 1) * log_factor) * u, jnp.zeros_like(u))
    displaced = jax.lax.dynamic_update_slice_in_dim(
        displaced, blocked_layout.last_to_columns(rescaled, seeds), s * m, axis=1
    )
    failing = fixed.real[s] & ~finite & (progress.diverged_at < 0)
    progress = _Progress(kept, sums, by_decay, jnp.where(failing, number, progress.diverged_at))
    return _Inner(displaced, norm2, taken + taking, progress), None


def _later_layers(program: Program, z: jax.Array, later: list[Layer]) -> jax.Array:
    """Apply all layers but the first to its pre-activations [m, h, M]."""
    for layer in later:
        z = blocked_layout.contract(mlp.ACTIVATIONS[program.model.activation](z), layer["w"]) + layer["b"]
    return z


def _dot(a: jax.Array, b: jax.Array) -> jax.Array:
    """Inner product of each member's arrays, [..., M] to [M]."""
    return jnp.sum(a * b, axis=(0, 1))
