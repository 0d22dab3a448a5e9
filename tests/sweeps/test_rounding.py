"""Setup(rounding=, dtype="bfloat16"): what is refused, what it is called, and what training makes of it."""

import dataclasses
import json
import warnings

import ml_dtypes
import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.sweeps.plan import Plan
from wd_jax.sweeps.task import Task

pytestmark = pytest.mark.numeric
BASE = wd.Setup(widths=(6, 5, 3), batch_size=5)
ROUNDINGS = ("nearest", "compensated")
KEPT = wd.Probes(splits=(), keep_weights=True)


def with_decay(tiny, epsilon: float, **fields) -> Plan:
    setup = dataclasses.replace(BASE, **fields)
    return wd.dry_run(setup, tiny, eta=0.5, lmbda=epsilon * tiny.n / 0.5, epochs=1)


@pytest.mark.parametrize(
    "epsilon, dtype, words",
    [
        (1e-8, "float32", r"which float32 rounds to nothing: .*use dtype='float64' or rounding='compensated'$"),
        (1e-5, "bfloat16", r"which bfloat16 rounds to nothing: .*use dtype='float32' or rounding='compensated'$"),
        (1e-8, "bfloat16", r"which bfloat16 rounds to nothing: .*use dtype='float64' or rounding='compensated'$"),
        (2.0**-9, "bfloat16", r"which bfloat16 rounds to nothing: .*use dtype='float32' or rounding='compensated'$"),
    ],
)
def test_a_decay_that_weights_cannot_hold_is_refused_with_the_remedies(tiny, epsilon, dtype: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        with_decay(tiny, epsilon, dtype=dtype)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*as good as nothing")
        warnings.filterwarnings("error", message=".*distorts")
        assert with_decay(tiny, epsilon, dtype=dtype, rounding="compensated").decay_kept == 1


def test_bfloat16_is_warned_of_from_there_to_3_percent_a_step(tiny) -> None:
    with pytest.warns(UserWarning, match=r"bfloat16 distorts .* use dtype='float32' or rounding='compensated'$"):
        plan = with_decay(tiny, 3e-3, dtype="bfloat16")
    assert plan.decay_kept.item() == pytest.approx(0.995, abs=0.002)
    assert with_decay(tiny, 0.05, dtype="bfloat16").decay_kept == pytest.approx(1, abs=0.01)


def test_what_not_even_that_holds_is_refused(tiny) -> None:
    with pytest.raises(ValueError, match=r"which float32 rounds to nothing: use dtype='float64'$"):
        with_decay(tiny, 2e-14, rounding="compensated")


def test_a_scheduled_decay_is_held_against_it_too(tiny) -> None:
    with pytest.raises(ValueError, match="bfloat16 rounds to nothing"):
        with_decay(tiny, 1e-3, dtype="bfloat16", lmbda_schedule="cosine")
    with pytest.warns(UserWarning, match=r"bfloat16 distorts it .*: use rounding='compensated'$"):
        with_decay(tiny, 0.03, dtype="bfloat16", lmbda_schedule="cosine")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with_decay(tiny, 1e-3, dtype="bfloat16", lmbda_schedule="cosine", rounding="compensated")


def test_the_usual_is_not_written_down_so_that_older_hashes_stay_true() -> None:
    assert "rounding" not in BASE.record() and "rounding" not in repr(BASE)
    other = dataclasses.replace(BASE, rounding="compensated", dtype="bfloat16")
    assert other.record()["rounding"] == "compensated" and "rounding='compensated'" in repr(other)
    task = Task(other, (wd.Hyper(lmbda=5.0),), (0,), 3, 10, wd.Probes(), 0, 1, "f00d")
    assert Task.from_json(task.json()) == task and task.hash != dataclasses.replace(task, setup=BASE).hash


@pytest.mark.parametrize("given", ["kahan", "stochastic", None, True])
def test_another_word_is_refused(given) -> None:
    with pytest.raises(ValueError, match=r"rounding=.*: choose one of nearest, compensated"):
        wd.Setup(widths=(6, 3), rounding=given)


def test_blocks_do_not_round_after_each_step(tiny) -> None:
    for fields in ({"rounding": "compensated"}, {"dtype": "bfloat16"}):
        with pytest.raises(ValueError, match=r"method='blocked': dtype=.*, rounding=.*: .* use method='auto'"):
            wd.dry_run(dataclasses.replace(BASE, **fields), tiny, eta=0.5, lmbda=0.0, epochs=1, method="blocked")


@pytest.fixture(scope="module")
def runs(tiny) -> xr.Dataset:
    axes = {"dtype": ["float32", "bfloat16"], "rounding": ["nearest", "compensated"], "optimiser": ["sgd", "adamw"]}
    return wd.sweep(BASE, tiny, eta=0.05, lmbda=23.0, seeds=2, epochs=6, probes=KEPT, progress=False, **axes)


def test_weights_of_bfloat16_are_numbers_of_bfloat16(runs) -> None:
    for name in ("weights_1", "weights_2", "biases_1"):
        held = runs[name].sel(dtype="bfloat16").values.astype(np.float32)
        np.testing.assert_array_equal(held, held.astype(ml_dtypes.bfloat16).astype(np.float32))
        wider = runs[name].sel(dtype="float32").values.astype(np.float32)
        assert (wider != wider.astype(ml_dtypes.bfloat16).astype(np.float32)).mean() > 0.9


def test_compensated_runs_are_those_of_more_bits(runs) -> None:
    """30 steps, from the numbers of bfloat16: what is kept makes a step that of float32, and the last is rounded."""
    plain, kahan = (runs.weight_rms.sel(rounding=one) for one in ("nearest", "compensated"))
    np.testing.assert_allclose(kahan.sel(dtype="float32"), plain.sel(dtype="float32"), rtol=1e-5)
    exact = plain.sel(dtype="float32").isel(epoch=-1)
    off = {
        one: abs(runs.weight_rms.sel(dtype="bfloat16", rounding=one).isel(epoch=-1) / exact - 1) for one in ROUNDINGS
    }
    assert off["compensated"].max() < 2e-3 and off["nearest"].mean() > 2 * off["compensated"].mean()


def test_a_result_says_how_weights_were_held(runs, tmp_path) -> None:
    assert runs.rounding.dims == ("rounding",)
    assert set(np.ravel(runs.method)) == {"generic"}
    text = wd.summarise(runs).text
    assert "bfloat16" in text and "compensated" in text
    runs.to_netcdf(tmp_path / "runs.nc", engine="scipy")
    back = wd.open(tmp_path / "runs.nc")
    xr.testing.assert_identical(back.drop_vars(["config"]), runs.drop_vars(["config"]))


def test_one_member_may_be_trained_so_too(tiny) -> None:
    setup = dataclasses.replace(BASE, dtype="bfloat16", rounding="compensated")
    member, _ = wd.train(setup, wd.Hyper(eta=0.5, lmbda=1e-4), tiny, key=0, epochs=2)
    held = np.asarray(member.params[0]["w"])
    np.testing.assert_array_equal(held, held.astype(ml_dtypes.bfloat16).astype(np.float32))
    assert np.abs(np.asarray(member.compensation[0]["w"])).max() > 0


def test_the_shell_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    line = "sweep --dataset null --dry-run --json --dtype bfloat16 --rounding nearest compensated --lmbda 400"
    assert main(line.split()) == 0
    assert json.loads(capsys.readouterr().out)["axes"]["rounding"] == ["nearest", "compensated"]
    assert main("sweep --dataset null --dry-run --dtype bfloat16 --lmbda 1".split()) == 2
    assert "rounding='compensated'" in capsys.readouterr().err
