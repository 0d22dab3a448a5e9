"""What a call of `wd_jax.lab` runs, as a value."""

import json
from dataclasses import dataclass

import numpy as np

from wd_jax import display
from wd_jax.engine import fingerprint
from wd_jax.hyper import Hyper
from wd_jax.laboratory.program import Experiment
from wd_jax.measurement import Probes
from wd_jax.optimisers import rules
from wd_jax.optimisers.coefficient import Coefficient
from wd_jax.sweeps.axes import Axis


@dataclass(frozen=True)
class LabPlan:
    """Everything a call will run.

    Attributes
    ----------
    what : Experiment
        The tensor, its rule and its gradients.
    asked : Probes
        What is measured, as it was given.
    no_budget : str
        Why the decay's part of a step is not measured; empty if it is, or was not asked for.
    axes : tuple of Axis
        Swept dimensions, in the order given; `seed` comes after them.
    cells : tuple of Hyper
        One per combination of the axes, plain numbers.
    coefficients : tuple of Coefficient
        What rule and gradients read.
    seeds : tuple of int
        One member per cell and seed.
    burn_in : int
        Steps before the first record.
    per_record : int
        Steps of each record.
    records : int
        How many there are.
    """

    what: Experiment
    asked: Probes
    no_budget: str
    axes: tuple[Axis, ...]
    cells: tuple[Hyper, ...]
    coefficients: tuple[Coefficient, ...]
    seeds: tuple[int, ...]
    burn_in: int
    per_record: int
    records: int

    @property
    def steps(self) -> int:
        """Steps of each member."""
        return self.burn_in + self.records * self.per_record

    @property
    def ends(self) -> np.ndarray:
        """Steps that were taken at each record, 0 first, then those of the burn-in where there is one."""
        later = self.burn_in + self.per_record * np.arange(1, self.records + 1)
        return np.concatenate([[0], [self.burn_in] if self.burn_in else [], later]).astype(int)

    @property
    def configuration(self) -> str:
        """What was asked for as JSON, with the same parts as a sweep's."""
        what, swept = self.what, {axis.name for axis in self.axes}
        setup = {
            "optimiser": what.rule.name,
            "gradients": what.gradients.name,
            "shape": list(what.tensor.shape),
            "n": what.sizes.n,
            "batch_size": what.sizes.m,
            "sampling": what.gradients.sampling,
            "dtype": what.dtype,
        }
        own = {} if what.rule.name in rules.LIBRARY else {"rule": what.rule.record()}
        asked = {
            "setup": setup | own,
            "axes": {axis.name: list(axis.values) for axis in self.axes},
            "scalars": {name: value for name, value in self.cells[0].items() if name not in swept},
            "seeds": display.ranges(self.seeds),
            "steps": self.steps,
            "burn_in": self.burn_in,
            "records": self.records,
            "probes": self.asked.record(),
        }
        functions = {} if what.rule.name in rules.LIBRARY else fingerprint.of_rule(what.rule)
        return json.dumps(asked | ({"own_functions": functions} if functions else {}), sort_keys=True)
