"""Which members are trained in blocks, how many at a time, and that neither machine nor method changes a result."""

import itertools
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.conventions import steps_per_epoch
from wd_jax.engine import blocked, sizes
from wd_jax.engine import method as methods
from wd_jax.hyper import Hyper
from wd_jax.measurement import Probes
from wd_jax.setup import Setup
from wd_jax.sweeps import chunks
from wd_jax.sweeps.axes import Grid, Group
from wd_jax.sweeps.chunks import Chunk

pytestmark = pytest.mark.numeric
BOOK = Setup(widths=(784, 30, 10))
N = 50_000
CHEAP = Probes(budget=False, moved=False, splits=(), keep_weights=True)


def cut(setup: Setup, decays: list[float] | int, seeds: int = 1, method="auto", platform="cpu") -> tuple[Chunk, ...]:
    """Cut one group; so many cells decay by 0.5 k / N a step."""
    chosen = [0.5 * k / N for k in range(decays)] if isinstance(decays, int) else decays
    cells = tuple(Hyper(eta=1.0, lmbda=decay * N) for decay in chosen)
    group = Group(setup, (), steps_per_epoch(N, setup.batch_size))
    grid = Grid((), (), (group,), cells, tuple(chosen), tuple(range(seeds)), setup.rule.numbers, 1, N)
    return chunks.cut(grid, Probes(), method, platform)


def kinds(found: tuple[Chunk, ...]) -> set[str]:
    return {"blocked" if chunk.steps_per_block else "generic" for chunk in found}


class TestWhatFits:
    @pytest.mark.parametrize(
        "epsilon, k, expected",
        [
            (0.0, 10, True),
            (1e-5, 10, True),
            (0.498, 10, True),  # q**10 = 1.02e-3
            (0.5, 10, False),  # 0.98e-3
            (0.5, 9, True),
            (1.0, 1, False),  # q = 0 has no logarithm
            (1.5, 1, False),
            (25.0, 1, False),
            (-0.1, 10, False),
        ],
    )
    def test_powers_of_the_factor_stay_in_range(self, epsilon: float, k: int, expected: bool) -> None:
        assert blocked.fits(BOOK.rule, epsilon, k) is expected

    @pytest.mark.parametrize("optimiser", ["momentum", "nesterov", "sgdw"])
    def test_rules_with_momentum_too(self, optimiser: str) -> None:
        setup = Setup(widths=(784, 30, 10), optimiser=optimiser)
        assert kinds(cut(setup, 64)) == kinds(cut(setup, 64, method="blocked")) == {"blocked"}
        assert {chunk.steps_per_block for chunk in cut(setup, 64)} == {10}
        assert kinds(cut(setup, [0.48, 0.6] * 16)) == {"blocked", "generic"}

    def test_with_momentum_they_must_be_long_to_pay(self) -> None:
        large = Setup(widths=(784, 30, 10), optimiser="momentum", batch_size=32)
        assert kinds(cut(large, 64)) == {"generic"} and kinds(cut(large, 64, method="blocked")) == {"blocked"}
        assert not methods.pays(Setup(widths=(784, 30, 10), optimiser="momentum"), 4)
        assert methods.pays(Setup(widths=(784, 30, 10)), 4)

    @pytest.mark.parametrize("optimiser", ["sgdw_cautious", "sgd_absolute", "adamw", "lion"])
    def test_only_plain_sgd_and_momentum(self, optimiser: str) -> None:
        setup = Setup(widths=(784, 30, 10), optimiser=optimiser)
        assert not blocked.fits(setup.rule, 0.0, 1)
        assert kinds(cut(setup, 64)) == {"generic"}
        with pytest.raises(ValueError, match=f"optimiser '{optimiser}'.*use method='auto'"):
            cut(setup, 64, method="blocked")

    def test_a_strong_decay_goes_its_own_way_and_takes_nobody_along(self) -> None:
        cells = [0.0, 0.6, 1e-5, 1e-4, 1.0, 1e-3, 30.0]
        found = cut(BOOK, cells, seeds=2)
        assert {i for chunk in found if not chunk.steps_per_block for i in chunk.cells} == {1, 4, 6}
        assert {i for chunk in found if chunk.steps_per_block for i in chunk.cells} == {0, 2, 3, 5}

    def test_blocks_demanded_of_it_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"eta=1.0, lmbda=30000.0, n=50000 cannot .* use method='auto'"):
            cut(BOOK, [1e-5, 0.6], method="blocked")

    def test_an_unknown_method_is_refused(self, tiny) -> None:
        with pytest.raises(ValueError, match="method='fast': choose one of auto, blocked, generic"):
            wd.sweep(Setup(widths=(6, 5, 3)), tiny, epochs=1, method="fast")


SHAPES = tuple(itertools.product([1, 10, 300, 3000], [1, 10, 32, 300], [1, 7, 64]))
EVERY = tuple(itertools.product(["blocked", "auto"], [1, 5, 33, 65, 130], [1, 3]))


class TestRule:
    def test_the_generic_method_can_be_had_and_is_an_accelerators_default(self) -> None:
        assert kinds(cut(BOOK, 64)) == {"blocked"}
        assert kinds(cut(BOOK, 64, method="generic")) == {"generic"}
        assert kinds(cut(BOOK, 64, platform="gpu")) == {"generic"}
        assert kinds(cut(BOOK, 64, platform="gpu", method="blocked")) == {"blocked"}

    def test_one_cell_of_the_book_is_not_worth_a_block(self) -> None:
        assert kinds(cut(BOOK, 1, seeds=64)) == {"generic"}
        assert kinds(cut(BOOK, 1, seeds=2, method="blocked")) == {"blocked"}

    @pytest.mark.parametrize("width, m, cells", SHAPES)
    def test_a_block_has_at_least_a_step_and_few_rows(self, width: int, m: int, cells: int) -> None:
        k = methods.steps_per_block(Setup(widths=(784, width, 10), batch_size=m), cells)
        assert 1 <= k <= sizes.MAX_STEPS
        assert k == 1 or k * m * sizes.ROWS_PER_INPUT <= 784

    @pytest.mark.parametrize("method, cells, seeds", EVERY)
    def test_every_member_once_in_parts_of_one_shape(self, method: str, cells: int, seeds: int) -> None:
        found = cut(BOOK, cells, seeds, method=method)
        members = Counter(pair for chunk in found for pair in set(zip(chunk.cells, chunk.seeds, strict=True)))
        assert members == Counter(itertools.product(range(cells), range(seeds)))
        assert len({(len(chunk.cells), chunk.steps_per_block) for chunk in found}) == 1

    def test_mixed_cells_are_covered_once(self) -> None:
        cells = [0.7 if k % 3 == 1 else 1e-5 * k for k in range(50)]
        members = Counter(pair for c in cut(BOOK, cells, 3) for pair in set(zip(c.cells, c.seeds, strict=True)))
        assert members == Counter(itertools.product(range(50), range(3)))

    def test_sizes_do_not_depend_on_the_machine(self, monkeypatch) -> None:
        before = cut(BOOK, 70, 3)
        monkeypatch.setattr(os, "cpu_count", lambda: 96)
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(96)), raising=False)
        monkeypatch.setattr("jax.local_devices", lambda *a, **k: [None] * 96)
        assert cut(BOOK, 70, 3) == before


STRONG = 0.7
"""Decay per step of the one cell of `mixed` that no block can take."""


class TestSweep:
    @pytest.fixture
    def sweep(self, tiny, monkeypatch):
        """Sweep with blocks of 3 where the rule allows blocks: tests' networks are too narrow for any."""
        monkeypatch.setattr(methods, "steps_per_block", lambda setup, cells, most: 3)
        setup = Setup(widths=(6, 4, 3), batch_size=5, dtype="float64")

        def run(method: str = "auto", **settings):
            lmbdas = [epsilon * tiny.n / 0.2 for epsilon in (0.0, 1e-3, STRONG, 0.01, 0.1)]
            settings = {"lmbda": lmbdas, "eta": 0.2} | settings
            return wd.sweep(setup, tiny, epochs=4, probes=CHEAP, progress=False, method=method, **settings)

        return run

    @pytest.fixture
    def traced(self, monkeypatch) -> list[tuple[int, int]]:
        """K and the cells of every program that JAX built for the blocked method."""
        seen, advance = [], blocked.advance

        def counted(setup, probes, k, hyper, *rest):
            seen.append((k, hyper.eta.size))
            return advance(setup, probes, k, hyper, *rest)

        monkeypatch.setattr(blocked, "advance", counted)
        return seen

    def test_two_methods_in_one_sweep_and_one_program_a_shape(self, sweep, traced) -> None:
        mixed = sweep()
        assert traced == [(3, 4)]
        generic = sweep(method="generic")
        for name in ("weight_norm2", "weights_1", "weights_2", "biases_1", "biases_2", "diverged_at"):
            np.testing.assert_allclose(mixed[name], generic[name], rtol=1e-10, atol=1e-12, err_msg=name)
        assert len(np.unique(mixed.weight_norm2.isel(epoch=-1, layer=0))) == 5
        sweep(lmbda=[0.3, 1.0, 0.0, 2.0], eta=0.1, seeds=[4, 9])
        sweep(lmbda=0.5, eta=[0.1, 0.3, 0.4, 0.5])
        sweep(lmbda=0.5, init_scale=[0.5, 1.0, 2.0, 3.0], order="shared")
        assert traced == [(3, 4)]

    def test_a_demand_for_blocks_is_refused_before_anything_runs(self, sweep, traced) -> None:
        with pytest.raises(ValueError, match="use method='auto'"):
            sweep(method="blocked")
        assert not traced


DEVICES = """
import hashlib
import jax
jax.config.update("jax_num_cpu_devices", 4)
import wd_jax as wd
from wd_jax.engine import sizes

sizes.MOST_CELLS = ((16, 5),)
data = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=32, n_hidden=4, n_out=2)
probes = wd.Probes(moved=False, budget=False, splits=())
lmbdas = [0.5 * k for k in range(9)]
plan = wd.dry_run(wd.Setup(widths=(32, 2), batch_size=2), data, lmbda=lmbdas, seeds=2, epochs=4)
assert {(task.method, task.steps_per_block, task.members) for task in plan.tasks} == {("blocked", 2, 5)}
for count in (1, 2, 4):
    where = jax.devices()[:count]
    runs = wd.sweep(
        wd.Setup(widths=(32, 2), batch_size=2), data, lmbda=lmbdas, seeds=2, epochs=4, probes=probes,
        progress=False, devices=where,
    )
    assert runs.sizes["lmbda"] == 9 and bool(runs.weight_rms.notnull().all())
    print(count, hashlib.sha256(b"".join(runs[name].values.tobytes() for name in sorted(runs))).hexdigest())
"""


class TestDevices:
    def test_blocks_do_not_depend_on_the_number_of_devices(self) -> None:
        """9 cells in chunks of 5 and 2 seeds: four parts of two steps a block, the cells' last one padded."""
        ended = subprocess.run([sys.executable, "-c", DEVICES], capture_output=True, text=True, timeout=600)
        assert ended.returncode == 0, ended.stderr
        counts, hashes = zip(*(line.split() for line in ended.stdout.splitlines()), strict=True)
        assert counts == ("1", "2", "4")
        assert len(set(hashes)) == 1
