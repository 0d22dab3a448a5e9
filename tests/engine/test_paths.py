"""Which members are trained in blocks, how many at a time, and that neither machine nor path changes a result."""

import itertools
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine import blocked, method
from wd_jax.setup import Hyper, Probes, Setup
from wd_jax.sweeps.plan import Group

pytestmark = pytest.mark.numeric
BOOK = Setup(widths=(784, 30, 10))
N = 50_000
CHEAP = Probes(budget=False, moved=False, splits=(), keep_weights=True)


def cut(setup: Setup, cells: list[Hyper] | int, seeds: int = 1, **options) -> tuple[method.Part, ...]:
    chosen = [Hyper(eta=0.5, lmbda=float(k)) for k in range(cells)] if isinstance(cells, int) else cells
    return method.parts(Group(setup, ()), chosen, seeds, N, **options)


def decaying(epsilon: float) -> Hyper:
    return Hyper(eta=1.0, lmbda=epsilon * N)


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
        assert blocked.fits(BOOK, epsilon, k) is expected

    @pytest.mark.parametrize("optimiser", ["sgdw", "adamw", "lion"])
    def test_only_plain_sgd(self, optimiser: str) -> None:
        setup = Setup(widths=(784, 30, 10), optimiser=optimiser)
        assert not blocked.fits(setup, 0.0, 1)
        assert {part.method for part in cut(setup, 64)} == {"generic"}
        with pytest.raises(ValueError, match=f"optimiser '{optimiser}'.*use method='auto'"):
            cut(setup, 64, method="blocked")

    def test_a_strong_decay_goes_its_own_way_and_takes_nobody_along(self) -> None:
        cells = [decaying(epsilon) for epsilon in (0.0, 0.6, 1e-5, 1e-4, 1.0, 1e-3, 30.0)]
        found = cut(BOOK, cells, seeds=2)
        assert {i for part in found if part.method == "generic" for i in part.chunk.cells} == {1, 4, 6}
        assert {i for part in found if part.method == "blocked" for i in part.chunk.cells} == {0, 2, 3, 5}

    def test_blocks_demanded_of_it_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"eta=1.0, lmbda=30000.0, n=50000 cannot .* use method='auto'"):
            cut(BOOK, [decaying(1e-5), decaying(0.6)], method="blocked")

    def test_an_unknown_path_is_refused(self, tiny) -> None:
        with pytest.raises(ValueError, match="method='fast': choose one of auto, blocked, generic"):
            wd.sweep(Setup(widths=(6, 5, 3)), tiny, epochs=1, path="fast")


SHAPES = tuple(itertools.product([1, 10, 300, 3000], [1, 10, 32, 300], [1, 7, 64]))
EVERY = tuple(itertools.product(["blocked", "auto"], [1, 5, 33, 65, 130], [1, 3]))


class TestRule:
    def test_the_generic_path_can_be_had_and_is_an_accelerators_default(self) -> None:
        assert {part.method for part in cut(BOOK, 64)} == {"blocked"}
        assert {part.method for part in cut(BOOK, 64, method="generic")} == {"generic"}
        assert {part.method for part in cut(BOOK, 64, platform="gpu")} == {"generic"}
        assert {part.method for part in cut(BOOK, 64, platform="gpu", method="blocked")} == {"blocked"}

    def test_one_cell_of_the_book_is_not_worth_a_block(self) -> None:
        assert {part.method for part in cut(BOOK, 1, seeds=64)} == {"generic"}
        assert {part.method for part in cut(BOOK, 1, seeds=2, method="blocked")} == {"blocked"}

    @pytest.mark.parametrize("width, m, cells", SHAPES)
    def test_a_block_has_at_least_a_step_and_few_rows(self, width: int, m: int, cells: int) -> None:
        k = method.steps_per_block(Setup(widths=(784, width, 10), batch_size=m), cells)
        assert 1 <= k <= method.MAX_STEPS
        assert k == 1 or k * m * method.ROWS_PER_INPUT <= 784

    @pytest.mark.parametrize("path, cells, seeds", EVERY)
    def test_every_member_once_in_parts_of_one_shape(self, path: str, cells: int, seeds: int) -> None:
        found = cut(BOOK, cells, seeds, method=path)
        members = Counter((c, s) for part in found for c in set(part.chunk.cells) for s in set(part.chunk.seeds))
        assert members == Counter(itertools.product(range(cells), range(seeds)))
        assert len({(len(p.chunk.cells), len(p.chunk.seeds), p.steps_per_block) for p in found}) == 1

    def test_mixed_cells_are_covered_once(self) -> None:
        cells = [decaying(0.7 if k % 3 == 1 else 1e-5 * k) for k in range(50)]
        members = Counter((c, s) for p in cut(BOOK, cells, 3) for c in set(p.chunk.cells) for s in set(p.chunk.seeds))
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
        monkeypatch.setattr(method, "steps_per_block", lambda setup, cells, most: 3)
        setup = Setup(widths=(6, 4, 3), batch_size=5, dtype="float64")

        def run(path: str = "auto", **settings):
            lmbdas = [epsilon * tiny.n / 0.2 for epsilon in (0.0, 1e-3, STRONG, 0.01, 0.1)]
            settings = {"lmbda": lmbdas, "eta": 0.2} | settings
            return wd.sweep(setup, tiny, epochs=4, probes=CHEAP, progress=False, path=path, **settings)

        return run

    @pytest.fixture
    def traced(self, monkeypatch) -> list[tuple[int, int]]:
        """K and the cells of every program that JAX built for the blocked path."""
        seen, advance = [], blocked.advance

        def counted(setup, probes, k, hyper, *rest):
            seen.append((k, hyper.eta.size))
            return advance(setup, probes, k, hyper, *rest)

        monkeypatch.setattr(blocked, "advance", counted)
        return seen

    def test_two_paths_in_one_sweep_and_one_program_a_shape(self, sweep, traced) -> None:
        mixed = sweep()
        assert traced == [(3, 4)]
        generic = sweep(path="generic")
        for name in ("weight_norm2", "weights_1", "weights_2", "biases_1", "biases_2", "diverged_at"):
            np.testing.assert_allclose(mixed[name], generic[name], rtol=1e-10, atol=1e-12, err_msg=name)
        assert len(np.unique(mixed.weight_norm2.isel(epoch=-1, layer=0))) == 5
        sweep(lmbda=[0.3, 1.0, 0.0, 2.0], eta=0.1, seeds=[4, 9])
        sweep(lmbda=0.5, eta=[0.1, 0.3, 0.4, 0.5])
        sweep(lmbda=0.5, init_scale=[0.5, 1.0, 2.0, 3.0], order="shared")
        assert traced == [(3, 4)]

    def test_a_demand_for_blocks_is_refused_before_anything_runs(self, sweep, traced) -> None:
        with pytest.raises(ValueError, match="use method='auto'"):
            sweep(path="blocked")
        assert not traced


DEVICES = """
import hashlib
import jax
jax.config.update("jax_num_cpu_devices", 4)
import wd_jax as wd
from wd_jax.engine import method
from wd_jax.sweeps.plan import Group

method.MOST_CELLS = ((16, 5),)
data = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=32, n_hidden=4, n_out=2)
probes = wd.Probes(moved=False, budget=False, splits=())
lmbdas = [0.5 * k for k in range(9)]
assert {(p.method, p.steps_per_block, len(p.chunk.cells)) for p in method.parts(
    Group(wd.Setup(widths=(32, 2), batch_size=2), ()), [wd.Hyper(0.1, x) for x in lmbdas], 2, 20
)} == {("blocked", 2, 5)}
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
