"""Case 16: a process forked from one that has used JAX is told so, where it would have hung for ever."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.fault, pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks on this system")]

PROGRAM = """
import multiprocessing, sys, warnings
warnings.simplefilter("ignore")  # JAX warns in the parent, and goes on
import wd_jax as wd

def sweep(seed):
    try:
        setup, data = wd.Setup(widths=(16, 2, 4)), wd.data.null()
        return wd.sweep(setup, data, seeds=[seed], epochs=1, progress=False).sizes["seed"]
    except RuntimeError as error:
        return str(error)

if __name__ == "__main__":
    {before}
    with multiprocessing.get_context({how!r}).Pool(1) as pool:
        print(pool.map(sweep, [3])[0])
"""
USES = {
    "JAX": "import jax.numpy as jnp; jnp.ones(3).sum().block_until_ready()",
    "a sweep": "sweep(1)",
}


def said(before: str, how: str, tmp_path) -> str:
    """Run it in a session of its own, which is ended as a whole if it hangs."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(before=before, how=how), encoding="utf-8")
    running = subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        out, _ = running.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        pytest.fail("it hung")
    assert running.returncode == 0
    return out.strip()


@pytest.mark.parametrize("before", USES.values(), ids=USES.keys())
def test_a_fork_after_jax_is_refused(before: str, tmp_path) -> None:
    found = said(before, "fork", tmp_path)
    assert found.startswith("this process was forked from one that had used JAX") and "'spawn'" in found


@pytest.mark.parametrize(("before", "how"), [("pass", "fork"), (USES["JAX"], "spawn")], ids=["before JAX", "spawned"])
def test_what_works_is_left_alone(before: str, how: str, tmp_path) -> None:
    assert said(before, how, tmp_path) == "1"
