#!/usr/bin/env bash
# pytorch_optimizer 4.1.0 with torch 2.13.0, CPU: optimisers that have no weight_decay accept it, and misspelt names.
#
# Expected: an optimiser that has no weight_decay refuses it with a TypeError, as torch.optim.Rprop and every
#   other function that does not know an argument; so does a misspelt name.
# Seen: the constructors take any further argument without a word.
#   SM3, MSVAG, A2Grad, Amos, AdaShift (weight_decay=0.5)   ten steps without gradient at lr = 0.1 leave 1: no decay
#   Lion, AdaBelief (weight_decy=0.5)                       the same; spelt right .59874
#   The last three write it into their param groups. AdaShift's say weight_decay 0.5, and nothing reads it.
# A sweep over weight_decay is then flat, and one over a misspelt name as well.
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

import pytorch_optimizer
import torch


def left(name, **how):
    """What ten steps without gradient leave, and the optimiser's first param group."""
    w = torch.nn.Parameter(torch.ones(4, 4))
    optimiser = pytorch_optimizer.load_optimizer(name)([w], lr=0.1, **how)
    for _ in range(10):
        w.grad = torch.zeros_like(w)
        optimiser.step()
    return w.detach()[0, 0].item(), optimiser.param_groups[0]


print("pytorch_optimizer", version("pytorch_optimizer"), "torch", torch.__version__)
same = True
for name in ("sm3", "msvag", "a2grad", "amos", "adashift"):
    value, group = left(name, weight_decay=0.5)
    print(f"{name:<9} weight_decay=0.5 leaves {value:.7f}; its group says {group.get('weight_decay')}")
    same &= value == 1 and (group.get("weight_decay") == 0.5) == (name == "adashift")
for name in ("lion", "adabelief"):
    right, (wrong, group) = left(name, weight_decay=0.5)[0], left(name, weight_decy=0.5)
    print(f"{name:<9} weight_decay=0.5 leaves {right:.7f}, weight_decy=0.5 {wrong:.7f}; its group says ", end="")
    print({key: value for key, value in group.items() if key.startswith("weight_d")})
    same &= abs(right - 0.95**10) < 1e-6 and wrong == 1
try:
    torch.optim.Rprop([torch.nn.Parameter(torch.ones(4))], weight_decay=0.5)
except TypeError as error:
    print("torch.optim.Rprop:", error)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
