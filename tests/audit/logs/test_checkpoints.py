"""Folders of checkpoints: every format, against the norms and cosines of plain NumPy."""

import json
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wd_jax.audit.logs.checkpoints.safetensors_file import open_safetensors
from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.reading import read

pytestmark = pytest.mark.numeric
NAMES = {"<f8": "F64", "<f4": "F32", "<f2": "F16", "bfloat16": "BF16", "<i8": "I64", "float8_e4m3fn": "F8_E4M3"}


def weights(seed: int, dtype: np.dtype | type | str = np.float32) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {"fc.weight": random.normal(size=(5, 4)).astype(dtype), "fc.bias": random.normal(size=4).astype(dtype)}


def save_safetensors(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write the format as its description says: a length, a header of JSON, and the numbers."""
    header, content = {"__metadata__": {"format": "pt"}}, b""
    for name, array in arrays.items():
        kind = NAMES[array.dtype.str if array.dtype.str in NAMES else array.dtype.name]
        end = len(content) + array.nbytes
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(content), end]}
        content += array.tobytes()
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(struct.pack("<Q", len(head)) + head + content)


def save_npz(path: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez(path, **arrays)


def check(folder: Path, saved: list[dict[str, np.ndarray]], steps: list[int]) -> None:
    """Hold what was read against the arrays."""
    log = read(folder)
    assert log.time.tolist() == steps
    exact = [{name: array.astype(np.float64).ravel() for name, array in one.items()} for one in saved]
    for name in exact[0]:
        norms = [np.linalg.norm(one[name]) for one in exact]
        np.testing.assert_allclose(log.norms[name], norms, rtol=1e-14)
        cosines = [exact[i][name] @ exact[i - 1][name] / norms[i] / norms[i - 1] for i in range(1, len(saved))]
        np.testing.assert_allclose(log.cosines[name][1:], cosines, rtol=1e-12)
        assert np.isnan(log.cosines[name][0])
        assert log.sizes[name] == saved[0][name].size
    np.testing.assert_array_equal(log.cosine_gaps[1:], np.diff(steps))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn])
def test_safetensors_of_every_float(tmp_path: Path, dtype: type) -> None:
    saved = [weights(seed, dtype) for seed in range(3)]
    for index, one in enumerate(saved):
        save_safetensors(tmp_path / f"step_{[9, 10, 100][index]}.safetensors", one)
    check(tmp_path, saved, [9, 10, 100])


def test_a_norm_is_not_summed_in_the_weights_own_type(tmp_path: Path) -> None:
    ones = np.full(100_000, 0.01, ml_dtypes.bfloat16)
    save_safetensors(tmp_path / "step_1.safetensors", {"w": ones})
    save_safetensors(tmp_path / "step_2.safetensors", {"w": ones})
    log = read(tmp_path)
    np.testing.assert_allclose(log.norms["w"], float(ones[0]) * np.sqrt(100_000), rtol=1e-12)
    np.testing.assert_allclose(log.cosines["w"][1], 1.0, rtol=1e-15)
    assert log.cosines["w"][1] <= 1.0


def test_npz(tmp_path: Path) -> None:
    saved = [weights(seed) for seed in range(3)]
    for step, one in zip((100, 20, 3), saved, strict=True):
        save_npz(tmp_path / f"step_{step}.npz", {**one, "count": np.arange(3), "note": np.array("hi")})
    check(tmp_path, saved[::-1], [3, 20, 100])


@pytest.mark.parametrize("shards", [1, 2])
def test_hugging_face_folders(tmp_path: Path, shards: int) -> None:
    saved = [weights(seed) for seed in range(2)]
    for step, one in zip((500, 1000), saved, strict=True):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        items = list(one.items())
        for index in range(shards):
            name = "model.safetensors" if shards == 1 else f"model-{index + 1:05}-of-{shards:05}.safetensors"
            save_safetensors(folder / name, dict(items[index::shards]))
        (folder / "optimizer.pt").write_bytes(b"not read")
        (folder / "training_args.bin").write_bytes(b"not read")
    save_safetensors(tmp_path / "model.safetensors", saved[-1])  # saved once more at the end
    check(tmp_path, saved, [500, 1000])
    log = read(tmp_path)
    assert log.unit == "step"
    assert log.notes == ("'model.safetensors' has no number and is left out.",)


def test_buffers_and_the_optimisers_memory_are_no_weights(tmp_path: Path) -> None:
    for step in (1, 2):
        more = {"bn.running_mean": np.ones(3), "opt_state/mu": np.ones(3), "w": np.ones(2), "n": np.arange(3)}
        save_npz(tmp_path / f"step_{step}.npz", more)
    assert read(tmp_path).layers == ("w",)


NUMBERS: dict[str, tuple[list[str], list[int], str]] = {
    "steps": (["step_2", "step_10", "step_1"], [1, 2, 10], "step"),
    "padded": (["ckpt-0002", "ckpt-0010"], [2, 10], "step"),
    "lightning": (["epoch=0-step=75", "epoch=1-step=150", "last"], [75, 150], "step"),
    "epochs": (["model.epoch01", "model.epoch10", "model.epoch02"], [1, 2, 10], "epoch"),
    "others beside": (["step_1", "step_2", "ema_step_1"], [1, 2], "step"),
    "version in the name": (["resnet50_v2_step300", "resnet50_v2_step600"], [300, 600], "step"),
}


@pytest.mark.parametrize(("names", "numbers", "unit"), NUMBERS.values(), ids=NUMBERS.keys())
def test_numbers_in_names(tmp_path: Path, names: list[str], numbers: list[int], unit: str) -> None:
    for name in names:
        save_npz(tmp_path / f"{name}.npz", weights(0))
    log = read(tmp_path)
    assert (log.time.tolist(), log.unit) == (numbers, unit)


def test_the_caller_says_what_bare_numbers_count(tmp_path: Path) -> None:
    for number in (1, 2):
        save_npz(tmp_path / f"ckpt{number}.npz", weights(number))
    assert any("taken for steps" in note for note in read(tmp_path).notes)
    log = read(tmp_path, unit="epoch", steps_per_epoch=10)
    assert (log.unit, log.steps.tolist(), log.notes) == ("epoch", [10, 20], ())


def test_a_checkpoint_that_cannot_be_read_is_left_out_and_said(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        save_safetensors(tmp_path / f"step_{step}.safetensors", weights(step))
    whole = (tmp_path / "step_3.safetensors").read_bytes()
    for end in range(len(whole)):
        (tmp_path / "step_3.safetensors").write_bytes(whole[:end])
        log = read(tmp_path)
        assert log.time.tolist() == [1, 2]
        assert any(note.startswith("step_3.safetensors cannot be read") for note in log.notes)


def test_an_npz_cut_at_any_byte_is_left_out(tmp_path: Path) -> None:
    for step in (1, 2):
        save_npz(tmp_path / f"step_{step}.npz", {"w": np.ones(3)})
    whole = (tmp_path / "step_2.npz").read_bytes()
    for end in range(len(whole)):
        (tmp_path / "step_2.npz").write_bytes(whole[:end])
        assert read(tmp_path).time.tolist() == [1]


@pytest.mark.parametrize("suffix", ["safetensors", "npz"])
@settings(max_examples=150)
@given(data=st.data())
def test_bytes_that_were_changed(tmp_path_factory: pytest.TempPathFactory, suffix: str, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    save = save_npz if suffix == "npz" else save_safetensors
    for step in (1, 2):
        save(folder / f"step_{step}.{suffix}", {"w": np.ones(3, np.float32), "v": np.ones((2, 1))})
    path = folder / f"step_2.{suffix}"
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    assert read(folder).time[0] == 1


def test_bfloat16_in_an_npz_is_refused_since_numpy_forgets_its_type(tmp_path: Path) -> None:
    save_npz(tmp_path / "step_1.npz", {"w": np.ones(3, ml_dtypes.bfloat16)})
    with pytest.raises(
        LogError, match="w is raw bytes, as NumPy saves bfloat16: save it as float32, or in safetensors"
    ):
        read(tmp_path)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "step_1.npz", w=np.array([{"a": 1}], dtype=object), x=np.ones(2))
    assert read(tmp_path).layers == ("x",)


WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "one": (lambda folder: save_safetensors(folder / "model.safetensors", weights(0)), "it holds one checkpoint"),
    "damaged": (lambda folder: (folder / "step_1.npz").write_bytes(b"PK\x03\x04"), "step_1.npz: it cannot be read"),
    "no floats": (lambda folder: save_npz(folder / "step_1.npz", {"n": np.arange(3)}), "no tensor of floats"),
}


@pytest.mark.parametrize(("make", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_a_log(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    make(tmp_path)
    with pytest.raises(LogError, match=said):
        read(tmp_path)


def test_a_file_of_one_checkpoint_asks_for_the_folder(tmp_path: Path) -> None:
    save_safetensors(tmp_path / "step_1.safetensors", weights(0))
    with pytest.raises(LogError, match="give the folder that holds several"):
        read(tmp_path / "step_1.safetensors")
    with pytest.raises(LogError, match="checkpoints have no columns"):
        read(tmp_path, columns={"step": "t"})


@pytest.mark.parametrize(
    "header", [b"[]", b"33", b'{"a":{}}', b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,4]}}']
)
def test_a_header_that_lies(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 4)
    with pytest.raises(LogError, match="damaged"):
        open_safetensors(tmp_path / "x.safetensors")


def test_two_checkpoints_are_never_in_memory_whole(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        save_safetensors(
            tmp_path / f"step_{step}.safetensors", {f"w{i}": np.ones(4_000_000, np.float32) for i in range(3)}
        )
    tracemalloc.start()
    read(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 48e6 * 2  # of the 144 MB that they have together


def test_the_safetensors_library_writes_what_is_read(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed: pip install safetensors")
    saved = [weights(seed) for seed in range(2)]
    for step, one in enumerate(saved):
        library.save_file(one, tmp_path / f"step_{step}.safetensors")
    check(tmp_path, saved, [0, 1])


def torch_or_skip():
    return pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")


@pytest.mark.parametrize("inside", [None, "state_dict", "model"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_torch(tmp_path: Path, inside: str | None, dtype: str) -> None:
    torch = torch_or_skip()
    saved = []
    for step in (1, 2, 3):
        one = {name: torch.tensor(array).to(getattr(torch, dtype)) for name, array in weights(step).items()}
        saved.append({name: tensor.to(torch.float64).numpy() for name, tensor in one.items()})
        torch.save(
            {inside: one, "epoch": 3, "optimizer": {"state": {}}} if inside else one, tmp_path / f"step-{step}.ckpt"
        )
    check(tmp_path, saved, [1, 2, 3])


def test_a_whole_model_of_torch_is_not_unpickled(tmp_path: Path) -> None:
    torch = torch_or_skip()
    torch.save(torch.nn.Linear(2, 2), tmp_path / "step_1.pt")
    with pytest.raises(LogError, match=r"it holds more than weights.*save model\.state_dict\(\) alone"):
        read(tmp_path)


def test_keras_weights(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="h5py is not installed: pip install h5py")
    saved = [weights(seed) for seed in range(2)]
    for epoch, one in enumerate(saved, 1):
        with h5py.File(tmp_path / f"model.{epoch:02}.weights.h5", "w") as file:
            file["layers/dense/vars/0"], file["layers/dense/vars/1"] = one["fc.weight"], one["fc.bias"]
            file["optimizer/vars/1"] = one["fc.weight"]
    renamed = {"fc.weight": "layers/dense/vars/0", "fc.bias": "layers/dense/vars/1"}
    check(tmp_path, [{renamed[name]: array for name, array in one.items()} for one in saved], [1, 2])
