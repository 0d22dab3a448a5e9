"""Settings and data of one's own: what is read, what is refused, what the result says, and the run opened again."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import experiments
import wd_jax as wd
from experiments import own, run_left, stored_settings
from experiments.exercise.preset import PRESETS, Preset
from experiments.field_words import missing

pytestmark = pytest.mark.numeric
NAMES = experiments.names("exercise")
CLAIM_2 = NAMES[1]
SMALL = {"hidden": 4, "batch_size": 50, "factor_seeds": 2, "epochs_of_book": 2}


def data(name: str = "mine", seed: int = 0) -> wd.data.Dataset:
    """120 examples of three inputs and two classes."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(200, 3)).astype(np.float32)
    targets = wd.data.one_hot((inputs[:, 0] > 0).astype(int), 2)
    splits = (slice(0, 120), slice(120, 160), slice(160, 200))
    return wd.data.Dataset(name, *(wd.data.Split(inputs[rows], targets[rows]) for rows in splits))


@pytest.mark.filterwarnings("ignore:.*used outside its condition")
@pytest.mark.parametrize("name", NAMES)
def test_what_a_claim_reads_is_what_it_says_that_it_reads(name: str) -> None:
    seen: set[str] = set()
    names = {field.name for field in dataclasses.fields(Preset)}

    class Watched(Preset):
        def __getattribute__(self, field: str):
            if field in names:
                seen.add(field)
            return super().__getattribute__(field)

    experiment = experiments.load(name)
    small: dict[str, Any] = {
        "hidden": 3,
        "widths": (3, 4),
        "batch_size": 60,
        "lmbdas": (5.0, 10.0),
        "lmbdas_of_slider": (20.0,),
        "seeds_of_slider": 2,
        "epochs_of_slider": 2,
        "lmbda_cells": 3,
        "seeds": 2,
    }
    small["lmbda_range"] = (1.0, 100.0)
    small |= {"width_seeds": 2, "factor_seeds": 2, "epochs": 3, "epochs_of_starts": 2, "epochs_of_book": 2}
    preset = Watched(**dataclasses.asdict(dataclasses.replace(PRESETS["digits", "quick"], **small)))
    mine = data("digits")
    for sweep in experiment.sweeps.values():
        sweep.coordinates(preset), sweep.epochs(preset), getattr(preset, sweep.seeds)
    experiment.analyse(preset, mine, experiment.sweep(preset, mine, progress=False)).draw()
    assert seen - {"dataset"} == set(experiment.settings)


@pytest.mark.parametrize("name", experiments.names())
def test_every_setting_is_explained_and_every_preset_may_be_given(name: str) -> None:
    experiment = experiments.load(name)
    assert not missing(experiment.preset_type, experiment.settings)
    for preset in experiment.presets.values():
        given = {field: getattr(preset, field) for field in experiment.settings}
        assert own.changed(experiment, preset, given) == preset and own.said(experiment, preset) == ()


@pytest.mark.parametrize(
    "settings, error, words",
    [
        ({"widths": (8, 16)}, TypeError, "widths=(8, 16): claim_2_epoch_decay does not read it: it reads batch_size"),
        ({"lmda": 2}, TypeError, "lmda=2: claim_2_epoch_decay has no such setting: did you mean lmbda?"),
        ({"lmbda": "2"}, ValueError, "lmbda='2': a number above 0"),
        ({"lmbda": np.nan}, ValueError, "lmbda=nan: a number above 0"),
        ({"lmbda": [1, 2]}, ValueError, "lmbda=[1, 2]: a number above 0"),
        ({"hidden": 2.5}, ValueError, "hidden=2.5: a whole number of 1"),
        ({"first_seed": -1}, ValueError, "first_seed=-1: a whole number of 0"),
        ({"dataset": "digits"}, TypeError, "data are given as data="),
    ],
)
def test_what_cannot_be_set_is_refused_in_one_line(settings: dict, error: type, words: str) -> None:
    with pytest.raises(error) as found:
        experiments.run("claim_2", progress=False, **settings)
    assert words in str(found.value) and "\n" not in str(found.value)


def test_numbers_that_no_run_can_have_are_named() -> None:
    with pytest.raises(ValueError, match="momentum=2: numbers below 1 are expected"):
        experiments.run("momentum", progress=False, momentum=2)
    with pytest.raises(ValueError, match="steps_per_epoch=10: give a multiple of 4"):
        experiments.run("shuffling", progress=False, steps_per_epoch=10)
    with pytest.raises(ValueError, match=r"floors cannot be run so \(own settings: seeds 2 .*steps 100 .*burn_in=500"):
        experiments.run("floors", progress=False, steps=100, weights=10, seeds=2)
    with pytest.raises(ValueError, match="data=mine: ridge makes up all that it needs: leave it out"):
        experiments.run("ridge", data=data(), progress=False)
    with pytest.raises(ValueError, match="3 inputs are no square image"):
        experiments.run("rotation_in_networks", data=data(), progress=False)


def test_own_settings_decide_the_run_and_the_result_says_so() -> None:
    found = experiments.run("claim_2", lmbda=np.float64(2), eta=0.3, progress=False, **SMALL)
    preset = found.presets[CLAIM_2]
    assert isinstance(preset, Preset)
    assert (preset.lmbda, preset.eta, preset.hidden) == (2.0, 0.3, 4)
    law = found.verdicts[1].predicted
    assert law == pytest.approx(-0.3 * 2 / 50)
    assert "lmbda 2 (5)" in found.own[0] and found.own[-1] == own.TOLERANCES
    assert found.record()["own"] == list(found.own)
    assert " ".join(repr(found).split()).startswith("Own settings: hidden 4 (30 in digits quick)")


def test_a_run_on_own_data_is_stored_by_its_sum_and_opened_with_the_data_alone(tmp_path: Path) -> None:
    mine, folder = data(), tmp_path / "run"
    found = experiments.run("claim_2", data=mine, out=folder, progress=False, lmbda=2, **SMALL)
    assert found.dataset == "mine" and found.own[0] == "no presets for mine: the settings are those of digits"
    assert "data=..., lmbda=2, hidden=4" in (folder / "report.md").read_text(encoding="utf-8")
    text = " ".join((folder / "report.md").read_text(encoding="utf-8").split())
    assert (
        "no presets for mine" in text
        and "lmbda 2 (5)" in text
        and "no presets for mine" in (folder / "report.html").read_text(encoding="utf-8")
    )
    assert json.loads((folder / "settings.json").read_text())["dataset_sha256"] == mine.sha256
    with pytest.raises(
        ValueError, match=f"was trained on 'mine' .sha256 {mine.sha256[:12]}.*give the file with --data"
    ):
        experiments.open(folder)
    with pytest.raises(ValueError, match="and those given are others"):
        experiments.open(folder, data(seed=1))
    again = experiments.open(folder, mine)
    assert again.record()["verdicts"] == found.record()["verdicts"] and again.own == found.own
    with pytest.raises(FileExistsError, match="holds a run already"):
        experiments.run("claim_2", data=mine, out=folder, progress=False, lmbda=2, **SMALL)
    (folder / "verdicts.json").unlink()  # as one that was killed
    assert "--dataset mine.csv` judges claim_2" in run_left.left_of(folder, dataset="mine.csv")
    with pytest.raises(FileExistsError, match=r"unfinished run with lmbda 2.0, and here it is 3.0"):
        experiments.run("claim_2", data=mine, out=folder, progress=False, lmbda=3, **SMALL)
    with pytest.raises(FileExistsError, match="other data of the same name"):
        experiments.run("claim_2", data=data(seed=1), out=folder, progress=False, lmbda=2, **SMALL)
    whole = experiments.run("claim_2", data=mine, out=folder, progress=False, lmbda=2, **SMALL)
    assert whole.record()["verdicts"] == found.record()["verdicts"]


def test_data_of_a_known_name_that_are_others_are_not_taken_for_it(tmp_path: Path) -> None:
    experiments.run("claim_2", data=data("digits"), out=tmp_path / "run", progress=False, **SMALL)
    with pytest.raises(ValueError, match="the digits that is loaded by name is other data"):
        experiments.open(tmp_path / "run")


@pytest.mark.parametrize("name", ["", "x" * 201, "a\nb", 3, None])
def test_a_stored_name_that_none_can_be_is_refused(name: object, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    stored_settings.write(path, {CLAIM_2: PRESETS["digits", "quick"]}, "quick", "a command", "0" * 64)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"dataset": name}))
    with pytest.raises(wd.files.ForeignFileError, match=r"dataset is .*: one of digits, mnist is expected"):
        stored_settings.read(path)


def test_of_several_experiments_each_takes_what_it_reads() -> None:
    given = {"seeds": 3, "factor_seeds": 2}
    chosen = [experiments.load(name) for name in ("claim_1", "claim_2")]
    presets = [own.base(one, "digits", "quick") for one in chosen]
    for one, preset in zip(chosen, presets, strict=True):
        read = {name: value for name, value in given.items() if name in one.settings}
        assert own.changed(one, preset, read) != preset
    with pytest.raises(TypeError, match="widths=8: claim_1_dominance does not read it"):
        experiments.run(["claim_1", "claim_2"], widths=8, progress=False)
