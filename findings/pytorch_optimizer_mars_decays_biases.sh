#!/usr/bin/env bash
# pytorch_optimizer 4.1.0 with torch 2.13.0, MARS, CPU: weight_decay=0 decays biases, and only them.
#
# Expected: weight_decay=0, the default, decays nothing; create_optimizer(model, "mars", weight_decay=0.01), which puts
#   biases into a group of their own with weight_decay 0, decays matrices and no biases.
# Seen: parameters of one dimension have a weight_decay_1d of their own, 0.1 by default, and weight_decay is not read
#   for them. At lr = 3e-3 a thousand steps without gradient leave of a matrix and a bias of ones
#   MARS, weight_decay 0                 matrix 1        bias .7408
#   create_optimizer, weight_decay .01   matrix .9705    bias .7408, with weight_decay 0.0 in its param group
# The bias rate is lr_1d = 3e-3, whatever lr is at the start (a schedule scales it): a smaller lr is no way out.
# weight_decay_1d=0, which has to be known, is one.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  torch==2.13.0 pytorch-optimizer==4.1.0 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys
from importlib.metadata import version

import torch
from pytorch_optimizer import MARS, create_optimizer

MAKERS = {
    "MARS, weight_decay 0": lambda net: MARS(net.parameters(), lr=3e-3),
    "MARS, weight_decay 0, lr 1e-6": lambda net: MARS(net.parameters(), lr=1e-6),
    "create_optimizer, weight_decay .01": lambda net: create_optimizer(net, "mars", lr=3e-3, weight_decay=0.01),
    "MARS, weight_decay_1d 0": lambda net: MARS(net.parameters(), lr=3e-3, weight_decay_1d=0.0),
}


def left(make):
    net = torch.nn.Linear(4, 4)
    for parameter in net.parameters():
        torch.nn.init.ones_(parameter)
    optimiser = make(net)
    for _ in range(1000):
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimiser.step()
    return net.weight[0, 0].item(), net.bias[0].item(), [group["weight_decay"] for group in optimiser.param_groups]


print("pytorch_optimizer", version("pytorch_optimizer"), "torch", torch.__version__)
found = {name: left(make) for name, make in MAKERS.items()}
for name, (matrix, bias, decays) in found.items():
    print(f"{name:<36} matrix {matrix:.4f}, bias {bias:.4f}, weight_decay in the groups {decays}")
plain, slow, made, off = found.values()
bias = (1 - 3e-3 * 0.1) ** 1000
same = (
    all(abs(values[1] - bias) < 1e-3 for values in (plain, slow, made))
    and plain[0] == slow[0] == 1
    and abs(made[0] - (1 - 3e-5) ** 1000) < 1e-3
    and 0.0 in made[2]
    and off[:2] == (1, 1)
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
