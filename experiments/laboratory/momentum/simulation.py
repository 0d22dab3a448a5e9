"""Weights on gradients that are zero, under the three rules: what `wd_jax.lab` gives, with the weights' signs."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.momentum.settings import RULES, Settings

if TYPE_CHECKING:
    from wd_jax.engine.probes.probe import Probe


def signed_weight() -> "Probe":
    """Give the probe that records the one weight there is; the size of the weights alone would lose its sign."""
    from wd_jax.engine.probes.probe import Probe, Record, Variable

    def record(state: None, record: Record) -> dict[str, Any]:
        from wd_jax.models.layers import weights

        return {"signed_weight": weights(record.params)[0].ravel()[0]}

    variable = Variable("signed_weight", (), "the weight", "the first weight, with its sign")
    return Probe(name="signed_weight", variables=(variable,), record=record)


def critical(rule: str, momentum: float) -> float:
    """Give the decay per step at which the roots of a rule meet, by the law; that of heavy ball for SGDW.

    Examples
    --------
    >>> round(critical("momentum", 0.9), 6), round(critical("nesterov", 0.5), 6)
    (0.002633, 0.111111)
    """
    from derivations import derive

    formula = "nesterov_critical_lmbda" if rule == "nesterov" else "critical_lmbda"
    return float(derive("momentum").formulas[formula](eta=1.0, n=1.0, momentum=momentum))


def measure(preset: Settings, data: object) -> xr.Dataset:
    """Record the weight at the end of every epoch (see `simulated`)."""
    return simulated(preset, each_step=False)


def measure_steps(preset: Settings, data: object) -> xr.Dataset:
    """Record the weight after each of the first steps (see `simulated`)."""
    return simulated(preset, each_step=True)


def simulated(preset: Settings, *, each_step: bool) -> xr.Dataset:
    """Run every rule at every momentum and decay, in float64.

    Parameters
    ----------
    preset : Settings
        What is run.
    each_step : bool
        Whether a record is a step, or an epoch.

    Returns
    -------
    xarray.Dataset
        ``weight`` [rule, momentum, share, seed, record], its start first; ``steps`` [momentum, record] that were taken
        and ``epsilon`` [rule, momentum, share], decay per step; ``eta``, ``n`` [momentum] and ``lmbda`` for the laws.
    """
    probes = wd.Probes(budget=False, moved=False, splits=(), extra=(signed_weight(),))
    records = preset.steps if each_step else preset.epochs
    seeds = list(preset.seeds_of(preset.seeds))
    n = {mu: preset.steps_per_epoch(mu) for mu in preset.momentum}
    epsilon = {(rule, mu): np.multiply(preset.share, critical(rule, mu)) for rule in RULES for mu in preset.momentum}

    def run(rule: str, mu: float) -> np.ndarray:
        found = wd.lab(
            rule,
            "none",
            steps=records * (1 if each_step else n[mu]),
            records=records,
            shape=1,
            seeds=seeds,
            n=n[mu],
            dtype="float64",
            probes=probes,
            eta=preset.eta,
            lmbda=(epsilon[rule, mu] * n[mu] / preset.eta).tolist(),
            momentum=mu,
        )
        return found.signed_weight.transpose("lmbda", "seed", "epoch").values

    weight = np.array([[run(rule, mu) for mu in preset.momentum] for rule in RULES])
    decay = np.array([[epsilon[rule, mu] for mu in preset.momentum] for rule in RULES])
    taken = np.array([np.arange(records + 1) * (1 if each_step else n[mu]) for mu in preset.momentum])
    examples = np.array(list(n.values()))
    return xr.Dataset(
        {"weight": (("rule", "momentum", "share", "seed", "record"), weight, {"units": "1"})},
        {
            "rule": list(RULES),
            "momentum": list(preset.momentum),
            "share": list(preset.share),
            "seed": seeds,
            "record": np.arange(records + 1),
            "steps": (("momentum", "record"), taken.astype(np.int32)),
            "epsilon": (("rule", "momentum", "share"), decay),
            "lmbda": (("rule", "momentum", "share"), decay * examples[:, None] / preset.eta),
            "n": ("momentum", examples.astype(np.int32)),
            "eta": preset.eta,
        },
    )
