#!/usr/bin/env bash
# PyTorch 2.13.0, AdamW on bfloat16 weights, CPU: beside gradients fused=True keeps most of a decay that the plain loop
# and foreach=True lose to the last bit.
#
# Expected: fused is a speed. A decay of lr*weight_decay = 0.001 a step is below what bfloat16 can show (half of a weight's
#   spacing is between 0.002 and 0.004 of it), so that all three lose it; without gradient all three do.
# Seen: with gradients of independent normal numbers, lr = 0.002, weight_decay = 0.5, the root mean square of 2000 weights
#   that start at 0.05 is, after 3000 steps (three timescales),
#                   weight_decay=0.5   weight_decay=0
#   float32         0.0436                       (the law's sqrt(lr/(2 weight_decay)) is 0.0447)
#   bfloat16 loop   0.1035             0.1035    (the same bits: no decay at all)
#   foreach=True    0.1035                       (the same bits)
#   fused=True      0.0392             0.1120    (decays about as asked)
# The loop multiplies by 1 - lr*weight_decay and rounds, which gives the weight back, and then steps. The fused kernel does
# both in float32 and rounds once, so that the step's own noise carries the decay over the threshold, on average.
# Transformers' Trainer takes fused by itself (optim="adamw_torch_fused"), a hand-written loop does not: one and the same
# AdamW(lr, weight_decay) then decays or does not.
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

torch.set_num_threads(1)
LR, DECAY, STEPS = 2e-3, 0.5, 3000


def rest(dtype, weight_decay=DECAY, **how):
    """Root mean square after the steps."""
    torch.manual_seed(0)
    w = torch.nn.Parameter((0.05 * torch.randn(2000)).to(dtype))
    optimiser = torch.optim.AdamW([w], lr=LR, weight_decay=weight_decay, **how)
    for _ in range(STEPS):
        w.grad = torch.randn(2000).to(dtype)
        optimiser.step()
    return w.detach().double().square().mean().sqrt().item()


half = torch.bfloat16
found = {
    "float32": rest(torch.float32),
    "bfloat16 loop": rest(half, foreach=False),
    "bfloat16 loop, weight_decay=0": rest(half, 0.0, foreach=False),
    "bfloat16 foreach=True": rest(half, foreach=True),
    "bfloat16 fused=True": rest(half, fused=True),
    "bfloat16 fused=True, weight_decay=0": rest(half, 0.0, fused=True),
}
print("torch", torch.__version__)
for name, value in found.items():
    print(f"{name:<36} {value:.4f}")
loop = found["bfloat16 loop"]
same = (
    loop == found["bfloat16 loop, weight_decay=0"] == found["bfloat16 foreach=True"]
    and loop > 2 * found["float32"]
    and abs(found["bfloat16 fused=True"] / found["float32"] - 1) < 0.2
    and found["bfloat16 fused=True, weight_decay=0"] > 2 * found["float32"]
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
