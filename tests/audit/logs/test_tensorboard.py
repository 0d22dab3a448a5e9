"""TensorBoard's event files, written byte by byte as the format says."""

import struct
from pathlib import Path

import numpy as np
import pytest

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.reading import read

pytestmark = pytest.mark.numeric
pytest.importorskip("tensorboard", reason="tensorboard is not installed: pip install 'wd-jax[logs]'")


def record(event) -> bytes:
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def events(folder: Path, rows: list[tuple[int, dict[str, float]]], begun: int = 0, tensors: bool = False) -> Path:
    """Write an event file of scalars, in the old form (PyTorch, Lightning) or as tensors (TensorFlow, Keras)."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto

    folder.mkdir(parents=True, exist_ok=True)
    content = record(Event(wall_time=1.0, file_version="brain.Event:2"))
    for step, values in rows:
        for tag, value in values.items():
            if tensors:
                data = SummaryMetadata.PluginData(plugin_name="scalars")
                one = Summary.Value(
                    tag=tag, tensor=TensorProto(dtype=1, float_val=[value]), metadata=SummaryMetadata(plugin_data=data)
                )
            else:
                one = Summary.Value(tag=tag, simple_value=value)
            content += record(Event(wall_time=2.0, step=step, summary=Summary(value=[one])))
    path = folder / f"events.out.tfevents.{1700000000 + begun}.host.1.0"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("tensors", [False, True])
def test_one_file(tmp_path: Path, tensors: bool) -> None:
    path = events(
        tmp_path, [(step, {"weight_norm/a": 2.0 - step / 8, "lr": 0.5}) for step in range(5)], tensors=tensors
    )
    for place in (path, tmp_path):
        log = read(place)
        assert (log.kind, log.unit) == ("TensorBoard", "step")
        assert log.norms["a"].tolist() == [2.0, 1.875, 1.75, 1.625, 1.5]
        assert log.lr.tolist() == [0.5] * 5


def test_a_training_that_was_started_again(tmp_path: Path) -> None:
    events(tmp_path, [(step, {"weight_norm/a": 1.0}) for step in range(20)])
    events(tmp_path, [(step, {"weight_norm/a": 2.0}) for step in range(10, 30)], begun=5)
    log = read(tmp_path)
    assert log.norms["a"].tolist() == [1.0] * 10 + [2.0] * 20
    assert any("goes back once (last to step 10)" in note for note in log.notes)


def test_files_of_other_tags_stand_beside_each_other(tmp_path: Path) -> None:
    events(tmp_path, [(step, {"weight_norm/a": 1.0}) for step in range(20)])
    events(tmp_path, [(step, {"loss": 2.0}) for step in range(20)], begun=5)
    log = read(tmp_path)
    assert log.norms["a"].tolist() == [1.0] * 20
    assert log.losses["loss"].tolist() == [2.0] * 20


def test_keras_folders_count_epochs(tmp_path: Path) -> None:
    events(
        tmp_path / "train", [(epoch, {"epoch_loss": 2.0, "epoch_learning_rate": 0.5}) for epoch in range(3)], 0, True
    )
    events(tmp_path / "validation", [(epoch, {"epoch_loss": 3.0}) for epoch in range(3)], 0, True)
    log = read(tmp_path)
    assert (log.unit, log.time.tolist()) == ("epoch", [0, 1, 2])
    assert log.lr.tolist() == [0.5] * 3
    assert {name: loss.tolist() for name, loss in log.losses.items()} == {
        "train/epoch_loss": [2.0] * 3,
        "validation/epoch_loss": [3.0] * 3,
    }


def test_several_runs_are_named(tmp_path: Path) -> None:
    for run in ("one", "two"):
        events(tmp_path / run, [(1, {"weight_norm/a": 1.0})])
    with pytest.raises(LogError, match="it holds 2 runs \\(one, two\\): name the folder of one"):
        read(tmp_path)
    assert read(tmp_path / "one").layers == ("a",)


def test_a_file_cut_at_any_byte(tmp_path: Path) -> None:
    path = events(tmp_path, [(step, {"weight_norm/a": float(step)}) for step in range(4)])
    whole, ends = path.read_bytes(), {0}
    while max(ends) < len(whole):
        ends.add(max(ends) + 16 + struct.unpack("<Q", whole[max(ends) : max(ends) + 8])[0])
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        try:
            log = read(path)
        except LogError as error:
            assert "\n" not in str(error)
            continue
        np.testing.assert_array_equal(log.norms["a"], np.arange(len(log.time)))
        assert any("is cut short" in note for note in log.notes) == (end not in ends)


def test_a_damaged_record_ends_the_reading_and_is_said(tmp_path: Path) -> None:
    path = events(tmp_path, [(step, {"weight_norm/a": float(step)}) for step in range(20)])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(bytes(content))
    log = read(path)
    assert 5 < len(log.time) < 15
    assert any("is cut short or damaged" in note for note in log.notes)


def test_no_scalar(tmp_path: Path) -> None:
    events(tmp_path, [])
    with pytest.raises(LogError, match="hold no scalar"):
        read(tmp_path)


def test_pytorch_writes_what_is_read(tmp_path: Path) -> None:
    board = pytest.importorskip("torch.utils.tensorboard", reason="PyTorch is not installed: pip install torch")
    with board.SummaryWriter(tmp_path) as writer:
        for step in range(5):
            writer.add_scalar("weight_norm/a", 2.0, step)
            writer.add_histogram("weights/a", np.arange(5.0), step)
    log = read(tmp_path)
    assert log.norms["a"].tolist() == [2.0] * 5
    assert any("no scalars" in note for note in log.notes)
