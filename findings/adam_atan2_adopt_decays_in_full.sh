#!/usr/bin/env bash
# adam-atan2-pytorch 0.4.1 with torch 2.13.0, CPU: AdoptAtan2 takes 1/lr times the decay that AdamAtan2 takes.
#
# Expected: two optimisers of one library with the same arguments mean the same by weight_decay: 1 - lr*weight_decay a
#   step, as in torch.optim.AdamW.
# Seen: at lr = 1e-4, which is the default of both, and weight_decay = 0.01 ten steps without gradient leave
#   AdamAtan2    .9999899   lr*weight_decay = 1e-6 a step
#   AdoptAtan2   .9043822   weight_decay itself, 1e-2 a step: 10000 times as much
# The argument decoupled_wd, which divides weight_decay by the constructor's lr, is False by default in the one and True
# in the other. Given by hand, both agree, either way. A schedule still counts: half of the constructor's rate leaves
# .9511101 with AdoptAtan2. It is only the scale that is another one, so nothing in a plot of the rates shows it.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  torch==2.13.0 adam-atan2-pytorch==0.4.1 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys
from importlib.metadata import version

import torch
from adam_atan2_pytorch import AdamAtan2, AdoptAtan2

LR, DECAY = 1e-4, 0.01


def left(make, part=1.0, **how):
    """What ten steps without gradient leave, at this part of the constructor's rate."""
    w = torch.nn.Parameter(torch.ones(4, 4))
    optimiser = make([w], lr=LR, weight_decay=DECAY, **how)
    for group in optimiser.param_groups:
        group["lr"] = part * LR
    for _ in range(10):
        w.grad = torch.zeros_like(w)
        optimiser.step()
    return w.detach()[0, 0].item()


print("adam-atan2-pytorch", version("adam-atan2-pytorch"), "torch", torch.__version__)
found = {}
for make in (AdamAtan2, AdoptAtan2):
    name = make.__name__
    found[name] = left(make), left(make, decoupled_wd=False), left(make, decoupled_wd=True), left(make, 0.5)
    print(f"{name:<11} by default {found[name][0]:.7f}, decoupled_wd=False {found[name][1]:.7f}, ", end="")
    print(f"decoupled_wd=True {found[name][2]:.7f}; by default at half of the rate {found[name][3]:.7f}")
adam, adopt = found["AdamAtan2"], found["AdoptAtan2"]
same = (
    abs(adam[0] - (1 - LR * DECAY) ** 10) < 1e-6
    and abs(adopt[0] - (1 - DECAY) ** 10) < 1e-6
    and abs(adopt[3] - (1 - DECAY / 2) ** 10) < 1e-6
    and adam[1:3] == adopt[1:3]
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
