#!/usr/bin/env bash
# scikit-learn 1.9.1, MLPClassifier(solver="sgd"): alpha is divided by the rows of the current batch, not by n.
#
# Expected: alpha is the strength of the L2 penalty; one step multiplies a weight without gradient by 1 - eta*alpha/n, or
#   by 1 - eta*alpha, the same in every step.
# Seen: the factor is 1 - eta*alpha/m with m the rows of this batch, so that
#   - changing batch_size changes the decay per step in inverse proportion, with alpha unchanged;
#   - a last batch that is short decays more: with 101 examples in batches of 100 the one-row batch takes 100 times as
#     much from every weight as the batch of 100 rows before it (here 0.1 against 0.001 of the weight).
# It is Nielsen's lmbda = n*alpha/m, with another lmbda in a short batch.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

ETA, ALPHA = 0.1, 1.0


def factor(rows):
    """What one step on a batch of so many rows leaves of the weights of an input that is always zero."""
    x = np.zeros((rows, 2))
    x[:, 0] = np.linspace(-1, 1, rows)
    y = np.arange(rows) % 2
    net = MLPClassifier(
        (3,), solver="sgd", momentum=0.0, learning_rate_init=ETA, alpha=ALPHA, random_state=0
    )
    net.partial_fit(x[:1], y[:1], classes=[0, 1])  # makes the weights
    before = net.coefs_[0][1].copy()
    net.partial_fit(x, y)
    return float(np.mean(net.coefs_[0][1] / before))


print("scikit-learn", sklearn.__version__)
taken = {rows: 1 - factor(rows) for rows in (100, 10, 1)}
for rows, part in taken.items():
    print(f"a batch of {rows:>3} rows takes {part:.6f} of the weight; eta*alpha/rows = {ETA * ALPHA / rows:.6f}")
same = all(abs(part - ETA * ALPHA / rows) < 1e-12 for rows, part in taken.items())
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" "$folder/decay.py"
