#!/usr/bin/env bash
# schedulefree 1.4.1 with torch 2.13.0, AdamWScheduleFree on a weight without gradient, CPU: decay carries it past zero.
#
# Expected: decoupled decay is exponential: (1 - lr*weight_decay)^t of a weight is left, which never changes sign; if the
#   average lags, then by a factor.
# Seen, at lr*weight_decay = 1e-3 (t steps; the weights in eval mode, which are those that are used):
#   t = 10       .9950   where AdamW leaves .9900   half of the decay, at first
#   t = 1000     .583    where AdamW leaves .368
#   t = 5000    -.055    where AdamW leaves .0067   it has changed sign
#   t = 7000    -.092    the lowest point
#   t = 20000   +.024    where AdamW leaves 2e-9    it swings back
# The point at which decay is evaluated is an average of all earlier ones: without the mixing of beta it is the Bessel
# function J1(2 sqrt(eps t))/sqrt(eps t), a damped oscillation. So a weight that no gradient touches is not gone after
# many time scales 1/(lr*weight_decay): it is of the other sign, and its size falls as a power of t.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 schedulefree==1.4.1 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys
from importlib.metadata import version

import torch
from schedulefree import AdamWScheduleFree

w = torch.nn.Parameter(torch.ones(4))
optimiser = AdamWScheduleFree([w], lr=0.1, weight_decay=0.01)
seen = {}
for step in range(1, 20001):
    optimiser.train()
    w.grad = torch.zeros_like(w)
    optimiser.step()
    if step in (10, 1000, 5000, 7000, 20000):
        optimiser.eval()
        seen[step] = w.detach()[0].item()
print("schedulefree", version("schedulefree"), "torch", torch.__version__)
for step, left in seen.items():
    print(f"after {step:>5} steps {left:+.4f}; AdamW leaves {0.999**step:.3g}")
expected = {10: 0.9945, 1000: 0.5828, 5000: -0.0551, 7000: -0.0923, 20000: 0.0237}
same = all(abs(seen[step] - value) < 1e-3 for step, value in expected.items())
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
