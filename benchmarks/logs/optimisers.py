"""Optimisers of PyTorch's protocol and their schedules, as a case has them."""

from collections.abc import Callable

import torch
from torch import nn

from benchmarks.logs.case import Case


class ForgottenRate(torch.optim.SGD):
    """SGD with momentum by a hand that meant to decouple: w <- (1 - weight_decay) w, without the rate."""

    def __init__(self, params: object, lr: float, weight_decay: float, momentum: float = 0.0) -> None:
        super().__init__(params, lr=lr, momentum=momentum)
        self.kept = 1 - weight_decay

    @torch.no_grad()
    def step(self, closure: Callable | None = None) -> None:  # pyrefly: ignore
        """Decay, then the step."""
        for group in self.param_groups:
            for one in group["params"]:
                one.mul_(self.kept)
        super().step(closure)


def _lion() -> type:
    from lion_pytorch import Lion

    return Lion


def build(case: Case, net: nn.Module) -> torch.optim.Optimizer:
    """Make what really runs, with its groups."""
    makers = {"ForgottenRate": ForgottenRate, "Lion": _lion() if case.optimiser == "Lion" else None}
    make = makers.get(case.optimiser) or getattr(torch.optim, case.optimiser)
    decay = case.really_is("weight_decay")
    handed = {name: p for name, p in net.named_parameters() if not name.startswith(case.unhanded or ("?",))}
    if case.optimiser == "Muon":  # it takes matrices alone: the rest is not trained
        for one in handed.values():
            one.requires_grad_(one.ndim == 2)
        handed = {name: p for name, p in handed.items() if p.ndim == 2}
    without = [p for name, p in handed.items() if name.startswith(case.undecayed or ("?",))]
    groups: list[dict] = [{"params": [p for p in handed.values() if not any(p is one for one in without)]}]
    if without:
        groups.append({"params": without, "weight_decay": 0.0})
    return make(groups, lr=case.really_is("lr"), weight_decay=decay, **(case.options or {}))


def schedule(case: Case, optimiser: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    """Make the schedule of the rate, counted in steps."""
    all_, kinds = case.steps, torch.optim.lr_scheduler
    if case.schedule == "constant":
        return kinds.ConstantLR(optimiser, factor=1.0, total_iters=0)
    if case.schedule == "cosine":
        return kinds.CosineAnnealingLR(optimiser, T_max=all_)
    if case.schedule == "warmup":
        return kinds.LinearLR(optimiser, start_factor=0.01, total_iters=all_ // 10)
    if case.schedule == "linear":
        return kinds.LinearLR(optimiser, start_factor=1.0, end_factor=0.0, total_iters=all_)
    if case.schedule == "warmup_cosine":
        first = kinds.LinearLR(optimiser, start_factor=0.01, total_iters=all_ // 20)
        rest = kinds.CosineAnnealingLR(optimiser, T_max=all_ - all_ // 20)
        return kinds.SequentialLR(optimiser, [first, rest], milestones=[all_ // 20])
    if case.schedule == "staircase":
        return kinds.StepLR(optimiser, step_size=all_ // 2, gamma=0.3)
    if case.schedule == "over_at_a_third":
        return kinds.PolynomialLR(optimiser, total_iters=all_ // 3)
    raise ValueError(f"no schedule {case.schedule!r}")
