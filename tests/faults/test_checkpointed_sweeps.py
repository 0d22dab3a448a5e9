"""Case 14: a sweep that keeps a checkpoint after every epoch is killed, and goes on from it, bit for bit."""

import numpy as np
import pytest

import wd_jax as wd
from tests.faults.test_killed_sweeps import KILLED, same_bits
from wd_jax.sweeps.store.verify import verify

pytestmark = pytest.mark.fault


def long(out, journal):
    arguments = {"name": "LONG", "out": str(out), "journal": str(journal), "between": 0.0}
    return {"run": "tests.faults.small_runs:sweep", "arguments": arguments}


def checkpoints(root):
    return sorted(root.glob("run-1/checkpoints/*/*.npz"), key=lambda path: int(path.stem))


def test_killed_between_checkpoints_it_ends_as_if_undisturbed(children, kills, tmp_path, row) -> None:
    """After every second kill the newest checkpoint is damaged: the one before it is gone on from."""
    random, kills = np.random.default_rng(14), max(4, kills // 5)
    for name in ("first", "undisturbed"):  # the first one compiles
        (once,) = children(long(tmp_path / name, tmp_path / f"{name}.txt"))
        assert once["code"] == 0, once["said"]
    done = from_checkpoint = damaged = number = 0
    while done < kills:
        number += 1
        before = done
        root, journal, ended = tmp_path / f"run {number}", tmp_path / f"run {number}.txt", KILLED
        while ended == KILLED:
            lines = len(journal.read_text().splitlines()) if journal.exists() else 0
            killed = {"kill_at_lines": lines + int(random.integers(2, 9))} if done < kills else {}
            (after,) = children(long(root, journal) | killed)
            ended = after["code"]
            assert ended in (0, KILLED), after["said"]
            done += ended == KILLED
            kept = checkpoints(root)
            assert len(kept) <= 3  # two, and one more if it was killed before the oldest was removed
            from_checkpoint += ended == KILLED and bool(kept)
            if ended == KILLED and done % 2 and len(kept) > 1:
                damaged += 1
                data = bytearray(kept[-1].read_bytes())
                data[random.integers(len(data))] ^= 1 << random.integers(8)
                kept[-1].write_bytes(data)
        epochs = [int(line.split()[2]) for line in journal.read_text().splitlines() if line.startswith("checkpoint")]
        # It goes on where it was: a kill costs what came after the checkpoint, and a damaged one an epoch more.
        assert len(epochs) - len(set(epochs)) <= 2 * (done - before)
        assert same_bits(wd.open(root), wd.open(tmp_path / "undisturbed"))
        assert verify(root, full=True).sound and not checkpoints(root)
    assert from_checkpoint
    row(f"14: a checkpoint every epoch ({from_checkpoint} gone on from, {damaged} damaged)", done)
