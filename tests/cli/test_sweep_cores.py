"""A sweep from the shell uses every core and tells nobody to configure JAX."""

import subprocess
import sys

import pytest

SWEEP = """
import sys
from wd_jax.cli import main
code = main(["sweep", "--widths", "64", "4", "10", "--hidden", "3", "4", "--seeds", "20", "--epochs", "1",
             "--no-budget", "--no-moved", "--no-evaluation", "--out", sys.argv[1], "--json"])
import jax
from wd_jax.cli.machine import cores
assert jax.local_device_count() == cores(), jax.local_devices()
sys.exit(code)
"""


@pytest.mark.numeric
def test_one_device_a_core_and_no_hint(tmp_path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SWEEP, str(tmp_path / "run.nc")], capture_output=True, text=True, timeout=600
    )
    assert ended.returncode == 0, ended.stderr
    assert "jax_num_cpu_devices" not in ended.stderr
    import wd_jax as wd

    runs = wd.open(tmp_path / "run.nc")
    assert runs.method == "generic"
    assert "budget_decay" not in runs
    assert "moved_by_decay" not in runs
