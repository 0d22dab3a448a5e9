"""A sweep from the shell uses every core and tells nobody to configure JAX."""

import subprocess
import sys

import pytest

SWEEP = """
import sys
from wd_jax.cli import main
code = main(["sweep", "--widths", "64", "4", "10", "--hidden", "3", "4", "--seeds", "20", "--epochs", "1",
             "--no-budget", "--no-moved", "--no-evaluation", "--out", sys.argv[1], "--json"])
from wd_jax.sweeps import workers
assert len(workers.chosen(None)) == workers.cores(), workers.chosen(None)
sys.exit(code)
"""


@pytest.mark.numeric
def test_a_worker_for_each_core_and_no_advice(tmp_path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SWEEP, str(tmp_path / "run.nc")], capture_output=True, text=True, timeout=600
    )
    assert ended.returncode == 0, ended.stderr
    assert not ended.stderr.strip()
    import wd_jax as wd

    runs = wd.open(tmp_path / "run.nc")
    assert runs.method == "generic"
    assert "budget_decay" not in runs
    assert "moved_by_decay" not in runs
