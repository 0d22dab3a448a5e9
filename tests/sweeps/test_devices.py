"""One, two or four devices give the same numbers to the last bit: the size of a chunk never depends on the machine."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.numeric

SWEEP = """
import hashlib
import jax
jax.config.update("jax_num_cpu_devices", 4)
import wd_jax as wd

data = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)
probes = wd.Probes(moved=False, splits=())
lmbdas = [0.5 * k for k in range(17)]
for count in (1, 2, 4):
    where = jax.devices()[:count]
    runs = wd.sweep(
        wd.Setup(widths=(4, 3, 2)), data, lmbda=lmbdas, seeds=3, epochs=4, probes=probes, progress=False, devices=where
    )
    assert runs.sizes["lmbda"] == 17 and bool(runs.weight_rms.notnull().all())
    print(len(where), hashlib.sha256(b"".join(runs[name].values.tobytes() for name in sorted(runs))).hexdigest())
"""


def test_results_do_not_depend_on_the_number_of_devices() -> None:
    """17 cells in chunks of 9 and 3 seeds: six chunks, the cells' last one padded."""
    ended = subprocess.run([sys.executable, "-c", SWEEP], capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    counts, hashes = zip(*(line.split() for line in ended.stdout.splitlines()), strict=True)
    assert counts == ("1", "2", "4")
    assert len(set(hashes)) == 1
