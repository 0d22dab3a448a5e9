"""What one series of records says: its mean, whether it rests, how it relaxes; all of it for correlated records.

Every interval here speaks of the one series at hand. It says how far a number measured in it is from what an endless
series of the same kind would give, and nothing of other seeds.
"""

from wd_jax.stats.one_series.approach import Relaxation, relaxation
from wd_jax.stats.one_series.decay import DecayRate, decay_rate
from wd_jax.stats.one_series.mean import MeanInterval, mean_interval
from wd_jax.stats.one_series.rest import State, state

__all__ = ["DecayRate", "MeanInterval", "Relaxation", "State", "decay_rate", "mean_interval", "relaxation", "state"]
