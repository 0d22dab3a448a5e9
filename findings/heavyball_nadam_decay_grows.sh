#!/usr/bin/env bash
# heavyball 3.2.1 with torch 2.13.0, NAdam, CPU: the larger weight_decay, the larger the weights.
#
# Expected: NAdam(weight_decay=0.1) at lr = 1e-2 beside random gradients takes 1e-3 of a weight a step, as AdamW of the
#   same library: exp(-.1) = .905 of it is left after 100 steps.
# Seen: 100 steps with the same gradients, N(0, 1) times 100, multiply the mean of 4096 weights by
#   AdamW   weight_decay 0: 1.000   weight_decay 0.1: .905
#   NAdam   weight_decay 0: 1.000   weight_decay 0.1: 1.105, which is exp(+.1)
# The decay enters the step with the sign of growth. Where gradients are small a second, coupled term hides it.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 heavyball==3.2.1 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys
from importlib.metadata import version

import heavyball
import torch


def grown(make, weight_decay):
    """Mean of the weights after 100 steps over that before them."""
    torch.manual_seed(0)
    w = torch.nn.Parameter(torch.ones(64, 64))
    optimiser = make([w], lr=1e-2, weight_decay=weight_decay)
    for _ in range(100):
        w.grad = 100 * torch.randn(64, 64)
        optimiser.step()
    return w.detach().mean().item()


print("heavyball", version("heavyball"), "torch", torch.__version__)
found = {
    (make.__name__, decay): grown(make, decay) for make in (heavyball.AdamW, heavyball.NAdam) for decay in (0.0, 0.1)
}
for (name, decay), value in found.items():
    print(f"{name:<6} weight_decay {decay:<4g} mean weight {value:.4f} of its start")
adamw, nadam = (found[name, 0.1] / found[name, 0.0] for name in ("AdamW", "NAdam"))
print(f"with decay over without: AdamW {adamw:.4f}, NAdam {nadam:.4f}")
sys.exit(0 if abs(adamw - 0.905) < 0.01 and abs(nadam - 1.105) < 0.01 else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
