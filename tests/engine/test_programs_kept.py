"""Compiled programs do not pile up: a process that trains many networks keeps its size."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wd_jax.engine import programs

pytestmark = pytest.mark.numeric
MAPS = Path("/proc/self/maps")
PROGRAM = """
import functools, json, pathlib, sys
import wd_jax as wd
from wd_jax.engine import programs

def kept(most):
    for name in ("_beginning", "_advancing", "_measuring"):
        setattr(programs, name, functools.lru_cache(maxsize=most)(getattr(programs, name).__wrapped__))

def mappings():
    return len(pathlib.Path("/proc/self/maps").read_text().splitlines())

def resident():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

def sweep(units, number=0):
    wd.sweep(wd.Setup(widths=(16, units, 4)), data, lmbda=[1.0 + number, 2.0 + number], epochs=1, progress=False,
             probes=wd.Probes(budget=False, moved=False, splits=()))

data = wd.data.null()
"""
NETWORKS = """
kept(1)
found = []
for units in (2, 3, 4):
    sweep(units)
    found.append(mappings())
kept(1)
found.append(mappings())
print(json.dumps(found))
"""
SWEEPS = """
found = []
for number in range(int(sys.argv[1])):
    sweep(3, number)
    if number % 100 == 99:
        found.append(resident())
print(json.dumps(found))
"""


def measured(code: str, *arguments: str) -> list[float]:
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "MALLOC_ARENA_MAX": "2"}
    command = [sys.executable, "-c", PROGRAM + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_there_is_a_bound_and_linux_can_hold_it() -> None:
    caches = (programs._beginning, programs._advancing, programs._measuring)
    assert {one.cache_parameters()["maxsize"] for one in caches} == {programs.KEPT}
    assert programs.KEPT * 1000 < 65_530  # mappings: hundreds for a network


@pytest.mark.slow
@pytest.mark.skipif(not MAPS.exists(), reason="this system does not list a process's mappings")
def test_programs_that_are_let_go_give_back_their_mappings() -> None:
    first, _, last, none = measured(NETWORKS)
    assert last - none > 20  # what one network takes while it is kept
    assert last - first < (last - none) / 2


@pytest.mark.slow
@pytest.mark.skipif(not MAPS.exists(), reason="this system does not say how large a process is")
def test_four_hundred_sweeps_in_one_process_take_no_more_memory_than_a_hundred() -> None:
    found = measured(SWEEPS, "400")
    assert found[-1] - found[0] < 8  # MB; each sweep's records alone, if they stayed, would be more
