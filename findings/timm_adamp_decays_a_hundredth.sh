#!/usr/bin/env bash
# timm 1.0.31 with torch 2.13.0, AdamP, CPU: a hundredth of the decay that was asked, by the factory; a tenth by hand.
#
# Expected: weight_decay is decoupled, 1 - lr*weight_decay a step, and create_optimizer_v2([w], "adamp") is AdamP([w]).
# Seen: in a step whose update is projected, which is what AdamP is for, the decay is multiplied by wd_ratio. That is 0.1
#   in timm.optim.AdamP, and 0.01 in what create_optimizer_v2 makes of the same name. With a gradient that is orthogonal
#   to the weights, as it is in front of any normalisation, lr 0.1 and weight_decay 0.01 take in the first step
#   adamw .001000   AdamP .000100   create_optimizer_v2("adamp") .000010   of the weights' mean
#   and ten steps with a zero gradient leave .990045, .999000, .999900.
#   A weight whose gradient is not orthogonal is decayed in full. So the layers before a normalisation, whose effective
#   rate the decay sets, have 100 times less of it than was asked.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 timm==1.0.31 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys

import torch

# timm imports torchvision; one that was built for another kind of torch than this lacks two operators, which nothing here uses.
operators = torch.library.Library("torchvision", "FRAGMENT")
for name in ("nms", "qnms"):
    operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm
from timm.optim import AdamP, create_optimizer_v2

MAKERS = {
    "adamw": lambda w, decay: create_optimizer_v2([w], "adamw", lr=0.1, weight_decay=decay),
    "AdamP": lambda w, decay: AdamP([w], lr=0.1, weight_decay=decay),
    "adamp": lambda w, decay: create_optimizer_v2([w], "adamp", lr=0.1, weight_decay=decay),
}
SIGNS = torch.tensor([1.0, -1.0]).repeat(4, 2)  # orthogonal to a matrix of ones


def mean(make, decay, gradient, steps):
    w = torch.nn.Parameter(torch.ones(4, 4))
    optimiser = make(w, decay)
    for _ in range(steps):
        w.grad = gradient.clone()
        optimiser.step()
    return w.detach().double().mean().item()


print("timm", timm.__version__, "torch", torch.__version__)
taken, left = {}, {}
for name, make in MAKERS.items():
    taken[name] = mean(make, 0.0, SIGNS, 1) - mean(make, 0.01, SIGNS, 1)
    left[name] = mean(make, 0.01, torch.zeros(4, 4), 10)
    print(f"{name:<6} an orthogonal gradient: decay takes {taken[name]:.6f} a step; no gradient: {left[name]:.6f}")
same = all(
    abs(taken[name] - 1e-3 * ratio) < 2e-7 and abs(left[name] - (1 - 1e-3 * ratio) ** 10) < 2e-6
    for name, ratio in {"adamw": 1, "AdamP": 0.1, "adamp": 0.01}.items()
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
