"""Train three networks by four rules, a compiled program each, and keep what the laws speak of, layer by layer.

All rules of a network are stepped side by side: they start alike and see the same minibatches.
"""

import functools
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.rotation_in_networks.preset import RULES, Settings, epsilon
from wd_jax.data import Dataset
from wd_jax.engine.hyper_tree import Hyper, as_arrays
from wd_jax.engine.probes.rotation import angle
from wd_jax.models import layers, mlp
from wd_jax.models.losses import softmax
from wd_jax.optimisers import newton_schulz, rules, step
from wd_jax.optimisers.decays.decay import Parts

MEASURED = (
    *("norm2", "angle2", "gradient2", "signal2", "weight_dot_gradient"),
    *("update2", "weight_dot_update", "weight_dot_last_update"),
)


@dataclass(frozen=True)
class Network:
    """What is trained on what.

    Attributes
    ----------
    name : str
        As tables name it.
    start : callable
        key -> parameters.
    apply : callable
        (parameters, inputs) -> outputs.
    inputs, targets : numpy.ndarray
        Of the training split.
    invariant : tuple of str
        Layers whose scale does not matter, by construction.
    """

    name: str
    start: Callable[[Any], Any]
    apply: Callable[[Any, Any], Any]
    inputs: np.ndarray
    targets: np.ndarray
    invariant: tuple[str, ...] = ()

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each layer, by its name."""
        params = jax.eval_shape(self.start, jax.random.key(0))
        return dict(zip(layers.names(params), (one.shape for one in layers.weights(params)), strict=True))


def networks(preset: Settings, data: Dataset) -> tuple[Network, ...]:
    """Give the perceptron, the convolutional network and the transformer.

    Parameters
    ----------
    preset : Settings
        Their sizes.
    data : Dataset
        Of square images; the transformer reads the sonnets that come with the library.
    """
    if math.isqrt(data.n_in) ** 2 != data.n_in:
        raise ValueError(f"{data.name}: {data.n_in} inputs are no square image, which its convolutions need")
    side, text = math.isqrt(data.n_in), wd.data.text(length=preset.length)
    perceptron = wd.mlp((data.n_in, preset.hidden, preset.hidden, data.n_out), "relu", biases=False, norm="layer")
    conv = wd.conv((side, side), n_out=data.n_out, channels=preset.channels, norm="rms")
    reader = wd.transformer(vocab=text.n_out, length=text.n_in, width=preset.width, depth=1, heads=1)
    images = (np.asarray(data.train.inputs, np.float32), np.asarray(data.train.targets, np.float32))
    tokens = (np.asarray(text.train.inputs, np.float32), np.asarray(text.train.targets, np.float32))
    return (
        Network(
            "perceptron", lambda key: mlp.initialise(perceptron, key, "fan_in"), perceptron.apply, *images,
            invariant=("0/w", "1/w"),
        ),
        Network("convolutional", conv.init, conv.apply, *images),
        Network("transformer", reader.init, reader.apply, *tokens),
    )  # fmt: skip


def measure(preset: Settings, data: Dataset) -> xr.Dataset:
    """Train all networks.

    Returns
    -------
    xarray.Dataset
        Means over each record of |W|^2, of the squared angle of a step, of |g|^2, of <W, g>, of |U|^2 and <W, U>, U
        what the gradient brings of a step, and of W with the last step's U; ``signal2``, the squared norm of the
        record's mean gradient: of [rule, place, seed, record], a place being a layer of a network. ``live``, the number
        of weights that had a gradient by the end of the first stretch; ``cost`` of [rule, network_name, seed,
        record].
    """
    found, costs, facts = [], [], []
    nets = networks(preset, data)
    with ThreadPoolExecutor(2) as threads:  # most of the time goes into compiling, which one core does for a network
        runs = list(threads.map(functools.partial(trained, preset), nets))
    for net, run in zip(nets, runs, strict=True):
        measured, live, cost = (np.asarray(one, np.float64) for one in run)
        found.append((measured, live))
        costs.append(cost)
        for name, shape in net.shapes.items():
            facts.append((net.name, name, math.prod(shape), name in net.invariant, math.prod(shape[:-1]), shape[-1]))
            facts[-1] += (len(shape) == 2, _linear_share(shape, preset.draws) if len(shape) == 2 else math.nan)
    arrays = np.concatenate([one for one, _ in found], axis=3)  # [record, what, rule, place, seed]
    dims = ("rule", "place", "seed", "record")
    network, layer, n_w, invariant, rows, columns, matrix, share = zip(*facts, strict=True)
    live = np.concatenate([one for _, one in found], axis=1)
    return xr.Dataset(
        {
            **{name: (dims, arrays[:, i].transpose(1, 2, 3, 0)) for i, name in enumerate(MEASURED)},
            "live": (("rule", "place", "seed"), live),
            "cost": (("rule", "network_name", "seed", "record"), np.stack(costs).transpose(2, 0, 3, 1)),
        },
        {
            "rule": list(RULES),
            "seed": list(preset.seeds_of(preset.seeds)),
            "record": np.arange(preset.records),
            "network_name": [net.name for net in nets],
            "network": ("place", list(network)),
            "layer_name": ("place", list(layer)),
            "n_w": ("place", list(n_w)),
            "invariant": ("place", np.array(invariant, np.int32)),
            "rows": ("place", list(rows)),
            "columns": ("place", list(columns)),
            "matrix": ("place", np.array(matrix, np.int32)),
            "linear_share": ("place", list(share)),
        },
    )


def trained(preset: Settings, net: Network, dtype: str = "float32") -> tuple[Any, Any, Any]:
    """Run one network by all rules.

    Parameters
    ----------
    preset : Settings
        Steps, minibatches and seeds.
    net : Network
        What is trained.
    dtype : {"float32", "float64"}
        Of weights and arithmetic.

    Returns
    -------
    array [record, what, rule, layer, seed]
        Means over the records of both stretches of all that `MEASURED` names.
    array [rule, layer, seed]
        Weights that had a gradient up to the end of the first stretch: what comes later predicts nothing.
    array [record, rule, seed]
        Mean training cost, nats.
    """
    chosen = {name: rules.LIBRARY[name] for name in RULES}
    steppers = {}
    for name, rule in chosen.items():
        numbers = RULES[name] | {"lmbda": epsilon(name, preset.memory) / RULES[name]["eta"]}
        steppers[name] = step.build(rule, as_arrays(Hyper(**numbers, rule=rule), dtype), 1)
    total = preset.settling + preset.records
    seeds = list(preset.seeds_of(preset.seeds))
    size = (total, preset.memory, preset.batch)
    rows = [np.random.default_rng(seed).integers(len(net.inputs), size=size) for seed in seeds]
    batches = jnp.asarray(np.stack(rows, axis=2), jnp.int32)  # [record, step, seed, example]
    x, y = jnp.asarray(net.inputs, dtype), jnp.asarray(net.targets, dtype)

    there = [layers.is_layer(leaf) for leaf in jax.tree.leaves(jax.eval_shape(net.start, jax.random.key(0)))]

    def picked(tree: Any) -> list[Any]:
        """Give the layers of parameters that have axes of rules or seeds before their own."""
        return [leaf for leaf, layer in zip(jax.tree.leaves(tree), there, strict=True) if layer]

    def cost(params: Any, at: Any) -> Any:
        return jnp.mean(softmax(net.apply(params, x[at]), y[at]))

    def start(key: Any) -> Any:
        params = jax.tree.map(lambda leaf: leaf.astype(dtype), net.start(key))
        return params, tuple(one.init(params) for one in steppers.values())

    def one_step(carry: Any, at: Any) -> tuple[Any, Any]:
        params, states, last, sums, ever = carry
        together = jax.tree.map(lambda *each: jnp.stack(each), *params)
        of_seeds = jax.vmap(jax.value_and_grad(cost))
        costs, gradients = jax.vmap(of_seeds, in_axes=(0, None))(together, at)
        after, kept, taken, seen = [], [], [], []
        for i, one in enumerate(steppers.values()):
            g = jax.tree.map(lambda a, i=i: a[i], gradients)
            parts = jax.vmap(one.step)(g, states[i], params[i])
            seen.append(_look(picked, params[i], g, parts, last[i]))
            after.append(step.move(params[i], parts))
            kept.append(parts.state)
            taken.append(parts.gradient)
        sums = jax.tree.map(jnp.add, sums, gradients)
        ever = jax.tree.map(lambda a, g: a | (g != 0), ever, gradients)
        return (tuple(after), tuple(kept), tuple(taken), sums, ever), (jnp.stack(seen, axis=1), costs)

    def one_record(carry: Any, rows: Any) -> tuple[Any, Any]:
        params, states, last, _, ever = carry
        together = jax.tree.map(lambda *each: jnp.stack(each), *params)
        nothing = jax.tree.map(jnp.zeros_like, together)
        carry, (seen, costs) = jax.lax.scan(one_step, (params, states, last, nothing, ever), rows)
        means = jnp.mean(seen, axis=0)  # [what, rule, layer, seed]
        signal2 = jnp.stack([_squares(one / len(rows)) for one in picked(carry[3])], axis=1)
        means = jnp.concatenate([means[:3], signal2[None], means[3:]])
        live = [jnp.sum(one, axis=tuple(range(2, one.ndim))) for one in picked(carry[4])]
        return carry, (means, jnp.mean(costs, axis=0), jnp.stack(live, axis=1))

    def run(keys: Any) -> Any:
        params, states = jax.vmap(start)(keys)
        ever = jax.tree.map(lambda a: jnp.zeros((len(steppers), *a.shape), bool), params)
        every = (params,) * len(steppers)
        nothing = jax.tree.map(lambda a: jnp.zeros(a.shape, dtype), ever)
        still = jax.tree.map(jnp.zeros_like, every)
        return jax.lax.scan(one_record, (every, states, still, nothing, ever), batches)[1]

    measured, costs, live = jax.jit(run)(jax.vmap(jax.random.key)(jnp.asarray(seeds, jnp.uint32)))
    late = slice(preset.settling, None)
    return measured[late], live[preset.settling + preset.first - 1], costs[late]


def _look(picked: Callable[[Any], list[Any]], params: Any, gradients: Any, parts: Parts, last: Any) -> Any:
    """Measure one step of all seeds, [what, layer, seed], all that `MEASURED` names but the signal."""

    def of_layer(w: Any, g: Any, u: Any, whole: Any, before: Any) -> Any:
        def dot(a: Any, b: Any) -> Any:
            return jnp.sum(a * b, axis=tuple(range(1, a.ndim)))

        angle2 = jax.vmap(angle)(w, whole) ** 2
        return jnp.stack([dot(w, w), angle2, dot(g, g), dot(w, g), dot(u, u), dot(w, u), dot(w, before)])

    trees = (params, gradients, parts.gradient, parts.whole, last)
    each = [of_layer(*leaves) for leaves in zip(*map(picked, trees), strict=True)]
    return jnp.stack(each, axis=1)


def _squares(stacked: Any) -> Any:
    """Sum the squares of [rule, seed, ...] over all that comes after the seeds."""
    return jnp.sum(stacked * stacked, axis=tuple(range(2, stacked.ndim)))


@functools.cache
def _linear_share(shape: tuple[int, ...], draws: int) -> float:
    """Give the linear share of what Newton and Schulz make of a normal matrix: what decorrelates as the matrix does."""
    if shape[0] > shape[1]:
        return _linear_share(shape[::-1], draws)
    drawn = np.random.default_rng(0).normal(size=(draws, *shape)).astype(np.float32)

    def one(matrix: Any) -> Any:
        turned = newton_schulz.orthogonal(matrix / jnp.linalg.norm(matrix))
        return jnp.vdot(matrix, turned), jnp.vdot(turned, turned)

    product, square = jax.jit(jax.vmap(one))(jnp.asarray(drawn))
    return float(jnp.mean(product) ** 2 / (math.prod(shape) * jnp.mean(square)))
