"""The columns of our hooks, made by hand: norms of matrices, sizes, cosines with the record before, gradients."""

import torch
from torch import nn


class Columns:
    """Remembers the weights of the record before."""

    def __init__(self) -> None:
        self.before: dict[str, torch.Tensor] = {}

    @torch.no_grad()
    def of(self, net: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, float]:
        """One record, without its step."""
        group = optimiser.param_groups[0]
        found = {"lr": float(group["lr"]), "weight_decay": float(group["weight_decay"])}
        for name, one in net.named_parameters():
            if one.ndim < 2:
                continue
            w = one.detach().double().flatten()
            found[f"weight_norm/{name}"] = float(w.norm())
            found[f"weight_size/{name}"] = w.numel()
            if name in self.before:
                old = self.before[name]
                found[f"weight_cosine/{name}"] = float(w @ old / (w.norm() * old.norm()))
            if one.grad is not None:
                found[f"gradient_norm/{name}"] = float(one.grad.double().norm())
            self.before[name] = w.clone()
        return found
