#!/usr/bin/env bash
# torch 2.13.0, torch.optim.ASGD, CPU: weight_decay=0 decays, and a scheduler is followed one step late.
#
# Expected: "averaged SGD" with weight_decay=0, its default, leaves a weight without gradient as it is; setting lr to 0
#   stops the next step.
# Seen: lambd = 1e-4, an argument that looks like the averaging's, is a decay of its own, 1 - lambd*eta a step, with an
#   eta that the optimiser lowers by itself. At lr = 0.1 ten thousand steps leave .908 of the weight.
#   The step size is computed at the end of a step for the next one: after param_group["lr"] = 0 the next step still
#   moves the weight by the old rate, and the one after that does not.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys

import torch


def stepped(optimiser, w, gradient=0.0):
    w.grad = torch.full_like(w, gradient)
    optimiser.step()
    return w.detach()[0].item()


w = torch.nn.Parameter(torch.ones(4, dtype=torch.float64))
optimiser = torch.optim.ASGD([w], lr=0.1)
print("torch", torch.__version__, "weight_decay by default:", optimiser.defaults["weight_decay"])
for _ in range(10_000):
    left = stepped(optimiser, w)
print(f"without gradient 10000 steps leave {left:.4f} of the weight")

w = torch.nn.Parameter(torch.ones(4, dtype=torch.float64))
optimiser = torch.optim.ASGD([w], lr=0.1, lambd=0.0)
path = [1.0, stepped(optimiser, w, 1.0)]
optimiser.param_groups[0]["lr"] = 0.0
path += [stepped(optimiser, w, 1.0), stepped(optimiser, w, 1.0)]
moves = [before - after for before, after in zip(path, path[1:], strict=False)]
print("steps by a gradient of 1, lr set to 0 after the first:", [round(move, 6) for move in moves])
same = abs(left - 0.908) < 0.001 and moves[1] > 0.09 and moves[2] == 0
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
