#!/usr/bin/env bash
# torch-optimi 0.3.3 with PyTorch 2.14.1, CPU: kahan_sum=True keeps small gradient steps of bfloat16 weights, not decay.
#
# Expected: kahan_sum, "Kahan summation for more accurate parameter updates when training in low precision", keeps what
#   bfloat16 rounds away of every update, so that weights decay as float32 weights do.
# Seen: the decay multiplies the bfloat16 weights by themselves, outside of the sum. Gradients that are exactly zero,
#   lr = 1e-3, weight_decay = 0.1, 500 steps, 4000 weights, what is kept beside them counted:
#   bfloat16, kahan_sum=True    0.0 of the decay asked for, no weight moves
#   bfloat16, kahan_sum=False   0.0
#   float32                     1.0
# while constant gradients of 1 move them by 1.0 of lr a step with kahan_sum=True, and hardly without it. A run trained so
# learns as in float32 and is not regularised: the loss does not show it.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  torch==2.14.1 torch-optimi==0.3.3 packaging numpy==2.4.6
cat >"$folder/kahan.py" <<'PYTHON'
import math
import sys

import optimi
import torch

torch.set_num_threads(1)
torch.manual_seed(0)
START = torch.randn(4000)
LR, DECAY, STEPS = 1e-3, 0.1, 500


def ends(dtype, gradient, weight_decay, steps, kahan):
    """First and last weights, what is kept beside them added."""
    w = torch.nn.Parameter(START.clone().to(dtype))
    first = w.detach().double().clone()
    optimiser = optimi.AdamW([w], lr=LR, weight_decay=weight_decay, kahan_sum=kahan, foreach=False)
    for _ in range(steps):
        w.grad = torch.full_like(w, gradient)
        optimiser.step()
    beside = optimiser.state[w].get("kahan_comp")
    return first, w.detach().double() + (beside.double() if kahan and beside is not None else 0)


def share(dtype, kahan):
    first, last = ends(dtype, 0.0, DECAY, STEPS, kahan)
    return float(torch.log(first.norm() / last.norm())) / (-STEPS * math.log1p(-LR * DECAY))


def moved(kahan):
    first, last = ends(torch.bfloat16, 1.0, 0.0, 100, kahan)
    large = first.abs() > 1
    return float((first - last)[large].mean()) / (100 * LR)


found = {
    "decay kept, bfloat16, kahan_sum=True": share(torch.bfloat16, True),
    "decay kept, bfloat16, kahan_sum=False": share(torch.bfloat16, False),
    "decay kept, float32": share(torch.float32, False),
    "moved by gradients, bfloat16, kahan_sum=True": moved(True),
    "moved by gradients, bfloat16, kahan_sum=False": moved(False),
}
print("torch", torch.__version__, "\n" + "\n".join(f"{name}: {value:.4f}" for name, value in found.items()))
lost, plain, right, kept, dropped = found.values()
same = lost < 0.01 and plain < 0.01 and abs(right - 1) < 0.01 and abs(kept - 1) < 0.05 and dropped < 0.5
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" "$folder/kahan.py"
