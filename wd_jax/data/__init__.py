"""Data sets: checked arrays in three splits; shipped with the package, read from files, or drawn from a seed."""

from wd_jax.data._csv import csv as csv
from wd_jax.data._digits import digits as digits
from wd_jax.data._idx import idx as idx
from wd_jax.data._load import load as load
from wd_jax.data._mnist import mnist as mnist
from wd_jax.data._npz import npz as npz
from wd_jax.data._text import characters as characters
from wd_jax.data._text import text as text
from wd_jax.data.dataset import Dataset as Dataset
from wd_jax.data.dataset import DatasetError as DatasetError
from wd_jax.data.dataset import Split as Split
from wd_jax.data.labels import one_hot as one_hot
from wd_jax.data.synthetic import null as null
from wd_jax.data.synthetic import teacher as teacher

__all__ = ["Dataset", "DatasetError", "Split", "csv", "digits", "idx", "load", "mnist", "npz", "null", "one_hot"]
__all__ += ["characters", "teacher", "text"]
