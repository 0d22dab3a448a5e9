"""Case 6: two processes run one sweep in one folder at the same time. They may waste work, and do no harm."""

import numpy as np
import pytest

import wd_jax as wd
from tests.faults.test_killed_sweeps import KILLED, Journal, by_call, lost, same_bits
from wd_jax.sweeps.store.generations import open_store
from wd_jax.sweeps.store.verify import verify

pytestmark = pytest.mark.fault


def test_two_drivers_at_once_end_with_one_whole_result(children, kills, tmp_path, row) -> None:
    """Every third pair both live; of the others one is killed at a random moment."""
    random, trials = np.random.default_rng(8), max(3, kills // 5)
    (once,) = children(by_call(str(tmp_path / "undisturbed"), str(tmp_path / "undisturbed.txt")))
    undisturbed = wd.open(tmp_path / "undisturbed")
    corrupt = gone = 0
    for trial in range(trials):
        root, journals = tmp_path / f"run {trial}", [tmp_path / f"{trial} {which}.txt" for which in (0, 1)]
        first, second = (by_call(str(root), str(journal)) for journal in journals)
        moment = {"kill_after": float(random.uniform(0, 2 * once["seconds"]))} if trial % 3 else {}
        ended = children(first | moment, second)
        assert ended[1]["code"] == 0, ended[1]["said"]
        assert ended[0]["code"] in ((0, KILLED) if trial % 3 else (0,)), ended[0]["said"]
        found = verify(root, full=True)
        corrupt += len(found.faults) + found.quarantined
        gone += sum(lost(root, Journal(journal)) for journal in journals)
        store = open_store(root)
        assert store.chunks.keys() == set(store.plan.keys) and not store.missing()
        assert same_bits(wd.open(root), undisturbed)
    row("6: two drivers on one folder", trials, corrupt, gone)
    assert (corrupt, gone) == (0, 0)
