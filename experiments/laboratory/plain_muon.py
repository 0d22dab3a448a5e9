"""Muon in its plain form: exact polar factors of the averaged gradient; and what a polar factor keeps of a matrix."""

from typing import TYPE_CHECKING, Any

import numpy as np

import wd_jax as wd

if TYPE_CHECKING:
    import optax

    from wd_jax.optimisers.rule import Rule


def plain_muon() -> "Rule":
    """Give Muon as papers write it: m <- beta1 m + (1 - beta1) g, W <- (1 - eta lmbda/n) W - eta P(m).

    P(m) = U V' for the singular value decomposition U S V' of m. Muon as it is run (`wd_jax.rules.muon`) has Nesterov's
    momentum and five Newton-Schulz steps instead.

    Returns
    -------
    Rule

    Examples
    --------
    >>> plain_muon().names
    ('eta', 'lmbda', 'init_scale', 'beta1')
    """
    return wd.rule(_update, coefficients=("beta1",), name="plain_muon")


def _update(h: Any) -> "optax.GradientTransformation":
    import jax
    import jax.numpy as jnp
    import optax

    def init(params: Any) -> Any:
        return jax.tree.map(jnp.zeros_like, params)

    def step(mean: Any, w: Any) -> Any:
        left, _, right = jnp.linalg.svd(mean, full_matrices=False)
        return -h.eta * (left @ right + h.weight_decay * w)

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        means = jax.tree.map(lambda m, g: h.beta1 * m + (1 - h.beta1) * g, state, updates)
        return jax.tree.map(step, means, params), means

    return optax.GradientTransformation(init, update)


def polar_share(matrices: np.ndarray) -> float:
    r"""Estimate the linear share of the polar factor, :math:`\varphi'(0) = (E|G|_*)^2 / (pq \min(p, q))`.

    Parameters
    ----------
    matrices : array [draw, p, q]
        Of independent standard normal numbers.

    Returns
    -------
    float
        2/pi for 1 x 1, 0.7205 for large squares.

    Examples
    --------
    >>> round(polar_share(np.random.default_rng(0).normal(size=(100_000, 1, 1))), 2)
    0.64
    """
    p, q = matrices.shape[1:]
    nuclear = np.linalg.svd(matrices, compute_uv=False).sum(1).mean()
    return float(nuclear**2 / (p * q * min(p, q)))
