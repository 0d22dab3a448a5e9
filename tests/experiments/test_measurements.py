"""Experiments that simulate by themselves: run, stored beside sweeps, judged again, resumed, replaced."""

import json
from pathlib import Path

import pytest
import xarray as xr

import experiments
from experiments import Experiment, registry
from experiments.laboratory import LABORATORY
from experiments.preset import Preset
from wd_jax.cli import main
from wd_jax.files import ForeignFileError
from wd_jax.results import measurement

pytestmark = pytest.mark.numeric
NAME = "toy_measurement"


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two toys, a line each in the registry."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.setitem(registry.HOMES, NAME, NAME)
    monkeypatch.setitem(registry.HOMES, "toy_law", "toy_law")


def words(judged: experiments.Judged) -> list[str]:
    return [one.verdict for one in judged.verdicts]


def test_it_needs_no_data_and_is_judged_again_from_its_file(tmp_path: Path) -> None:
    loose = experiments.run(NAME, progress=False)
    stored = experiments.run(NAME, out=tmp_path / "run", progress=False)
    again = experiments.open(tmp_path / "run")
    assert words(loose) == words(stored) == words(again) == ["holds", "fails"] and again.dataset == "none"
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        *("settings.json", "verdicts.json", "verdicts.svg", "report.md", "report.html"),
        *(f"{NAME}{end}" for end in (".nc", ".svg", ".png")),
    }
    held, _ = measurement.read(tmp_path / "run" / f"{NAME}.nc")
    assert held.identical(
        experiments.load(NAME).measurements[NAME](experiments.load(NAME).preset("none", "quick"), None)
    )


def test_beside_an_experiment_with_data_and_replaced(tmp_path: Path) -> None:
    run = tmp_path / "run"
    both = experiments.run(["toy_law", NAME], out=run, progress=False)
    assert both.dataset == "digits" and {one.dataset for one in both.presets.values()} == {"digits", "none"}
    assert words(experiments.open(run)) == words(both)
    settings = json.loads((run / "settings.json").read_text())
    assert settings["presets"][NAME]["epsilon"] == 0.01
    experiments.run(["toy_law", NAME], out=run, progress=False, overwrite=True)
    assert (run / f"{NAME}.nc").is_file() and not (run / "replacement").exists()
    experiments.run("toy_law", out=run, progress=False, overwrite=True)
    assert not (run / f"{NAME}.nc").exists() and not (run / f"{NAME}.svg").exists()


def test_a_run_that_was_cut_off_goes_on_with_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tmp_path / "run"
    experiments.run(NAME, out=run, progress=False)
    (run / "verdicts.json").unlink()

    def never(preset, data):
        raise AssertionError("measured again")

    monkeypatch.setitem(experiments.load(NAME).measurements, NAME, never)
    assert words(experiments.run(NAME, out=run, progress=False)) == ["holds", "fails"]
    (run / f"{NAME}.nc").unlink()
    with pytest.raises(AssertionError, match="measured again"):
        experiments.run(NAME, out=run, progress=False)


def test_a_damaged_or_foreign_file_is_refused_in_one_line(tmp_path: Path, capsys) -> None:
    run = tmp_path / "run"
    experiments.run(NAME, out=run, progress=False)
    path = run / f"{NAME}.nc"
    assert main(["verify", str(run)]) == 0
    content = bytearray(path.read_bytes())
    place = content.index(measurement.read(path)[0].ratio.values[:1].astype(">f8").tobytes())
    path.write_bytes(bytes(content[:place]) + bytes([content[place] ^ 1]) + bytes(content[place + 1 :]))
    with pytest.raises(ForeignFileError, match="altered after it was written; remove it, and run") as found:
        experiments.open(run)
    assert "\n" not in str(found.value)
    assert main(["verify", str(run)]) == 1
    assert "altered after it was written" in capsys.readouterr().out
    path.write_bytes(b"CDF")
    with pytest.raises(ForeignFileError, match="not a readable measurement"):
        experiments.open(run)
    xr.Dataset({"a": 1.0}).to_netcdf(path, engine="scipy")
    with pytest.raises(ForeignFileError, match="not a measurement of an experiment"):
        experiments.open(run)


def test_a_measurement_of_other_settings_is_refused(tmp_path: Path) -> None:
    run = tmp_path / "run"
    experiments.run(NAME, out=run, progress=False)
    path = run / f"{NAME}.nc"
    held, settings = measurement.read(path)
    measurement.write(held, path, settings.replace("0.01", "0.02"))
    with pytest.raises(ForeignFileError, match="measured with other settings or data than the run's"):
        experiments.open(run)


def test_verdicts_too_many_for_one_picture_are_not_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from experiments import reporting

    assert reporting.MOST_IN_A_PICTURE >= len(experiments.names("exercise")) * 20
    monkeypatch.setattr(reporting, "MOST_IN_A_PICTURE", 1)
    run = tmp_path / "run"
    experiments.run(NAME, out=run, progress=False)
    assert not (run / "verdicts.svg").exists() and (run / f"{NAME}.svg").is_file()
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "How far each measurement lies from the claim" not in page and "What was claimed" in page


def test_an_experiment_that_measures_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing: no sweeps and no measurements: give at least one"):
        Experiment(
            name="nothing", title="", collection=LABORATORY, presets={("none", "quick"): Preset("none")}, analyse=print
        )
