"""An unused weight in PyTorch's own optimisers, as the how-to has it: decay in effect, to the digits."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.logs.log import TrainingLog

torch = pytest.importorskip("torch")


def _log(make: Callable[[list], Any], steps: int = 400, dtype: Any = None) -> TrainingLog:
    """Step a canary, a record each step."""
    canary = torch.nn.Parameter(torch.ones(64, dtype=dtype or torch.float32))
    canary.grad = torch.zeros_like(canary)
    optimiser = make([canary])
    norms, cosines, before = [], [np.nan], canary.detach().double().clone()
    for step in range(steps + 1):
        now = canary.detach().double()
        norms.append(float(now.norm()))
        if step:
            cosines.append(float(now @ before / now.norm() / before.norm()))
        before = now.clone()
        optimiser.step()
        optimiser.zero_grad(set_to_none=False)
    rate = optimiser.param_groups[0]["lr"]
    time = np.arange(steps + 1.0)
    return TrainingLog(
        "canary", "PyTorch", time, "step", {"canary": np.array(norms)}, sizes={"canary": 64},
        gradients={"canary": np.zeros(steps + 1)},
        cosines={"canary": np.array(cosines)}, lr=np.full(steps + 1, rate),
    )  # fmt: skip


@pytest.mark.numeric
@pytest.mark.parametrize("weight_decay", [0.1, 1.0])
def test_adamw_does_what_is_asked(weight_decay: float) -> None:
    log = _log(lambda params: torch.optim.AdamW(params, lr=1e-2, weight_decay=weight_decay))
    found = diagnose(log, "torch:AdamW", weight_decay=weight_decay)
    assert not found.findings
    assert found.layers[0].evidence == "decay alone"
    assert found.layers[0].factor.value == pytest.approx(1, rel=1e-3)


@pytest.mark.numeric
def test_the_momentum_of_sgd_amplifies() -> None:
    """The first 1/(1 - momentum) steps lag: so the long run is looked at."""
    log = _log(lambda params: torch.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=1e-3), steps=4000)
    asked = diagnose(log, "timm:sgdw(momentum=.9)", weight_decay=1e-3)
    assert [one.kind for one in asked.findings] == ["decay amplified by momentum"]
    named = diagnose(log, "torch:SGD(momentum=.9)", weight_decay=1e-3)
    assert not named.findings
    assert named.layers[0].factor.value == pytest.approx(1, rel=0.01)


@pytest.mark.numeric
def test_bfloat16_loses_it() -> None:
    log = _log(lambda params: torch.optim.AdamW(params, lr=1e-3, weight_decay=0.5), dtype=torch.bfloat16)
    found = diagnose(log, "torch:AdamW", weight_decay=0.5, dtype="bfloat16")
    assert [one.kind for one in found.findings] == ["decay lost to precision"]


@pytest.mark.numeric
def test_a_weight_without_gradient_is_not_stepped() -> None:
    """PyTorch skips it: a canary needs a gradient of 0, and one that sleeps is no mistake of the decay."""
    canary = torch.nn.Parameter(torch.ones(8))
    torch.optim.AdamW([canary], lr=0.1, weight_decay=0.5).step()
    assert float(canary.detach().min()) == 1.0
