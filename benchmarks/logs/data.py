"""What is learned: scikit-learn's digits, some of them labelled at random; and a noisy chain of letters."""

import numpy as np

LETTERS, LENGTH = 12, 16
"""Of the chain."""


def digits(seed: int, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Images of 8 x 8, float32 [1797, 64] of mean 0 and deviation 1, and classes [1797], `noise` of them random."""
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(seed)
    x, y = load_digits(return_X_y=True)
    x = ((x - x.mean()) / x.std()).astype(np.float32)
    wrong = rng.random(len(y)) < noise
    return x, np.where(wrong, rng.integers(10, size=len(y)), y).astype(np.int64)


def teacher(seed: int, rows: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian rows [rows, 64] and the classes [rows] of a random linear teacher, with noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, 64)).astype(np.float32)
    scores = x @ rng.standard_normal((64, 10)) / 8 + 0.5 * rng.standard_normal((rows, 10))
    return x, scores.argmax(axis=1)


def chain(seed: int, rows: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Sequences [rows, LENGTH] of a random Markov chain, and the same as what is to be said next."""
    rng = np.random.default_rng(seed)
    table = rng.dirichlet(np.full(LETTERS, 0.3), size=LETTERS).cumsum(axis=1)
    rows_ = np.zeros((rows, LENGTH), np.int64)
    rows_[:, 0] = rng.integers(LETTERS, size=rows)
    for place in range(1, LENGTH):
        drawn = rng.random(rows)[:, None]
        rows_[:, place] = (table[rows_[:, place - 1]] < drawn).sum(axis=1).clip(max=LETTERS - 1)
    return rows_, rows_


DATA = {"digits": digits, "teacher": teacher, "chain": chain}


def batches(rows: int, batch: int, steps: int, seed: int) -> np.ndarray:
    """Places of rows [steps, batch]: each epoch in a new order, its last short batch left out."""
    rng = np.random.default_rng(seed + 1)
    each = rows // batch
    orders = [rng.permutation(rows)[: each * batch].reshape(each, batch) for _ in range(-(-steps // each))]
    return np.concatenate(orders)[:steps]
