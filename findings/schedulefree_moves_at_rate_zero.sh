#!/usr/bin/env bash
# schedulefree 1.4.1 with torch 2.13.0, AdamWScheduleFree and SGDScheduleFree, CPU: lr = 0 does not stop the weights.
#
# Expected: after param_group["lr"] = 0 a step changes nothing: no gradient step, no decay (which is lr*weight_decay).
# Seen, in both: five steps at lr = 0.1, then lr = 0. The weights of eval mode, which are those that are used, after
#                                                 5 steps   10 steps   1000 steps
#   weight_decay 0.01, gradient 0 (decay alone)   .9970     .9960      .9950
#   weight_decay 0, gradient 1                    .7        .6         .501
#   The average goes on towards the point z at which the gradient steps were made, and that has stopped at .9950 and .5:
#   a step's weight in the average is the largest rate seen so far, squared, not the current one. So a param group that
#   is frozen by lr = 0 moves on, in the end to nearly twice its way so far, and a schedule's tail at 0 is not idle.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  torch==2.13.0 schedulefree==1.4.1 numpy==2.4.6
cat >"$folder/rate.py" <<'PYTHON'
import sys
from importlib.metadata import version

import torch
from schedulefree import AdamWScheduleFree, SGDScheduleFree


def path(make, weight_decay, gradient):
    """The weights of eval mode after 5, 10 and 1000 steps, all but the first five at a rate of 0."""
    w = torch.nn.Parameter(torch.ones(4))
    optimiser, seen = make([w], lr=0.1, weight_decay=weight_decay), []
    for step in range(1, 1001):
        optimiser.train()
        w.grad = torch.full_like(w, gradient)
        optimiser.step()
        if step == 5:
            optimiser.param_groups[0]["lr"] = 0.0
        if step in (5, 10, 1000):
            optimiser.eval()
            seen.append(w.detach()[0].item())
    return seen


print("schedulefree", version("schedulefree"), "torch", torch.__version__)
same = True
for make in (AdamWScheduleFree, SGDScheduleFree):
    for decay, gradient, expected in ((0.01, 0.0, (0.9970, 0.9960, 0.9950)), (0.0, 1.0, (0.7, 0.6, 0.501))):
        seen = path(make, decay, gradient)
        print(f"{make.__name__:<18} weight_decay {decay:<5g} gradient {gradient:g}: after 5, 10, 1000 steps ", end="")
        print(", ".join(f"{value:.6f}" for value in seen))
        same &= all(abs(value - other) < 1e-4 for value, other in zip(seen, expected, strict=True))
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/rate.py"
