r"""Plain SGD with L2, exactly, in blocks of K steps: the first layer is read and written once per block.

The idea
--------
A step of the first layer is :math:`W_{s+1} = q W_s - X_s^T U_s`. The step reads :math:`W_s` only in the product
:math:`X_s W_s`, and that product follows from the weights at the start of the block, because each step in between has
added rows of X, scaled, to the weights:

.. math:: X_s W_s = q^s \Big(X_s W_0 - \sum_{r<s} X_s X_r^T E_r\Big), \qquad E_r = q^{-(r+1)} U_r.

After the k steps that a member took, all of them are written at once:

.. math:: W_k = W_0 + (q^k - 1) W_0 - \sum_{r<k} X_r^T q^k E_r.

So a block needs two wide products with X, and one Gram matrix :math:`X X^T` that all members of a seed share. Later
layers are small and are stepped one by one. The derivation ``blocked_sgd`` proves the identities.

Symbols
-------
========================  ======================  ==============================================================
symbol                    in the code             meaning
========================  ======================  ==============================================================
K, s, r                   ``steps``, ``s``        steps of a block; number of a step in it, from 0; an earlier one
k                         ``taken``       [M]     steps that a member took: fewer than K if it diverged in the block
S, C, M = S C             ``seeds``, ``cells``    seeds; members of each seed; all members
m, n_in, h                ``m``, ``units``        examples of a minibatch; inputs; units of the first layer
:math:`\epsilon`          ``epsilon``     [M]     decay per step, eta lmbda / n
q, log q                  ``log_factor``  [M]     :math:`q = 1 - \epsilon`; powers of q are taken as exp(s log q)
X, :math:`X_s`            ``x``                   inputs of the block, [S, K m, n_in]; of step s, m rows of it
:math:`W_0`               ``w``                   first layer at the start of the block, [S, n_in, h, C]
:math:`X W_0`             ``products``            [S, K m, h C]
:math:`X X^T`             ``gram``                Gram matrix, [S, K m, K m]
:math:`U_s`               ``u``                   eta times the cost's derivative by :math:`X_s W_s`, [m, h, M]
:math:`E_r`               ``displaced``           rescaled displacements of the steps so far, [S, K m, h C]
========================  ======================  ==============================================================

`wd_jax.engine.blocked_layout` says how members are laid out, `wd_jax.engine.blocked_probes` how probes are measured
from the same matrices.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.conventions import per_step_decay
from wd_jax.engine import blocked_kernel, blocked_layout, blocked_probes
from wd_jax.engine.blocked_kernel import Fixed, Kernel, Piece, Progress
from wd_jax.engine.blocked_probes import Block, BlockStep, Form, Members
from wd_jax.engine.examples import Examples
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.program import Program

ROOM_FOR_POWERS = 1e-3
"""Smallest q^K of a block: below it the powers of 1/q in the rescaled displacements grow too far apart."""


class _Inner(NamedTuple):
    """What the steps of a block hand on: E_r of the steps so far, and k."""

    displaced: jax.Array
    taken: jax.Array
    progress: Progress


def holds(epsilon: float, steps_per_block: int) -> bool:
    """Whether float32 holds the powers of 1 - epsilon, a plain number, over a block."""
    return 0 <= epsilon < 1 and (1 - epsilon) ** steps_per_block >= ROOM_FOR_POWERS


def _members(program: Program, steps_per_block: int, hyper: Hyper, n: int, seeds: int) -> Members:
    epsilon = per_step_decay(hyper.eta, hyper.lmbda, n)
    # [C] to [M]: each seed has the same cells. log1p keeps log q where q itself would round to 1.
    return Members(*(jnp.tile(a, seeds) for a in (hyper.eta, epsilon, jnp.log1p(-epsilon))))


def _block(
    program: Program,
    forms: tuple[Form, ...],
    members: Members,
    data: Examples,
    number: jax.Array,
    progress: Progress,
    piece: Piece,
) -> tuple[Progress, None]:
    """Take K steps and write the first layer once."""
    w = progress.params[0]["w"]
    (seeds, n_in, units, cells), (steps, _, m) = w.shape, piece[0].shape
    x, fixed = blocked_kernel.opened(data, piece)
    products = blocked_layout.per_seed(x, w.reshape(seeds, n_in, units * cells))  # X W_0
    states = tuple(form.open_block(state, w) for form, state in zip(forms, progress.states, strict=True))
    inner = _Inner(
        jnp.zeros((seeds, steps * m, units * cells), w.dtype),
        jnp.zeros(seeds * cells, jnp.int32),
        progress._replace(states=states),
    )
    step = functools.partial(_step, program, forms, members, number, fixed, products)
    (displaced, taken, progress), _ = jax.lax.scan(step, inner, jnp.arange(steps))

    def columns_of(factor: jax.Array) -> jax.Array:
        """Return the sum over r of X_r^T (factor E_r): a factor per member, or per row of X and member."""
        scaled = displaced.reshape(seeds, steps * m, units, cells) * factor
        product = blocked_layout.per_seed(jnp.swapaxes(x, 1, 2), scaled.reshape(seeds, steps * m, -1))
        return product.reshape(w.shape)

    log_factor = members.log_factor.reshape(seeds, 1, 1, cells)
    taken = taken.reshape(seeds, 1, 1, cells)
    # (q^k - 1) W_0, by expm1 because q^k is close to 1; exactly 0 for a member that took no step.
    shrunk = jnp.where(taken > 0, jnp.expm1(taken * log_factor) * w, 0)
    # sum over r of X_r^T q^k E_r
    product = columns_of(jnp.exp(taken * log_factor))
    # W_k in two forms. Where less than half is left, w + (q^k - 1) w would cancel; elsewhere q^k w would round q.
    left = jnp.exp(taken * log_factor) * w - product
    moved = jnp.where(taken * log_factor < -jnp.log(2.0), left, w - (product - shrunk))
    block = Block(steps, m, log_factor, taken, shrunk, columns_of)
    states = tuple(form.close_block(state, block) for form, state in zip(forms, progress.states, strict=True))
    params = ({**progress.params[0], "w": moved}, *progress.params[1:])
    return progress._replace(params=params, states=states), None


def _step(
    program: Program,
    forms: tuple[Form, ...],
    members: Members,
    number: jax.Array,
    fixed: Fixed,
    products: jax.Array,
    inner: _Inner,
    s: jax.Array,
) -> tuple[_Inner, None]:
    """Take step s of a block; a member whose step is not finite stays where it is from then on."""
    displaced, taken, progress = inner
    hidden, *later = progress.params
    eta, epsilon, log_factor = members
    seeds, cells = len(displaced), eta.size // len(displaced)
    m = displaced.shape[1] // fixed.real.size
    # The rows of step s: X_s X^T and X_s W_0.
    gram = jax.lax.dynamic_slice_in_dim(fixed.gram, s * m, m, 1)
    product = jax.lax.dynamic_slice_in_dim(products, s * m, m, 1)
    if fixed.real.size > 1:
        # X_s W_0 - sum over r < s of X_s X_r^T E_r: the rows of E from step s on are still zero, so the sum may run
        # over the whole block.
        product = product - blocked_layout.per_seed(gram, displaced)
    # X_s W_s, with the power q^s that was left out so far.
    z = jnp.exp(s * log_factor) * blocked_layout.columns_to_last(product, cells)
    delta, grads, logits = blocked_kernel.slopes(program, fixed, s, z + hidden["b"], later)
    # U_s, and the displacements of the later layers' weights and biases; then those of all biases.
    u, us = eta * delta, jax.tree.map(lambda g: eta * g, grads)
    shifts = [jnp.sum(u, axis=0), *(d["b"] for d in us)]
    own_gram = jax.lax.dynamic_slice_in_dim(gram, s * m, m, 2)
    seen = BlockStep(members, z, u, own_gram, later, us)
    step = blocked_kernel.decided(forms, progress, seen, logits, shifts, fixed.real[s], number)
    # The first layer's weights wait for the end of the block; all else is stepped now.
    moved = (
        {"w": hidden["w"], "b": hidden["b"] - shifts[0]},
        *({"w": p["w"] - (epsilon * p["w"] + d["w"]), "b": p["b"] - d["b"]} for p, d in zip(later, us, strict=True)),
    )
    kept = ({"w": hidden["w"], "b": step.keep(moved[0]["b"], hidden["b"])}, *step.keep(moved[1:], tuple(later)))
    # E_s = q^-(s+1) U_s; zero for a step that is not taken, so that it adds nothing at the end of the block.
    rescaled = step.keep(jnp.exp(-(s + 1) * log_factor) * u, jnp.zeros_like(u))
    displaced = jax.lax.dynamic_update_slice_in_dim(
        displaced, blocked_layout.last_to_columns(rescaled, seeds), s * m, axis=1
    )
    progress = progress._replace(params=kept, states=step.states, diverged_at=step.diverged_at)
    return _Inner(displaced, taken + step.taking, progress), None


KERNEL = Kernel(_members, _block, blocked_probes.FORMS)
