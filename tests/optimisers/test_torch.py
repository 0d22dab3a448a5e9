"""Each rule that PyTorch has against PyTorch's own in float64, 50 steps, biases not decayed: the same path to 1e-10."""

import jax
import numpy as np
import pytest

from tests.optimisers.stepping import ETA, STEPS, L, draw, gradient, trained
from wd_jax.optimisers.rules import RULES

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.numeric

TORCH = {
    "sgd": lambda groups: torch.optim.SGD(groups, lr=ETA),
    "momentum": lambda groups: torch.optim.SGD(groups, lr=ETA, momentum=0.7),
    "nesterov": lambda groups: torch.optim.SGD(groups, lr=ETA, momentum=0.7, nesterov=True),
    "adam_l2": lambda groups: torch.optim.Adam(groups, lr=ETA, betas=(0.8, 0.95)),
    "adamw": lambda groups: torch.optim.AdamW(groups, lr=ETA, betas=(0.8, 0.95)),
    "rmsprop_l2": lambda groups: torch.optim.RMSprop(groups, lr=ETA, alpha=0.95),
}
"""Not here: its NAdam has a schedule of the momentum, and its Muon computes in bfloat16."""


def trained_by_torch(name: str) -> dict[str, np.ndarray]:
    leaves = {leaf: torch.tensor(np.array(value), dtype=torch.float64) for leaf, value in draw(0)[0].items()}
    groups = [{"params": [leaves["w"]], "weight_decay": L}, {"params": [leaves["b"]], "weight_decay": 0.0}]
    optimiser = TORCH[name](groups)
    for k in range(1, STEPS + 1):
        found = gradient(k, [{leaf: value.numpy() for leaf, value in leaves.items()}])[0]
        for leaf, value in leaves.items():
            value.grad = torch.tensor(np.array(found[leaf]), dtype=torch.float64)
        optimiser.step()
    return {leaf: value.numpy() for leaf, value in leaves.items()}


@pytest.mark.parametrize("name", TORCH)
def test_as_pytorch_does_it(name: str) -> None:
    with jax.enable_x64(True):
        theirs, (mine, _) = trained_by_torch(name), trained(RULES[name])
    for leaf in ("w", "b"):
        np.testing.assert_allclose(mine[0][leaf], theirs[leaf], rtol=1e-10, atol=1e-10)
