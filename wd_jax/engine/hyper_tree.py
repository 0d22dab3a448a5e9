"""`Hyper` as JAX sees it: a tree whose leaves are its numbers, by name. Importing this file tells JAX."""

from collections.abc import Iterable, Sequence
from typing import Any

import jax

from wd_jax.hyper import Hyper, restored
from wd_jax.optimisers.rule import Rule

__all__ = ["Hyper", "as_arrays", "stacked"]


def _with_keys(hyper: Hyper) -> tuple[tuple[tuple[Any, Any], ...], tuple[str, ...]]:
    return tuple((jax.tree_util.GetAttrKey(name), value) for name, value in hyper.items()), tuple(hyper)


def _restored(names: tuple[str, ...], values: Iterable[Any]) -> Hyper:
    return restored(dict(zip(names, values, strict=True)))


jax.tree_util.register_pytree_with_keys(Hyper, _with_keys, _restored)


def as_arrays(hyper: Hyper, dtype: str) -> Hyper:
    """Cast a member's numbers to arrays of the run's dtype."""
    return jax.tree.map(lambda value: jax.numpy.asarray(value, dtype), hyper)


def stacked(cells: Sequence[Hyper], rule: Rule, dtype: str) -> Hyper:
    """Put what a rule reads of several cells into arrays, each [cell], of the run's dtype."""
    return restored({name: jax.numpy.asarray([cell[name] for cell in cells], dtype) for name in rule.names})
