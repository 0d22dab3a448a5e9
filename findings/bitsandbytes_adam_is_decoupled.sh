#!/usr/bin/env bash
# bitsandbytes 0.50.2 beside torch 2.13.0, CPU: Adam in 8 bits decays as AdamW, Adam in 32 bits of PyTorch does not.
#
# Expected: bitsandbytes.optim.Adam and Adam8bit are torch.optim.Adam with a smaller state: weight_decay is added to the
#   gradient (L2), and AdamW is the decoupled one.
# Seen: without gradient, lr = 0.1, weight_decay = 0.01, ten steps leave of a weight of 1
#   torch.optim.Adam                    0.0762500   (coupled: about lr a step, whatever weight_decay)
#   bitsandbytes.optim.Adam, Adam8bit   0.9900450   (decoupled: 1 - lr*weight_decay a step), the same as its AdamW
# The two names are one rule. Whoever replaces torch.optim.Adam(weight_decay=...) by Adam8bit to save memory changes what
# the decay does, and no value of it gives the old behaviour.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 bitsandbytes==0.50.2 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys

import bitsandbytes
import torch


def left(make):
    w = torch.nn.Parameter(torch.ones(8192))  # from 4096 elements on the state has 8 bits
    optimiser = make([w], lr=0.1, weight_decay=0.01)
    for _ in range(10):
        w.grad = torch.zeros_like(w)
        optimiser.step()
    return w.detach().mean().item()


print("bitsandbytes", bitsandbytes.__version__, "torch", torch.__version__)
optim = bitsandbytes.optim
found = {
    "torch Adam": left(torch.optim.Adam),
    "torch AdamW": left(torch.optim.AdamW),
    "bitsandbytes Adam": left(optim.Adam),
    "bitsandbytes Adam8bit": left(optim.Adam8bit),
    "bitsandbytes AdamW": left(optim.AdamW),
}
for name, value in found.items():
    print(f"{name:<22} {value:.7f}")
same = abs(found["torch Adam"] - 0.07625) < 1e-5 and all(
    abs(value - 0.999**10) < 1e-6 for name, value in found.items() if name != "torch Adam"
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
