"""Lion and AdamW with decoupled decay on least squares, in float64, and the solution in the box from SciPy."""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from experiments.laboratory.box_constraint.settings import BETA1, LION, Settings

RULES = ("lion", "adamw")
State = tuple[jax.Array, jax.Array, jax.Array]


def problem(seed: int, rows: int, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw inputs [rows, dim] and targets [rows], divided by sqrt(rows): the gradient is X^T (X w - y)."""
    draws = np.random.default_rng([16, seed])
    inputs = draws.normal(size=(rows, dim))
    targets = inputs @ (2 * draws.normal(size=dim)) + 0.5 * draws.normal(size=rows)
    return inputs / np.sqrt(rows), targets / np.sqrt(rows)


def solution(inputs: np.ndarray, targets: np.ndarray, weight_decay: float) -> np.ndarray:
    """Find the least squares in the box |w| <= 1/L, by an active-set method that has nothing to do with training."""
    from scipy.optimize import lsq_linear

    box = 1 / weight_decay
    return lsq_linear(inputs, targets, (-box, box), method="bvls", tol=1e-15).x


def rate(schedule: str, eta: jax.Array, k: jax.Array, steps: int) -> jax.Array:
    """Learning rate of a step; `schedule` is "cosine", "linear" or "constant"."""
    if schedule == "constant":
        return eta
    return eta * (0.5 * (1 + jnp.cos(jnp.pi * k / steps)) if schedule == "cosine" else 1 - k / steps)


def direction(
    rule: str, betas: tuple[jax.Array, jax.Array], g: jax.Array, state: State, k: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Direction of a step, and the two averages after it."""
    _, m, v = state
    beta1, beta2 = betas
    if rule == "lion":
        return jnp.sign(beta1 * m + (1 - beta1) * g), beta2 * m + (1 - beta2) * g, v
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    root = jnp.sqrt(v / (1 - beta2 ** (k + 1.0)))
    return jnp.where(root > 0, m / (1 - beta1 ** (k + 1.0)) / jnp.where(root > 0, root, 1), 0.0), m, v


@functools.partial(jax.jit, static_argnames=("rule", "schedule", "steps", "records"))
def train(
    inputs: jax.Array,
    targets: jax.Array,
    start: jax.Array,
    weight_decay: jax.Array,
    betas: tuple[jax.Array, jax.Array],
    eta: jax.Array,
    *,
    rule: str,
    schedule: str,
    steps: int,
    records: int,
) -> jax.Array:
    """Train on all examples.

    Parameters
    ----------
    inputs, targets : array [rows, dim], [rows]
        Of one problem; a cost without inputs is linear, with the gradient -targets.
    start : array [dim]
        Weights before training.
    weight_decay, betas, eta : float
        Traced.
    rule, schedule : str
        "lion" or "adamw"; as `rate` says.
    steps, records : int
        Steps, and the number of times, evenly spaced, at which the weights are kept.

    Returns
    -------
    array [records, dim]
    """
    linear = inputs.shape[0] != targets.shape[0]

    def step(k: jax.Array, state: State) -> State:
        w = state[0]
        g = -targets if linear else inputs.T @ (inputs @ w - targets)
        u, m, v = direction(rule, betas, g, state, k)
        now = rate(schedule, eta, k, steps)
        return (1 - now * weight_decay) * w - now * u, m, v

    def block(state: State, first: jax.Array) -> tuple[State, jax.Array]:
        after = jax.lax.fori_loop(first, first + steps // records, step, state)
        return after, after[0]

    begun = (start, jnp.zeros_like(start), jnp.zeros_like(start))
    return jax.lax.scan(block, begun, jnp.arange(records) * (steps // records))[1]


def distances(
    preset: Settings, rule: str, betas: tuple[float, float], schedule: str, seeds: Sequence[int]
) -> dict[str, np.ndarray]:
    """Train on every problem with every decay, and see how far the weights are from the solution.

    Returns
    -------
    dict
        ``distance`` [decay, record, seed]: largest distance of a weight; ``pairing`` [decay, seed]: how far <L w, g> is
        from -|g|_1, over |g|_1; ``inside`` [decay, seed]: largest L |w| of the solution's weights inside of the box.
    """
    out: dict[str, list] = {"distance": [], "pairing": [], "inside": []}
    for decay in preset.weight_decay:
        rows: dict[str, list] = {name: [] for name in out}
        for seed in seeds:
            inputs, targets = problem(seed, preset.rows, preset.dim)
            best = solution(inputs, targets, decay)
            how = {"rule": rule, "schedule": schedule, "steps": preset.steps, "records": preset.records}
            path = np.asarray(train(inputs, targets, np.zeros(preset.dim), decay, betas, preset.eta, **how))
            g = inputs.T @ (inputs @ path[-1] - targets)
            rows["distance"].append(np.abs(path - best).max(axis=1))
            rows["pairing"].append(abs(decay * path[-1] @ g + np.abs(g).sum()) / np.abs(g).sum())
            shares = np.abs(best) * decay
            rows["inside"].append(shares[shares < 1 - 1e-9].max(initial=0.0))
        out["distance"].append(np.transpose(rows["distance"]))
        out["pairing"].append(rows["pairing"])
        out["inside"].append(rows["inside"])
    return {name: np.asarray(values, np.float64) for name, values in out.items()}


def from_outside(
    preset: Settings, rule: str, betas: tuple[float, float], linear: bool, seeds: Sequence[int]
) -> np.ndarray:
    """Start outside of the box, at a constant rate: the largest size of a weight after each step [seed, step].

    Parameters
    ----------
    linear : bool
        Whether the cost is linear and pushes every weight outward, or least squares.
    """
    found = []
    for seed in seeds:
        inputs, targets = problem(seed, preset.rows, preset.dim)
        signs = np.sign(np.random.default_rng([17, seed]).normal(size=preset.dim))
        if linear:
            inputs, targets = np.zeros((0, preset.dim)), signs
        how = {"rule": rule, "schedule": "constant", "steps": preset.outside_steps, "records": preset.outside_steps}
        path = train(inputs, targets, preset.starts_at * signs, 1.0, betas, preset.eta, **how)
        found.append(np.abs(np.asarray(path)).max(axis=1))
    return np.asarray(found)


@jax.jit
def fall_of_gradient(
    seed: jax.Array, share: jax.Array, steps: jax.Array, eta: jax.Array, betas: tuple[jax.Array, jax.Array]
) -> jax.Array:
    """Logarithm of a gradient per step, under AdamW with L = 1 and a constant rate, over the last third of the run.

    One weight of a quadratic cost whose minimum is at `share` of the box, begun when its averages are warm: curvature,
    start and the averaged square, up to a factor 2 from g^2/share^2 either way, are drawn.
    """
    draws = jax.random.uniform(jax.random.key(seed), (3,), jnp.float64)
    curvature, start = 0.5 + draws[0], share * (0.7 + 0.25 * draws[1])
    g = curvature * (start - share)

    def step(k: jax.Array, state: State) -> State:
        w = state[0]
        u, m, v = direction("adamw", betas, curvature * (w - share), state, k + 10.0**9)
        return (1 - eta) * w - eta * u, m, v

    begun = (start, g, (g / share) ** 2 * 2 ** (2 * draws[2] - 1))
    first = 2 * steps // 3
    late = jax.lax.fori_loop(0, first, step, begun)
    end = jax.lax.fori_loop(first, steps, step, late)
    return jnp.log((end[0] - share) / (late[0] - share)) / (steps - first)


def rates(preset: Settings, factors: np.ndarray, seeds: Sequence[int]) -> np.ndarray:
    """Fall of the gradient, as `fall_of_gradient` gives it, [beta2, share, seed].

    Parameters
    ----------
    factors : array [beta2, share]
        By which the gradient should fall in a step: they say how long a run is.
    """
    by_seed = jax.vmap(fall_of_gradient, in_axes=(0, None, None, None, None))
    drawn = jnp.asarray(list(seeds))
    steps = np.round(-preset.rate_times / np.log(factors)).astype(int)
    return np.asarray([
        [by_seed(drawn, share, steps[i, k], preset.rate_eta, (BETA1, beta2)) for k, share in enumerate(preset.shares)]
        for i, beta2 in enumerate(preset.rate_beta2)
    ])  # fmt: skip


def labels(preset: Settings) -> dict[str, tuple[str, tuple[float, float]]]:
    """Rules by the name under which they are shown: (rule, betas)."""
    adamw = {f"AdamW, β2 = {beta2:g}": ("adamw", (BETA1, beta2)) for beta2 in preset.beta2}
    return {"Lion": ("lion", LION), **adamw}
