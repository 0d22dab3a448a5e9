"""PyTorch as most people write it: one member, autograd, `torch.optim.SGD` with decay on the weights only."""

from collections.abc import Callable

from benchmarks.cases import Case


def prepare(case: Case) -> Callable[[], None]:
    """Build one member; `case` must have one."""
    import torch

    inputs, targets = (torch.from_numpy(a) for a in case.examples(case.n))
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(inputs.shape[1], case.hidden),
        torch.nn.Sigmoid(),
        torch.nn.Linear(case.hidden, targets.shape[1]),
    )
    weights = [p for p in model.parameters() if p.ndim == 2]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": float(case.lmbdas[0]) / case.n}, {"params": biases}]
    optimiser = torch.optim.SGD(groups, lr=0.1)
    loss = torch.nn.BCEWithLogitsLoss(reduction="sum")
    batches = torch.from_numpy(case.batches()).long()

    def run() -> None:
        for _ in range(case.epochs):
            for batch in batches:
                optimiser.zero_grad()
                (loss(model(inputs[batch]), targets[batch]) / case.m).backward()
                optimiser.step()

    return run
