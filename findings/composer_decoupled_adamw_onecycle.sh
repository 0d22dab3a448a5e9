#!/usr/bin/env bash
# mosaicml 0.32.1 (composer.optim.DecoupledAdamW) with torch 2.7.0's OneCycleLR, CPU: 25 times the decay that was asked.
#
# Expected: weight_decay is the share of a weight that a step takes at the full rate, and falls with the schedule: a
#   weight without gradient loses at most weight_decay = 1e-5 a step, over a cycle of 1000 steps less than 1 %.
# Seen: the decay is weight_decay*lr/initial_lr, and OneCycleLR writes initial_lr = max_lr/25 into the param group. A
#   step at the peak takes 2.5e-4 of a weight, 25 times what was asked, and the cycle leaves .8812 of it, where CosineAnnealingLR leaves .9950.
#   With final_div_factor and div_factor left alone nothing shows it: lr is as expected at every step.
#   Under LambdaLR, CosineAnnealingLR and composer's own schedulers initial_lr is the constructor's lr, and all is well.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.7.0 mosaicml==0.32.1
cat >"$folder/decay.py" <<'PYTHON'
import sys

import composer
import torch
from composer.optim import DecoupledAdamW

STEPS, DECAY, PEAK = 1000, 1e-5, 1e-3


def cycle(schedule):
    """Largest share of a weight without gradient that a step takes, and what all of them leave."""
    w = torch.nn.Parameter(torch.ones(4, dtype=torch.float64))
    optimiser = DecoupledAdamW([w], lr=PEAK, weight_decay=DECAY)
    scheduler, largest = schedule(optimiser), 0.0
    for _ in range(STEPS):
        before = w.detach()[0].item()
        w.grad = torch.zeros_like(w)
        optimiser.step()
        scheduler.step()
        largest = max(largest, 1 - w.detach()[0].item() / before)
    return largest, w.detach()[0].item()


print("composer", composer.__version__, "torch", torch.__version__)
one_cycle = cycle(lambda optimiser: torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK, total_steps=STEPS + 1))
cosine = cycle(lambda optimiser: torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS))
for name, (largest, left) in {"OneCycleLR": one_cycle, "CosineAnnealingLR": cosine}.items():
    print(f"{name:<18} a step takes up to {largest / DECAY:.2f} times weight_decay; the run leaves {left:.4f}")
same = 24.9 < one_cycle[0] / DECAY < 25.1 and one_cycle[1] < 0.9 and abs(cosine[0] / DECAY - 1) < 1e-6
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
