"""Hooks in real training loops: what they write is what the weights were."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wd_jax.audit.logs.hooks.csv_log import CsvLog
from wd_jax.audit.logs.reading import read

pytestmark = pytest.mark.numeric


def test_a_record_is_on_disk_at_once_and_a_restart_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "log.csv"
    CsvLog(path).write({"step": 1, "weight_norm/a": 0.1, "weight_cosine/a": None})
    assert path.read_text() == "step,weight_norm/a,weight_cosine/a\n1,0.1,\n"
    with path.open("a") as file:
        file.write("2,0.12345")  # killed in the middle of a line
    again = CsvLog(path)
    again.write({"step": 2, "weight_norm/a": 0.2, "weight_cosine/a": None})
    again.write({"step": 3, "weight_norm/a": 0.3, "weight_cosine/a": 0.5})
    assert path.read_text().splitlines()[1:] == ["1,0.1,", "2,0.2,", "3,0.3,0.5"]


@pytest.mark.parametrize("end", range(0, 20))
def test_a_file_killed_anywhere_is_gone_on_with(tmp_path: Path, end: int) -> None:
    whole = b"step,weight_norm/a\n1,2.0\n"
    (tmp_path / "log.csv").write_bytes(whole[:end])
    CsvLog(tmp_path / "log.csv").write({"step": 5, "weight_norm/a": 1.0})
    assert (tmp_path / "log.csv").read_text() == "step,weight_norm/a\n5,1.0\n"


def test_another_file_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("step,other,and,many,more,columns,than,those\n1,2\n")
    with pytest.raises(ValueError, match="it is there, with other columns: give the log a new name"):
        CsvLog(tmp_path / "log.csv").write({"step": 1, "weight_norm/a": 2.0})
    log = CsvLog(tmp_path / "new.csv")
    log.write({"step": 1, "weight_norm/a": 2.0})
    with pytest.raises(ValueError, match="the columns changed \\(weight_norm/b\\)"):
        log.write({"step": 1, "weight_norm/a": 2.0, "weight_norm/b": 2.0})


def check(log_file: Path, kept: list[dict[str, np.ndarray]], steps: list[int]) -> None:
    """Hold a log against copies of the weights."""
    log = read(log_file)
    assert log.time.tolist() == steps
    exact = [{name: array.astype(np.float64).ravel() for name, array in one.items()} for one in kept]
    for name in exact[0]:
        norms = np.array([np.linalg.norm(one[name]) for one in exact])
        np.testing.assert_allclose(log.norms[name], norms, rtol=1e-14)
        turned = [exact[i][name] @ exact[i - 1][name] / (norms[i] * norms[i - 1]) for i in range(1, len(kept))]
        np.testing.assert_allclose(log.cosines[name][1:], turned, rtol=1e-13)
        assert log.sizes[name] == exact[0][name].size
        assert log.axes[name] == kept[0][name].ndim


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_pytorch(tmp_path: Path, dtype: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    from wd_jax.audit.logs.hooks.torch import WeightLog

    torch.manual_seed(0)
    kind = getattr(torch, dtype)
    model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2)).to(kind)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    log = WeightLog(model, optimizer, tmp_path / "log.csv", every=2)
    kept, slopes = [], []
    for step in range(1, 9):
        optimizer.zero_grad()
        model(torch.randn(4, 6, dtype=kind)).square().mean().backward()
        optimizer.step()
        log.record(step)
        if step % 2 == 0:
            kept.append({name: weight.detach().double().numpy().copy() for name, weight in model.named_parameters()})
            slopes.append(np.linalg.norm(model[0].weight.grad.double().numpy()))
        schedule.step()
    check(tmp_path / "log.csv", kept, [2, 4, 6, 8])
    found = read(tmp_path / "log.csv")
    np.testing.assert_allclose(found.gradients["0.weight"], slopes, rtol=1e-14)
    np.testing.assert_allclose(found.lr, 0.01 * 0.5 ** np.array([1.0, 3.0, 5.0, 7.0]))
    assert found.weight_decay.tolist() == [0.1] * 4
    assert dict(found.axes) == {"0.weight": 2, "0.bias": 1, "2.weight": 2, "2.bias": 1}


def test_groups_of_pytorch_say_their_own_decay(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    from wd_jax.audit.logs.hooks.torch import WeightLog

    model = torch.nn.Linear(3, 2)
    model.bias.requires_grad_(False)
    extra = torch.nn.Linear(2, 1)
    whole = torch.nn.Sequential(model, extra)
    groups = [{"params": [extra.bias], "weight_decay": 0.0}, {"params": [model.weight, extra.weight]}]
    optimizer = torch.optim.SGD(groups, lr=0.1, weight_decay=0.3)
    WeightLog(whole, optimizer, tmp_path / "log.csv").record(0)
    log = read(tmp_path / "log.csv")
    assert log.layers == ("0.weight", "1.weight", "1.bias")
    assert log.weight_decay.tolist() == [0.3]
    decays = {layer: decay.tolist() for layer, decay in log.layer_weight_decay.items()}
    assert decays == {"1.bias": [0.0], "0.weight": [0.3], "1.weight": [0.3]}
    assert np.isnan(log.gradients["0.weight"]).all()


def test_pytorch_by_itself(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    from wd_jax.audit.logs.hooks.torch import WeightLog

    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    WeightLog(model, optimizer, tmp_path / "log.csv", every=2).follow(steps=10)
    for _ in range(4):
        optimizer.zero_grad()
        model(torch.ones(1, 3)).sum().backward()
        optimizer.step()
    log = read(tmp_path / "log.csv")
    assert log.time.tolist() == [12, 14]
    np.testing.assert_allclose(log.norms["weight"][-1], model.weight.detach().double().norm().item(), rtol=1e-14)
    assert np.isfinite(log.gradients["weight"]).all()


def test_the_hook_of_pytorch_does_not_load_jax() -> None:
    code = "import sys, wd_jax.audit.logs.hooks.torch, wd_jax.audit.logs.hooks.keras; print('jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_jax(tmp_path: Path, dtype: str) -> None:
    import jax
    import optax

    from wd_jax.audit.logs.hooks.jax import weight_log

    keys = jax.random.split(jax.random.key(0), 2)
    params = {
        "hidden": {"w": jax.random.normal(keys[0], (6, 5), dtype)},
        "out": [jax.random.normal(keys[1], (5,), dtype)],
    }
    optimizer = optax.adamw(0.01, weight_decay=0.1)
    state = optimizer.init(params)
    record = weight_log(tmp_path / "log.csv", every=2)
    kept = []

    @jax.jit
    def train(params: dict, state: tuple) -> tuple:
        grads = jax.grad(lambda p: sum((leaf**2).sum() for leaf in jax.tree.leaves(p)))(params)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state, grads

    for step in range(1, 7):
        params, state, grads = train(params, state)
        record(step, params, grads, lr=0.01, weight_decay=0.1)
        if step % 2 == 0:
            kept.append({"hidden/w": np.asarray(params["hidden"]["w"]), "out/0": np.asarray(params["out"][0])})
            slope = np.linalg.norm(np.asarray(grads["out"][0]).astype(float))
    check(tmp_path / "log.csv", kept, [2, 4, 6])
    log = read(tmp_path / "log.csv")
    assert log.lr.tolist() == [0.01] * 3
    np.testing.assert_allclose(log.gradients["out/0"][-1], slope)


KERAS = """
import sys
from pathlib import Path
import keras, numpy as np
from wd_jax.audit.logs.hooks.keras import WeightLog
from wd_jax.audit.logs.reading import read

keras.utils.set_random_seed(0)
folder = Path(sys.argv[1])
model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(5), keras.layers.Dense(2)])
rate = keras.optimizers.schedules.ExponentialDecay(0.01, 1, 0.5)
optimizer = keras.optimizers.AdamW(rate, weight_decay=0.1)
optimizer.exclude_from_weight_decay(var_names=["bias"])
model.compile(optimizer, "mse")
kept = []

class Keep(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        weights = self.model.trainable_variables
        kept.append({w.path: keras.ops.convert_to_numpy(w).astype(float).ravel() for w in weights})

callbacks = [WeightLog(folder / "log.csv", every=3), Keep(), keras.callbacks.CSVLogger(str(folder / "keras.csv"))]
model.fit(np.ones((16, 6)), np.zeros((16, 2)), batch_size=4, epochs=3, verbose=0, callbacks=callbacks)
log = read(folder / "log.csv")
assert log.time.tolist() == [3, 6, 9, 12], log.time
for name in kept[0]:
    then, now = kept[8][name], kept[11][name]
    np.testing.assert_allclose(log.norms[name], [np.linalg.norm(kept[i][name]) for i in (2, 5, 8, 11)], rtol=1e-12)
    turned = now @ then / np.linalg.norm(now) / np.linalg.norm(then)
    np.testing.assert_allclose(log.cosines[name][-1], turned, rtol=1e-12)
np.testing.assert_allclose(log.lr, 0.01 * 0.5 ** np.array([2, 5, 8, 11]), rtol=1e-6)
np.testing.assert_allclose(log.weight_decay, 0.1)
biases = [name for name in log.layers if name.endswith("bias")]
assert len(biases) == 2 and sorted(log.layer_weight_decay) == sorted(biases)
assert all((log.layer_weight_decay[name] == 0).all() for name in biases)
assert read(folder / "keras.csv").kind == "Keras CSVLogger"
print("done")
"""


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_keras(tmp_path: Path, backend: str) -> None:
    for needed in ("keras", backend):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed: pip install {needed}")
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run([sys.executable, "-c", KERAS, tmp_path], capture_output=True, text=True, env=environment)
    assert done.stdout.strip().endswith("done"), done.stderr[-2000:]
