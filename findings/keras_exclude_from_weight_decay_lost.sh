#!/usr/bin/env bash
# keras 3.15.1 on jax 0.10.2, CPU: a saved and loaded model decays the variables that were excluded from decay.
#
# Expected: save and load_model bring back the compiled optimiser, and training goes on as it was.
# Seen: after optimizer.exclude_from_weight_decay(var_names=["bias"]) ten steps without gradient (lr 0.1, weight_decay
#   0.01) leave kernel .990045 and bias 1. The model is saved and loaded, with its optimiser. Ten steps more:
#   the model in memory   kernel .980189, bias 1
#   the loaded model      kernel .980189, bias .990045
# Learning rate, weight_decay and moments come back; the exclusion does not, without a word. It has to be made again
# after each load_model, before the first step.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 keras==3.15.1 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import os
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np


def ten_steps(model):
    for _ in range(10):
        model.optimizer.apply([np.zeros((3, 2), "float32"), np.zeros(2, "float32")], model.trainable_variables)
    return [float(np.ravel(value)[0]) for value in model.get_weights()]


model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
optimiser = keras.optimizers.AdamW(0.1, weight_decay=0.01)
optimiser.exclude_from_weight_decay(var_names=["bias"])
model.compile(optimizer=optimiser, loss="mse")
model.layers[0].set_weights([np.ones((3, 2)), np.ones(2)])
print("keras", keras.__version__)
print("kernel, bias after ten steps:", first := ten_steps(model))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "model.keras")
    model.save(path)
    loaded = keras.models.load_model(path)
print("ten more, in memory:", kept := ten_steps(model))
print("ten more, loaded:   ", lost := ten_steps(loaded))
same = first[1] == kept[1] == 1 and abs(lost[1] - 0.999**10) < 1e-6 and abs(lost[0] - kept[0]) < 1e-6
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
