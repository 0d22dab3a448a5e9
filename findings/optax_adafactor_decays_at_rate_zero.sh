#!/usr/bin/env bash
# optax 0.2.8 with jax 0.10.2, adafactor(weight_decay_rate=...), CPU: the decay does not know the learning rate.
#
# Expected: as in optax.adamw and optax.lion a step takes learning_rate*decay of a weight: nothing at a rate of 0, and
#   less as a schedule falls.
# Seen: a step takes weight_decay_rate of a weight at every rate. Ten steps without gradient at 0.01 leave
#   .904382 at a learning rate of 0.1, of 1e-9, of 0, and in the warm-up of a schedule that begins at 0
#   where adamw(weight_decay=0.01) leaves .990045 at 0.1 and 1 at 0.
# A value that is usual for AdamW, 0.1, takes a tenth of each weight a step; AdamW's 0.1 at a rate of 3e-4 is 3e-5 here,
# and only while the rate is constant: under a cosine no value decays alike in each step.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 optax==0.2.8 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys

import jax
import jax.numpy as jnp
import optax


def left(rule):
    w = jnp.ones((8, 8))
    state = rule.init(w)
    for _ in range(10):
        updates, state = rule.update(jnp.zeros_like(w), state, w)
        w = optax.apply_updates(w, updates)
    return float(w.mean())


warm_up = optax.linear_schedule(0.0, 0.1, 1000)
print("optax", optax.__version__, "jax", jax.__version__)
found = {str(rate): left(optax.adafactor(rate, weight_decay_rate=0.01)) for rate in (0.1, 1e-9, 0.0)}
found["warm-up"] = left(optax.adafactor(warm_up, weight_decay_rate=0.01))
for rate, end in found.items():
    print(f"adafactor, learning rate {rate:<8} {end:.6f}")
adamw = [left(optax.adamw(rate, weight_decay=0.01)) for rate in (0.1, 0.0)]
print(f"adamw at 0.1 {adamw[0]:.6f}, at 0 {adamw[1]:.6f}")
same = all(abs(end - 0.99**10) < 1e-5 for end in found.values()) and abs(adamw[0] - 0.999**10) < 1e-5 and adamw[1] == 1
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
