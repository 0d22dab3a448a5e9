"""What is refused for its size: the machine's memory, and that planning grows with the members, not their square."""

import builtins
import warnings
from pathlib import Path

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.inputs import limits
from wd_jax.sweeps import chunks
from wd_jax.sweeps.chunks import epochs_per_call
from wd_jax.sweeps.grid_checks import divisor_below

pytestmark = pytest.mark.numeric

SETUP = wd.Setup(widths=(16, 8, 4))


def test_thirty_thousand_cells_are_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """It took a minute when each cell was looked for among all others, in a set made anew for each."""
    made = []
    monkeypatch.setattr(chunks, "set", lambda *given: made.append(1) or builtins.set(*given), raising=False)
    planned = wd.dry_run(SETUP, wd.data.null(), lmbda=np.linspace(0.1, 1000, 30_000), epochs=1)
    assert planned.members == 30_000
    assert len(made) <= 1
    assert len(repr(planned)) < 2000 and "... 1000 (30000 values)" in repr(planned)


@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
def test_every_cell_of_a_large_group_is_in_one_part(optimiser: str) -> None:
    setup, lmbdas = wd.Setup(widths=(16, 8, 4), optimiser=optimiser), np.linspace(1, 5000, 500)
    with warnings.catch_warnings(action="ignore"):  # some decay too fast for blocks
        plan = wd.dry_run(setup, wd.data.null(), lmbda=lmbdas, epochs=1)
    held = {cell for chunk in plan.chunks for cell in chunk.cells}
    assert held == set(range(500))


@pytest.mark.parametrize("number", [1, 2, 97, 120, 121, 5000, 2**31 - 1])
@pytest.mark.parametrize("most", [1, 7, 100, 10**8, 2**31])
def test_the_divisor_is_the_largest_below(number: int, most: int) -> None:
    if number < 10_000:
        expected = max(r for r in range(1, min(number, most) + 1) if number % r == 0)
    else:  # a prime
        expected = number if most >= number else 1
    assert divisor_below(number, most) == expected


@pytest.mark.parametrize(
    "epochs, steps, every", [(120, 120, 10), (30, 5000, 1), (97, 1, 97), (10, 3, 4), (4000, 1, 4000)]
)
def test_blocks_are_as_long_as_when_all_lengths_were_tried(epochs: int, steps: int, every: int) -> None:
    common = np.gcd(epochs, every)
    tried = max(b for b in range(1, common + 1) if common % b == 0 and (b == 1 or b * steps <= 4000))
    assert epochs_per_call(epochs, steps, every) == tried


def test_a_block_of_ten_million_epochs_is_found_among_few_lengths() -> None:
    assert epochs_per_call(10_000_000, 5000, 10_000_000) == 1


def test_a_sweep_that_fits_runs_and_one_that_does_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = wd.data.null()
    needed = wd.dry_run(SETUP, data, seeds=2, epochs=3).bytes
    monkeypatch.setattr(limits, "memory_bytes", lambda: needed)
    assert wd.dry_run(SETUP, data, seeds=2, epochs=3).bytes == needed
    monkeypatch.setattr(limits, "memory_bytes", lambda: needed - 1)
    monkeypatch.setattr("wd_jax.sweeps.threads.run", lambda *_, **__: pytest.fail("computed first"))
    for call in (wd.dry_run, wd.sweep):
        with pytest.raises(
            ValueError, match=r"^a sweep of 2 members: needs about .* of memory \(.*the program 400 MiB"
        ):
            call(SETUP, data, seeds=2, epochs=3)


def test_where_memory_is_not_known_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "memory_bytes", lambda: None)
    limits.check_memory("anything", {"data": 10**18}, "give less")


def test_the_numbers_of_a_refusal_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """168 GB, as somebody tried: 5000 members x 300 001 records x 2 layers x 9 numbers and 8 of splits, in float64."""
    monkeypatch.setattr(limits, "memory_bytes", lambda: 16 * 2**30)
    numbers = 5000 * 300_001 * (2 * 9 + 2 + 2 * 3)
    with pytest.raises(ValueError) as caught:
        wd.dry_run(SETUP, wd.data.null(), seeds=5000, epochs=300_000)
    assert f"(records {8 * numbers / 2**30:.0f} GiB)" in str(caught.value) and "there are 16 GiB" in str(caught.value)


@pytest.mark.parametrize(
    "lines, files, expected",
    [
        ("0::/box/job\n", {"box/job/memory.max": "max", "box/memory.max": "1000"}, [1000]),
        ("0::/\n", {"memory.max": "4096"}, [4096]),
        ("3:memory:/job\n", {"memory/job/memory.limit_in_bytes": "77"}, [77]),
        ("0::/gone\n", {}, []),
        ("nonsense\n", {"memory.max": "max"}, []),
    ],
    ids=["above", "root", "version 1", "none", "not understood"],
)
def test_a_control_group_may_hold_less(lines: str, files: dict, expected: list[int], tmp_path: Path) -> None:
    (tmp_path / "own").write_text(lines)
    root = tmp_path / "cgroup"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    assert sorted(set(limits._group_limits(root, tmp_path / "own"))) == expected


def test_this_machine_has_some_memory() -> None:
    there = limits.memory_bytes()
    assert there is None or there > 2**28
