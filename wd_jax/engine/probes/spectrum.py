r"""The largest singular value of each layer's weights, and how many directions carry their norm.

The largest singular value is the root of the largest eigenvalue of the smaller of :math:`W^TW` and :math:`WW^T`. To
square the matrix loses digits of the small singular values, not of the largest one.
"""

from __future__ import annotations

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
    import jax.numpy as jnp

    rows = w.reshape(-1, w.shape[-1])
    square = rows.T @ rows if rows.shape[0] >= rows.shape[1] else rows @ rows.T
    return jnp.sqrt(jnp.maximum(jnp.linalg.eigvalsh(square)[-1], 0))


def _record(state: None, record: Record) -> dict[str, Any]:
    import jax.numpy as jnp

    from wd_jax.models.mlp import weights

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
        "Also measure the largest singular value and the stable rank of each layer's weights.",
    ),
    record=_record,
    derive=_derive,
)
