#!/usr/bin/env bash
# scikit-learn 1.9.1, SGDClassifier with its default schedule "optimal", CPU: 10 times alpha is 5.6 times the decay.
#
# Expected: alpha is the strength of the L2 penalty: without a gradient of the loss a weight falls exponentially, by
#   eta*alpha a step, and 10 times alpha decays 10 times as fast; alpha = 1e-4 is far less than alpha = 0.1.
# Seen: the rate is 1/(alpha*(t0 + t)), so alpha drops out of the decay: t0/(t0 + t) of a weight is left, and alpha
#   enters by t0 = alpha^(-3/4) alone (hinge loss). Of a weight whose input is zero
#   alpha   t0     1 row leaves   1000 rows   10000 rows
#   1e-4    1000   .99900         .5000       .0909
#   1e-3    178    .99441         .1510       .0175
#   1e-2    31.6   .96935         .0307       .0032
#   1e-1    5.62   .84902         .0056       .0006
# Ten times alpha takes 5.6 times as much at first, and leaves a 5.6th at last, and the fall is 1/t. What alpha sets is
# the learning rate of the loss. eta0 does nothing here. learning_rate="constant" is as expected: 1 - eta0*alpha.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  scikit-learn==1.9.1 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys

import numpy as np
import sklearn
from sklearn.linear_model import SGDClassifier


def left(alpha, rows, **how):
    """What so many rows leave of the weight of an input that is zero in all of them."""
    model = SGDClassifier(alpha=alpha, random_state=0, **how)
    model.partial_fit(np.array([[1.0, 1.0]]), np.array([1]), classes=[0, 1])  # makes the weight
    before = model.coef_[0, 1]
    model.partial_fit(np.tile([[1.0, 0.0]], (rows, 1)), np.ones(rows, int))
    return model.coef_[0, 1] / before


print("scikit-learn", sklearn.__version__)
same = True
for alpha in (1e-4, 1e-3, 1e-2, 1e-1):
    t0 = alpha**-0.75
    found = {rows: left(alpha, rows) for rows in (1, 1000, 10000)}
    constant = left(alpha, 1, learning_rate="constant", eta0=0.1)
    ends = ", ".join(f"{rows} rows leave {value:.5f}" for rows, value in found.items())
    print(f"alpha {alpha:<6g} t0 {t0:6.1f}: {ends}; at a constant rate of .1 one row {constant:.5f}")
    same &= all(abs(value / (t0 / (t0 + rows)) - 1) < 1e-6 for rows, value in found.items())
    same &= left(alpha, 1, eta0=10.0) == found[1] and abs(constant - (1 - 0.1 * alpha)) < 1e-9
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
