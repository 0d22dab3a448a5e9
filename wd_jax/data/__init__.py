"""Data sets: checked arrays in three splits, from files that ship with scikit-learn, from IDX files, or from a seed."""

from wd_jax.data._digits import digits as digits
from wd_jax.data._mnist import mnist as mnist
from wd_jax.data.dataset import Dataset as Dataset
from wd_jax.data.dataset import DatasetError as DatasetError
from wd_jax.data.dataset import Split as Split
from wd_jax.data.labels import one_hot as one_hot
from wd_jax.data.synthetic import null as null
from wd_jax.data.synthetic import teacher as teacher

__all__ = ["Dataset", "DatasetError", "Split", "digits", "mnist", "null", "one_hot", "teacher"]
