"""The layout of the blocked update: the members on the last axis, where a CPU's vector units find them side by side.

S seeds of C members each make M = S*C members, seed by seed. The first layer keeps its members in columns,
[S, n_in, h, C], so that members with one minibatch share one wide product; every later leaf is [..., M].
"""

import functools
import operator
from collections.abc import Callable

import jax
import jax.numpy as jnp

from wd_jax.models.mlp import Params

UNROLLED = 32
"""Longest sum written term by term: one fused loop over the members, where a batched product is many tiny ones."""


def tail_to_last(leaf: jax.Array) -> jax.Array:
    """Move the members of a later leaf to its end: [S, C, ...] to [..., S*C]."""
    moved = jnp.moveaxis(leaf, (0, 1), (-2, -1))
    return moved.reshape(*leaf.shape[2:], -1)


def tail_to_first(leaf: jax.Array, seeds: int) -> jax.Array:
    """Undo `tail_to_last`: [..., S*C] to [S, C, ...]."""
    return jnp.moveaxis(leaf.reshape(*leaf.shape[:-1], seeds, -1), (-2, -1), (0, 1))


def to_last(params: Params) -> Params:
    """Move all members of a network, [S, C, ...], to the layout of the blocked update."""
    last = jax.tree.map(tail_to_last, params)
    return ({"w": jnp.moveaxis(params[0]["w"], 1, -1), "b": last[0]["b"]}, *last[1:])


def to_first(params: Params, seeds: int) -> Params:
    """Undo `to_last`."""
    later = [{name: tail_to_first(leaf, seeds) for name, leaf in layer.items()} for layer in params[1:]]
    return ({"w": jnp.moveaxis(params[0]["w"], -1, 1), "b": tail_to_first(params[0]["b"], seeds)}, *later)


def columns_to_last(columns: jax.Array, cells: int) -> jax.Array:
    """Spread the first layer's columns over units and members: [S, rows, h*C] to [rows, h, S*C]."""
    seeds, rows, _ = columns.shape
    return jnp.moveaxis(columns.reshape(seeds, rows, -1, cells), 0, 2).reshape(rows, -1, seeds * cells)


def last_to_columns(array: jax.Array, seeds: int) -> jax.Array:
    """Undo `columns_to_last`: [rows, h, S*C] to [S, rows, h*C]."""
    rows, units, members = array.shape
    moved = jnp.moveaxis(array.reshape(rows, units, seeds, members // seeds), 2, 0)
    return moved.reshape(seeds, rows, -1)


def per_seed(a: jax.Array, b: jax.Array) -> jax.Array:
    """Multiply [S, i, k] by [S, k, j]; for one seed as a plain product, which is faster than a batch of one."""
    return (a[0] @ b[0])[None] if a.shape[0] == 1 else a @ b


@jax.custom_vjp
def contract(a: jax.Array, w: jax.Array) -> jax.Array:
    """Apply each member's weights to its own activations.

    Parameters
    ----------
    a : jax.Array [batch, n_in, M]
        Activations.
    w : jax.Array [n_in, n_out, M]
        Weights.

    Returns
    -------
    jax.Array [batch, n_out, M]
        Sum over n_in.
    """
    if w.shape[0] <= UNROLLED:
        return _sum(lambda i: a[:, i, None, :] * w[None, i], w.shape[0])
    return jnp.einsum("bim,iom->bom", a, w)


def _contract_forward(a: jax.Array, w: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    return contract(a, w), (a, w)


def _contract_backward(saved: tuple[jax.Array, jax.Array], d: jax.Array) -> tuple[jax.Array, jax.Array]:
    a, w = saved
    if w.shape[1] <= UNROLLED:
        of_a = _sum(lambda o: w[None, :, o, :] * d[:, o, None, :], w.shape[1])
    else:
        of_a = jnp.einsum("iom,bom->bim", w, d)
    if a.shape[0] <= UNROLLED:
        of_w = _sum(lambda row: a[row, :, None, :] * d[row, None, :, :], a.shape[0])
    else:
        of_w = jnp.einsum("bim,bom->iom", a, d)
    return of_a, of_w


contract.defvjp(_contract_forward, _contract_backward)


def _sum(term: Callable[[int], jax.Array], count: int) -> jax.Array:
    return functools.reduce(operator.add, (term(i) for i in range(count)))
