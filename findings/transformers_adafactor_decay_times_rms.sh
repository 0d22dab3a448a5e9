#!/usr/bin/env bash
# transformers 5.23.0 with torch 2.13.0, Adafactor(relative_step=False), CPU: small weights are hardly decayed.
#
# Expected: weight_decay is AdamW's: a step takes lr*weight_decay of each weight, whatever its size.
# Seen: scale_parameter=True, the default, multiplies lr by max(1e-3, rms of the tensor), and the decay by the same. At
#   lr = 1e-3, weight_decay = 0.1 one step without gradient takes of a tensor whose weights are all
#   1       1.0e-4 of it
#   0.02    2.0e-6 of it   (BERT's and GPT-2's initialisation: a fiftieth)
#   1e-4    1.0e-7 of it
# So the decay is quadratic, dw/dt = -lr*weight_decay*rms*w: weights fall as 1/t and not exponentially, and a value
# that was found with AdamW does nothing at usual initialisations.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.23.0 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys

import torch
import transformers
from transformers.optimization import Adafactor


def taken(start, **how):
    w = torch.nn.Parameter(torch.full((8, 8), start, dtype=torch.float64))
    optimiser = Adafactor([w], lr=1e-3, weight_decay=0.1, relative_step=False, **how)
    w.grad = torch.zeros_like(w)
    optimiser.step()
    return 1 - w.detach()[0, 0].item() / start


print("transformers", transformers.__version__, "torch", torch.__version__)
same = True
for start in (1.0, 0.02, 1e-4):
    scaled, plain = taken(start), taken(start, scale_parameter=False)
    print(f"weights of {start:<6g} scale_parameter=True {scaled:.3e}, scale_parameter=False {plain:.3e} of them a step")
    same &= abs(scaled / (1e-4 * max(1e-3, start)) - 1) < 1e-2 and abs(plain / 1e-4 - 1) < 1e-2
sys.exit(0 if same else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
