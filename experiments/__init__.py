"""Experiments: sweeps that are held against laws, each with its settings, tolerances, figure and words.

`names` lists them, `run` trains and judges them, `open` judges a stored run again.
"""

from experiments.experiment import Collection, Experiment
from experiments.judged import Judged
from experiments.registry import load, names
from experiments.running import open_run as open
from experiments.running import run

__all__ = ["Collection", "Experiment", "Judged", "load", "names", "open", "run"]
