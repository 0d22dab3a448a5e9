#!/usr/bin/env bash
# transformers 5.24.0 with torch 2.13.0, CPU: the Trainer's weight decay leaves out a whole layer because of its name.
#
# Expected: TrainingArguments(weight_decay=...) decays all weights but biases and the parameters of normalisations.
# Seen: one network of eight nn.Linear(4, 4), the last inside of self.debiaser. Decayed are the matrices of encoder,
#   norm_proj and q; not decayed, silently,
#   debias, unbiased_head   "bias" is searched for anywhere in the full name, debias.weight has it
#   layernorm_free          so is "layernorm"
#   proj_norm               a part of the name that ends in _norm
#   debiaser.0              and so all that a submodule of such a name holds
# Biases, and LayerNorm by its type, are left out as expected. Whoever logs the norm of such a layer sees it grow without end beside layers that rest.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  torch==2.13.0 transformers==5.24.0 accelerate==1.15.0 numpy==2.4.6
cat >"$folder/decay.py" <<'PYTHON'
import sys
import tempfile

import torch
import transformers
from torch import nn

NAMES = ("encoder", "norm_proj", "q", "debias", "unbiased_head", "layernorm_free", "proj_norm")


class Network(nn.Module):
    """Linear layers, and one that holds another."""

    def __init__(self) -> None:
        super().__init__()
        for name in NAMES:
            setattr(self, name, nn.Linear(4, 4))
        self.debiaser = nn.Sequential(nn.Linear(4, 4))


arguments = transformers.TrainingArguments(tempfile.mkdtemp(), weight_decay=0.1, report_to=[], use_cpu=True)
trainer = transformers.Trainer(model=Network(), args=arguments)
optimiser = trainer.create_optimizer()
decayed = {id(one) for group in optimiser.param_groups if group["weight_decay"] for one in group["params"]}
found = {name: id(one) in decayed for name, one in trainer.model.named_parameters() if one.ndim == 2}
print("transformers", transformers.__version__, "torch", torch.__version__)
for name, kept in found.items():
    print(f"{name:<24} {'decays' if kept else 'does not decay'}")
wanted = {"encoder.weight", "norm_proj.weight", "q.weight"}
sys.exit(0 if {name for name, kept in found.items() if kept} == wanted else "the behaviour has changed")
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/decay.py"
