r"""The largest singular value of each layer's weights, and how many directions carry their norm.

Its square is the largest eigenvalue of G, the smaller of :math:`W^TW` and :math:`WW^T`: squaring the matrix loses
digits of the small singular values, not of the largest. With :math:`P=G^N/\operatorname{tr}G^N`, the power taken by
repeated squaring, :math:`\operatorname{tr}PG` is the mean of the eigenvalues :math:`\lambda_i` with weights
:math:`\lambda_i^N`. It is below the largest by a share of at most

.. math:: \sum_{i>1} r_i^N(1-r_i) \le \frac{h-1}{eN},\qquad r_i=\lambda_i/\lambda_1,

however close two of the h eigenvalues are, so that the dtype alone says how many squarings there must be. LAPACK, by
`jax.numpy.linalg`, may wait for itself for ever inside a program that has all of the processor's threads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from wd_jax.engine.probes.probe import Probe, Record, Switch, Variable

if TYPE_CHECKING:
    import jax


def spectral_norm(w: jax.Array) -> jax.Array:
    """Largest singular value of a matrix.

    Parameters
    ----------
    w : jax.Array [..., n_out]
        Weights; all axes but the last are the rows.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> print(spectral_norm(jnp.diag(jnp.array([1.0, -3.0, 2.0]))))
    3.0
    """
    import jax
    import jax.numpy as jnp

    rows = w.reshape(-1, w.shape[-1])
    square = rows.T @ rows if rows.shape[0] >= rows.shape[1] else rows @ rows.T

    def squared(_: int, power: jax.Array) -> jax.Array:
        return _of_trace_one(power @ power)

    power = jax.lax.fori_loop(0, squarings(len(square), float(jnp.finfo(w.dtype).eps)), squared, _of_trace_one(square))
    return jnp.sqrt(jnp.sum(power * square))


def squarings(size: int, eps: float) -> int:
    """Count the squarings after which the largest eigenvalue of a matrix is right to `eps`.

    Parameters
    ----------
    size : int
        Rows of the matrix.
    eps : float
        Relative to the eigenvalue.

    Examples
    --------
    >>> squarings(30, 1.2e-7), squarings(30, 2.2e-16)
    (27, 56)
    """
    return max(0, math.ceil(math.log2(max(1, size - 1) / (math.e * eps))))


def _of_trace_one(square: jax.Array) -> jax.Array:
    """Divide by the trace; nothing stays nothing."""
    import jax.numpy as jnp

    trace = jnp.trace(square)
    return square / jnp.where(trace == 0, 1, trace)


def _record(state: None, record: Record) -> dict[str, Any]:
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    return {"spectral_norm": jnp.stack([spectral_norm(w) for w in weights(record.params)])}


def _derive(arrays: dict[str, Any], model: Any) -> dict[str, Any]:
    import numpy as np

    largest2 = np.square(arrays["spectral_norm"])
    none = np.full_like(largest2, np.nan)
    return {"stable_rank": np.divide(arrays["weight_norm2"], largest2, out=none, where=largest2 != 0)}


PROBE = Probe(
    name="spectrum",
    variables=(
        Variable(
            "spectral_norm",
            ("layer",),
            "spectral norm of the weights",
            "largest singular value of W [n_in, n_out] at the record",
        ),
        Variable(
            "stable_rank",
            ("layer",),
            "stable rank of the weights",
            "squared Frobenius norm over squared spectral norm: 1 to the rank of W; no number where W is zero",
        ),
    ),
    switch=Switch(
        "spectrum",
        "spectrum",
        True,
        "Also measure each layer's largest singular value and stable rank: 27 products of a square in float32.",
    ),
    record=_record,
    derive=_derive,
)
