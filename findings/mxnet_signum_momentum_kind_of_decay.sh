#!/usr/bin/env bash
# mxnet 1.9.1, optimizer Signum, CPU: with momentum wd is under the sign, without momentum it is not.
#
# Expected: momentum smooths what the sign is taken of; wd does the same to a weight without gradient in both cases.
# Seen: at learning_rate = 0.1 ten steps without gradient leave of a weight of 1
#   momentum=0                    wd 1e-6: .999999    wd .01: .9900450    1 - learning_rate*wd a step (decoupled)
#   momentum=0.9, the default     wd 1e-6: .0000000   wd .01: .0000000    learning_rate a step, whatever wd (coupled)
#   momentum=0.9, wd_lh=.01       .9900450 with wd=0: the decoupled decay has another name there
# So with momentum any wd above 0 takes a weight without gradient to 0 in 1/learning_rate steps, and a value that was
# tuned with momentum=0 means something else as soon as there is some. (Needs NumPy 1 and at most Python 3.11.)
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  mxnet==1.9.1 numpy==1.23.5
cat >"$folder/decay.py" <<'PYTHON'
import sys

import mxnet as mx


def left(**how):
    optimiser = mx.optimizer.create("signum", learning_rate=0.1, **how)
    w = mx.nd.ones((4, 4))
    state = optimiser.create_state(0, w)
    for _ in range(10):
        optimiser.update(0, w, mx.nd.zeros((4, 4)), state)
    return float(w.asnumpy()[0, 0])


print("mxnet", mx.__version__)
plain = [left(momentum=0.0, wd=decay) for decay in (0.0, 1e-6, 0.01)]
default = [left(wd=decay) for decay in (0.0, 1e-6, 0.01)]
other = left(wd_lh=0.01, wd=0.0)
for decay, without, with_ in zip((0.0, 1e-6, 0.01), plain, default, strict=True):
    print(f"wd {decay:<6g} momentum=0 leaves {without:.7f}, momentum=0.9 {with_:.7f}")
print(f"wd_lh 0.01, momentum=0.9 leaves {other:.7f}")
same = (
    plain[0] == default[0] == 1
    and abs(plain[1] - (1 - 1e-7) ** 10) < 1e-6
    and abs(plain[2] - 0.999**10) < 1e-6
    and all(abs(value) < 1e-5 for value in default[1:])
    and abs(other - 0.999**10) < 1e-6
)
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
