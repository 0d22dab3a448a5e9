"""What rounding left of the decay belongs to the result: its coordinate, its summary, its comparisons."""

import json
import warnings

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.cli import main

pytestmark = pytest.mark.numeric
ETA, EPOCHS = 0.1, 40
DECAYS = [0.0, 3.2e-8, 4.5e-8, 6e-8, 1e-6, 1e-4]
KEPT = [1.0, 0.20, 0.97, 1.43, 1.0, 1.0]


@pytest.fixture(scope="module")
def runs() -> xr.Dataset:
    """Two layers of 6400 weights without a gradient, 800 steps."""
    data = wd.data.null(n_in=80, n_out=80)
    axes = {"eta": ETA, "lmbda": [decay * data.n / ETA for decay in DECAYS], "dtype": ["float32", "float64"]}
    with pytest.warns(UserWarning, match=r"\(3 of 6 cells\)") as seen:
        found = wd.sweep(wd.Setup(widths=(80, 80, 80)), data, seeds=2, epochs=EPOCHS, progress=False, **axes)
    assert len(seen) == 1
    return found


def test_every_cell_carries_the_share_its_dtype_keeps(runs) -> None:
    assert runs.decay_kept.dims == ("lmbda", "dtype") and runs.decay_kept.attrs["units"] == "1"
    np.testing.assert_allclose(runs.decay_kept.sel(dtype="float32"), KEPT, atol=0.01)
    assert (runs.decay_kept.sel(dtype="float64") == 1).all()


def test_it_is_what_the_weights_did(runs) -> None:
    """6400 weights a layer and two seeds: at 3.2e-8 10 % of them move, so that the rms is known to a few hundredths."""
    decaying = runs.isel(lmbda=slice(1, None), epoch=-1)
    start = runs.weight_rms.isel(lmbda=slice(1, None), epoch=0)
    due = -float(runs.steps_per_epoch) * EPOCHS * np.log1p(-np.array(DECAYS[1:]))
    found = np.log(start / decaying.weight_rms).mean(["seed", "layer"]) / xr.DataArray(due, dims="lmbda")
    np.testing.assert_allclose(
        found.transpose("lmbda", "dtype"), decaying.decay_kept.transpose("lmbda", "dtype"), atol=0.06
    )


def test_it_is_kept_in_the_file(runs, tmp_path) -> None:
    runs.to_netcdf(tmp_path / "runs.nc", engine="scipy")
    xr.testing.assert_identical(wd.open(tmp_path / "runs.nc").decay_kept, runs.decay_kept)


def test_the_summary_says_so_in_a_line_and_in_numbers(runs) -> None:
    summary = wd.summarise(runs)
    assert summary.facts["rounding"].startswith("weights without gradient keep 0.198 to 1.4")
    assert "in 3 of 12 cells (decay_kept)" in summary.text
    assert summary.record["decay_kept"]["cells_off"] == 3 and summary.record["decay_kept"]["cells"] == 12
    assert summary.record["decay_kept"]["least"] == pytest.approx(0.2, abs=0.01)
    kept = wd.summarise(runs.sel(dtype="float64"))
    assert "rounding" not in kept.facts and kept.record["decay_kept"]["cells_off"] == 0


def test_a_result_from_before_says_nothing(runs) -> None:
    old = wd.summarise(runs.drop_vars("decay_kept"))
    assert "rounding" not in old.facts and old.record["decay_kept"] is None


@pytest.mark.parametrize("name, at", [("weight_rms", {"layer": 1}), ("dead_input_rms", {}), ("penalty", {})])
def test_a_verdict_on_such_cells_says_that_rounding_changed_their_decay(runs, name: str, at: dict) -> None:
    measured = runs[name].isel(lmbda=slice(1, None)).sel(epoch=EPOCHS, **at)
    lost = wd.compare(measured, measured.mean("seed"), within=0.5)
    assert "weights without gradient keep 0.198 to 1.4" in lost.why and "in 3 of 10 cells (decay_kept)" in lost.why
    assert "rounding" not in wd.compare(measured.sel(dtype="float64"), 1.0, within=0.5).why
    assert "decay_kept" not in wd.compare(measured.drop_vars("decay_kept"), 1.0, within=0.5).why


def test_only_judged_cells_count(runs) -> None:
    measured = runs.weight_rms.sel(layer=1, epoch=EPOCHS, dtype="float32")
    unjudged = wd.compare(measured, np.array([1.0, *[np.nan] * 3, 1.0, 1.0]), within=0.5)
    assert "3 cell(s) without a prediction not judged" in unjudged.why and "rounding" not in unjudged.why


def test_a_theory_of_another_dtype_is_held_against_it_all_the_same(runs) -> None:
    """The share names no cell: a law from float64 runs may be judged on float32 ones."""
    float32, float64 = (runs.weight_rms.sel(dtype=dtype, layer=1, epoch=EPOCHS) for dtype in ("float32", "float64"))
    assert wd.compare(float32, float64.mean("seed"), within=0.5).verdict == "holds"


def test_one_scalar_cell_has_a_scalar(tiny) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = wd.sweep(wd.Setup(widths=(6, 5, 3)), tiny, eta=0.5, lmbda=3.2e-8 * 23 / 0.5, epochs=2, progress=False)
    assert float(one.decay_kept) == pytest.approx(0.198, abs=0.002)
    assert "keep 0.198 of the decay (decay_kept)" in wd.summarise(one).facts["rounding"]


def test_a_dry_run_says_it_in_a_line_and_in_numbers(tiny) -> None:
    lmbda = [decay * 23 / 0.5 for decay in (3.2e-8, 1e-4)]
    with pytest.warns(UserWarning, match=r"1 of 2 cells"):
        planned = wd.dry_run(wd.Setup(widths=(6, 5, 3)), tiny, eta=0.5, lmbda=lmbda, epochs=2)
    assert "weights without gradient keep 0.198 of the decay in 1 of 2 cells" in planned.facts()["rounding"]
    assert planned.record()["decay_kept"]["least"] == pytest.approx(0.198, abs=0.002)
    fine = wd.dry_run(wd.Setup(widths=(6, 5, 3)), tiny, eta=0.5, lmbda=1.0, epochs=2)
    assert "rounding" not in repr(fine) and fine.record()["decay_kept"]["least"] == 1


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("ending", [["--dry-run"], ["--out"]])
def test_the_shell_warns_once_and_its_json_has_the_numbers(ending: list, tmp_path, capsys) -> None:
    if ending == ["--out"]:
        ending = ["--out", str(tmp_path / "run.nc")]
    values = [str(value) for value in np.geomspace(4e-4, 5e-3, 40)]
    options = "sweep --json --eta 0.1 --epochs 1 --widths 64 2 10 --no-evaluation --batch-size 600 --lmbda".split()
    assert main([*options, *values, *ending]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[1] for line in err.splitlines() if line.startswith("warning")] == ["eta=0.1,"]
    assert "(40 of 40 cells) decay by 3.33e-08 to 4.17e-07 per step" in err
    assert json.loads(out)["decay_kept"]["cells"] == 40
    assert 20 < json.loads(out)["decay_kept"]["cells_off"] <= 40
    if len(ending) == 2:
        assert main(["info", ending[1], "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["decay_kept"] == json.loads(out)["decay_kept"]
        assert main(["info", ending[1]]) == 0
        assert "rounding" in capsys.readouterr().out
