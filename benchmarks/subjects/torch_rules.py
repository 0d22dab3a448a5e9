"""PyTorch: `torch.func.vmap` of one member's gradient and a rule written out, the whole step compiled."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.cases import ETA, Case
from benchmarks.subjects import network

Leaves = Sequence[Any]


def averages(rule: str) -> int:
    """Say how many averages of the gradient's size a rule keeps."""
    return {"sgd": 0, "momentum": 1, "nesterov": 1, "sgdw": 1, "lion": 1, "adamw": 2, "adam_l2": 2}[rule]


def update(rule: str, w: Any, g: Any, kept: Leaves, step: Any, decay: Any) -> tuple[Any, Leaves]:
    """Take one step of one leaf of all members; `decay` is lmbda/n of each, 0 of a bias."""
    import torch

    eta = ETA[rule]
    if rule in ("sgd", "momentum", "nesterov", "adam_l2"):
        g = g + decay * w
        decay = 0.0 * decay
    if rule in ("momentum", "nesterov", "sgdw"):
        v = 0.9 * kept[0] + g
        kept, direction = (v,), g + 0.9 * v if rule == "nesterov" else v
    elif rule == "lion":
        direction = torch.sign(0.9 * kept[0] + 0.1 * g)
        kept = (0.999 * kept[0] + 0.001 * g,)
    elif rule in ("adamw", "adam_l2"):
        a, s = 0.9 * kept[0] + 0.1 * g, 0.999 * kept[1] + 0.001 * g * g
        kept = (a, s)
        direction = a / (1 - 0.9**step) / (torch.sqrt(s / (1 - 0.999**step)) + 1e-8)
    else:
        direction = g
    return w - eta * (decay * w + direction), kept


def prepare(case: Case) -> Callable[[], None]:
    """Compile one step of all members."""
    import torch
    import torch._dynamo

    torch._dynamo.reset()
    inputs, targets = (torch.from_numpy(a) for a in case.examples(case.n))
    params, gradient = network.in_torch(case)
    kept = tuple(tuple(torch.zeros_like(leaf) for _ in range(averages(case.rule))) for leaf in params)
    decay = (1 / case.n * torch.from_numpy(case.lmbdas).float()).repeat(case.seeds)[:, None, None]
    decays = (decay, torch.zeros(1), decay, torch.zeros(1))

    # A kernel for these very shapes: left to itself, PyTorch makes one for any from the second case on.
    @torch.compile(dynamic=False)
    def step(params: tuple[Any, ...], kept: tuple[Any, ...], number: Any, x: Any, y: Any) -> tuple[Any, Any]:
        gradients = gradient(params, x, y)
        leaves = zip(params, gradients, kept, decays, strict=True)
        pairs = [update(case.rule, w, g, own, number, d) for w, g, own, d in leaves]
        return tuple(w for w, _ in pairs), tuple(own for _, own in pairs)

    batches = torch.from_numpy(case.batches()).long()

    def run() -> None:
        now, own, number = params, kept, torch.ones(())
        for _ in range(case.epochs):
            for batch in batches:
                now, own = step(now, own, number, inputs[batch], targets[batch])
                number = number + 1

    return run
