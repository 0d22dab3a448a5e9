"""Files of other people, and results that were altered: each is refused in one line that names the file and why."""

import json
import pickle
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.files import ForeignFileError
from wd_jax.results import netcdf
from wd_jax.results.validity import MEASURED, NUMBERS, lacking

pytestmark = pytest.mark.numeric


def saved(runs: xr.Dataset, path: Path) -> Path:
    """Write as another program would: without the mark of an intact file."""
    runs.to_netcdf(path, engine="scipy")
    return path


def refused(path: Path) -> str:
    with pytest.raises(ForeignFileError) as caught:
        wd.open(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message and len(message) < len(str(path)) + 300
    return message.removeprefix(f"{path}: ")


def replaced(runs: xr.Dataset, name: str, value: object) -> xr.Dataset:
    return runs.assign({name: (runs[name].dims, np.full(runs[name].shape, value))})


@pytest.mark.parametrize("name", [*MEASURED, *NUMBERS])
def test_a_result_without_what_every_reader_needs(name: str, pair, tmp_path) -> None:
    assert name in refused(saved(pair.drop_vars(name), tmp_path / "x.nc"))
    assert f"({name} holds no numbers" in refused(saved(replaced(pair, name, "abc"), tmp_path / "y.nc"))


ALTERED: dict[str, tuple[Callable[[xr.Dataset], xr.Dataset], str]] = {
    "renamed dimension": (lambda runs: runs.rename(layer="stratum"), "no coordinate layer"),
    "renamed variable": (lambda runs: runs.rename(weight_rms="rms"), "no weight_rms"),
    "a mean over seeds": (lambda runs: runs.mean("seed").assign_attrs(runs.attrs), "no diverged_at"),
    "one seed": (lambda runs: runs.isel(seed=0), "no dimension seed: select with a list, sel(seed=[...])"),
    "one epoch": (lambda runs: runs.isel(epoch=-1), "no dimension epoch"),
    "text in place of an optimiser": (lambda runs: runs.assign_coords(optimiser=3.0), "optimiser holds no text"),
    "a variable over other dimensions": (
        lambda runs: runs.assign(cost=runs.cost.rename(split="part").drop_vars("part")),
        "cost has a dimension part",
    ),
    "members of something else": (
        lambda runs: runs.assign(diverged_at=runs.diverged_at.rename(lmbda="cell").drop_vars("cell")),
        "a diverged_at over other cells than weight_rms",
    ),
    "no optimiser": (lambda runs: runs.drop_vars("optimiser"), "no coordinate optimiser"),
    "nothing learned": (lambda runs: runs.assign_coords(eta=0.0), "eta 0"),
    "an optimiser of another program": (lambda runs: runs.assign_coords(optimiser="adagrad"), "optimiser 'adagrad'"),
    "a minibatch of nothing": (lambda runs: runs.assign_coords(m=0), "m 0"),
    "steps that do not fit": (
        lambda runs: runs.assign_coords(steps_per_epoch=7),
        "7 steps_per_epoch where n/m makes 5",
    ),
    "other weights": (lambda runs: runs.assign(weight_rms=-runs.weight_rms), "a weight_rms that is not sqrt(weight_no"),
    "a seed without a number": (lambda runs: runs.assign_coords(seed=[0.0, np.nan]), "seed without a number"),
    "no attributes": (lambda runs: runs.drop_attrs(deep=False), "its attribute format is missing"),
    "a later format": (lambda runs: runs.assign_attrs(format=3), "its format is 3, and this version knows 1 and 2"),
    "a format in words": (lambda runs: runs.assign_attrs(format="two"), "its format is 'two'"),
    "settings cut off": (lambda runs: runs.assign_coords(config=("seed", ["{", "{"])), "a config that is not the JSON"),
    "settings of something else": (
        lambda runs: runs.assign_coords(config=("seed", ['{"a": 1}', "[]"])),
        "a config that is not the JSON",
    ),
}


@pytest.mark.parametrize("kind", ALTERED)
def test_an_altered_result(kind: str, pair, tmp_path) -> None:
    alter, words = ALTERED[kind]
    assert f"({words}" in refused(saved(alter(pair), tmp_path / "x.nc"))


CONTENTS = {
    "empty": b"",
    "text": b"hello\n",
    "JSON": b"{}",
    "pickle": pickle.dumps({"weight_rms": 1}),
    "NumPy": b"\x93NUMPY\x01\x00",
    "zip": b"PK\x03\x04" + bytes(50),
    "magic alone": b"CDF\x01",
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_what_is_no_netcdf(kind: str, tmp_path) -> None:
    (tmp_path / "x.nc").write_bytes(CONTENTS[kind])
    assert "not a readable NetCDF result (" in refused(tmp_path / "x.nc")


def test_netcdf_4_is_named_with_the_way_out(tmp_path) -> None:
    (tmp_path / "x.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    assert "NetCDF-4 (HDF5)" in refused(tmp_path / "x.nc") and "engine='scipy'" in refused(tmp_path / "x.nc")


def test_bytes_lost_or_changed_anywhere_are_noticed(pair, tmp_path) -> None:
    """Every cut, and bytes changed at random places: none may be opened as a result with other numbers."""
    path, draw = tmp_path / "x.nc", random.Random(0)
    netcdf.write(pair, path)
    whole = path.read_bytes()
    kept = wd.open(path)
    for _ in range(40):
        path.write_bytes(whole[: draw.randrange(len(whole) - 8)])
        refused(path)
    for _ in range(80):
        changed = bytearray(whole)
        changed[draw.randrange(draw.choice([64, 3000, len(whole)]))] ^= draw.randrange(1, 256)
        path.write_bytes(changed)
        try:
            xr.testing.assert_equal(wd.open(path), kept)  # padding, or the wording of an attribute
        except ForeignFileError as error:
            assert str(error).startswith(f"{path}: ") and "\n" not in str(error)


def test_numbers_changed_by_another_program_are_noticed_and_selections_are_free(pair, tmp_path) -> None:
    netcdf.write(pair, tmp_path / "x.nc")
    assert netcdf.MARK not in wd.open(tmp_path / "x").attrs
    with xr.open_dataset(tmp_path / "x.nc", engine="scipy") as stored:
        foreign = stored.load()
    saved(foreign, tmp_path / "same.nc")
    xr.testing.assert_identical(wd.open(tmp_path / "same"), pair)  # written again, with the same numbers
    message = refused(saved(foreign.assign(weight_rms=foreign.weight_rms * 1.001), tmp_path / "other.nc"))
    assert message.startswith("altered after it was written; run the sweep again, or") and netcdf.MARK in message
    saved(wd.open(tmp_path / "x").sel(lmbda=[2.0]), tmp_path / "part.nc")
    assert wd.summarise(wd.open(tmp_path / "part")).facts["eta, lmbda"] == "eta = 0.3, lmbda = 2"


def test_a_folder_of_another_format_and_a_file_that_may_not_be_read(tmp_path, monkeypatch) -> None:
    (tmp_path / "runs.zarr").mkdir()
    with pytest.raises(FileNotFoundError, match=r"runs\.zarr: is a folder that is no run; name what a sweep wrote"):
        wd.open(tmp_path / "runs.zarr")
    (tmp_path / "x.nc").write_bytes(b"CDF\x01")
    monkeypatch.setattr(
        Path, "read_bytes", lambda self: (_ for _ in ()).throw(PermissionError(13, "denied", str(self)))
    )
    with pytest.raises(PermissionError):
        wd.open(tmp_path / "x")


def format_1(runs: xr.Dataset, **changes: str) -> xr.Dataset:
    """Give a result as version 0.1.0 wrote it."""
    config = json.loads(runs.config.values[0]) | {"seeds": [0, 1]}
    versions = json.dumps(json.loads(runs.environment.item())["versions"])
    attributes = {
        "config": json.dumps(config), "config_hash": "0123456789abcdef", "convention": "nielsen: ... of gradients",
        "dataset": "tiny", "dataset_sha256": runs.dataset_sha256.item(), "dtype": "float32", "device": "cpu",
        "matmul_precision": "highest", "versions": versions, "path": "generic",
    }  # fmt: skip
    new = ["config", "config_hash", "environment", "update_rule", "dataset", "dataset_sha256", "method"]
    new += ["activation", "loss", "sampling", "dtype"]
    return runs.drop_vars(new).drop_attrs(deep=False).assign_attrs(attributes | changes)


def test_a_result_of_format_1_is_brought_up_to_date(pair, tmp_path) -> None:
    read = wd.open(saved(format_1(pair), tmp_path / "old.nc"))
    assert lacking(read) == "" and read.attrs == pair.attrs
    now, then = wd.summarise(pair).facts, wd.summarise(read).facts
    assert {name: text for name, text in then.items() if now[name] != text} == {"config_hash": "0123456789abcdef"}


def test_a_result_of_format_1_joined_of_several_says_so(pair, tmp_path) -> None:
    old = format_1(pair)
    joined = xr.concat([old, old.assign_coords(seed=[2, 3])], "seed", coords="different", compat="equals")
    with pytest.warns(UserWarning, match=r"seed 2 is not what was run \(0 to 1\)"):
        wd.open(saved(joined, tmp_path / "old.nc"))


@pytest.mark.parametrize("config", ["{", "[]", "null", "3", '{"seeds": 3}', '{"seeds": ["a"]}', '{"seeds": [0]}'])
def test_settings_of_format_1_that_are_none(config: str, pair, tmp_path) -> None:
    assert refused(saved(format_1(pair, config=config), tmp_path / "old.nc"))


def test_other_peoples_netcdf(tmp_path) -> None:
    """What xarray's own tutorial would write."""
    temperature = xr.DataArray(15 + np.zeros((2, 2, 3)), dims=("x", "y", "time"), name="temperature")
    path = saved(temperature.to_dataset(), tmp_path / "weather.nc")
    assert refused(path) == (
        "a NetCDF file, but not one that wd_jax wrote (its attribute format is missing); name the result of a sweep"
    )
    shutil.copy(path, tmp_path / "seed.nc")
    assert "no weight_rms" in refused(saved(temperature.to_dataset().assign_attrs(format=2), tmp_path / "seed.nc"))


def test_a_theory_of_a_selection_without_the_start_says_so(pair) -> None:
    with pytest.raises(
        ValueError, match=r"weight_rms_0 is weight_rms at epoch 0, which this selection lacks: give the"
    ):
        wd.theory.evaluate("epoch_decay", "weight_rms", pair.sel(epoch=slice(1, None)))


def test_a_theory_of_labels_that_contradict_what_was_run_says_so(pair) -> None:
    with pytest.warns(UserWarning, match=r"lmbda 3 is not what was run"):
        wd.theory.evaluate("epoch_decay", "weight_rms", pair.assign_coords(lmbda=[0.5, 3.0]))
