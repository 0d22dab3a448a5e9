r"""Muon's Newton-Schulz iteration by its Gram matrix: two wide products in place of three for each step.

A step of the iteration makes of a matrix X

.. math:: X' = X\,p(A), \qquad A = X^TX, \qquad p(A) = aI + bA + cA^2.

The next one needs :math:`A' = X'^TX' = p(A)\,A\,p(A)`, which holds no X: p(A) is symmetric. So all steps can be taken
on A, as small as the shorter side of X, and on the product Q of the polynomials; X is multiplied once, at the end, by
Q. The numbers are those of the iteration itself but for rounding; Jordan's coefficients are steepest at 0,
:math:`a^5=485`, and magnify what is rounded in either form alike.
"""

import jax
import jax.numpy as jnp

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""a, b and c of Jordan and others, *Muon: An optimizer for hidden layers in neural networks*, 2024; optax's too."""
STEPS = 5


def orthogonal(x: jax.Array, steps: int = STEPS) -> jax.Array:
    """Make a matrix nearly orthogonal: its singular values, at most 1, become about 1.

    Parameters
    ----------
    x : jax.Array [n_in, n_out]
        Its Frobenius norm at most 1.
    steps : int
        Of the iteration.

    Returns
    -------
    jax.Array [n_in, n_out]

    Examples
    --------
    >>> x = orthogonal(jnp.diag(jnp.array([0.9, 0.4])))
    >>> bool(jnp.all(jnp.abs(jnp.linalg.norm(x, axis=0) - 1) < 0.35))
    True
    """
    wide = x.shape[0] < x.shape[1]
    gram = x @ x.T if wide else x.T @ x
    a, b, c = (jnp.asarray(one, x.dtype) for one in COEFFICIENTS)
    identity = jnp.eye(len(gram), dtype=x.dtype)
    product = identity
    for step in range(steps):
        polynomial = a * identity + b * gram + c * (gram @ gram)
        product = polynomial if step == 0 else product @ polynomial
        if step < steps - 1:
            gram = polynomial @ gram @ polynomial
    return product @ x if wide else x @ product
