"""Trainings in Keras: its CSVLogger's file, a record an epoch, to which a callback adds norms; or our hook's."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.logs.case import Case
from benchmarks.logs.data import DATA

os.environ.setdefault("KERAS_BACKEND", "torch")


def _network(case: Case) -> Any:
    import keras

    layers = keras.layers
    decay = (case.options or {}).get("regularizer")
    kind = {"kernel_regularizer": keras.regularizers.L2(decay)} if decay else {}
    norm = case.network == "mlp_batchnorm"
    net = keras.Sequential([keras.Input((64,))])
    if case.network == "conv":
        net.add(layers.Reshape((8, 8, 1)))
        for place in (1, 2):
            net.add(layers.Conv2D(8, 3, strides=place, use_bias=False, name=f"conv{place}", **kind))
            net.add(layers.BatchNormalization(name=f"norm{place}"))
            net.add(layers.ReLU(name=f"relu{place}"))
        net.add(layers.Flatten())
    else:
        for place in (1, 2):
            net.add(layers.Dense(24, use_bias=not norm, name=f"hidden{place}", **kind))
            if norm:
                net.add(layers.BatchNormalization(name=f"norm{place}"))
            net.add(layers.ReLU(name=f"relu{place}"))
    net.add(layers.Dense(10, name="head", **kind))
    return net


def _optimiser(case: Case, steps: int) -> Any:
    import keras

    rate: Any = case.really_is("lr")
    schedules = keras.optimizers.schedules
    if case.schedule == "cosine":
        rate = schedules.CosineDecay(rate, steps)
    elif case.schedule == "over_at_a_third":
        rate = schedules.CosineDecay(rate, steps // 3)
    elif case.schedule == "warmup":
        rate = schedules.CosineDecay(rate / 100, 10 * steps, warmup_target=rate, warmup_steps=steps // 10)
    options = {key: value for key, value in (case.options or {}).items() if key != "regularizer"}
    decay = case.really_is("weight_decay")
    optimiser = getattr(keras.optimizers, case.optimiser)(learning_rate=rate, weight_decay=decay, **options)
    return optimiser


def _hook(case: Case) -> Any:
    import keras

    class Norms(keras.callbacks.Callback):
        """Adds to the epoch's logs; it must stand before the CSVLogger."""

        before: dict[str, np.ndarray] = {}  # noqa: RUF012 - of one training alone

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            logs = {} if logs is None else logs
            logs["step"] = int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))
            logs["lr"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            logs["weight_decay"] = float(self.model.optimizer.weight_decay or 0.0)
            for layer in self.model.layers:
                if (kernel := getattr(layer, "kernel", None)) is None:
                    continue
                w = keras.ops.convert_to_numpy(keras.ops.cast(kernel, "float32")).astype(float).ravel()
                logs[f"weight_norm/{layer.name}"] = float(np.linalg.norm(w))
                logs[f"weight_size/{layer.name}"] = w.size
                if layer.name in self.before:
                    old = self.before[layer.name]
                    logs[f"weight_cosine/{layer.name}"] = float(w @ old / np.linalg.norm(w) / np.linalg.norm(old))
                else:
                    logs[f"weight_cosine/{layer.name}"] = float("nan")
                self.before[layer.name] = w

    return Norms()


def write(case: Case, folder: Path) -> Path:
    """Train and write; give the file."""
    import keras

    keras.config.set_floatx(case.dtype)
    keras.utils.set_random_seed(case.seed)
    net = _network(case)
    x, y = DATA[case.data](case.seed)
    each = len(x) // case.batch
    x, y = x[: each * case.batch], y[: each * case.batch]
    epochs = -(-case.steps // each)
    optimiser = _optimiser(case, epochs * each)
    if case.undecayed:
        kernels = [layer.kernel for layer in net.layers if layer.name.startswith(case.undecayed)]
        optimiser.exclude_from_weight_decay(var_list=kernels)
    for layer in net.layers:
        if layer.name.startswith(case.unhanded or ("?",)):
            layer.trainable = False
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(optimizer=optimiser, loss=loss, metrics=["accuracy"])
    path = folder / f"{case.name}.csv"
    if case.writer == "keras_hook":
        from wd_jax.audit.logs.hooks.keras import WeightLog

        net.fit(x, y, batch_size=case.batch, epochs=epochs, verbose=0, callbacks=[WeightLog(path, every=case.every)])
        return path
    hooks = ([_hook(case)] if case.norms else []) + [keras.callbacks.CSVLogger(str(path))]
    net.fit(x, y, batch_size=case.batch, epochs=epochs, verbose=0, callbacks=hooks)
    keras.config.set_floatx("float32")
    return path
