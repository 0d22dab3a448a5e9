"""Case 1: a sweep is killed at random moments, again and again: nothing is corrupt, nothing published is lost."""

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.sweeps.store.generations import is_run, open_store
from wd_jax.sweeps.store.verify import verify

pytestmark = pytest.mark.fault
SHELL = "sweep --dataset teacher --hidden 3 5 --lmbda 0.25 0.5 1 2 --eta 0.1 0.3 --seeds 20 --epochs 2".split()
KILLED = -9


def by_call(out, journal):
    return {"run": "tests.faults.small_runs:sweep", "arguments": {"name": "MANY", "out": out, "journal": journal}}


def by_shell(out, journal):
    arguments = [*SHELL, "--out", out]
    return {"run": "tests.faults.small_runs:shell", "arguments": {"arguments": arguments, "journal": journal}}


def same_bits(one, other) -> bool:
    """Whether two results hold the same, bit for bit, NaN and the sign of zero too."""
    numbers = [name for name in one.variables if one[name].dtype.kind in "iuf"]
    return one.identical(other) and all(one[name].values.tobytes() == other[name].values.tobytes() for name in numbers)


class Journal:
    """What killed processes have told of one folder."""

    def __init__(self, path) -> None:
        lines = path.read_text().splitlines() if path.exists() else []
        self.published: dict[str, str] = {}
        self.recomputed = 0
        for word, key, *sha in map(str.split, lines):
            if word == "published":
                self.published.setdefault(key, sha[0])
            elif word == "begun":
                self.recomputed += key in self.published


def lost(root, said: Journal) -> int:
    """How many tasks that were told to be published are not there, or with other numbers."""
    if not is_run(root):
        return len(said.published)
    chunks = open_store(root).chunks
    receipts = {key: chunks.receipt(key) for key in said.published}
    return sum(found is None or found.sha256 != said.published[key] for key, found in receipts.items())


@pytest.mark.parametrize("asked", [by_call, by_shell], ids=["call", "shell"])
def test_killed_at_random_moments_a_sweep_ends_as_if_undisturbed(asked, children, kills, tmp_path, row) -> None:
    kills, random = -(-kills // 2), np.random.default_rng(6)
    for name in ("first", "undisturbed"):  # the first one compiles
        (once,) = children(asked(str(tmp_path / name), str(tmp_path / f"{name}.txt")))
        assert once["code"] == 0, once["said"]
    undisturbed = wd.open(tmp_path / "undisturbed")
    assert set(np.unique(undisturbed.status)) == {"ok"}
    done = corrupt = gone = again = number = 0
    while done < kills:
        number += 1
        root, journal = tmp_path / f"run {number}", tmp_path / f"run {number}.txt"
        ended = KILLED
        while ended == KILLED:
            moment = float(random.uniform(0, once["seconds"])) if done < kills else 120.0
            (after,) = children(asked(str(root), str(journal)) | {"kill_after": moment})
            ended = after["code"]
            assert ended in (0, KILLED), after["said"]
            done += ended == KILLED
            gone += lost(root, Journal(journal))
            if is_run(root):
                found = verify(root, full=True)
                corrupt += len(found.faults) + found.quarantined
        again += Journal(journal).recomputed
        assert same_bits(wd.open(root), undisturbed)
        assert not list((root / "run-1" / "tmp").iterdir())
    row(f"1: killed at random moments, by {asked.__name__[3:]}", done, corrupt, gone, again)
    assert (corrupt, gone, again) == (0, 0, 0)
