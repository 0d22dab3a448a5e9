#!/usr/bin/env bash
# optax 0.2.8 with jax 0.10.2, CPU: chain(adam(lr), add_decayed_weights(wd)) makes weights grow by 1 + wd a step.
#
# Expected: in AdamW's order, first Adam's step and then the decay, each weight loses lr*weight_decay a step; with a wrong
#   order at worst the rate is missing.
# Seen: adam(lr) has already turned the gradient into a step, with its minus sign; add_decayed_weights, for gradients,
#   adds +wd*w to it. Without gradient ten steps at wd = 0.01 leave 1.1046 of a weight, whatever lr is, 0 too, and at
#   lr = 1e-3 beside random gradients 1000 steps make it 2e4 times as large. The right order, where the rate comes
#   last, is chain(scale_by_adam(), add_decayed_weights(wd), scale_by_learning_rate(lr)), which is adamw: .9900.
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


def left(rule, steps=10, scale=0.0):
    w = jnp.ones((8, 8))
    state = rule.init(w)

    @jax.jit
    def step(carry, key):
        w, state = carry
        updates, state = rule.update(scale * jax.random.normal(key, w.shape), state, w)
        return (optax.apply_updates(w, updates), state), None

    (w, _), _ = jax.lax.scan(step, (w, state), jax.random.split(jax.random.key(0), steps))
    return float(w.mean())


def wrong(lr):
    return optax.chain(optax.adam(lr), optax.add_decayed_weights(0.01))


right = optax.chain(optax.scale_by_adam(), optax.add_decayed_weights(0.01), optax.scale_by_learning_rate(0.1))
print("optax", optax.__version__, "jax", jax.__version__)
ends = {lr: left(wrong(lr)) for lr in (0.0, 1e-3, 0.1)}
for lr, end in ends.items():
    print(f"adam({lr:g}), then add_decayed_weights(0.01): ten steps without gradient leave {end:.6f}")
good, noisy = left(right), left(wrong(1e-3), 1000, 1.0)
print(f"scale_by_adam, add_decayed_weights(0.01), scale_by_learning_rate(0.1): {good:.6f}")
print(f"the wrong order beside random gradients, lr 1e-3, 1000 steps: {noisy:.4g}")
same = all(abs(end - 1.01**10) < 1e-5 for end in ends.values()) and abs(good - 0.999**10) < 1e-5 and noisy > 1e4
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
