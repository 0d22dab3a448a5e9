"""What is simulated of products of factors: values at rest, the jump, the trap, how balance comes."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import xarray as xr

from experiments.laboratory import singular
from experiments.preset import Preset

DEPTHS = (3, 4)
"""Numbers of factors beyond two that are simulated."""


@dataclass(frozen=True)
class Settings(Preset):
    """Sizes and rates; every cost is |product - M|^2/2 + lmbda/(2n) (sum of the squared norms of the factors).

    Parameters
    ----------
    seeds : int
        Targets and starts.
    n : int
        Number that lmbda is divided by.
    singular : tuple of float
        Singular values of the target M.
    lmbda : tuple of float
        Of two factors under gradient descent.
    eta, steps : float, int
        Learning rate of all but SGD, and steps of two factors.
    sgd_lmbda, sgd_eta, sgd_steps : tuple of float, tuple of float, int
        Of a linear network of two layers under SGD.
    examples, batch_size, target_noise : int, int, float
        Its examples, its minibatches, and the standard deviation of what its targets have beside M.
    jump_singular : tuple of float
        Singular values of the target of three and four factors.
    least_lmbda, most_lmbda, levels : float, float, int
        Between which values the decay of these is raised, and at how many levels.
    jump_steps, jump_noise : int, float
        Steps at each level, and the noise of the second of two runs.
    trap_lmbda, trap_starts : float, int
        Decay at which scalar factors end at nothing from small starts, and how many starts there are.
    """

    seeds: int = 8
    n: int = 100
    singular: tuple[float, ...] = (0.4, 0.9, 1.5, 2.2, 3.0)
    lmbda: tuple[float, ...] = (15.0, 30.0, 55.0, 75.0, 105.0, 135.0, 170.0, 200.0, 240.0, 280.0, 320.0)
    eta: float = 0.1
    steps: int = 4000
    sgd_lmbda: tuple[float, ...] = (20.0, 50.0, 100.0)
    sgd_eta: tuple[float, ...] = (0.005, 0.1)
    sgd_steps: int = 20_000
    examples: int = 64
    batch_size: int = 32
    target_noise: float = 0.3
    jump_singular: tuple[float, ...] = (0.8, 1.2, 1.8)
    least_lmbda: float = 20.0
    most_lmbda: float = 125.0
    levels: int = 185
    jump_steps: int = 1500
    jump_noise: tuple[float, ...] = (0.1, 0.2)
    trap_lmbda: float = 19.0
    trap_starts: int = 4000

    SEEDS: ClassVar = {"seeds": ""}


def values(preset: Settings, data: object) -> xr.Dataset:
    """Train two factors by gradient descent from random starts; give the singular values of their product.

    Returns
    -------
    xarray.Dataset
        `value` [lmbda, seed, direction], the smallest first, and `balance` [lmbda, seed]: |A^T A - B B^T| over |A^T A|.
    """
    import jax

    from experiments.laboratory.factors import simulation

    s, seeds, decays = np.array(preset.singular), list(preset.seeds_of(preset.seeds)), np.array(preset.lmbda) / preset.n
    made = [simulation.target(s, len(s), len(s), seed) for seed in seeds]
    M = np.array([(U * s) @ V.T for U, s, V in made])
    starts = np.array([np.random.default_rng([seed, 2]).normal(size=(2, len(s), len(s))) for seed in seeds])
    starts *= np.array([0.5, 0.25])[:, None, None]  # not in balance
    cells = (len(decays), len(seeds))
    with jax.enable_x64(True):
        trained = np.asarray(
            simulation.descend(
                np.broadcast_to(starts, cells + starts.shape[1:]),
                np.broadcast_to(M, cells + M.shape[1:]),
                preset.eta,
                np.broadcast_to(decays[:, None], cells),
                preset.steps,
            )
        )
    A, B = trained[:, :, 0], trained[:, :, 1]
    left, right = np.swapaxes(A, -1, -2) @ A, B @ np.swapaxes(B, -1, -2)
    off = np.linalg.norm(left - right, axis=(-2, -1)) / np.linalg.norm(left, axis=(-2, -1))
    found = singular.values(A @ B)[..., ::-1]
    return xr.Dataset(
        {"value": (("lmbda", "seed", "direction"), found), "balance": (("lmbda", "seed"), off)},
        {
            "lmbda": list(preset.lmbda),
            "seed": seeds,
            "direction": np.arange(len(s)),
            "target_singular": ("direction", s),
        },
    )


def stochastic(preset: Settings, data: object) -> xr.Dataset:
    """Train a linear network of two layers by SGD; give the mean of its map along the directions of the fit.

    Returns
    -------
    xarray.Dataset
        `value` [eta, lmbda, seed, direction].
    """
    import jax

    from experiments.laboratory.factors import simulation

    s, seeds, decays = (
        np.array(preset.singular),
        list(preset.seeds_of(preset.seeds)),
        np.array(preset.sgd_lmbda) / preset.n,
    )
    made = [simulation.target(s, len(s), len(s), seed) for seed in seeds]
    sets = [
        simulation.whitened(*one, preset.examples, preset.target_noise, seed)
        for seed, one in zip(seeds, made, strict=True)
    ]
    starts = np.array([0.5 * np.random.default_rng([seed, 3]).normal(size=(2, len(s), len(s))) for seed in seeds])
    with jax.enable_x64(True):
        keys = jax.vmap(jax.random.key)(np.array(seeds))
        cells = jax.vmap(
            jax.vmap(simulation.stochastic, (None,) * 5 + (0,) + (None,) * 4), (None,) * 4 + (0,) + (None,) * 5
        )
        train = jax.vmap(cells, (0, 0, 0, 0, None, None, 0, None, None, None))
        means = np.asarray(
            train(
                starts[:, 0], starts[:, 1], *map(np.array, zip(*sets, strict=True)), np.array(preset.sgd_eta), decays,
                keys, preset.batch_size, preset.sgd_steps, preset.sgd_steps // 3,
            )
        )  # fmt: skip
    found = np.stack([np.einsum("ik,elij,jk->elk", U, one, V) for (U, _, V), one in zip(made, means, strict=True)], 2)
    return xr.Dataset(
        {"value": (("eta", "lmbda", "seed", "direction"), found)},
        {
            "eta": list(preset.sgd_eta),
            "lmbda": list(preset.sgd_lmbda),
            "seed": seeds,
            "direction": np.arange(len(s)),
            "target_singular": ("direction", s),
        },
    )


def jump(preset: Settings, data: object) -> xr.Dataset:
    """Raise the decay of trained products of three and four factors until nothing is left, without and with noise.

    Returns
    -------
    xarray.Dataset
        `value` [noise, factors, level, seed, direction], the smallest direction first. The levels of the decay rise by
        the same factor for every seed, and those of the seeds are shifted by parts of it: with the same levels for
        all, seeds that jump at the same one would look as if nothing were uncertain.
    """
    import jax

    from experiments.laboratory.factors import simulation

    s, seeds = np.array(preset.jump_singular), list(preset.seeds_of(preset.seeds))
    lmbda = shifted_levels(preset)
    noises = (0.0, *preset.jump_noise)
    found = np.empty((len(noises), len(DEPTHS), *lmbda.shape, len(s)))
    for i, depth in enumerate(DEPTHS):
        made = [simulation.target(s, len(s), len(s), seed) for seed in seeds]
        M = np.array([(U * s) @ V.T for U, s, V in made])
        near = np.array([_solution(U, s, V, depth) for U, s, V in made])
        moved = [np.random.default_rng([seed, 4, depth]).normal(size=near.shape[1:]) for seed in seeds]
        start = near + 0.05 * np.array(moved)
        with jax.enable_x64(True):
            for j, noise in enumerate(noises):
                key = jax.random.key(preset.first_seed)
                raised = simulation.sweep(start, M, preset.eta, lmbda / preset.n, noise, key, preset.jump_steps)
                found[j, i] = np.asarray(raised)[..., ::-1]
    return xr.Dataset(
        {"value": (("noise", "factors", "level", "seed", "direction"), found)},
        {
            "noise": list(noises),
            "factors": list(DEPTHS),
            "lmbda": (("level", "seed"), lmbda),
            "seed": seeds,
            "direction": np.arange(len(s)),
            "target_singular": ("direction", s),
        },
    )


def shifted_levels(preset: Settings) -> np.ndarray:
    """Give the levels of lmbda for each seed, [level, seed]: shifts spread evenly over a level, half of one each way.

    Examples
    --------
    >>> shifted_levels(Settings("none", seeds=2, least_lmbda=10.0, most_lmbda=40.0, levels=3)).round(1).tolist()
    [[8.4, 11.9], [16.8, 23.8], [33.6, 47.6]]
    """
    level = np.geomspace(preset.least_lmbda, preset.most_lmbda, preset.levels)
    shift = (np.arange(preset.seeds) + 0.5) / preset.seeds - 0.5
    return level[:, None] * (level[1] / level[0]) ** shift


def _solution(U: np.ndarray, s: np.ndarray, V: np.ndarray, depth: int) -> np.ndarray:
    """Give factors whose product is U diag(s) V^T, all of them alike."""
    root = s ** (1 / depth)
    return np.stack([U * root, *[np.diag(root)] * (depth - 2), (V * root).T])


def chain(preset: Settings, data: object) -> xr.Dataset:
    """Follow scalar factors: how balance comes, and from which starts they end at nothing.

    Returns
    -------
    xarray.Dataset
        `gap` [factors, lmbda, seed, step]: difference of the squares of two factors; `off` the same way: by how much
        the product misses its target, times the other factors; `end` [depth, start]: the product after a long time
        from equal factors at s = 1.
    """
    import jax

    from experiments.laboratory.factors import simulation

    s, seeds, lmbda = 3.0, list(preset.seeds_of(preset.seeds)), np.array(preset.sgd_lmbda)
    depths, cells, steps = (2, *DEPTHS), (len(lmbda), len(seeds)), 300
    gap = np.empty((len(depths), *cells, steps + 1))
    off = np.empty_like(gap)
    starts = np.linspace(0.0, 1.0, preset.trap_starts + 1)[1:]
    end = np.empty((len(DEPTHS), len(starts)))
    with jax.enable_x64(True):
        for i, depth in enumerate(depths):
            drawn = [np.random.default_rng([seed, 5, depth]).uniform(-0.1, 0.1, depth) for seed in seeds]
            start = np.broadcast_to(s ** (1 / depth) + np.array(drawn), (*cells, depth))
            decay = np.broadcast_to(lmbda[:, None] / preset.n, cells)
            path = simulation.chains(start, np.full(cells, s), preset.eta / depth, decay, depth, steps)
            path = np.moveaxis(np.asarray(path), 0, 2)
            gap[i] = path[..., 0] ** 2 - path[..., 1] ** 2
            off[i] = (path.prod(-1) - s) * path[..., 2:].prod(-1)
        for i, depth in enumerate(DEPTHS):
            many = np.repeat(starts[:, None], depth, axis=1)
            same = np.ones(len(starts))
            last = simulation.chain_end(many, same, preset.eta, same * preset.trap_lmbda / preset.n, depth, 20_000)
            end[i] = np.asarray(last).prod(-1)
    return xr.Dataset(
        {
            "gap": (("factors", "lmbda", "seed", "step"), gap),
            "off": (("factors", "lmbda", "seed", "step"), off),
            "end": (("depth", "start"), end),
        },
        {"factors": list(depths), "lmbda": lmbda, "seed": seeds, "step": np.arange(steps + 1), "depth": list(DEPTHS),
         "start": starts, "eta": ("factors", preset.eta / np.array(depths))},
    )  # fmt: skip
