#!/usr/bin/env bash
# thinc 9.1.1, SGD with L2_is_weight_decay=False, CPU: the larger the layer, the less of L2 is left.
#
# Expected: the L2 penalty acts on each weight: SGD takes learn_rate*L2 of it a step, however many others there are.
# Seen: L2*w is added to the gradient before that is clipped, and grad_clip is 1.0 by default, for each array.
#   The clip takes the penalty with it. SGD(0.1, L2=1.0), no gradient, weights of 1: one step takes of what was asked
#   4 weights   .5    400   .05    4000   .0158    40000   .005    (1/norm of the weights)
#   grad_clip=0 (no clipping) or L2_is_weight_decay=True, the default: 1.0 each time.
#   With L2=10 a step takes as much as with L2=1: the penalty has reached its bound, and raising it changes nothing.
# So clipping, which should only catch rare large gradients, binds in each step where L2 times the norm is above 1.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  thinc==9.1.1 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys
from importlib.metadata import version

import numpy as np
from thinc.api import SGD

RATE = 0.1


def taken(size, L2=1.0, **how):
    """What one step without gradient takes of weights of 1."""
    optimiser = SGD(RATE, L2=L2, use_averages=False, **how)
    w = np.ones(size, "f")
    w, _ = optimiser((0, "w"), w, np.zeros_like(w))
    return 1 - float(w[0])


print("thinc", version("thinc"))
same = True
for size in (4, 400, 4000, 40000):
    clipped = taken(size, L2_is_weight_decay=False) / RATE
    more = taken(size, L2=10.0, L2_is_weight_decay=False) / RATE
    free = taken(size, L2_is_weight_decay=False, grad_clip=0.0) / RATE
    decay = taken(size, L2_is_weight_decay=True) / RATE
    print(f"{size:>5} weights: L2=1 {clipped:.5f}, L2=10 {more:.5f}, grad_clip=0 {free:.5f}, weight decay {decay:.5f}")
    same &= abs(clipped * size**0.5 - 1) < 1e-2 and abs(more - clipped) < 1e-5
    same &= abs(free - 1) < 1e-5 and abs(decay - 1) < 1e-5
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
