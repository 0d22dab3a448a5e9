"""Trajectories under a schedule: the dashed line is decay by the rates that were, not by the largest."""

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.figures.plots import trajectories

pytestmark = pytest.mark.numeric


def test_pure_decay_follows_the_schedule() -> None:
    setup = wd.Setup((16, 4, 4), batch_size=25, dtype="float64", eta_schedule="linear")
    probes = wd.Probes(splits=(), moved=False, budget=False)
    runs = wd.sweep(setup, wd.data.null(n=50), lmbda=[5.0, 50.0], seeds=2, epochs=4, probes=probes, progress=False)
    drawn = trajectories.sketch(runs).figure()
    dashed = [line for line in drawn.axes[0].lines if line.get_linestyle() == "--" and len(line.get_xdata())]
    for line, lmbda in zip(dashed, (5.0, 50.0), strict=True):
        measured = runs.weight_rms.sel(lmbda=lmbda, layer=1).mean("seed")
        np.testing.assert_allclose(line.get_ydata(), measured, rtol=1e-12)  # nothing else moves the weights
        assert line.get_xdata().tolist() == [0, 1, 2, 3, 4]
