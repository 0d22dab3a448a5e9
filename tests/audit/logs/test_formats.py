"""Each program's own form of a log, read for what it says."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from tests.audit.logs import written
from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.audit.logs.reading import read

pytestmark = pytest.mark.numeric


def log_of(folder: Path, text: str, name: str = "log.txt", **said) -> TrainingLog:
    """Read a text; its name says nothing of what it is."""
    (folder / name).write_text(text)
    return read(folder / name, **said)


def test_the_columns_of_our_hooks(tmp_path: Path) -> None:
    log = log_of(tmp_path, written.HOOK)
    assert (log.unit, log.layers, dict(log.sizes)) == ("step", ("fc.weight",), {"fc.weight": 12})
    assert log.time.tolist() == [1, 2, 3]
    assert log.norms["fc.weight"].tolist() == [2.0, 1.9, 1.8]
    assert log.cosines["fc.weight"].tolist()[1:] == [0.99, 0.98]
    assert log.gradients["fc.weight"].tolist() == [0.5, 0.4, 0.3]
    assert log.lr.tolist() == [0.1] * 3
    assert log.weight_decay.tolist() == [0.01] * 3
    np.testing.assert_array_equal(log.cosine_gaps, [np.nan, 1, 1])
    assert log.notes == ("Its steps count from 1.",)


def test_rates_of_one_layer(tmp_path: Path) -> None:
    log = log_of(tmp_path, "step,weight_decay,weight_decay/a,weight_norm/a,weight_norm/b\n1,0.1,0,1,1\n2,0.1,0,1,1\n")
    assert log.weight_decay.tolist() == [0.1, 0.1]
    assert {layer: decay.tolist() for layer, decay in log.layer_weight_decay.items()} == {"a": [0, 0]}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_keras(tmp_path: Path, separator: str) -> None:
    log = log_of(tmp_path, written.KERAS.replace(",", separator), steps_per_epoch=8)
    assert (log.kind, log.unit, log.unread) == ("Keras CSVLogger", "epoch", ("accuracy",))
    assert log.steps.tolist() == [0, 8, 16]
    assert log.lr.tolist() == [0.01, 0.01, 0.005]
    np.testing.assert_array_equal(log.losses["val_loss"], [2.2, np.nan, 1.9])
    assert "Its epochs count from 0." in log.notes


def test_rows_of_one_step_are_merged_as_lightning_writes_them(tmp_path: Path) -> None:
    log = log_of(tmp_path, written.LIGHTNING)
    assert (log.kind, log.unit) == ("Lightning metrics.csv", "step")
    assert log.time.tolist() == [0, 1, 2, 3]
    assert log.norms["fc.weight"].tolist() == [2.0, 1.9, 1.8, 1.7]
    assert log.lr.tolist() == [0.1, 0.1, 0.1, 0.05]
    np.testing.assert_array_equal(log.losses["val_loss"], [np.nan, 2.2, np.nan, 1.95])
    assert log.gradients["fc.weight"].tolist() == [0.5, 0.4, 0.3, 0.2]
    assert set(log.gradients) == {"fc.weight", "all weights"}


def test_hugging_face(tmp_path: Path) -> None:
    log = log_of(tmp_path, written.STATE)
    assert log.kind == "Hugging Face trainer_state.json"
    assert log.time.tolist() == [10, 20, 30]
    assert log.lr.tolist() == [5e-5, 4e-5, 3e-5]
    assert log.gradients["all weights"].tolist() == [1.2, 1.1, 1.0]
    assert log.losses["loss"].tolist() == [2.5, 2.2, 2.0]
    np.testing.assert_array_equal(log.losses["eval_loss"], [2.4, 2.1, np.nan])
    assert log.norms == {}


def test_a_chart_of_wandb(tmp_path: Path) -> None:
    log = log_of(tmp_path, written.CHART)
    assert log.time.tolist() == [0, 10, 20]
    assert log.norms["fc"].tolist() == [2, 1.9, 1.8]
    assert any("sampled" in note for note in log.notes)


def test_a_run_s_name_may_hold_a_dash(tmp_path: Path) -> None:
    assert log_of(tmp_path, written.CHART.replace("wise-sea-3", "sweep - lr 0.1")).layers == ("fc",)


def test_a_very_long_line_of_names(tmp_path: Path) -> None:
    names = [f"weight_norm/{'layer.' * 20}{index}" for index in range(12_000)]
    log = log_of(tmp_path, ",".join(["step", *names]) + "\n" + ",".join(["1"] * 12_001) + "\n")
    assert len(log.layers) == 12_000


def test_a_chart_of_several_runs_is_refused_unless_one_is_named(tmp_path: Path) -> None:
    names = '"Step","a - norms/x","a - norms/x__MIN","b - norms/x","b - norms/x__MIN"\n'
    text = names + '"0","2","2","5","5"\n"1","1","1","4","4"\n'
    with pytest.raises(LogError, match="it holds 2 runs \\(a, b\\): export one"):
        log_of(tmp_path, text)
    log = log_of(tmp_path, text, columns={"weight_norm/*": "b - norms/*"})
    assert {layer: norm.tolist() for layer, norm in log.norms.items()} == {"x": [5, 4]}


def test_the_history_of_wandb_counts_the_trainers_steps(tmp_path: Path) -> None:
    log = log_of(tmp_path, written.HISTORY)
    assert log.time.tolist() == [10, 20]
    assert log.norms["fc.weight"].tolist() == [2.0, 1.9]
    assert log.lr.tolist() == [0.1, 0.1]
    assert log.unread == ("gradients/fc.weight",)


def test_wandb_s_own_step_is_said_to_be_no_step(tmp_path: Path) -> None:
    log = log_of(tmp_path, "_step,weight_norm/a\n0,1\n1,2\n")
    assert any("_step counts calls" in note for note in log.notes)


def test_json_lines(tmp_path: Path) -> None:
    log = log_of(tmp_path, written.LINES)
    assert log.time.tolist() == [1, 2, 3]
    np.testing.assert_allclose(log.norms["fc"], [1.9, 1.8, 1.7])
    assert log.lr.tolist() == [0.1] * 3
    assert log.losses["train/loss"].tolist() == [2.0, 1.0, 2.0 / 3]


def test_many_json_lines_are_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wd_jax.audit.logs.json_source.HELD", 1)
    assert log_of(tmp_path, written.LINES).time.tolist() == [1, 2, 3]


def test_lists_by_name_count_epochs(tmp_path: Path) -> None:
    log = log_of(tmp_path, written.ALL["lists"])
    assert (log.unit, log.time.tolist(), log.losses["loss"].tolist()) == ("epoch", [0, 1], [2.3, 2.1])


@pytest.mark.parametrize("name", written.ALL)
def test_gzipped_is_the_same(tmp_path: Path, name: str) -> None:
    plain = log_of(tmp_path, written.ALL[name])
    (tmp_path / "log.gz").write_bytes(gzip.compress(written.ALL[name].encode()))
    zipped = read(tmp_path / "log.gz")
    assert (zipped.kind, zipped.notes, zipped.unread) == (plain.kind, plain.notes, plain.unread)
    np.testing.assert_array_equal(zipped.time, plain.time)


@pytest.mark.parametrize("name", written.ALL)
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path, name: str) -> None:
    plain = log_of(tmp_path, written.ALL[name])
    (tmp_path / "log").write_bytes(b"\xef\xbb\xbf" + written.ALL[name].replace("\n", "\r\n").encode())
    other = read(tmp_path / "log")
    assert (other.kind, other.notes, other.unread, other.layers) == (
        plain.kind,
        plain.notes,
        plain.unread,
        plain.layers,
    )
    np.testing.assert_array_equal(other.time, plain.time)


def test_steps_or_epochs_as_the_caller_says(tmp_path: Path) -> None:
    log = log_of(tmp_path, written.LIGHTNING, unit="epoch")
    assert (log.unit, log.time.tolist(), log.norms["fc.weight"].tolist()) == ("epoch", [0, 1], [1.9, 1.7])
    assert any("stand twice for one epoch" in note for note in log.notes)


@pytest.mark.parametrize("first", [0, 1])
def test_an_epoch_s_steps_from_whole_epochs(tmp_path: Path, first: int) -> None:
    rows = "".join(f"{step},{first + (step - 1) // 25},1.0\n" for step in range(1, 101))
    assert log_of(tmp_path, "step,epoch,weight_norm/a\n" + rows).steps_per_epoch == 25


def test_decimal_commas(tmp_path: Path) -> None:
    log = log_of(tmp_path, "step;weight_norm/a\n1;2,5\n2;2,25\n")
    assert log.norms["a"].tolist() == [2.5, 2.25]


def test_one_norm_of_all_weights_is_said_to_be_one(tmp_path: Path) -> None:
    log = log_of(tmp_path, "step,params_norm\n1,2\n2,1\n")
    assert log.layers == ("all weights",)
    assert any("all weights together" in note for note in log.notes)


def test_a_log_shows_itself_in_a_line(tmp_path: Path) -> None:
    shown = repr(log_of(tmp_path, written.HOOK))
    assert "a weight log's CSV; 3 records, steps 1 to 3; norms of 1 layer (fc.weight); cosines, grad" in shown
    assert "no norm of a layer; lr, losses" in repr(log_of(tmp_path, written.KERAS))
