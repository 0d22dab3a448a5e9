#!/usr/bin/env bash
# scikit-learn 1.9.1, MLPRegressor.partial_fit, CPU: a new alpha acts at once, a new learning_rate_init never.
#
# Expected: set_params between two calls of partial_fit, the usual way to a schedule of one's own, changes the next step
#   for learning_rate_init as it does for alpha; get_params shows both.
# Seen: one row a step, an input that is always zero, so that a step leaves 1 - learning_rate_init*alpha of its weights
#   learning_rate_init   .1    alpha 1    .9
#   learning_rate_init   .01   alpha 1    .9     (.99 expected)
#   learning_rate_init   .01   alpha .1   .99    (.999 expected)
# The rate is copied when the first call makes the solver's state, and read from there. With warm_start=True and fit
# instead of partial_fit the state is made anew, and the new rate counts: .99.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  scikit-learn==1.9.1 numpy==2.4.6
cat >"$folder/rate.py" <<'PYTHON'
import sys
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPRegressor

warnings.simplefilter("ignore")  # fit with max_iter=1 says that it has not converged
X, Y = np.array([[1.0, 0.0]]), np.zeros(1)


def made(**how):
    return MLPRegressor(
        hidden_layer_sizes=(3,),
        solver="sgd",
        momentum=0.0,
        learning_rate_init=0.1,
        alpha=1.0,
        random_state=0,
        **how,
    )


def left(step, net, **new):
    """What one step leaves of the weights of the input that is always zero, with these new settings."""
    net.set_params(**new)
    before = net.coefs_[0][1].copy()
    step(X, Y)
    return float(np.mean(net.coefs_[0][1] / before))


print("scikit-learn", sklearn.__version__)
found = {}
net = made().partial_fit(X, Y)
found["partial_fit, learning_rate_init .1, alpha 1"] = left(net.partial_fit, net)
found["partial_fit, learning_rate_init .01, alpha 1"] = left(net.partial_fit, net, learning_rate_init=0.01)
found["partial_fit, learning_rate_init .01, alpha .1"] = left(net.partial_fit, net, alpha=0.1)
warm = made(warm_start=True, max_iter=1).fit(X, Y)
found["fit with warm_start, learning_rate_init .01, alpha 1"] = left(warm.fit, warm, learning_rate_init=0.01)
for name, value in found.items():
    print(f"{name:<53} a step leaves {value:.6f}")
same = all(abs(value - other) < 1e-9 for value, other in zip(found.values(), (0.9, 0.9, 0.99, 0.99), strict=True))
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/rate.py"
