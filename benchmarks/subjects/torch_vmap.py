"""PyTorch: `torch.func.vmap` of one member's gradient, the whole step compiled, shared minibatches."""

from collections.abc import Callable
from typing import Any

from benchmarks.cases import Case
from benchmarks.subjects import network


def prepare(case: Case) -> Callable[[], None]:
    """Compile one step of all members."""
    import torch
    import torch._dynamo

    torch._dynamo.reset()
    inputs, targets = (torch.from_numpy(a) for a in case.examples(case.n))
    params, gradient = network.in_torch(case)
    decay = (0.1 / case.n * torch.from_numpy(case.lmbdas).float()).repeat(case.seeds)[:, None, None]

    # A kernel for these very shapes: left to itself, PyTorch makes one for any from the second case on.
    @torch.compile(dynamic=False)
    def step(params: tuple[Any, ...], x: Any, y: Any) -> tuple[Any, ...]:
        d1, c1, d2, c2 = gradient(params, x, y)
        w1, b1, w2, b2 = params
        return (
            w1 - (decay * w1 + 0.1 * d1),
            b1 - 0.1 * c1,
            w2 - (decay * w2 + 0.1 * d2),
            b2 - 0.1 * c2,
        )

    batches = torch.from_numpy(case.batches()).long()

    def run() -> None:
        now = params
        for _ in range(case.epochs):
            for batch in batches:
                now = step(now, inputs[batch], targets[batch])

    return run
