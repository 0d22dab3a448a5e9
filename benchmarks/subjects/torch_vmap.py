"""PyTorch: `torch.func.vmap` of one member's gradient, the whole step compiled, shared minibatches."""

from collections.abc import Callable
from typing import Any

from benchmarks.cases import Case


def prepare(case: Case) -> Callable[[], None]:
    """Compile one step of all members."""
    import torch
    import torch._dynamo
    from torch.func import grad, vmap

    torch._dynamo.reset()
    inputs, targets = (torch.from_numpy(a) for a in case.examples(case.n))
    torch.manual_seed(0)
    n_in, n_out = inputs.shape[1], targets.shape[1]
    params = (
        torch.randn(case.members, n_in, case.hidden),
        torch.zeros(case.members, case.hidden),
        torch.randn(case.members, case.hidden, n_out),
        torch.zeros(case.members, n_out),
    )
    decay = (0.1 / case.n * torch.from_numpy(case.lmbdas).float()).repeat(case.seeds)[:, None, None]

    def cost(params: tuple[Any, ...], x: Any, y: Any) -> Any:
        w1, b1, w2, b2 = params
        z = torch.sigmoid(x @ w1 + b1) @ w2 + b2
        return torch.sum(torch.nn.functional.softplus(z) - y * z) / case.m

    gradient = vmap(grad(cost), in_dims=(0, None, None))

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
