"""What AdamW of PyTorch does to weights of bfloat16, measured once and stored: torch need not be installed.

Where it is, ``python -m experiments.laboratory.bfloat16.torch_table`` measures again, and prints the table.
"""

from typing import Any

import numpy as np

WAYS: dict[str, dict[str, bool]] = {"loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}
"""The three implementations, which are told apart as speeds, and how each is asked for."""
SEEDS, WEIGHTS = 8, 20_000
ETA, DECAY, STEPS = 0.01, 0.1, 50
"""Of the runs beside gradients: 0.001 a step, fifty steps from weights of 1 beside N(0, 1) gradients."""
ALONE, ALONE_STEPS = 0.003, 333
"""Of the runs without gradient: decay per step, and steps, from weights whose logarithm is uniform."""

MEASURED: dict[str, Any] = {
    "version": "2.13.0",
    "left": {
        "loop": (0.870417, 0.871773, 0.870856, 0.871356, 0.871444, 0.871442, 0.872589, 0.87054),
        "foreach": (0.164908, 0.165028, 0.165026, 0.164975, 0.165006, 0.165044, 0.164968, 0.164989),
        "fused": (0.870417, 0.871773, 0.870856, 0.871356, 0.871444, 0.871442, 0.872589, 0.87054),
    },
    "lost": {
        "loop": (0.0,) * 8,
        "foreach": (0.0,) * 8,
        "fused": (0.043509, 0.043578, 0.043313, 0.043429, 0.043312, 0.043222, 0.043582, 0.043607),
    },
}
"""Measured on 2026-11-29, on a CPU."""


def measure_torch() -> dict[str, Any]:
    """Measure the table anew.

    Returns
    -------
    dict
        ``version``; ``left``: geometric mean of what is left without gradient; ``lost``: what the mean loses to decay
        beside gradients, of runs with it and without it that see the same gradients; a number a seed, by way.

    Raises
    ------
    ImportError
        Without torch.
    """
    import torch

    torch.set_num_threads(1)
    found: dict[str, Any] = {"version": torch.__version__.split("+")[0], "left": {}, "lost": {}}
    for way, how in WAYS.items():
        left, lost = [], []
        for seed in range(SEEDS):
            draws = np.random.default_rng(seed)
            begun = torch.tensor(2 ** draws.uniform(0, 1, WEIGHTS)).to(torch.bfloat16)
            ended = _run(torch, begun, 0.01, ALONE / 0.01, [torch.zeros_like(begun)] * ALONE_STEPS, how)
            left.append(float(np.exp(np.log(_numbers(ended) / _numbers(begun)).mean())))
            gradients = [torch.tensor(draws.normal(size=WEIGHTS)).to(torch.bfloat16) for _ in range(STEPS)]
            ones = torch.ones(WEIGHTS, dtype=torch.bfloat16)
            without, with_it = (_numbers(_run(torch, ones, ETA, decay, gradients, how)) for decay in (0.0, DECAY))
            lost.append(float((without - with_it).mean()))
        found["left"][way], found["lost"][way] = (tuple(round(one, 6) for one in each) for each in (left, lost))
    return found


def _run(torch: Any, begun: Any, eta: float, decay: float, gradients: list[Any], how: dict[str, bool]) -> Any:
    """Step weights of bfloat16 beside given gradients."""
    weights = torch.nn.Parameter(begun.clone())
    optimiser = torch.optim.AdamW([weights], lr=eta, weight_decay=decay, **how)
    for gradient in gradients:
        weights.grad = gradient.clone()
        optimiser.step()
    return weights.detach()


def _numbers(weights: Any) -> np.ndarray:
    return weights.double().numpy()


if __name__ == "__main__":
    import pprint

    pprint.pp(measure_torch(), width=116, compact=True)
