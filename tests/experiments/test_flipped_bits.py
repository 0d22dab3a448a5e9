"""A bit that flips anywhere in a stored run is seen, or changes no number that is judged."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import experiments
import wd_jax as wd
from experiments import reporting, run_folder, run_sweeps
from experiments.exercise.preset import PRESETS
from tests import tiny_reproduce
from tests.cli.whole_run import chunks

pytestmark = pytest.mark.numeric
CLAIM = "claim_2_epoch_decay"
TINY = dataclasses.replace(PRESETS["digits", "quick"], factor_seeds=2, hidden=4, batch_size=100, epochs_of_book=2)


@pytest.mark.filterwarnings("default")
def test_of_200_flips_none_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "draw", tiny_reproduce.draw)
    monkeypatch.setattr(reporting, "write", tiny_reproduce.write)
    out, data, claim = tmp_path / "run", wd.data.digits(), experiments.load(CLAIM)
    experiments.run(CLAIM, TINY, data, out, progress=False)
    before = run_sweeps.read(out, claim, TINY, data)[CLAIM]
    files = [out / "settings.json", out / CLAIM / "FORMAT", *out.glob(f"{CLAIM}/run-1/plan/*")]
    files += 3 * list(out.glob(f"{CLAIM}/run-1/chunks/*/*"))
    random, seen = np.random.default_rng(12), 0
    for number in range(200):
        path = files[number % len(files)]
        whole = path.read_bytes()
        held = bytearray(whole)
        held[int(random.integers(len(held)))] ^= 1 << int(random.integers(8))
        path.write_bytes(held)
        try:
            preset = run_folder.settings(out).presets[CLAIM]
            assert run_sweeps.read(out, claim, preset, data)[CLAIM].identical(before)
        except (ValueError, OSError, KeyError) as error:
            assert "\n" not in str(error) and str(out) in str(error)
            seen += 1
        path.write_bytes(whole)
    assert seen > 120


def test_a_damaged_task_of_a_finished_run_is_trained_anew_by_the_same_call(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(reporting, "draw", tiny_reproduce.draw)
    monkeypatch.setattr(reporting, "write", tiny_reproduce.write)
    out, data = tmp_path / "run", wd.data.digits()
    first = experiments.run(CLAIM, TINY, data, out, progress=False)
    (place,) = chunks(out / CLAIM)
    path = out / CLAIM / place
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"; run the command that made .* again, which trains only what is missing$"):
        experiments.open(out)
    again = experiments.run(CLAIM, TINY, data, out, progress=False)
    assert repr(again) == repr(first) and list(chunks(out / CLAIM)) == [place]
