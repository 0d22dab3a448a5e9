#!/usr/bin/env bash
# keras 3.15.1 on torch 2.13.0, CPU: CSVLogger(append=True) writes later columns under the names of other ones.
#
# Expected: a training that is gone on with, logged by CSVLogger(path, append=True) as its documentation says for this,
#   adds rows that fit the file's header, or an error where they cannot.
# Seen: two epochs, then two more with a LearningRateScheduler beside the same CSVLogger. Keras adds learning_rate to the
#   logs, names are sorted, no second header is written, and nothing is said:
#   epoch,loss,mae,val_loss,val_mae
#   1,10.8,2.95,NA,NA
#   2,0.00999,9.97,2.83,NA,NA,NA       "loss" is the learning rate, "mae" the loss, "val_loss" the mae
# A loss that falls from 10.8 to 0.01 is believed. pandas.read_csv stops at the row of seven cells; csv.DictReader does not.
# (And each column has a twin val_... of NA where nothing is validated in the first epoch: the names are made up.)
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 keras==3.15.1 numpy==2.4.6
cat >"$folder/append.py" <<'PYTHON'
import csv
import os
import sys
import tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

path = Path(tempfile.mkdtemp()) / "log.csv"
x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse", metrics=["mae"])


def go_on(first, last, *others):
    log = keras.callbacks.CSVLogger(str(path), append=True)
    model.fit(x, 3 + x[:, :1], initial_epoch=first, epochs=last, verbose=0, callbacks=[*others, log])


go_on(0, 2)
go_on(2, 4, keras.callbacks.LearningRateScheduler(lambda epoch: 0.01))
rows = list(csv.reader(path.open()))
print("keras", keras.__version__)
print(path.read_text())
same = (
    rows[0] == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    and [len(row) for row in rows] == [5, 5, 5, 7, 7]
    and all(abs(float(row[1]) - 0.01) < 1e-6 for row in rows[3:])
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/append.py"
