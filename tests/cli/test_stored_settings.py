"""settings.json as a stranger may have altered it, and sweeps that are not those it describes: one line, code 2."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import experiments
import wd_jax as wd
from experiments import stored_settings
from experiments.exercise.preset import PRESETS, Preset
from experiments.stored_sweep import unlike
from wd_jax import data
from wd_jax.cli import main
from wd_jax.files import ForeignFileError

pytestmark = pytest.mark.numeric
SWEEPS = {stored: one for name in experiments.names() for stored, one in experiments.load(name).sweeps.items()}
GOOD = {"format": 1, "experiments": ["claim_2_epoch_decay"], "size": "quick", "made_by": "wd-jax reproduce"}
GOOD |= json.loads(json.dumps(dataclasses.asdict(PRESETS["digits", "quick"])))

ALTERED = {
    "no dataset": ({"dataset": None}, "dataset is None: one of digits, mnist is expected"),
    "a dataset that is a path": ({"dataset": "../x"}, "dataset is '../x': one of digits, mnist is expected"),
    "words": ({"seeds": "many"}, "seeds is 'many': a whole number of 1 to 1000000000 is expected"),
    "a fraction": ({"epochs": 1.5}, "epochs is 1.5"),
    "truth": ({"hidden": True}, "hidden is True"),
    "nothing": ({"eta": 0}, "eta is 0: a number above 0, and at most 1000000000, is expected"),
    "no number": ({"lmbda": float("nan")}, "lmbda is nan"),
    "a huge count": ({"lmbda_cells": 10**400}, "lmbda_cells is a whole number of 401 digits"),
    "a huge number": ({"lmbda": 1e300}, "lmbda is 1e+300"),
    "a number for a list": ({"widths": 8}, "widths is 8: a list of positive numbers is expected"),
    "an object for a list": ({"lmbdas": {"a": 1}}, "lmbdas is {'a': 1}"),
    "an empty list": ({"lmbdas": []}, "lmbdas is []"),
    "a list of lists": ({"widths": [[8], [16]]}, "widths is [[8], [16]]"),
    "a falling range": ({"lmbda_range": [2, 1]}, "lmbda_range is [2, 1]: a rising list is expected"),
    "a range of three": ({"lmbda_range": [1, 2, 3]}, "lmbda_range is [1, 2, 3]: two numbers are expected"),
    "experiments in a word": ({"experiments": "claim_2_epoch_decay"}, "experiments is no list of names"),
    "an experiment twice": ({"experiments": ["claim_2_epoch_decay"] * 2}, "experiments is no list of names, each once"),
    "an experiment that is a path": ({"experiments": ["../../x"]}, "names '../../x', which is no experiment"),
    "an experiment that is a number": ({"experiments": [3]}, "names 3, which is no experiment"),
    "an experiment that is a list": ({"experiments": [[]]}, "names [], which is no experiment"),
    "another format": ({"format": "1"}, "format '1' is not 1"),
    "a format that is true": ({"format": True}, "format True is not 1"),
}


@pytest.mark.parametrize("kind", ALTERED)
def test_altered_settings_are_one_line_that_names_the_value(kind: str, tmp_path: Path, capsys) -> None:
    changes, words = ALTERED[kind]
    (tmp_path / "settings.json").write_text(json.dumps(GOOD | changes))
    assert main(["report", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert (
        out == "" and err.count("\n") == 1 and err.startswith(f"error: {tmp_path / 'settings.json'}: ") and words in err
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["settings.json"]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "\x00", '"a"', "NaN", '{"format": 1}', '{"format": 1, "experiments": {}}']
)
def test_what_is_no_settings_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(text)
    with pytest.raises(
        ForeignFileError, match=r"settings\.json: (not the settings of a run|experiments is no list)"
    ) as found:
        stored_settings.read(tmp_path / "settings.json")
    assert "\n" not in str(found.value)


@pytest.mark.filterwarnings("default")
def test_settings_without_results_are_said_to_have_none(tmp_path: Path, capsys) -> None:
    (tmp_path / "settings.json").write_text(json.dumps(GOOD))
    assert main(["report", str(tmp_path)]) == 1
    missing = tmp_path / "claim_2_epoch_decay"
    assert capsys.readouterr().err.splitlines() == [
        f"warning: {missing}: not there, so claim_2_epoch_decay is left out",
        f"error: {tmp_path}: no experiment of it has all its results; run `wd-jax reproduce` again, which goes on",
    ]


def test_good_settings_are_the_preset(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps(GOOD | {"made_by": 3, "later": "field"}))
    read = stored_settings.read(tmp_path / "settings.json")
    assert read.presets == {"claim_2_epoch_decay": PRESETS["digits", "quick"]} and read.made_by is None


def made(preset: Preset, digits: data.Dataset) -> xr.Dataset:
    """A stored sweep of claim 2 as it should be, with ones for numbers."""
    dims = {"seed": np.arange(preset.factor_seeds), "layer": [1, 2], "epoch": np.arange(preset.epochs_of_book + 1.0)}
    ones = (tuple(dims), np.ones([len(values) for values in dims.values()]))
    names = ("weight_rms", "dead_input_rms", "budget_decay", "budget_drift", "budget_noise")
    scalars = {"eta": preset.eta, "lmbda": preset.lmbda, "m": preset.batch_size, "hidden": preset.hidden}
    return xr.Dataset(dict.fromkeys(names, ones), dims | scalars | {"dataset_sha256": digits.sha256})


def test_a_stored_sweep_must_be_the_one_the_settings_describe() -> None:
    digits, preset = data.digits(), PRESETS["digits", "quick"]
    runs = made(preset, digits)
    assert unlike(SWEEPS["claim_2_epoch_decay"], runs, preset, digits) == ""
    cases = {
        "its number of seeds 96 is not the settings' 9": (runs, {"factor_seeds": 9}),
        "its first seed 0 is not the settings' 96": (runs, {"first_seed": 96}),
        "its lmbda 5 is not the settings' 7": (runs, {"lmbda": 7.0}),
        "its epochs 30 is not the settings' 31": (runs, {"epochs_of_book": 31}),
        "its hidden 30 is not the settings' 8": (runs, {"hidden": 8}),
        "its m 10 is not the settings' 5": (runs, {"batch_size": 5}),
        "it was trained on other data than digits of today": (runs.assign_coords(dataset_sha256="abc"), {}),
        "it has no dead_input_rms": (runs.drop_vars("dead_input_rms"), {}),
        "it sweeps lmbda, not nothing": (runs.drop_vars("lmbda").expand_dims(lmbda=[5.0]), {}),
        "its eta  is not the settings' 0.1": (runs.drop_vars("eta"), {}),
    }
    for words, (altered, changes) in cases.items():
        assert unlike(SWEEPS["claim_2_epoch_decay"], altered, dataclasses.replace(preset, **changes), digits) == words


def test_every_experiment_stores_what_is_expected(reproduced) -> None:
    stored = set(SWEEPS)
    assert {path.parent.name for path in reproduced.folder.glob("*/FORMAT")} == stored
    presets = stored_settings.read(reproduced.folder / "settings.json").presets
    assert tuple(presets) == experiments.names("exercise") and len(set(presets.values())) == 1
    (preset,) = set(presets.values())
    for name in stored:
        assert unlike(SWEEPS[name], wd.open(reproduced.folder / name), preset, data.digits()) == ""
