#!/usr/bin/env bash
# optax 0.2.8 with jax 0.10.2, CPU: in a float64 run one schedule of optax stays float32 and the next does not.
#
# Expected: with jax_enable_x64 set, optax.linear_schedule and optax.cosine_decay_schedule give float64 rates alike.
# Seen: an optimiser hands its schedule an int32 counter of steps. For that counter
#   optax.cosine_decay_schedule   returns float64, right to 1e-16
#   optax.linear_schedule         returns float32: 0.003 comes out as 0.0030000004917, off by 1.6e-7 of itself
# The same linear schedule called with a Python integer is right to 1e-16, so looking at it does not show the error.
# Fifty float64 steps of SGD under a linear warm-up of w^2/2 therefore end 3.5e-8 away from the same steps in NumPy: a
# comparison of optimisers at 1e-10 fails for a reason that is in neither optimiser.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  jax==0.10.2 jaxlib==0.10.2 optax==0.2.8 numpy==2.4.6
cat >"$folder/rates.py" <<'PYTHON'
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)
linear = optax.linear_schedule(0.0, 0.03, 10)
cosine = optax.cosine_decay_schedule(0.03, 100)
count = jnp.asarray(1, jnp.int32)
exact = 0.03 * (1 + np.cos(np.pi / 100)) / 2


def off(value, exact):
    """Distance from the exact rate, relative to it."""
    return abs(float(value) - exact) / exact


transformation = optax.sgd(linear)
w = jnp.asarray(1.0, jnp.float64)
state, by_hand = transformation.init(w), 1.0
for step in range(50):
    updates, state = transformation.update(w, state, w)
    w = optax.apply_updates(w, updates)
    by_hand -= 0.03 * min(step, 10) / 10 * by_hand
print("optax", optax.__version__, "jax", jax.__version__)
print(f"linear, int32 counter: {jnp.result_type(linear(count))}, off by {off(linear(count), 0.003):.1e}")
print(f"linear, Python integer: off by {off(linear(1), 0.003):.1e}")
print(f"cosine, int32 counter: {jnp.result_type(cosine(count))}, off by {off(cosine(count), exact):.1e}")
print(f"fifty steps of SGD on w^2/2: off by {off(w, by_hand):.1e}")
same = (
    off(linear(count), 0.003) > 1e-8
    and off(linear(1), 0.003) < 1e-14
    and off(cosine(count), exact) < 1e-14
    and off(w, by_hand) > 1e-10
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" "$folder/rates.py"
