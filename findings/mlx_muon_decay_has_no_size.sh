#!/usr/bin/env bash
# mlx 0.32.4 (CPU), mlx.optimizers.Muon: weight_decay = 0.001 and 1000 times that do the same, and 0.01 is the default.
#
# Expected: as in torch.optim.Muon, keras and the papers' code, weight_decay is decoupled: a step takes lr*weight_decay of
#   a matrix, .990045 of it is left after ten steps without gradient at lr = 0.1, weight_decay = 0.01.
# Seen: it is added to the gradient before that is made orthogonal, and Newton and Schulz's steps take the size of both
#   away. Ten such steps leave of a matrix of ones, 4 by 4
#   weight_decay 0: 1   .001: .82586   .01: .82589   1: .82589
#   and of one of hundreds .17 less than 100: an amount that lr alone sets, not a share. After 1000 steps such a matrix
#   swings around 0. Beside a gradient that is much larger than weight_decay times the weight there is hardly any decay.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "mlx[cpu]==0.32.4" numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import inspect
import sys
from importlib.metadata import version

import mlx.core as mx
import mlx.optimizers as optimizers


def left(weight_decay, start=1.0, steps=10):
    optimiser = optimizers.Muon(learning_rate=0.1, weight_decay=weight_decay)
    parameters = {"w": mx.full((4, 4), start)}
    for _ in range(steps):
        parameters = optimiser.apply_gradients({"w": mx.zeros((4, 4))}, parameters)
    return parameters["w"][0, 0].item()


default = inspect.signature(optimizers.Muon).parameters["weight_decay"].default
print("mlx", version("mlx"), "weight_decay by default:", default)
found = {decay: left(decay) for decay in (0.0, 1e-3, 1e-2, 1.0)}
for decay, value in found.items():
    print(f"weight_decay {decay:<6g} ten steps without gradient leave {value:.5f}")
large = left(1e-2, start=100.0)
print(f"weight_decay 0.01, from 100: {large:.4f}")
same = (
    found[0.0] == 1
    and all(abs(found[decay] - 0.8259) < 2e-4 for decay in (1e-3, 1e-2, 1.0))
    and abs(100 - large - (1 - found[1e-2])) < 2e-3
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
