"""Parameters drawn without compiling anything, and a gradient against central differences in float64."""

import jax
import numpy as np

STEP = 1e-5


def drawn(model, random: np.random.Generator, size: float = 0.7):
    """Float64 parameters of a model's shapes: no gain is 1 and no bias 0."""
    shapes = jax.eval_shape(model.init, jax.eval_shape(lambda: jax.random.key(0)))
    return jax.tree.map(lambda leaf: size * random.normal(size=leaf.shape), shapes)


def worst_slope_error(cost, params, count: int, seed: int = 0) -> float:
    """Largest error of `count` derivatives of each leaf, relative to the leaf's largest one."""
    slopes = jax.jit(jax.grad(cost))(params)
    leaves, tree = jax.tree.flatten(params)
    compiled, random, worst = jax.jit(cost), np.random.default_rng(seed), 0.0
    for number, (leaf, slope) in enumerate(zip(leaves, map(np.asarray, jax.tree.leaves(slopes)), strict=True)):
        for place in random.choice(leaf.size, size=min(count, leaf.size), replace=False):
            sides = []
            for step in (STEP, -STEP):
                moved = leaf.copy()
                moved.flat[place] += step
                sides.append(
                    float(compiled(jax.tree.unflatten(tree, [*leaves[:number], moved, *leaves[number + 1 :]])))
                )
            measured = (sides[0] - sides[1]) / (2 * STEP)
            worst = max(worst, abs(measured - slope.flat[place]) / abs(slope).max())
    return worst
