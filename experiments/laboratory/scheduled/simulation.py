"""Rules of the library on made-up gradients, at a learning rate of its own in each step: `wd.lab` has constant ones."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

import wd_jax as wd
from wd_jax.engine import hyper_tree  # noqa: F401  # so that JAX takes a Hyper for a tree
from wd_jax.hyper import restored
from wd_jax.optimisers import step as steps

Kind = Literal["independent", "scale_invariant"]


@dataclass(frozen=True)
class Sizes:
    """What is compiled in.

    Parameters
    ----------
    weights : int
        Independent weights, or those of one scale-invariant layer.
    every : int
        Steps of a record.
    gradients : {"independent", "scale_invariant"}
        Normal numbers of variance 1; or noise at right angles to the weights, of norm 1/|w|.
    dtype : str
        Of weights and arithmetic.
    """

    weights: int
    every: int = 1
    gradients: Kind = "independent"
    dtype: str = "float32"


def mean_squares(
    rules: Sequence[wd.rules.Rule], rates: np.ndarray, seeds: range, sizes: Sizes, *, start: float, **numbers: float
) -> np.ndarray:
    """Step each rule under a schedule, all on the same noise, and give the mean square of its weights.

    Parameters
    ----------
    rules : sequence of Rule
        Of the library, with any way to decay.
    rates : array [step]
        Learning rates; their largest is the peak that corrected decay is in proportion to. A multiple of
        ``sizes.every``.
    seeds : range
        Each draws its own start and noise.
    sizes : Sizes
        Static.
    start : float
        Root mean square of the first weights, which are drawn from a Gaussian.
    **numbers
        What the rules read: lmbda (with n = 1), beta1, beta2.

    Returns
    -------
    array [rule, record, seed]
        At the start and after every record. NaN from where a weight is not finite.

    Raises
    ------
    ValueError
        If records do not fill the run.

    Examples
    --------
    >>> found = mean_squares([wd.rules.sgd()], np.full(4, 0.5), range(2), Sizes(3, every=2), start=1.0, lmbda=0.0)
    >>> found.shape
    (1, 3, 2)
    """
    if len(rates) % sizes.every:
        raise ValueError(f"every={sizes.every}: give a divisor of the {len(rates)} steps")
    with jax.enable_x64(sizes.dtype == "float64"):
        kind = jnp.dtype(sizes.dtype)
        keys = jnp.stack([jax.random.key(seed) for seed in seeds])
        given = {name: kind.type(value) for name, value in (numbers | {"eta_peak": rates.max()}).items()}
        schedule = jnp.asarray(rates.reshape(-1, sizes.every), kind)
        found = _seeds(tuple(rules), sizes, keys, schedule, given, kind.type(start))
        return np.asarray(found, np.float64).transpose(2, 1, 0)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _seeds(rules: tuple, sizes: Sizes, keys: Any, rates: Any, numbers: Mapping[str, Any], start: Any) -> Any:
    return jax.lax.map(lambda key: _one_seed(rules, sizes, key, rates, numbers, start), keys)


def _one_seed(rules: tuple, sizes: Sizes, key: Any, rates: Any, numbers: Mapping[str, Any], start: Any) -> Any:
    """Give the mean squares [record, rule]."""

    def build(rule: wd.rules.Rule, eta: Any) -> Any:
        return steps.build(rule, restored({**numbers, "eta": eta}), 1)

    def normal(stream: int, number: Any) -> Any:
        drawn = jax.random.fold_in(jax.random.fold_in(key, stream), number)
        return jax.random.normal(drawn, (sizes.weights, 1), jnp.float32).astype(sizes.dtype)

    def one(members: Any, at: Any) -> Any:
        eta, number = at
        z = normal(1, number)
        after = []
        for rule, (w, state) in zip(rules, members, strict=True):
            parts = build(rule, eta).step(gradient(z, w, sizes.gradients), state, w)
            after.append((steps.move(w, parts), parts.state))
        return tuple(after), None

    def record(members: Any, at: Any) -> Any:
        members, _ = jax.lax.scan(one, members, at)
        return members, jnp.stack([jnp.mean(w**2) for w, _ in members])

    w = start * normal(0, 0)
    begun = tuple((w, build(rule, rates[0, 0]).init(w)) for rule in rules)
    numbered = jnp.arange(rates.size).reshape(rates.shape)
    _, found = jax.lax.scan(record, begun, (rates, numbered))
    return jnp.concatenate([jnp.full((1, len(rules)), jnp.mean(w**2)), found])


def gradient(z: Any, w: Any, kind: Kind) -> Any:
    """Make a gradient of drawn numbers: they themselves, or their part at right angles to w, of norm 1/|w|."""
    if kind == "independent":
        return z
    norm2 = jnp.sum(w * w)
    across = z - w * (jnp.sum(z * w) / norm2)
    # Once more: in rounded numbers a little along w is left.
    across = across - w * (jnp.sum(across * w) / norm2)
    return across / jnp.sqrt(jnp.sum(across * across) * norm2)
