"""Cases 17, 19 and 20 of the list of faults: divergence, decay below the dtype's reach, and who shares a chunk."""

import math
import subprocess
import sys
import warnings

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.engine import sizes

pytestmark = pytest.mark.fault
HUGE = 1e30
OTHERS = [0.01 * k for k in range(1, 8)]


def same(one: xr.Dataset, other: xr.Dataset) -> bool:
    return all(np.array_equal(one[name], other[name], equal_nan=True) for name in one.data_vars)


@pytest.mark.parametrize(
    "optimiser, method, place",
    [("sgd", "generic", 0), ("sgd", "generic", 7), ("sgd", "blocked", 3), ("adamw", "generic", 3)],
)
def test_17_one_of_eight_diverges_and_seven_keep_every_bit(tiny, optimiser: str, method: str, place: int) -> None:
    """In place of one more that is healthy, so that the chunk has the same size."""
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, optimiser=optimiser)
    settings = {"lmbda": 0.0, "epochs": 3, "method": method, "progress": False}
    rates = [[*OTHERS[:place], one, *OTHERS[place:]] for one in (HUGE, 0.5)]
    broken, healthy = (wd.sweep(setup, tiny, eta=one, **settings) for one in rates)
    assert same(broken.sel(eta=OTHERS), healthy.sel(eta=OTHERS))
    assert broken.diverged_at.sel(eta=HUGE) == 1 and (broken.diverged_at.sel(eta=OTHERS) == -1).all()
    assert broken.weight_rms.sel(eta=HUGE, epoch=slice(1, None)).isnull().all()
    assert "1 of 8 runs diverged" in wd.summarise(broken).warnings[0].replace("members", "runs")


@pytest.mark.parametrize("dtype, epsilon", [("float32", 1e-8), ("bfloat16", 1e-5)])
def test_19_a_decay_that_is_lost_is_refused_and_kept_with_the_remedies(dtype: str, epsilon: float) -> None:
    """T = 5000 steps, after as many, of 6400 weights without gradient a layer, against exp(-epsilon T) to 1e-3."""
    data = wd.data.null(n_in=80, n_out=80)
    setup = {"widths": (80, 80, 80), "dtype": dtype}
    probes = wd.Probes(budget=False, moved=False, splits=(), keep_weights=True)
    settings = {"eta": 0.1, "lmbda": epsilon * data.n / 0.1, "probes": probes, "progress": False}
    with pytest.raises(ValueError, match=rf"which {dtype} rounds to nothing: .*rounding='compensated'"):
        wd.sweep(wd.Setup(**setup), data, epochs=1, **settings)
    for remedy in ({"rounding": "compensated"}, {"dtype": "float64"}):
        ends = []
        for epochs in (250, 500):
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*as good as nothing")
                runs = wd.sweep(wd.Setup(**setup | remedy), data, epochs=epochs, **settings)
            ends.append(np.concatenate([runs[f"weights_{layer}"].values.ravel() for layer in (1, 2)]).astype(float))
        due = -20 * 250 * math.log1p(-epsilon)
        assert np.log(ends[0] / ends[1]).mean() / due == pytest.approx(1, abs=1e-3), remedy
        assert runs.decay_measured.item() == pytest.approx(1, abs=1e-3) and runs.decay_kept.item() == 1


def test_20_the_tail_of_a_chunk_and_another_order_change_no_bit(tiny, monkeypatch) -> None:
    """10 members in chunks of 4, the last filled up with copies; the same in the reverse order."""
    monkeypatch.setattr(sizes, "MAX_CHUNK", 4)
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5)
    settings = {"lmbda": 1.0, "seeds": 2, "epochs": 3, "method": "generic", "progress": False}
    rates = OTHERS[:5]
    runs, reverse = (wd.sweep(setup, tiny, eta=one, **settings) for one in (rates, rates[::-1]))
    assert same(runs, reverse.sel(eta=rates))
    assert runs.sizes["eta"] == 5 and runs.sizes["seed"] == 2 and runs.weight_rms.notnull().all()


DEVICES = """
import hashlib
import jax
jax.config.update("jax_num_cpu_devices", 4)
import wd_jax as wd
data = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)
from wd_jax.engine import sizes
sizes.MAX_CHUNK = 2
setup = wd.Setup(widths=(4, 3, 2), dtype="bfloat16", rounding="compensated")
probes = wd.Probes(moved=False, splits=())
for count in (1, 2, 4):
    where = jax.devices()[:count]
    runs = wd.sweep(setup, data, lmbda=[0.5, 40.0], seeds=4, epochs=3, probes=probes, progress=False, devices=where)
    assert bool(runs.weight_rms.notnull().all())
    held = [runs[name].values.tobytes() for name in sorted(runs)] + [runs.decay_measured.values.tobytes()]
    print(hashlib.sha256(b"".join(held)).hexdigest())
"""


def test_20_one_two_and_four_devices_give_the_same_bits() -> None:
    """Weights of bfloat16, compensated; `tests/sweeps/test_devices.py` has the usual ones."""
    ended = subprocess.run([sys.executable, "-c", DEVICES], capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    hashes = ended.stdout.split()
    assert len(hashes) == 3 and len(set(hashes)) == 1
