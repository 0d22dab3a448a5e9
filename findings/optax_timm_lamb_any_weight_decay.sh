#!/usr/bin/env bash
# optax 0.2.8 and timm 1.0.31, LAMB on a weight whose gradient is zero, CPU: any weight_decay above 0 is lr itself.
#
# Expected: a weight without gradient (a dead unit, a pruned or unused row) loses lr*weight_decay of itself a step, as
#   with AdamW: at lr = 0.1 a weight_decay of 1e-6 leaves .999999 after ten steps.
# Seen: .3486784 after ten steps, 1 - lr = .9 a step, for weight_decay = 1e-6, 1e-2 and 1 alike, in both libraries; at
#   weight_decay = 0 the weight stays at 1. The decay is inside of the trust ratio |w|/|u|, and where u is nothing but
#   weight_decay*w the ratio cancels it. So the smallest decay that is not zero erases such weights, and a sweep of
#   weight_decay shows no change.
#   optax.lars does the same with its trust coefficient: .9958655 for each of them (timm's takes a ratio of 1 there).
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 optax==0.2.8 numpy==2.4.6 torch==2.13.0 timm==1.0.31
cat >"$folder/decay.py" <<'PYTHON'
import sys

import jax.numpy as jnp
import optax
import torch

# timm imports torchvision; one that was built for another kind of torch than this lacks two operators, which nothing here uses.
operators = torch.library.Library("torchvision", "FRAGMENT")
for name in ("nms", "qnms"):
    operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm
from timm.optim import create_optimizer_v2

STEPS, DECAYS = 10, (0.0, 1e-6, 1e-2, 1.0)


def of_optax(make, weight_decay):
    rule, w = make(0.1, weight_decay=weight_decay), jnp.ones((4, 4))
    state = rule.init(w)
    for _ in range(STEPS):
        updates, state = rule.update(jnp.zeros_like(w), state, w)
        w = optax.apply_updates(w, updates)
    return float(w[0, 0])


def of_timm(name, weight_decay):
    w = torch.nn.Parameter(torch.ones(4, 4))
    optimiser = create_optimizer_v2([w], name, lr=0.1, weight_decay=weight_decay)
    for _ in range(STEPS):
        w.grad = torch.zeros_like(w)
        optimiser.step()
    return w.detach()[0, 0].item()


print("optax", optax.__version__, "timm", timm.__version__)
left = {}
for decay in DECAYS:
    left[decay] = (
        of_optax(optax.lamb, decay),
        of_timm("lamb", decay),
        of_optax(optax.lars, decay),
        of_timm("adamw", decay),
    )
    print(f"weight_decay {decay:<6g} optax.lamb {left[decay][0]:.7f} timm lamb {left[decay][1]:.7f} ", end="")
    print(f"optax.lars {left[decay][2]:.7f} timm adamw {left[decay][3]:.7f}")
same = left[0.0] == (1.0, 1.0, 1.0, 1.0) and all(
    abs(left[decay][0] - 0.9**10) < 1e-6 and abs(left[decay][1] - 0.9**10) < 1e-6 and abs(left[decay][2] - 0.9958655) < 1e-6
    for decay in DECAYS[1:]
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
