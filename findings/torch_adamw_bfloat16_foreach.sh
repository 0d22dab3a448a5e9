#!/usr/bin/env bash
# PyTorch 2.13.0, AdamW on bfloat16 weights, CPU: the speed option foreach=True changes what weight_decay does.
#
# Expected: foreach, the plain loop and fused are three speeds of one update, w <- (1 - lr*weight_decay) w.
# Seen: with gradients that are exactly zero, lr = 0.01, weight_decay = 0.2, 200 steps, the norm of 4000 weights decays
#   foreach=True   at 2.70 times the asked rate (1 - 0.002 is rounded to bfloat16 first: 0.99609375)
#   foreach=False  at 0.0016 times the asked rate (the product is rounded: most weights stay where they are)
#   fused=True     the same as foreach=False
# At lr*weight_decay = 1e-4, usual settings, all three leave every weight unchanged.
# So a setting that is documented as a speed choice changes the decay by a factor of 1700. Keep float32 master weights.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import math
import sys

import torch


def share(lr, weight_decay, steps, **how):
    """Decay of the weights' norm, relative to steps times -ln(1 - lr*weight_decay)."""
    torch.manual_seed(0)
    weights = torch.nn.Parameter(torch.randn(4000).to(torch.bfloat16))
    start = weights.detach().double().norm()
    optimiser = torch.optim.AdamW([weights], lr=lr, weight_decay=weight_decay, **how)
    for _ in range(steps):
        weights.grad = torch.zeros_like(weights)
        optimiser.step()
    return math.log(weights.detach().double().norm() / start) / (steps * math.log1p(-lr * weight_decay))


print("torch", torch.__version__)
ways = {"foreach=True": {"foreach": True}, "foreach=False": {"foreach": False}, "fused=True": {"fused": True}}
strong = {name: share(1e-2, 0.2, 200, **how) for name, how in ways.items()}
usual = {name: share(1e-3, 0.1, 1000, **how) for name, how in ways.items()}
for name in ways:
    print(f"{name:<14} lr*weight_decay 2e-3: {strong[name]:.4f} of the asked rate; 1e-4: {usual[name]:.4f}")
same = (
    2.5 < strong["foreach=True"] < 2.9
    and strong["foreach=False"] == strong["fused=True"] < 0.01
    and all(abs(value) == 0 for value in usual.values())
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" "$folder/decay.py"
