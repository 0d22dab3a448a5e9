"""The default data set: 8x8 handwritten digits that come with scikit-learn, so that nothing is downloaded."""

from wd_jax.data.arrays import cut, one_hot
from wd_jax.data.dataset import Dataset
from wd_jax.data.splitting import shuffled

SIZES = (1200, 297, 300)


def digits() -> Dataset:
    """Load scikit-learn's 8x8 digits: pixels/16, one-hot labels, 1200 / 297 / 300 examples.

    The order is shuffled once with a fixed seed, so that the three splits are alike and always the same.

    Returns
    -------
    Dataset
        n = 1200, n_in = 64, n_out = 10.

    Examples
    --------
    >>> data = digits()
    >>> data.n, data.n_in, data.n_out
    (1200, 64, 10)

    Notes
    -----
    E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998.
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    order = shuffled(len(labels))
    return cut("digits", pixels[order] / 16, one_hot(labels[order], 10), SIZES)
