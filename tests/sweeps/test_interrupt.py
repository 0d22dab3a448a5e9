"""Ctrl-C ends a sweep at its next block of epochs and leaves nothing half-written."""

import signal
import subprocess
import sys
import threading

import pytest

import wd_jax as wd
from wd_jax.engine import minibatches, sizes
from wd_jax.sweeps import threads
from wd_jax.sweeps.store import drivers
from wd_jax.sweeps.threads import THREADS

pytestmark = pytest.mark.numeric

ENDLESS = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # started in the background it would be ignored
import wd_jax as wd
from wd_jax.engine import minibatches

orders, calls = minibatches.host_orders, []

def announced(*arguments):
    calls.append(1)
    if len(calls) == 3:
        print("running", flush=True)
    return orders(*arguments)

minibatches.host_orders = announced
data = wd.data.null(n=20, n_in=4, n_out=2)
probes = wd.Probes(budget=False, moved=False, splits=())
wd.sweep(wd.Setup(widths=(4, 2)), data, lmbda=1.0, epochs=2**22, probes=probes, out=sys.argv[1], progress=False)
"""


def test_sigint_to_a_process(tmp_path) -> None:
    script = [sys.executable, "-c", ENDLESS, str(tmp_path / "runs.nc")]
    with subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "running\n", process.stderr.read()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=600)  # unheard, it would run for hours
        finally:
            process.kill()
    assert process.returncode != 0 and errors.strip().endswith("KeyboardInterrupt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["runs.nc", "runs"])
def test_interrupting_in_the_second_block(out, setup32, tiny, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sizes, "STEPS_PER_CALL", 30)
    orders = minibatches.host_orders

    def interrupted(seeds, first, *arguments):
        if first:
            raise KeyboardInterrupt
        return orders(seeds, first, *arguments)

    monkeypatch.setattr(minibatches, "host_orders", interrupted)
    with pytest.raises(KeyboardInterrupt):
        wd.sweep(setup32, tiny, lmbda=[0.5, 2.0], seeds=2, epochs=12, out=tmp_path / out, progress=False)
    if out == "runs.nc":
        assert list(tmp_path.iterdir()) == []
    else:
        with pytest.warns(UserWarning, match="4 of 4 members are missing"):
            assert wd.open(tmp_path / out).weight_rms.isnull().all()
        assert [driver.ended for driver in drivers.listed(tmp_path / out / "run-1")] == ["interrupted"]
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(THREADS)]


def test_an_error_in_one_chunk_stops_the_others(setup32, tiny, monkeypatch) -> None:
    monkeypatch.setattr(threads, "run_on", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("chunk lost")))
    with pytest.raises(RuntimeError, match="chunk lost"):
        wd.sweep(setup32, tiny, lmbda=[0.5, 2.0], hidden=[2, 3], epochs=2, progress=False)
